"""Logs: one line an event, as text for people or as JSON for programs, and never with personal data.

A line has the time, level, logger and message, and where it is known the case and the request it is about. People are
not named in logs: they are in the record. What our code logs is references and codes; as a second wall every line is
looked through for what must not be there (``scrubbed``), and of an error only its kind and place are told where its
text might quote what somebody has entered.
"""

from __future__ import annotations

import json
import logging
import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime

from config.masking import CARD, HIDDEN, LANDLINE, MOBILE, NARROW, is_card
from config.settings import Settings


@dataclass(frozen=True)
class About:
    """What is being worked on: a request by its id, and the case, which may become known only on the way."""

    request: str | None = None
    case: Callable[[], str | None] = lambda: None


_about: ContextVar[About | None] = ContextVar("clientrisk_about", default=None)


@contextmanager
def about(now: About) -> Iterator[None]:
    """Every line logged within names what it is about."""
    token = _about.set(now)
    try:
        yield
    finally:
        _about.reset(token)


def about_case(ref: str | None) -> About:
    """A case that is known from the start."""
    return About(case=lambda: ref)


_MUST_NOT_BE_THERE = (
    (re.compile(r"\b(crk_|whsec_)[A-Za-z0-9_+/=-]{8,}"), r"\1" + HIDDEN),
    (re.compile(r"(?i)\bbearer\s+[^\s\"']{8,}"), f"Bearer {HIDDEN}"),
    (re.compile(r"/(a|o|sign-in|calendar)/[A-Za-z0-9_-]{20,}"), rf"/\1/{HIDDEN}"),
    (re.compile(r"://[^/@\s\"']+@"), f"://{HIDDEN}@"),
    (re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+"), HIDDEN),
    (re.compile(r"(?<![\w-])[A-Za-z0-9_-]{43}(?![\w-])"), HIDDEN),
    (
        re.compile(r"(?<![0-9A-Za-z])(\d{17}[\dXx]|[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10})(?![0-9A-Za-z])"),
        HIDDEN,
    ),
    (MOBILE, HIDDEN),
    (LANDLINE, HIDDEN),
)


def scrubbed(text: str) -> str:
    """``text`` without tokens, secret addresses, e-mail addresses, identity numbers, credit codes, telephones and bank
    cards. Names and what else people write in their own words have no form to be known by: they are never logged."""
    text = text.translate(NARROW)
    for pattern, instead in _MUST_NOT_BE_THERE:
        text = pattern.sub(instead, text)
    return CARD.sub(lambda found: HIDDEN if is_card(found[0]) else found[0], text)


SPEAK_OF_THE_MACHINE = (OSError, ImportError, NameError, AttributeError, TypeError, MemoryError, RecursionError)
"""Errors whose text is about our machine or our code. That of others may quote what somebody has entered."""


def error_told(error: BaseException) -> str:
    """An error by its kind, its place and, where that is harmless, its text."""
    lines = []
    for one in _chain(error):
        frames = traceback.extract_tb(one.__traceback__)
        places = [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
        text = f": {one}" if isinstance(one, SPEAK_OF_THE_MACHINE) else ""
        lines += [*places, f"{type(one).__module__}.{type(one).__qualname__}{text}"]
    return scrubbed("\n".join(lines))


def _chain(error: BaseException) -> list[BaseException]:
    chain, now = [error], error
    while len(chain) < 5:
        before = now.__cause__ or (None if now.__suppress_context__ else now.__context__)
        if before is None or before in chain:
            break
        chain.insert(0, before)
        now = before
    return chain


class JsonLines(logging.Formatter):
    """``{"time": …, "level": …, "logger": …, "message": …, "case": …, "request": …, "error": …}``."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": scrubbed(record.getMessage()),
            **_known(),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = error_told(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


class TextLines(logging.Formatter):
    """``INFO clientrisk.api GET /cases 200 12.3 ms [request=…]``."""

    def format(self, record: logging.LogRecord) -> str:
        known = " ".join(f"{name}={value}" for name, value in _known().items())
        message = scrubbed(record.getMessage()).replace("\n", "\\n")  # what is told writes no lines of its own
        line = f"{record.levelname} {record.name} {message}" + (f" [{known}]" if known else "")
        if record.exc_info and record.exc_info[1] is not None:
            line += "\n" + error_told(record.exc_info[1])
        return line


def _known() -> dict[str, str]:
    now = _about.get()
    if now is None:
        return {}
    return {name: value for name, value in (("case", now.case()), ("request", now.request)) if value}


def formatter(settings: Settings) -> logging.Formatter:
    """The form that ``settings`` ask for."""
    return JsonLines() if settings.log_format == "json" else TextLines()


def set_up(settings: Settings) -> None:
    """Let this process log as ``settings`` say. What others' libraries say of every request of theirs is left out."""
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(settings))
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    for talkative in ("httpx", "httpcore", "apprise"):
        logging.getLogger(talkative).setLevel(logging.WARNING)


def dress(family: str, settings: Settings) -> None:
    """Give the loggers of a library that sets up its own the same form; what it sends elsewhere stays as it is."""
    form = formatter(settings)
    loggers = [logging.getLogger(name) for name in logging.root.manager.loggerDict if name.split(".")[0] == family]
    for handler in {handler for logger in loggers for handler in logger.handlers}:
        if isinstance(handler, logging.StreamHandler):
            handler.setFormatter(form)
