"""Forms on pages: from a pydantic model to fields that can be drawn; ``api.filled`` reads what comes back.

Nothing here decides what is valid: that is the form's own business (``models.forms.validate``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from api.fields import (
    PLACE,
    Data,
    Field,
    Offer,
    Option,
    RowView,
    attributes_of,
    drawn_as,
    kind_of,
    label_of,
    most_entries,
    options_of,
    title_of,
    value_of,
)
from api.filled import data_of, filled_rows, plain_number
from api.posted import Posted
from config.languages import N_
from config.policy import Text
from models.errors import Problem
from models.forms.base import Row, row_of
from models.queries.answers import humanised
from models.queries.shown import NO, YES, Sentence, Shown
from models.rules.reasons import Label

__all__ = ["Field", "FormView", "Offer", "Option", "data_of", "form_view", "label_of", "plain_number"]

ROWS = 3
"""How many blank rows a list offers at first, unless its field says otherwise."""
MORE_ROWS = 40
"""How many further rows a page holds at most, behind “More rows”."""
YES_NO = (Option("true", Label(label=YES)), Option("false", Label(label=NO)))


@dataclass(frozen=True)
class FormView:
    """A form as it is drawn. ``problems`` concern the whole of it or a field that is not shown."""

    fields: tuple[Field, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def needs_nothing(self) -> bool:
        """Whether it can be sent as it is. A box that may have to be ticked is shown first."""
        return not any(field.required or field.kind == "check" for field in self.fields)

    @property
    def broad(self) -> bool:
        """Whether it holds a list, whose rows want more room than a single field."""
        return any(field.rows for field in self.fields)

    @property
    def wrong(self) -> tuple[Field, ...]:
        """The fields with problems; one in a row is called by its list, its row and itself."""
        return tuple(wrong for field in self.fields for wrong in _wrong(field))


def _wrong(field: Field) -> Iterator[Field]:
    if field.problems:
        yield field
    for number, row in enumerate(field.rows, 1):
        if row.problems:
            title = Sentence(message=N_("{list}, row {row}"), values={"list": field.title, "row": number})
            yield replace(field, title=title, problems=row.problems)
        for one in row.fields:
            if one.problems:
                values: dict[str, Shown | Sentence] = {"list": field.title, "row": number, "field": one.title}
                yield replace(one, title=Sentence(message=N_("{list}, row {row}: {field}"), values=values))


def form_view(
    form: type[BaseModel],
    content: Data,
    *,
    returns_to: Sequence[tuple[str, str]] = (),
    posted: Posted | None = None,
    problems: Sequence[Problem] = (),
    choices: Mapping[str, Offer] | None = None,
    people: Sequence[Option] = (),
    customers: Sequence[Option] = (),
) -> FormView:
    """``form`` for a step that shows ``content``, with what was ``posted`` and what was wrong with it.

    ``content`` may name the optional ``fields`` that are wanted, ``prefill`` some, offer the keys of a field that
    takes one text for each (``documents``, ``figures``), and say by ``<field>_offered`` (ids with labels) which people
    may be chosen. ``choices`` says what is known of such keys, ``people`` and ``customers`` who may be chosen where
    one is asked for.
    """
    drawing = _Drawing(form, content, returns_to, posted, problems, choices or {}, tuple(people), tuple(customers))
    fields = [
        field
        for name, info in form.model_fields.items()
        if _wanted(name, info, content)
        for field in drawing.fields(name, info)
    ]
    shown = {one.name for field in fields for one in (field, *(cell for row in field.rows for cell in row.fields))}
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
    customers: tuple[Option, ...] = ()

    def fields(self, name: str, info: FieldInfo) -> Iterator[Field]:
        kind, row = kind_of(name, info), row_of(info)
        if kind == "keyed":
            yield from self._keyed(name, info)
        elif row is not None:
            yield self._list(name, info, row)
        else:
            options = self._options(kind, info, name)
            yield Field(
                name=name,
                kind=drawn_as(kind, info, options),
                title=title_of(name, info),
                hint=info.description or "",
                required=info.is_required(),
                value=self._value(kind, name, info, self.content.get("prefill", {}).get(name)),
                options=options,
                attributes=attributes_of(self.form, name),
                problems=self._told(name),
                wanted=info.is_required() or self._asked_for(name),
            )

    def _options(self, kind: str, info: FieldInfo, *names: str) -> tuple[Option, ...]:
        if kind == "target":
            return tuple(Option(value, Label(label=label)) for value, label in self.returns_to)
        if kind == "person":
            return self._people(*names)
        return self.customers if kind == "customer" else options_of(info)

    def _people(self, *names: str) -> tuple[Option, ...]:
        """Everybody, or those whom the step offers for one of these fields."""
        offered = next((found for name in names if (found := self.content.get(f"{name}_offered")) is not None), None)
        if not isinstance(offered, Mapping):
            return self.people
        return tuple(option for option in self.people if option.value in offered)

    def _value(self, kind: str, place: str, info: FieldInfo, given: Any) -> Any:
        if self.posted is None:
            return value_of(kind, info, given)
        return self.posted.all(place) if kind == "many" else self.posted.text(place)

    def _asked_for(self, name: str) -> bool:
        return name in (self.content.get("fields") or ())

    def _list(self, name: str, info: FieldInfo, row: type[Row]) -> Field:
        """A list of rows: those filled in, some blank ones, and more to open."""
        extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        given = list(self.content.get("prefill", {}).get(name) or ())
        sources = filled_rows(row, name, self.posted) if self.posted else list(range(len(given)))
        most = most_entries(self.form, name) or len(sources) + MORE_ROWS
        shown = min(len(sources) + int(str(extra.get("rows", ROWS))), max(most, len(sources)))
        drawn = max(shown, min(most, shown + MORE_ROWS))
        columns = {
            field: self._options(kind_of(field, one), one, name, field) for field, one in row.model_fields.items()
        }
        rows = tuple(
            RowView(
                tuple(self._cell(row, field, name, number, values, columns[field]) for field in row.model_fields),
                self._told(f"{name}{PLACE}{number}"),
            )
            for number, values in ((n, self._given(n, sources, given)) for n in range(drawn))
        )
        return Field(
            name=name,
            kind="rows",
            title=title_of(name, info),
            hint=info.description or "",
            required=info.is_required(),
            value=None,
            options=(),
            attributes={},
            problems=self._told(name),
            wanted=info.is_required() or self._asked_for(name),
            rows=rows,
            shown=shown,
        )

    def _given(self, number: int, sources: Sequence[int], given: Sequence[Data]) -> Data | int | None:
        """What stands in a row: what is known, or the number it was posted under; nothing in a blank one."""
        if number >= len(sources):
            return None
        return sources[number] if self.posted else given[sources[number]]

    def _cell(
        self,
        row: type[Row],
        field: str,
        name: str,
        number: int,
        given: Data | int | None,
        options: tuple[Option, ...],
    ) -> Field:
        """A field of a row. The browser insists on none of them: a row may stay blank."""
        info = row.model_fields[field]
        kind = kind_of(field, info)
        place = f"{name}{PLACE}{number}{PLACE}{field}"
        drawn = drawn_as(kind, info, options, in_row=True)
        if isinstance(given, int):
            value = self._value(kind, f"{name}{PLACE}{given}{PLACE}{field}", info, None)
        else:
            value = value_of(kind, info, given.get(field) if given else None)
        if kind == "check" and drawn == "select":
            options = YES_NO
            value = "false" if given and value == "" and not isinstance(given, int) else value
        return Field(
            name=place,
            kind=drawn,
            title=title_of(field, info),
            hint=(info.description or "") if number == 0 else "",
            required=False,
            value=value,
            options=options,
            attributes=attributes_of(row, field),
            problems=self._told(place),
            wanted=info.is_required(),
            column=f"{name}{PLACE}{field}",
        )

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


def _offered(offer: Any) -> list[tuple[str, Label | Text]]:
    """The keys of a keyed field: names, or names with their labels in both languages."""
    if isinstance(offer, Mapping):
        return [(key, label_of(label, key)) for key, label in offer.items()]
    return [(str(key), Label(label=humanised(str(key)))) for key in offer or ()]
