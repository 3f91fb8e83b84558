"""Messages in words: subject, text and HTML of each kind, in each language.

``templates/<kind>/<language>.j2`` has one block for each of the three. In the HTML everything is escaped; a subject is
always one line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from config.languages import translate
from config.words import Language
from models.dunning import written
from models.messages import MESSAGES
from models.processes import PROCESSES
from models.rules.reasons import Reason

SUBJECT_LENGTH = 120

# 2026年3月12日 周四 18:00 · Thursday 12 March 2026, 18:00
_WHEN = {Language.ZH_CN: "y年M月d日 EEE HH:mm", Language.EN: "EEEE d MMMM y, HH:mm"}


@dataclass(frozen=True)
class Rendered:
    """A message as a person reads it. ``subject`` is one line of at most 120 characters."""

    subject: str
    text: str
    html: str


def render(
    kind: str,
    payload: Mapping[str, Any],
    language: Language,
    link: str | None,
    person_name: str,
    *,
    absent: str | None = None,
    time_zone: str = "Asia/Shanghai",
    code: str | None = None,
    company: str | None = None,
) -> Rendered:
    """Write one message for one person. Times are shown in ``time_zone``, the company's.

    ``absent`` is the name of the person in whose name they sign, if they stand in for somebody; ``code`` a one-time
    code that the message brings; ``company`` in whose name somebody outside is written to.

    Raises:
        KeyError: there is no such kind. pydantic.ValidationError: the payload does not fit it.
    """
    # A line break in a customer's name must not write lines of its own into a message.
    shown = {name: _tidy(value) for name, value in payload.items()}
    message = MESSAGES[kind].model_validate(shown)
    context = {
        "m": message,
        "link": link,
        "person_name": person_name,
        "absent": absent,
        "code": code,
        "company": company,
        "language": language.value,
        "t": partial(translate, language=language),
        "when": partial(_when, language=language, zone=ZoneInfo(time_zone)),
        "written": partial(written, language=language),
        "process_title": partial(_process_title, language=language),
        "reasons": [Reason.model_validate(reason).render(language) for reason in getattr(message, "because", ())],
    }
    subject = _subject(_block(_plain(), kind, language, "subject", context))
    html = Markup(_block(_escaping(), kind, language, "html", context))  # noqa: S704  (escaped by the template)  # nosec B704
    return Rendered(
        subject=subject,
        text=_block(_plain(), kind, language, "text", context).strip() + "\n",
        html=_escaping().get_template("mail.j2").render(context, subject=subject, content=html),
    )


def _tidy(value: Any) -> Any:
    if isinstance(value, list):
        return [_tidy(one) for one in value]
    if isinstance(value, dict):
        return {name: _tidy(one) for name, one in value.items()}
    return _on_one_line(value) if isinstance(value, str) else value


def _on_one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _subject(text: str) -> str:
    line = _on_one_line(text)
    return line if len(line) <= SUBJECT_LENGTH else line[: SUBJECT_LENGTH - 1] + "…"


def _block(environment: Environment, kind: str, language: Language, name: str, context: Mapping[str, Any]) -> str:
    template = environment.get_template(f"{kind}/{language.value}.j2")
    return "".join(template.blocks[name](template.new_context(dict(context))))


def _environment(*, escaping: bool) -> Environment:
    environment = Environment(
        loader=PackageLoader("notifications"),
        autoescape=escaping,  # noqa: S701  (no HTML)  # nosec B701
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals["parts"] = environment.get_template("parts.j2").module
    return environment


@cache
def _plain() -> Environment:
    return _environment(escaping=False)


@cache
def _escaping() -> Environment:
    return _environment(escaping=True)


def _when(at: datetime, language: Language, zone: ZoneInfo) -> str:
    return format_datetime(at, _WHEN[language], tzinfo=zone, locale=language.value)


def _process_title(name: str, language: Language) -> str:
    kind = PROCESSES.get(name)
    return translate(kind.title, language) if kind else name
