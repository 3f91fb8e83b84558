"""Dated substitutes (离岗代理) as they are shown: one's own, those one stands in for, everybody's for operations."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlmodel import Session, col, select

from config.languages import N_
from models.errors import NotFound
from models.queries.shown import Read
from models.rights import Right, holds
from models.tables import Absence, Person

LATEST = 100


class AbsenceView(Read):
    """A dated substitute. No processes: all of them; no amount: any. ``over`` once it has ended or was cancelled."""

    id: int
    person_id: str
    person: str
    substitute_id: str
    substitute: str
    starts_at: datetime
    ends_at: datetime
    processes: tuple[str, ...]
    up_to: Decimal | None
    reason: str
    cancelled_at: datetime | None
    begun: bool
    over: bool


def absences(session: Session, person: Person, now: datetime, *, everybodys: bool = False) -> tuple[AbsenceView, ...]:
    """One's absences and those one stands in for, the latest first; of ``everybodys`` only those not over yet."""
    statement = select(Absence).order_by(col(Absence.starts_at).desc(), col(Absence.id).desc()).limit(LATEST)
    if everybodys:
        statement = statement.where(col(Absence.ends_at) > now, col(Absence.cancelled_at).is_(None))
    else:
        statement = statement.where((Absence.person_id == person.id) | (Absence.substitute_id == person.id))
    rows = session.exec(statement).all()
    wanted = {row.person_id for row in rows} | {row.substitute_id for row in rows}
    names = dict(session.exec(select(Person.id, Person.name).where(col(Person.id).in_(wanted))).all()) if rows else {}
    return tuple(absence_view(row, names, now) for row in rows)


def absence_view(row: Absence, names: dict[str, str], now: datetime) -> AbsenceView:
    """One absence as it is shown."""
    return AbsenceView(
        id=row.id or 0,
        person_id=row.person_id,
        person=names.get(row.person_id, row.person_id),
        substitute_id=row.substitute_id,
        substitute=names.get(row.substitute_id, row.substitute_id),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        processes=tuple(row.processes),
        up_to=row.up_to,
        reason=row.reason,
        cancelled_at=row.cancelled_at,
        begun=row.starts_at <= now,
        over=row.cancelled_at is not None or row.ends_at <= now,
    )


def sets_for_others(person: Person) -> bool:
    """Whether this person sets and cancels anybody's absence."""
    return holds(person, Right.SET_ABSENCES)


def absence_seen_by(session: Session, person: Person, absence_id: int) -> Absence:
    """An absence that this person may cancel.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    absence = session.get(Absence, absence_id)
    if absence is None or (absence.person_id != person.id and not sets_for_others(person)):
        raise NotFound(N_("There is no such absence."))
    return absence
