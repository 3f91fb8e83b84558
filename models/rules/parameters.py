"""What a routine may be told when it runs: its flow's parameters, by the schema that Prefect keeps of them.

Only plain values go to Prefect: it fills in structured ones itself (``__prefect_kind``), which nobody asked for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from config.languages import N_
from models.errors import Invalid, Problem

LONGEST = 200
"""Characters of a text parameter."""

_KINDS = {"boolean": "check", "string": "text", "integer": "whole", "number": "number"}
_WRONG = {
    "check": N_("Yes or no is expected."),
    "whole": N_("This is not a whole number."),
    "number": N_("A number is expected."),
    "text": N_("Text is expected."),
    "date": N_("This is not a date."),
}


@dataclass(frozen=True)
class Parameter:
    """One parameter. ``kind`` is check, text, whole, number, date or choice; other kinds cannot be set here."""

    name: str
    kind: str
    required: bool
    default: Any
    options: tuple[Any, ...] = ()
    pattern: str = ""
    least: float | None = None
    most: float | None = None
    longest: int = LONGEST


def parameters_of(schema: Mapping[str, Any]) -> tuple[Parameter, ...]:
    """The parameters of a flow in the order of its signature."""
    properties: Mapping[str, Any] = schema.get("properties") or {}
    required = set(schema.get("required") or ())
    order = sorted(properties, key=lambda name: properties[name].get("position", 0))
    return tuple(_parameter(schema, name, properties[name], name in required) for name in order)


def _parameter(schema: Mapping[str, Any], name: str, said: Mapping[str, Any], required: bool) -> Parameter:
    plain = _plain(schema, said)
    kind = "choice" if "enum" in plain or "const" in plain else _KINDS.get(str(plain.get("type")), "other")
    if kind == "text" and plain.get("format") == "date":
        kind = "date"
    return Parameter(
        name,
        kind,
        required,
        said.get("default"),
        tuple(plain.get("enum") or ([plain["const"]] if "const" in plain else ())),
        str(plain.get("pattern") or ""),
        plain.get("minimum"),
        plain.get("maximum"),
        int(plain.get("maxLength") or LONGEST),
    )


def _plain(schema: Mapping[str, Any], said: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a parameter is when it is given: references followed, “or nothing” left out."""
    for way in ("anyOf", "allOf", "oneOf"):
        found = [one for one in said.get(way) or () if one.get("type") != "null"]
        if len(found) == 1:
            return _plain(schema, found[0])
    target = str(said.get("$ref") or "").rpartition("/")[2]
    definitions = schema.get("definitions") or schema.get("$defs") or {}
    return _plain(schema, definitions[target]) if target in definitions else said


def from_texts(schema: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, Any]:
    """What was typed into a form as values; what is no value of its kind stays text, for ``checked`` to say so."""
    given: dict[str, Any] = {}
    for parameter in parameters_of(schema):
        text = texts.get(parameter.name, "").strip()
        if parameter.kind == "check":
            given[parameter.name] = text == "true"
        elif text:
            given[parameter.name] = _valued(parameter, text)
    return given


def _valued(parameter: Parameter, text: str) -> Any:
    if parameter.kind == "choice":
        return next((option for option in parameter.options if str(option) == text), text)
    if parameter.kind in ("whole", "number"):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def checked(schema: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters as Prefect is given them: those that differ from what the flow takes by itself.

    Raises:
        Invalid: unknown, missing or wrong ones, each at ``parameters.<name>``.
    """
    known = {parameter.name: parameter for parameter in parameters_of(schema)}
    problems = [
        Problem(f"parameters.{name[:64]}", N_("There is no such parameter.")) for name in given if name not in known
    ]
    for parameter in known.values():
        if parameter.name in given:
            told = (Problem(f"parameters.{parameter.name}", *what) for what in _wrong(parameter, given[parameter.name]))
            problems += told
        elif parameter.required:
            problems.append(Problem(f"parameters.{parameter.name}", N_("This field is needed.")))
    if problems:
        raise Invalid(N_("Please look at the marked fields."), problems)
    return {name: value for name, value in given.items() if value != known[name].default or known[name].required}


def _wrong(parameter: Parameter, value: Any) -> Iterator[tuple[Any, ...]]:
    if value is None and not parameter.required and parameter.default is None:
        return
    if parameter.kind == "choice":
        if not any(type(option) is type(value) and option == value for option in parameter.options):
            options = ", ".join(str(option) for option in parameter.options)
            yield N_("One of these is expected: {options}"), {"options": options}
    elif parameter.kind == "other":
        if value != parameter.default:
            yield (N_("This parameter cannot be set here."),)
    elif not _is(parameter.kind, value):
        yield (_WRONG[parameter.kind],)
    elif parameter.kind in ("whole", "number"):
        if parameter.least is not None and value < parameter.least:
            yield N_("At least {ge}."), {"ge": parameter.least}
        if parameter.most is not None and value > parameter.most:
            yield N_("At most {le}."), {"le": parameter.most}
    elif parameter.kind == "text":
        if len(value) > parameter.longest:
            yield N_("At most {max_length} characters."), {"max_length": parameter.longest}
        elif parameter.pattern and not re.search(parameter.pattern, value):
            yield (N_("This is not written as expected."),)


def _is(kind: str, value: Any) -> bool:
    if kind == "check":
        return isinstance(value, bool)
    if kind == "whole":
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15
    if not isinstance(value, str):
        return False
    if kind == "date":
        try:
            date.fromisoformat(value)
        except ValueError:
            return False
    return True
