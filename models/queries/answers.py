"""Answers as they are shown ever after: each field with its title, each word in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from types import NoneType
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from config.languages import translate
from config.words import Language, Word
from models.columns import unseal_text
from models.forms import StepForm, form_named
from models.forms.base import row_of, widget_of
from models.forms.sealed import PREFIX
from models.queries.shown import Read, Shown, spoken
from models.rules.identity import mask_identifier, mask_phone
from models.rules.reasons import Label

LONG = 40
"""Longer texts get a paragraph of their own."""
EMPTY: tuple[Any, ...] = (None, "", [], {}, False)
"""What counts as not filled in."""
IDENTIFIER = 15
"""Digits from which on a number is an identity number rather than a telephone."""


class AnswerLine(Read):
    """One field that was filled in. ``title`` is translatable; ``long`` asks for a paragraph of its own.

    A list has ``rows`` instead of a value: the titles of its columns in ``columns``, and a value for each, if any.
    """

    title: str
    value: Shown
    long: bool = False
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Shown | None, ...], ...] = ()


@dataclass(frozen=True)
class Named:
    """What answers refer to: steps by name, people by id."""

    steps: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)


def answer_lines(
    form_name: str,
    answer: Mapping[str, Any],
    step_titles: Mapping[str, str] | None = None,
    people: Mapping[str, str] | None = None,
) -> tuple[AnswerLine, ...]:
    """What was filled in, field by field; empty fields are left out. An unknown form shows its stored names.

    Sealed texts are masked. A step that the case goes back to is shown by its title, a person by their name.
    """
    return tuple(_lines(_form(form_name), answer, Named(step_titles or {}, people or {})))


def _form(form_name: str) -> type[StepForm] | None:
    try:
        return form_named(form_name) if form_name else None
    except KeyError:
        return None


def people_named(form: type[BaseModel] | None, answer: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The people that an answer names: the place of each (``owner``, ``members.0.person``) and their id."""
    for name, info in form.model_fields.items() if form else ():
        value, row = answer.get(name), row_of(info)
        if widget_of(info) == "person" and isinstance(value, str) and value:
            yield name, value
        elif row is not None and isinstance(value, list | tuple):
            for number, entry in enumerate(value):
                for place, person_id in people_named(row, entry) if isinstance(entry, Mapping) else ():
                    yield f"{name}.{number}.{place}", person_id


def people_answered(answers: Iterable[tuple[str, Mapping[str, Any]]]) -> set[str]:
    """The ids of everybody named in ``answers``: the name of the form, and what was filled in."""
    return {person_id for form_name, answer in answers for _, person_id in people_named(_form(form_name), answer)}


def _lines(form: type[BaseModel] | None, answer: Mapping[str, Any], named: Named) -> Iterator[AnswerLine]:
    for name, value in answer.items():
        if value in EMPTY:
            continue
        info = form.model_fields.get(name) if form else None
        title = (info.title if info else None) or humanised(name)
        kinds = frozenset(types_in(info.annotation)) if info else frozenset()
        row = row_of(info) if info else None
        if row is not None and isinstance(value, list):
            yield _table(title, row, value, named)
        elif isinstance(value, Mapping):
            for key, entry in value.items():
                if entry not in (None, ""):
                    yield AnswerLine(title=humanised(str(key)), value=typed(entry, kinds))
        else:
            shown = _value(info, value, kinds, named)
            yield AnswerLine(title=title, value=shown, long=isinstance(shown, str) and len(shown) > LONG)


def _value(info: FieldInfo | None, value: Any, kinds: frozenset[type], named: Named) -> Shown:
    widget = widget_of(info) if info else ""
    if widget == "return_target" and str(value) in named.steps:
        return Label(label=named.steps[str(value)])
    if widget == "person":
        return named.people.get(str(value), str(value))
    return typed(value, kinds)


def _table(title: str, row: type[BaseModel], entries: list[Any], named: Named) -> AnswerLine:
    """A list as rows; a column that is empty in all of them is left out."""
    filled = [entry for entry in entries if isinstance(entry, Mapping)]
    names = [name for name in row.model_fields if any(entry.get(name) not in EMPTY for entry in filled)]
    fields = {name: row.model_fields[name] for name in names}
    kinds = {name: frozenset(types_in(info.annotation)) for name, info in fields.items()}
    return AnswerLine(
        title=title,
        value=len(filled),
        columns=tuple(info.title or humanised(name) for name, info in fields.items()),
        rows=tuple(
            tuple(
                None if entry.get(name) in EMPTY else _value(info, entry[name], kinds[name], named)
                for name, info in fields.items()
            )
            for entry in filled
        ),
    )


def told(line: AnswerLine, language: Language) -> Iterator[tuple[str, str]]:
    """A line as plain title and text; of a list one for each row (``Members 1`` · ``Person: 李娜; Role: recorder``)."""
    title = translate(line.title, language)
    if not line.columns:
        yield title, spoken(line.value, language)
    between, after = ("；", "：") if language is Language.ZH_CN else ("; ", ": ")
    heads = [translate(column, language) for column in line.columns]
    for number, row in enumerate(line.rows, 1):
        cells = zip(heads, row, strict=True)
        yield f"{title} {number}", between.join(f"{h}{after}{spoken(v, language)}" for h, v in cells if v is not None)


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
