"""From what a model refuses to what a person is told: the line, the key, what is known instead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config import words
from config.policy.base import Place
from config.policy.frequencies import Frequency
from config.policy.yaml_lines import Document, LineFault

_PLAIN = {
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "decimal_type": "a number",
    "decimal_parsing": "a number",
    "bool_type": "true or false",
    "string_type": "a text",
    "tuple_type": "a list",
    "dict_type": "keys with values",
    "model_type": "keys with values",
    "model_attributes_type": "keys with values",
    "time_type": "a time such as 20:00",
    "time_parsing": "a time such as 20:00",
}


def findings(error: ValidationError, model: type[BaseModel], document: Document) -> Iterator[LineFault]:
    """Every fault of ``error`` with the line it is on."""
    for detail in error.errors(include_url=False):
        place = document.known_part(detail["loc"])
        if detail["type"] == "policy_rule":
            for below, message in detail["ctx"]["faults"]:
                yield document.line_of(place + below), message
        else:
            yield document.line_of(place), _message(detail, model, place)


def _message(detail: ErrorDetails, model: type[BaseModel], place: Place) -> str:
    kind, loc, given = detail["type"], detail["loc"], detail["input"]
    key = str(next((part for part in reversed(place) if isinstance(part, str)), "the file"))
    if kind == "missing":
        return f"missing key '{loc[-1]}'"
    if kind == "extra_forbidden":
        return f"unknown key '{loc[-1]}' ({_instead(str(loc[-1]), _keys(model, loc[:-1]))})"
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        context = detail["ctx"]
        wanted = re.findall(r"'([^']+)'", context.get("expected_tags", "")) or ["number", "choice"]
        tag = context.get("tag")
        return f"missing key 'kind' (one of: {', '.join(wanted)})" if tag is None else _unknown("kind", tag, wanted)
    if kind in ("enum", "literal_error"):
        wanted = re.findall(r"'([^']*)'", detail["ctx"]["expected"])
        return _unknown(_vocabulary(wanted) or key, given, wanted)
    if kind in _PLAIN:
        return f"{key} must be {_PLAIN[kind]}, not {_shown(given)}"
    return f"{key}: {detail['msg'][0].lower()}{detail['msg'][1:]}, found {_shown(given)}"


def _shown(given: object) -> str:
    """What stands in the file, as a person would say it."""
    if given is None:
        return "nothing"
    if isinstance(given, dict):
        return "keys with values"
    return "a list" if isinstance(given, list) else f"{str(given)!r}"


def _unknown(what: str, given: object, known: list[str]) -> str:
    return f"unknown {what} {_shown(given)} ({_instead(str(given), known)})"


def _instead(given: str, known: list[str]) -> str:
    close = get_close_matches(given, known, n=2)
    meant = f"did you mean {' or '.join(close)}? " if close else ""
    return f"{meant}known: {', '.join(known)}"


def _vocabulary(values: list[str]) -> str | None:
    """What the words with these values are called: ``risk level`` for ``RiskLevel``."""
    for word in (*vars(words).values(), Frequency):
        if isinstance(word, type) and issubclass(word, words.Word) and [m.value for m in word] == values:
            return re.sub(r"(?<!^)(?=[A-Z])", " ", word.__name__).lower()
    return None


def _keys(model: type[BaseModel], loc: Place) -> list[str]:
    """The keys known at ``loc``, found by walking down the types from ``model``."""
    here: Any = model
    for segment in loc:
        here = _below(here, segment)
    return sorted(here.model_fields) if isinstance(here, type) and issubclass(here, BaseModel) else []


def _below(annotation: Any, segment: str | int) -> Any:
    """The type of what stands at ``segment`` below something of type ``annotation``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        field = annotation.model_fields.get(str(segment))
        return _bare(field.annotation) if field else annotation
    if get_origin(annotation) in (Union, UnionType):  # the segment is the tag of one member
        members = [member for member in get_args(annotation) if _has_tag(member, segment)]
        return members[0] if members else annotation
    inner = get_args(annotation)
    if get_origin(annotation) is dict:
        return _bare(inner[1])
    return _bare(inner[0]) if inner else annotation


def _has_tag(member: Any, tag: str | int) -> bool:
    kind = member.model_fields.get("kind") if isinstance(member, type) and issubclass(member, BaseModel) else None
    return kind is not None and get_origin(kind.annotation) is Literal and tag in get_args(kind.annotation)


def _bare(annotation: Any) -> Any:
    """``annotation`` without ``Annotated`` and ``| None``."""
    if hasattr(annotation, "__metadata__"):
        return _bare(annotation.__origin__)
    if get_origin(annotation) in (Union, UnionType):
        members = [member for member in get_args(annotation) if member is not type(None)]
        return _bare(members[0]) if len(members) == 1 else annotation
    return annotation
