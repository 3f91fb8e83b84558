"""People named in a form: each must be an active member of staff, and one of those offered where some are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col, select

from config.languages import N_
from models.errors import Invalid, Problem
from models.forms import StepForm
from models.queries.answers import people_named
from models.tables import Person


def refuse_unknown_people(session: Session, form: StepForm, content: Mapping[str, Any]) -> None:
    """Whoever is named in ``form`` is there to be named. ``content`` may offer some people only (``<field>_offered``).

    Raises:
        Invalid: with a problem at every place that names somebody else.
    """
    named = list(people_named(type(form), form.model_dump()))
    if not named:
        return
    wanted = {person_id for _, person_id in named}
    known = set(session.exec(select(Person.id).where(col(Person.id).in_(wanted), col(Person.active))))
    problems = [
        Problem(place, N_("There is no such active person."))
        if person_id not in known
        else Problem(place, N_("Choose one of those offered."))
        for place, person_id in named
        if person_id not in known or not _offered(place, person_id, content)
    ]
    if problems:
        raise Invalid(N_("Please look at the marked fields."), problems)


def _offered(place: str, person_id: str, content: Mapping[str, Any]) -> bool:
    parts = place.split(".")
    for name in (parts[0], parts[-1]):
        offered = content.get(f"{name}_offered")
        if isinstance(offered, Mapping):
            return person_id in offered
    return True
