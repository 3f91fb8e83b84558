"""Who may be put into a reception team today, and who not yet (R)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from models.queries.qualifications import unqualified
from models.tables import Person


def staff_and_what_they_lack(session: Session, on: date) -> dict[str, dict[str, Any]]:
    """Everybody active by id: their ``name``, and the qualifications they ``lack`` for receiving risk clients."""
    people = session.exec(select(Person.id, Person.name).where(col(Person.active)).order_by(col(Person.id))).all()
    lacking = unqualified(session, [person_id for person_id, _ in people], on)
    return {
        person_id: {"name": name, "lacks": [kind.value for kind in lacking.get(person_id, [])]}
        for person_id, name in people
    }


def active_staff(session: Session) -> dict[str, str]:
    """Everybody active, their names by id."""
    return dict(session.exec(select(Person.id, Person.name).where(col(Person.active))).all())
