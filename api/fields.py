"""One field of a form: what it is drawn as, what it offers, what stands in it. Rules of validity are the form's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from config.policy import Text
from config.words import Word
from models.errors import Problem
from models.forms.base import row_of, widget_of
from models.queries.answers import humanised, types_in
from models.queries.shown import Sentence
from models.rules.reasons import Label

FEW = 4
"""Up to this many choices are shown side by side; more go into a list to pull down."""
PLACE = "."
"""Stands between a field's name and a key of it: ``documents.business_licence``, ``members.0.person``."""

Data = Mapping[str, Any]


@dataclass(frozen=True)
class Option:
    """One choice. ``label`` is translatable or in both languages."""

    value: str
    label: Label | Text
    group: Label | None = None


@dataclass(frozen=True)
class Offer:
    """What one key of a keyed field may hold: one of ``options``, or a text in ``unit``."""

    label: Text
    options: tuple[Option, ...] = ()
    unit: Text | None = None


@dataclass(frozen=True)
class Field:
    """One field as it is drawn. ``kind`` names the macro; ``title`` and ``hint`` are translatable."""

    name: str
    kind: str
    title: Label | Text | Sentence
    hint: str
    required: bool
    value: Any
    options: tuple[Option, ...]
    attributes: Mapping[str, str]
    problems: tuple[Problem, ...]
    unit: Text | None = None
    wanted: bool = False
    """Asked for just now, whether or not the form insists."""
    rows: tuple[RowView, ...] = ()
    """Of a list: its rows, filled in or blank."""
    shown: int = 0
    """Of a list: how many rows are open at once; the others are behind “More rows”."""
    column: str = ""
    """Of a field in a row: what it is called in each of them; they share what they suggest."""


@dataclass(frozen=True)
class RowView:
    """One row of a list as it is drawn. ``problems`` concern the row as a whole."""

    fields: tuple[Field, ...]
    problems: tuple[Problem, ...] = ()


def kind_of(name: str, info: FieldInfo) -> str:
    """What a field holds: the name of a way to read and draw it."""
    widget = widget_of(info)
    if widget == "return_target":
        return "target"
    if widget in ("long", "person", "customer"):
        return widget
    if row_of(info) is not None:
        return "rows"
    kinds = list(types_in(info.annotation))
    origin = str(info.annotation)
    if "dict[" in origin:
        return "keyed"
    if any(issubclass(kind, Word) for kind in kinds):
        return "many" if "tuple[" in origin or "list[" in origin else "choice"
    for known, called in ((bool, "check"), (Decimal, "amount"), (int, "number"), (date, "date")):
        if known in kinds:
            return called
    return "text"


def drawn_as(kind: str, info: FieldInfo, options: tuple[Option, ...], *, in_row: bool = False) -> str:
    """What a kind is drawn as. In a row nothing is a radio button: what was touched by mistake must come off again."""
    if kind in ("choice", "target"):
        return "radio" if len(options) <= FEW and info.is_required() and not in_row else "select"
    if kind == "check" and info.is_required():
        return "select" if in_row else "yes_no"
    return kind


def options_of(info: FieldInfo) -> tuple[Option, ...]:
    """The words of a closed vocabulary."""
    word = next((kind for kind in types_in(info.annotation) if issubclass(kind, Word)), None)
    return tuple(Option(one.value, Label(label=one.label)) for one in word) if word else ()


def label_of(label: Any, key: str) -> Label | Text:
    """A label from a frozen content: in both languages, or translatable, or made from the name."""
    if isinstance(label, Text):
        return label
    if isinstance(label, Mapping) and {"zh_CN", "en"} <= set(label):
        return Text(zh_CN=str(label["zh_CN"]), en=str(label["en"]))
    return Label(label=label if isinstance(label, str) and label else humanised(key))


def title_of(name: str, info: FieldInfo) -> Label:
    """What a field is called."""
    return Label(label=info.title or humanised(name))


def value_of(kind: str, info: FieldInfo, given: Any) -> Any:
    """What stands in a field at first: what is ``given``, else the form's own default."""
    if given is not None:
        return "true" if given is True else "" if given is False else given if isinstance(given, list) else str(given)
    default = info.get_default(call_default_factory=True) if not info.is_required() else None
    if kind == "many":
        return [str(one) for one in default or ()]
    return "true" if default is True else "" if default in (None, False) else str(default)


@cache
def _schema(form: type[BaseModel]) -> Mapping[str, Any]:
    properties: Mapping[str, Any] = form.model_json_schema()["properties"]
    return properties


def attributes_of(form: type[BaseModel], name: str) -> Mapping[str, str]:
    """The field's limits as HTML knows them."""
    schema = _schema(form).get(name, {})
    limits: dict[str, str] = {}
    for part in (schema, *schema.get("anyOf", ())):
        for said, attribute in (("maxLength", "maxlength"), ("minimum", "min"), ("maximum", "max")):
            if said in part:
                limits[attribute] = f"{part[said]:g}" if isinstance(part[said], float) else str(part[said])
    return limits


def most_entries(form: type[BaseModel], name: str) -> int | None:
    """How many entries a list may have, if the form says so."""
    schema = _schema(form).get(name, {})
    found = (part["maxItems"] for part in (schema, *schema.get("anyOf", ())) if "maxItems" in part)
    return next(found, None)
