"""Forms on pages: from a pydantic model to fields that can be drawn, and from what was posted back to its data.

Nothing here decides what is valid: that is the form's own business (``models.forms.validate``).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from api.posted import Posted
from config.languages import N_
from config.policy import Text
from config.words import Word
from models.errors import Problem
from models.queries.answers import humanised, types_in
from models.rules.reasons import Label

FEW = 4
"""Up to this many choices are shown side by side; more go into a list to pull down."""
PLACE = "."
"""Stands between a field's name and a key of it: ``documents.business_licence``."""

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
    title: Label | Text
    hint: str
    required: bool
    value: Any
    options: tuple[Option, ...]
    attributes: Mapping[str, str]
    problems: tuple[Problem, ...]
    unit: Text | None = None
    wanted: bool = False
    """Asked for just now, whether or not the form insists."""


@dataclass(frozen=True)
class FormView:
    """A form as it is drawn. ``problems`` concern the whole of it or a field that is not shown."""

    fields: tuple[Field, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def needs_nothing(self) -> bool:
        """Whether it can be sent as it is."""
        return not any(field.required for field in self.fields)

    @property
    def wrong(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.problems)


def form_view(
    form: type[BaseModel],
    content: Data,
    *,
    returns_to: Sequence[tuple[str, str]] = (),
    posted: Posted | None = None,
    problems: Sequence[Problem] = (),
    choices: Mapping[str, Offer] | None = None,
    people: Sequence[Option] = (),
) -> FormView:
    """``form`` for a step that shows ``content``, with what was ``posted`` and what was wrong with it.

    ``content`` may name the optional ``fields`` that are wanted, ``prefill`` some, and offer the keys of a field that
    takes one text for each (``documents``, ``figures``). ``choices`` says what is known of such keys, ``people``
    who may be chosen where a person is asked for.
    """
    drawing = _Drawing(form, content, returns_to, posted, problems, choices or {}, tuple(people))
    fields = [
        field
        for name, info in form.model_fields.items()
        if _wanted(name, info, content)
        for field in drawing.fields(name, info)
    ]
    shown = {field.name for field in fields}
    return FormView(tuple(fields), tuple(problem for problem in problems if problem.field not in shown))


def _wanted(name: str, info: FieldInfo, content: Data) -> bool:
    wanted = content.get("fields")
    return info.is_required() or not isinstance(wanted, list | tuple) or name in wanted


@dataclass(frozen=True)
class _Drawing:
    """One form being drawn."""

    form: type[BaseModel]
    content: Data
    returns_to: Sequence[tuple[str, str]]
    posted: Posted | None
    problems: Sequence[Problem]
    choices: Mapping[str, Offer]
    people: tuple[Option, ...] = ()

    def fields(self, name: str, info: FieldInfo) -> Iterator[Field]:
        kind = _kind(name, info)
        if kind == "keyed":
            yield from self._keyed(name, info)
            return
        targets = tuple(Option(value, Label(label=label)) for value, label in self.returns_to)
        options = {"target": targets, "person": self.people}.get(kind, _options(info))
        yield Field(
            name=name,
            kind=_drawn(kind, info, options),
            title=Label(label=info.title or humanised(name)),
            hint=info.description or "",
            required=info.is_required(),
            value=_value(name, kind, info, self.content, self.posted),
            options=options,
            attributes=_attributes(self.form, name),
            problems=self._told(name),
            wanted=info.is_required() or self._asked_for(name),
        )

    def _asked_for(self, name: str) -> bool:
        return name in (self.content.get("fields") or ())

    def _keyed(self, name: str, info: FieldInfo) -> Iterator[Field]:
        """One field for each key that is offered; what is wrong with the whole is told at the first."""
        given = self.content.get("prefill", {}).get(name, {})
        told, hint = self._told(name), info.description or ""
        for key, label in _offered(self.content.get(name)):
            place = f"{name}{PLACE}{key}"
            known = self.choices.get(key) if name == "figures" else None
            yield Field(
                name=place,
                kind="select" if known and known.options else "text",
                title=label,
                hint=hint,
                required=False,
                value=self.posted.text(place) if self.posted else given.get(key, ""),
                options=known.options if known else (),
                attributes={"maxlength": "200"},
                problems=self._told(place) + told,
                unit=known.unit if known else None,
                wanted=self._asked_for(name),
            )
            told, hint = (), ""

    def _told(self, place: str) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.field == place)


def _kind(name: str, info: FieldInfo) -> str:
    extra = info.json_schema_extra
    widget = extra.get("widget") if isinstance(extra, dict) else None
    if widget == "return_target":
        return "target"
    if widget in ("long", "person"):
        return str(widget)
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


def _drawn(kind: str, info: FieldInfo, options: tuple[Option, ...]) -> str:
    if kind in ("choice", "target"):
        return "radio" if len(options) <= FEW and info.is_required() else "select"
    return "yes_no" if kind == "check" and info.is_required() else kind


def _options(info: FieldInfo) -> tuple[Option, ...]:
    word = next((kind for kind in types_in(info.annotation) if issubclass(kind, Word)), None)
    return tuple(Option(one.value, Label(label=one.label)) for one in word) if word else ()


def _offered(offer: Any) -> list[tuple[str, Label | Text]]:
    """The keys of a keyed field: names, or names with their labels in both languages."""
    if isinstance(offer, Mapping):
        return [(key, label_of(label, key)) for key, label in offer.items()]
    return [(str(key), Label(label=humanised(str(key)))) for key in offer or ()]


def label_of(label: Any, key: str) -> Label | Text:
    """A label from a frozen content: in both languages, or translatable, or made from the name."""
    if isinstance(label, Text):
        return label
    if isinstance(label, Mapping) and {"zh_CN", "en"} <= set(label):
        return Text(zh_CN=str(label["zh_CN"]), en=str(label["en"]))
    return Label(label=label if isinstance(label, str) and label else humanised(key))


def _value(name: str, kind: str, info: FieldInfo, content: Data, posted: Posted | None) -> Any:
    if posted is not None:
        return posted.all(name) if kind == "many" else posted.text(name)
    given = content.get("prefill", {}).get(name)
    if given is not None:
        return str(given) if not isinstance(given, list) else given
    default = info.get_default(call_default_factory=True) if not info.is_required() else None
    if kind == "many":
        return [str(one) for one in default or ()]
    return "true" if default is True else "" if default in (None, False) else str(default)


@cache
def _schema(form: type[BaseModel]) -> Mapping[str, Any]:
    properties: Mapping[str, Any] = form.model_json_schema()["properties"]
    return properties


def _attributes(form: type[BaseModel], name: str) -> Mapping[str, str]:
    """The field's limits as HTML knows them."""
    schema = _schema(form).get(name, {})
    limits: dict[str, str] = {}
    for part in (schema, *schema.get("anyOf", ())):
        for said, attribute in (("maxLength", "maxlength"), ("minimum", "min"), ("maximum", "max")):
            if said in part:
                limits[attribute] = f"{part[said]:g}" if isinstance(part[said], float) else str(part[said])
    return limits


def data_of(form: type[BaseModel], posted: Posted) -> dict[str, Any]:
    """What was posted, as ``form`` reads it. Blank means not filled in; numbers may be written as people write them.

    Fields the form does not know are passed on, so that it refuses them.
    """
    data: dict[str, Any] = {}
    for name, info in form.model_fields.items():
        value = _read(_kind(name, info), name, info, posted)
        if value is not None:
            data[name] = value
    known = set(form.model_fields)
    data.update({name: posted.text(name) for name in posted.names() if name.partition(PLACE)[0] not in known})
    return data


def _read(kind: str, name: str, info: FieldInfo, posted: Posted) -> Any:
    if kind == "keyed":
        prefix = name + PLACE
        keyed = {n.removeprefix(prefix): posted.text(n).strip() for n in posted.names() if n.startswith(prefix)}
        return {key: value for key, value in keyed.items() if value} or None
    if kind == "many":
        return posted.all(name) or None
    text = posted.text(name)
    if kind == "check":
        return text or (None if info.is_required() else "false")
    if kind in ("amount", "number"):
        return plain_number(text) or None
    return text if text.strip() else None


def plain_number(text: str) -> str:
    """A number without grouping, currency signs and full-width digits: ``￥１，２００`` → ``1200``."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(character for character in plain if character not in ",，、 \u00a0\u3000¥￥元\t\n").strip()


NOT_FILLED = N_("Choose …")
