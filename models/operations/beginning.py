"""Beginning a case by hand, from a page or by a program: one way for every process that registers how."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from config.languages import N_
from models.errors import NotFound
from models.forms import validate
from models.house import House, Work
from models.operations.named_people import refuse_unknown_people
from models.rights import must_hold
from models.starting import Start, starts
from models.tables import Case, Person


def start_named(process: str) -> Start:
    """How the process called ``process`` is begun by hand.

    Raises:
        NotFound: there is no such process, or nobody begins it by hand.
    """
    start = starts().get(process)
    if start is None:
        raise NotFound(N_("No process of this name is begun here."))
    return start


def may_begin(start: Start, person: Person) -> None:
    """Let pass who may begin it.

    Raises:
        NotAllowed: it is for others.
    """
    must_hold(person, start.right)


def begin_content(session: Session, house: House, start: Start) -> dict[str, Any]:
    """What the form is filled in against: what the process offers, and what is true today."""
    today = house.calendar.day_of(house.clock())
    return {**start.content(session), "today": today.isoformat(), **start.form.true_now(session, today)}


def begin(work: Work, start: Start, data: Mapping[str, Any], by: Person, request_key: str) -> Case:
    """Open a case of ``start``'s process. The same ``request_key`` again gives the case it opened the first time.

    Raises:
        NotAllowed: this person may not begin it.
        Invalid: the form is wrong; names every field.
        Conflict: as the process says, such as one that is open already.
    """
    may_begin(start, by)
    content = begin_content(work.session, work.house, start)
    form = validate(start.form, data, content)
    refuse_unknown_people(work.session, form, content)
    return start.opener(work, form, by, request_key)
