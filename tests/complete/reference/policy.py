"""Every key of the policy: its meaning as ``docs/policy.md`` tells it, what it takes, and how it is packaged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from config.policy import load_policy
from config.policy.base import Text
from config.policy.policy import PARTS
from tests.complete.reference.writing import code, heading, joined, table

PROSE = Path(__file__).parents[3] / "docs" / "policy.md"


def page() -> str:
    prose = PROSE.read_text(encoding="utf-8")
    meanings = dict(re.findall(r"^\| `([a-z_.\[\]<>]+)` \| (.*) \|$", prose, re.MULTILINE))
    lines = heading(
        "Policy keys",
        "Each key with its meaning ([policy.md](../policy.md) tells the rules around them), what it takes, and how it "
        "is packaged. `[]` is an item of a list, `<>` a key out of a vocabulary. *Optional*: it may be left out.",
    )
    packaged = load_policy()
    for part, model in PARTS.items():
        lines += [f"## {part}.yaml", ""]
        rows = []
        for path, kind, optional, value in keys(model, part, getattr(packaged, part)):
            rows.append(
                (code(path), meanings.get(path, "**not told**"), kind, "optional" if optional else "", code(value))
            )
        lines += table(("key", "meaning", "takes", "", "packaged"), rows)
    return joined(lines)


def keys(model: type[BaseModel], path: str, value: Any) -> Iterator[tuple[str, str, bool, str]]:
    """Every key below a model: its path, what it takes, whether it may be left out, and its packaged value."""
    for name, field in model.model_fields.items():
        held = getattr(value, name, None)
        yield from _below(field.annotation, field, f"{path}.{name}", not field.is_required(), held)


def _below(
    annotation: Any, field: FieldInfo | None, path: str, optional: bool, value: Any
) -> Iterator[tuple[str, str, bool, str]]:
    metadata: tuple[Any, ...] = tuple(field.metadata) if field else ()
    if hasattr(annotation, "__metadata__"):
        metadata, annotation = (*metadata, *annotation.__metadata__), annotation.__origin__
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        members = [one for one in inner if one is not type(None)]
        if all(_is_model(one) for one in members):  # a part is one of several kinds: each key once
            found: dict[str, tuple[str, str, bool, str]] = {}
            for row in (row for one in members for row in keys(one, path, None)):
                kinds = {found[row[0]][1]: None, row[1]: None} if row[0] in found else {row[1]: None}
                found[row[0]] = (row[0], ", ".join(kinds), *row[2:])
            yield from found.values()
            return
        annotation, optional = members[0], True
        yield from _below(annotation, field, path, optional, value)
    elif origin is tuple:
        shown = _shown(value) if value and not _is_model(_bare(inner[0])) else ""
        for below, kind, may_lack, _ in _below(inner[0], None, f"{path}[]", optional, None):
            yield below, kind, may_lack, shown
    elif origin is dict:
        yield from _below(inner[1], None, f"{path}.<>", optional, None)
    elif _is_model(annotation):
        yield from keys(annotation, path, value)
    else:
        yield path, _kind(annotation, metadata), optional, _shown(value)


def _bare(annotation: Any) -> Any:
    return annotation.__origin__ if hasattr(annotation, "__metadata__") else annotation


def _is_model(annotation: Any) -> bool:
    bare = _bare(annotation)
    if get_origin(bare) in (Union, UnionType):
        return all(_is_model(one) for one in get_args(bare))
    return isinstance(bare, type) and issubclass(bare, BaseModel) and bare is not Text


def _kind(annotation: Any, metadata: tuple[Any, ...]) -> str:
    """What a key takes, in words, with its unit or its range."""
    if get_origin(annotation) is Literal:
        return ", ".join(code(one) for one in get_args(annotation))
    if annotation is Text:
        return "text, both languages"
    if annotation is bool:
        return "true or false"
    if annotation in (time, date):
        return "time of day" if annotation is time else "date"
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return ", ".join(code(one.value) for one in annotation)
    limits = {name: getattr(one, name) for one in metadata for name in ("ge", "gt", "le") if hasattr(one, name)}
    for one in metadata:  # a field's constraints may lie one deeper
        for name in ("ge", "gt", "le"):
            for deeper in getattr(one, "metadata", ()):
                if hasattr(deeper, name):
                    limits[name] = getattr(deeper, name)
    span = f" {limits['ge']}–{limits['le']}" if {"ge", "le"} <= set(limits) else ""
    if annotation is Decimal:
        if any(getattr(one, "decimal_places", None) == 2 for one in _all(metadata)):
            return "yuan, from 0"
        return f"percent{span}" if span else "number"
    if annotation is int:
        return f"whole number{span}"
    return "word" if annotation is str else "text"


def _all(metadata: tuple[Any, ...]) -> Iterator[Any]:
    for one in metadata:
        yield one
        yield from getattr(one, "metadata", ())
        yield from (getattr(one, "__dict__", {}) and [one])


def _shown(value: Any) -> str:
    if value is None or isinstance(value, BaseModel | dict):
        return ""
    if isinstance(value, tuple):
        return ", ".join(_shown(one) for one in value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return f"{value:%H:%M}" if isinstance(value, time) else str(value)
