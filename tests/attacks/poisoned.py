"""A company where whatever somebody could write holds an attack: every free text of every form and of every table.

All processes are played to their end, as in ``tests/prefect/test_every_process.py``; while they are, each text that
goes into the database, and each free field of each form that is answered, is given the payload. What pages, messages,
papers and files make of it is what the tests look at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, get_args
from unittest import mock

import sqlalchemy as sa
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from sqlalchemy import event
from sqlmodel import SQLModel

from models.errors import Invalid
from models.forms.base import forms, row_of, validate, widget_of

MARK = "xss-probe"
RAW = f"<{MARK}"
"""What must never stand in a page as it is."""
LINE = "X-PROBE:1"
"""What must never begin a line of its own in a header, a calendar or a text."""
SHORT = f"=1+1\"'>{RAW} onprobe=1>"
LONG = SHORT + "{{7*7}}{x}${7*7}%s\\<!--]]>&amp;[a](javascript:1)\r\n" + LINE + "\r\n=2+2|\u202e"

_STRUCTURE = {
    *("policy_version.body", "customer.pinyin", "chain_head.hash", "step.question"),
    *("evaluation_row.exception_reason",),  # compared with what was shown
}
"""Long texts that nobody writes."""
_WRITTEN = {
    *("person.name", "api_token.label", "customer.name", "customer.contact", "customer.industry", "customer.phone"),
    *("qualification.reference", "webhook.name", "case.title", "outside_party.name", "outside_party.phone"),
    *("care_turn.occasion", "care_turn.met", "care_turn.place", "listing.name", "attachment.name"),
    *("paper_signature.name", "paper_signature.capacity", "saved_view.name"),
}
"""Short texts that somebody writes. Of the others, all long ones are taken."""


def free_columns() -> dict[str, list[str]]:
    """The columns that hold what somebody wrote, by table."""
    found: dict[str, list[str]] = {}
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            place = f"{table.name}.{column.name}"
            written = isinstance(column.type, sa.Text) and place not in _STRUCTURE and not column.primary_key
            if written or place in _WRITTEN:
                found.setdefault(table.name, []).append(column.name)
    return found


def poisoned(text: str, longest: int = 10_000) -> str:
    """``text`` behind the longest payload that fits."""
    if MARK in text:
        return text
    return next((attack + text for attack in (LONG, SHORT) if len(attack) + len(text) <= longest), text)


def is_free(info: FieldInfo) -> bool:
    """Whether a form's field takes any text."""
    kinds = _types(info.annotation)
    chosen = widget_of(info) in ("person", "customer", "return_target", "paper", "sealed")
    return str in kinds and not chosen and not any(getattr(one, "pattern", None) for one in info.metadata)


def _types(annotation: Any) -> list[Any]:
    inner = get_args(annotation)
    return [annotation] if not inner else [kind for one in inner for kind in _types(one)]


class Filler:
    """Answers forms as they are answered, with an attack in every free field; remembers which fields that were."""

    def __init__(self) -> None:
        self.filled: set[tuple[str, str]] = set()

    def validate(self, form: type[Any], data: Mapping[str, Any], content: Mapping[str, Any]) -> Any:
        """In the place of ``models.forms.validate``; what a form refuses with the attack is taken without it."""
        answer = validate(form, data, content)
        for name, info in form.model_fields.items():
            tried = {**data, name: self._attacked(info, data.get(name))}
            if tried[name] is None:
                continue
            try:
                answer = validate(form, tried, content)
            except Invalid:
                continue
            data = tried
            self.filled.add((form.form_name, name))
        return answer

    def _attacked(self, info: FieldInfo, given: Any) -> Any:
        row = row_of(info)
        if row is not None:
            return [self._row(row, one) for one in given] if given else None
        if not is_free(info):
            return None
        if isinstance(given, Mapping):
            return {key: poisoned(str(value), 200) for key, value in given.items()} or None
        if isinstance(given, list | tuple):
            return [poisoned(str(value), 200) for value in given] or None
        return poisoned(str(given or ""), _longest(info))

    def _row(self, row: type[BaseModel], given: Any) -> dict[str, Any]:
        entry = dict(given) if isinstance(given, Mapping) else given.model_dump(mode="json")
        for name, info in row.model_fields.items():
            if is_free(info) and isinstance(entry.get(name, ""), str):
                entry[name] = poisoned(entry.get(name) or "", _longest(info))
        return entry


def _longest(info: FieldInfo) -> int:
    limits = [one.max_length for one in info.metadata if getattr(one, "max_length", None)]
    return min(limits, default=10_000)


def every_free_field() -> set[tuple[str, str]]:
    """The free fields of all forms there are."""
    return {
        (form.form_name, name)
        for form in forms().values()
        if form.__module__.startswith("models.")
        for name, info in form.model_fields.items()
        if is_free(info) or (row_of(info) is not None)
    }


@contextmanager
def everything_written_is_an_attack() -> Iterator[Filler]:
    """While this is open, no harmless text gets into the database."""
    columns, filler = free_columns(), Filler()

    def poison(_mapper: Any, _connection: Any, row: Any) -> None:
        for name in columns.get(row.__tablename__, ()):
            value = getattr(row, name, None)
            if isinstance(value, str) and value:
                setattr(row, name, poisoned(value))

    event.listen(SQLModel, "before_insert", poison, propagate=True)
    event.listen(SQLModel, "before_update", poison, propagate=True)
    try:
        with (
            mock.patch("models.operations.decide.validate", filler.validate),
            mock.patch("models.operations.outside_answers.validate", filler.validate),
        ):
            yield filler
    finally:
        event.remove(SQLModel, "before_insert", poison)
        event.remove(SQLModel, "before_update", poison)
