"""Opening a case from outside: who may, under which key, with what application."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from sqlmodel import Session

from config.languages import N_
from models.errors import Invalid, Problem
from models.forms.base import problem_of
from models.onboarding import Application
from models.rights import Right, holds, must_hold
from models.tables import Person


def may_open(person: Person) -> None:
    """An onboarding review is started by the business (C).

    Raises:
        NotAllowed: this person is not of the business.
    """
    must_hold(person, Right.OPEN_ONBOARDING)


def handler_named(session: Session, person_id: str | None, otherwise: Person) -> Person:
    """The person who will handle a case.

    Raises:
        Invalid: there is no such active person, or they are no business handler.
    """
    if person_id is None:
        return otherwise
    handler = session.get(Person, person_id)
    if handler is None or not handler.active or not holds(handler, Right.OPEN_ONBOARDING):
        told = N_("There is no business handler of this name.")
        raise Invalid(N_("Please look at the marked fields."), [Problem("handler", told)])
    return handler


def request_key(person_id: str, key: str) -> str:
    """An idempotency key as it is stored: everybody's keys are their own."""
    return "web:" + hashlib.sha256(f"{person_id}\n{key}".encode()).hexdigest()


def application_of(data: Mapping[str, Any]) -> Application:
    """``data`` as an application.

    Raises:
        Invalid: with every problem, by field.
    """
    try:
        return Application.model_validate(dict(data))
    except ValidationError as error:
        problems = [problem_of(detail) for detail in error.errors(include_url=False, include_input=False)]
        raise Invalid(N_("Please look at the marked fields."), problems) from None
