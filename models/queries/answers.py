"""Answers as they are shown ever after: each field with its title, each word in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal, InvalidOperation
from types import NoneType
from typing import Any, get_args

from pydantic.fields import FieldInfo

from config.words import Word
from models.columns import unseal_text
from models.forms import StepForm, form_named
from models.forms.sealed import PREFIX
from models.queries.shown import Read, Shown
from models.rules.identity import mask_identifier, mask_phone
from models.rules.reasons import Label

LONG = 40
"""Longer texts get a paragraph of their own."""
IDENTIFIER = 15
"""Digits from which on a number is an identity number rather than a telephone."""


class AnswerLine(Read):
    """One field that was filled in. ``title`` is translatable; ``long`` asks for a paragraph of its own."""

    title: str
    value: Shown
    long: bool = False


def answer_lines(
    form_name: str, answer: Mapping[str, Any], step_titles: Mapping[str, str] | None = None
) -> tuple[AnswerLine, ...]:
    """What was filled in, field by field; empty fields are left out. An unknown form shows its stored names.

    Sealed texts are masked. A step that the case goes back to is shown by its title.
    """
    try:
        form: type[StepForm] | None = form_named(form_name) if form_name else None
    except KeyError:
        form = None
    return tuple(_lines(form, answer, step_titles or {}))


def _lines(
    form: type[StepForm] | None, answer: Mapping[str, Any], step_titles: Mapping[str, str]
) -> Iterator[AnswerLine]:
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
            back_to = step_titles.get(str(value)) if field and _is_target(field) else None
            shown = Label(label=back_to) if back_to else typed(value, kinds)
            yield AnswerLine(title=title, value=shown, long=isinstance(shown, str) and len(shown) > LONG)


def _is_target(field: FieldInfo) -> bool:
    extra = field.json_schema_extra
    return isinstance(extra, dict) and extra.get("widget") == "return_target"


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
    if isinstance(value, str) and value.startswith(PREFIX):
        return masked(value)
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


def masked(sealed: str) -> str:
    """A text that identifies a person, as everyone on the case may see it (processes §5)."""
    plain = unseal_text(sealed.removeprefix(PREFIX))
    return mask_phone(plain) if plain.strip("+- ").isdecimal() and len(plain) < IDENTIFIER else mask_identifier(plain)
