"""People and customers in forms: who is offered to choose from, and whom the typed text means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel
from sqlmodel import Session

from api.fields import Option
from api.moves import called, person_meant
from config.languages import N_
from models.errors import Invalid, Problem
from models.forms.base import row_of, widget_of
from models.house import House
from models.queries.customers import customer_names
from models.queries.people import Colleague, colleagues
from models.rules.reasons import Label


def asks_for(form: type[BaseModel], widget: str) -> bool:
    """Whether a field of ``form``, or of its rows, is drawn as ``widget``."""
    for info in form.model_fields.values():
        row = row_of(info)
        if widget_of(info) == widget or (row is not None and asks_for(row, widget)):
            return True
    return False


def option_of(one: Colleague) -> Option:
    """A colleague as a list offers them."""
    return Option(one.person_id, Label(label=called(one)), Label(label=one.department.label))


def people_for(session: Session, house: House, *forms: type[BaseModel]) -> tuple[Option, ...]:
    """The active staff, if one of ``forms`` asks for somebody."""
    if not any(asks_for(form, "person") for form in forms):
        return ()
    return tuple(option_of(one) for one in colleagues(session, house.clock()))


def customers_for(session: Session, *forms: type[BaseModel]) -> tuple[Option, ...]:
    """The customers to suggest, if one of ``forms`` asks for one."""
    if not any(asks_for(form, "customer") for form in forms):
        return ()
    return tuple(Option(number, Label(label=f"{name} ({number})")) for number, name in customer_names(session))


def with_people_meant(house: House, form: type[BaseModel], data: dict[str, Any]) -> dict[str, Any]:
    """``data`` with the id of whoever is meant wherever a person was chosen or typed; unknown text stays.

    Raises:
        Invalid: several people have a name that was typed.
    """
    if not asks_for(form, "person"):
        return data
    with house.read() as session:
        staff = colleagues(session, house.clock())
    problems: list[Problem] = []

    def meant(place: str, text: str) -> str:
        try:
            return person_meant(place, text, staff)
        except Invalid as error:
            problems.extend(error.problems)
            return text

    found = _each_person(form, data, meant)
    if problems:
        raise Invalid(N_("Please look at the marked fields."), problems)
    return found


def _each_person(
    form: type[BaseModel], data: Mapping[str, Any], meant: Callable[[str, str], str], before: str = ""
) -> dict[str, Any]:
    found = dict(data)
    for name, info in form.model_fields.items():
        value, row = data.get(name), row_of(info)
        if widget_of(info) == "person" and isinstance(value, str) and value:
            found[name] = meant(before + name, value)
        elif row is not None and isinstance(value, list):
            found[name] = [_each_person(row, one, meant, f"{before}{name}.{n}.") for n, one in enumerate(value)]
    return found
