"""From what was posted back to a form's data. Nothing here decides what is valid: that is the form's own business."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from api.fields import PLACE, kind_of, value_of
from api.posted import Posted
from models.forms.base import Row, row_of


def data_of(form: type[BaseModel], posted: Posted) -> dict[str, Any]:
    """What was posted, as ``form`` reads it. Blank means not filled in; numbers may be written as people write them.

    Fields the form does not know are passed on, so that it refuses them. A row that nobody filled in is no row.
    """
    data: dict[str, Any] = {}
    for name, info in form.model_fields.items():
        row = row_of(info)
        if row is None:
            value = _read(kind_of(name, info), name, info, posted)
        else:
            value = [_row(row, name, number, posted) for number in filled_rows(row, name, posted)]
            value = value or ([] if info.is_required() else None)
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


def filled_rows(row: type[Row], name: str, posted: Posted) -> list[int]:
    """The numbers under which rows were posted that say something, in order."""
    return [number for number, said in sorted(_posted_rows(name, posted).items()) if _says_something(row, said)]


def _posted_rows(name: str, posted: Posted) -> dict[int, dict[str, list[str]]]:
    rows: dict[int, dict[str, list[str]]] = {}
    for place in posted.names():
        list_name, _, rest = place.partition(PLACE)
        number, _, field = rest.partition(PLACE)
        if list_name == name and field and number.isascii() and number.isdecimal() and len(number) <= 4:
            rows.setdefault(int(number), {})[field] = posted.all(place)
    return rows


def _says_something(row: type[Row], said: Mapping[str, list[str]]) -> bool:
    """Whether a row holds anything but what a blank one holds at first."""
    for field, values in said.items():
        info = row.model_fields.get(field)
        first = value_of(kind_of(field, info), info, None) if info else ""
        blank = {str(one) for one in first} if isinstance(first, list) else {first}
        if any(value.strip() and value not in blank for value in values):
            return True
    return False


def _row(row: type[Row], name: str, number: int, posted: Posted) -> dict[str, Any]:
    place = f"{name}{PLACE}{number}{PLACE}"
    read = {field: _read(kind_of(field, info), place + field, info, posted) for field, info in row.model_fields.items()}
    strange = {n.removeprefix(place) for n in posted.names() if n.startswith(place)} - set(row.model_fields)
    return {field: value for field, value in read.items() if value is not None} | {
        field: posted.text(place + field) for field in strange
    }


def plain_number(text: str) -> str:
    """A number without grouping, currency signs and full-width digits: ``￥１，２００`` → ``1200``."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(character for character in plain if character not in ",，、 \u00a0\u3000¥￥元\t\n").strip()
