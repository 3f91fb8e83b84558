"""Answers as they are shown ever after: each field with its title, each word in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal, InvalidOperation
from types import NoneType
from typing import Any, get_args

from config.words import Word
from models.forms import StepForm, form_named
from models.queries.shown import Read, Shown
from models.rules.reasons import Label


class AnswerLine(Read):
    """One field that was filled in. ``title`` is translatable; ``long`` asks for a paragraph of its own."""

    title: str
    value: Shown
    long: bool = False


def answer_lines(form_name: str, answer: Mapping[str, Any]) -> tuple[AnswerLine, ...]:
    """What was filled in, field by field; empty fields are left out. An unknown form shows its stored names."""
    try:
        form: type[StepForm] | None = form_named(form_name) if form_name else None
    except KeyError:
        form = None
    return tuple(_lines(form, answer))


def _lines(form: type[StepForm] | None, answer: Mapping[str, Any]) -> Iterator[AnswerLine]:
    for name, value in answer.items():
        if value in (None, "", [], {}, False):
            continue
        field = form.model_fields.get(name) if form else None
        title = (field.title if field else None) or humanised(name)
        kinds = frozenset(types_in(field.annotation)) if field else frozenset()
        if isinstance(value, Mapping):
            for key, entry in value.items():
                if entry not in (None, ""):
                    yield AnswerLine(title=humanised(str(key)), value=typed(entry, kinds))
        else:
            shown = typed(value, kinds)
            yield AnswerLine(title=title, value=shown, long=isinstance(shown, str) and len(shown) > 60)


def humanised(name: str) -> str:
    """A stored name as words: ``requested_limit`` → ``Requested limit``."""
    return name.replace("_", " ").replace("-", " ").strip().capitalize()


def types_in(annotation: Any) -> Iterator[type]:
    """Every class that an annotation is made of: ``tuple[Security, ...] | None`` → ``Security``."""
    arguments = get_args(annotation)
    if not arguments and isinstance(annotation, type) and annotation is not NoneType:
        yield annotation
    for argument in arguments:
        yield from types_in(argument)


def typed(value: Any, kinds: frozenset[type]) -> Shown:
    """A stored JSON value as what the field means by it."""
    if isinstance(value, list | tuple):
        return tuple(
            one if isinstance(one, Label) else Label(label=str(one)) for one in (typed(v, kinds) for v in value)
        )
    if not isinstance(value, str):
        return value if isinstance(value, bool | int) else str(value)
    for kind in kinds:
        with suppress(ValueError, InvalidOperation):
            if issubclass(kind, Word):
                return Label(label=kind(value).label)
            if kind is Decimal:
                return Decimal(value)
            if kind is date:
                return date.fromisoformat(value)
    return value
