"""What every form shares: a name to be found by, and one way to be validated.

A form is a pydantic model. Its fields' ``title`` is the label (English, translated where shown), ``description``
the hint; ``json_schema_extra={"widget": "long"}`` asks for a text area. Field rules that depend on what the step
shows (a limit not above the proposed one) read the step's frozen content from the validation context.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, ClassVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError
from sqlmodel import Session

from config.languages import N_
from models.errors import Invalid, Problem

LONG_TEXT = 4000
SHORT_TEXT = 200

_REGISTER: dict[str, type[StepForm]] = {}


class StepForm(BaseModel):
    """Base of all forms. A subclass is registered under ``form_name`` (its class name if not set)."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)
    form_name: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.form_name = cls.__dict__.get("form_name") or cls.__name__
        if cls.form_name in _REGISTER and _REGISTER[cls.form_name].__module__ != cls.__module__:
            raise TypeError(f"two forms are called {cls.form_name}")
        _REGISTER[cls.form_name] = cls

    @classmethod
    def true_now(cls, session: Session, today: date) -> Mapping[str, Any]:
        """What the form judges by that may have changed since the step was opened, by name as in the step's content.

        Read when the answer comes in; ``today`` itself (ISO date, company calendar) is always known.
        """
        return {}


class Row(BaseModel):
    """One row of a form's list: a field ``tuple[SomeRow, ...]`` is drawn as that many rows to fill in.

    ``json_schema_extra={"rows": 6}`` on the field says how many rows are offered at first (3).
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)


def row_of(info: FieldInfo) -> type[Row] | None:
    """The kind of row that a field is a list of, if it is one."""
    return _row_in(info.annotation)


def _row_in(annotation: Any) -> type[Row] | None:
    if isinstance(annotation, type) and issubclass(annotation, Row):
        return annotation
    return next((row for part in get_args(annotation) if (row := _row_in(part)) is not None), None)


def widget_of(info: FieldInfo) -> str:
    """What a field asks to be drawn as: ``long``, ``person``, ``customer`` …; empty if its type says it all."""
    extra = info.json_schema_extra
    return str(extra.get("widget") or "") if isinstance(extra, dict) else ""


class NoForm(StepForm):
    """Nothing to fill in."""


class Filled(BaseModel):
    """A form as it was filled in, to be shown by a later step: pages draw it field by field, under its titles."""

    model_config = ConfigDict(frozen=True)

    form_name: str
    answer: dict[str, Any]

    @classmethod
    def of(cls, form: StepForm) -> Filled:
        return cls(form_name=form.form_name, answer=form.model_dump(mode="json"))


def forms() -> Mapping[str, type[StepForm]]:
    """All forms by name."""
    _register_all()
    return _REGISTER


@cache
def _register_all() -> None:
    """Every module of this room registers its forms by being imported."""
    import models.forms

    for module in iter_modules(models.forms.__path__):
        import_module(f"models.forms.{module.name}")


def form_named(name: str) -> type[StepForm]:
    """The form called ``name``.

    Raises:
        KeyError: there is none.
    """
    return forms()[name]


def complaint(message: str, **values: Any) -> PydanticCustomError:
    """An error of a form's own rule; ``message`` is a translatable text with ``{places}``."""
    return PydanticCustomError("form_rule", "{template}", {"template": message, **values})


def shown(info: ValidationInfo) -> Mapping[str, Any]:
    """What the step that is being answered shows."""
    content: Mapping[str, Any] = (info.context or {}).get("content", {})
    return content


# pydantic's error types in the words of a person who fills in a form.
MESSAGES = {
    "missing": N_("This field is needed."),
    "extra_forbidden": N_("This field is not part of the form."),
    "string_too_short": N_("This field is needed."),
    "string_too_long": N_("At most {max_length} characters."),
    "string_type": N_("This is to be a text."),
    "decimal_parsing": N_("This is not a number."),
    "decimal_type": N_("This is not a number."),
    "finite_number": N_("This is not a number."),
    "decimal_max_places": N_("At most {decimal_places} decimal places."),
    "decimal_max_digits": N_("This number is too large."),
    "decimal_whole_digits": N_("This number is too large."),
    "int_parsing": N_("This is not a whole number."),
    "int_type": N_("This is not a whole number."),
    "int_parsing_size": N_("This number is too large."),
    "int_from_float": N_("This is not a whole number."),
    "bool_parsing": N_("Answer yes or no."),
    "greater_than_equal": N_("At least {ge}."),
    "greater_than": N_("More than {gt}."),
    "less_than_equal": N_("At most {le}."),
    "less_than": N_("Less than {lt}."),
    "enum": N_("Choose one of those offered."),
    "literal_error": N_("Choose one of those offered."),
    "date_parsing": N_("This is not a date."),
    "date_from_datetime_parsing": N_("This is not a date."),
    "date_type": N_("This is not a date."),
    "date_past": N_("This date is to be in the past."),
    "too_long": N_("At most {max_length} entries."),
    "too_short": N_("At least {min_length} entries."),
    "tuple_type": N_("This is to be a list."),
    "model_type": N_("Each entry is to be an object with the fields of a row."),
}


def problem_of(error: ErrorDetails) -> Problem:
    """One pydantic error as a problem a person can act on."""
    field = ".".join(str(part) for part in error["loc"])
    if error["type"] == "form_rule":
        values = dict(error.get("ctx") or {})
        return Problem(field, str(values.pop("template")), values)
    return Problem(field, MESSAGES.get(error["type"], N_("This value cannot be used.")), dict(error.get("ctx") or {}))


def validate(form: type[StepForm], data: Mapping[str, Any], content: Mapping[str, Any]) -> StepForm:
    """``data`` as a valid ``form``.

    Raises:
        Invalid: with every problem, by field.
    """
    try:
        return form.model_validate(dict(data), context={"content": content})
    except ValidationError as error:
        raise Invalid(N_("Please look at the marked fields."), _problems(error)) from None


def _problems(error: ValidationError) -> list[Problem]:
    """Every problem; a list whose rows are wrong is not also called too short, as pydantic does."""
    details = error.errors(include_url=False, include_input=False)
    lists = {detail["loc"][:end] for detail in details for end in range(1, len(detail["loc"]))}
    return [problem_of(one) for one in details if not (one["type"] == "too_short" and one["loc"] in lists)]
