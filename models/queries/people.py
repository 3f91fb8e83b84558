"""Whom one may choose for a move: the active staff, without those who may not sign this step."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from config.policy import Policy
from config.words import Department, Role
from models.operations.parties import GONE, decides
from models.queries.shown import Read
from models.rules.conflicts import Concerned, Parties, lacks_authority, objection
from models.tables import Absence, Case, Person, Signer, Step


class Colleague(Read):
    """One active member of staff. ``substitute`` names who stands in for them just now, if they are absent."""

    person_id: str
    name: str
    department: Department
    roles: frozenset[Role]
    substitute: str | None = None


class Choosable(Read):
    """Who may be chosen by the holder of a place: for the place itself, to sign or advise, to be told or asked."""

    heirs: tuple[Colleague, ...] = ()
    signers: tuple[Colleague, ...] = ()
    anyone: tuple[Colleague, ...] = ()


def colleagues(session: Session, now: datetime, *, besides: str | None = None) -> tuple[Colleague, ...]:
    """The active staff by department and name, without ``besides``. Two queries."""
    rows = session.exec(
        select(Person.id, Person.name, Person.department, Person.roles)
        .where(col(Person.active))
        .order_by(col(Person.id))
    ).all()
    names = {person_id: name for person_id, name, _, _ in rows}
    away = select(Absence.person_id, Absence.substitute_id).where(
        col(Absence.starts_at) <= now,
        col(Absence.ends_at) > now,
        col(Absence.cancelled_at).is_(None),
    )
    substitutes = {absent: names.get(substitute) for absent, substitute in session.exec(away)}
    order = {department: number for number, department in enumerate(Department)}
    found = [
        Colleague(
            person_id=person_id,
            name=name,
            department=department,
            roles=frozenset(roles),
            substitute=substitutes.get(person_id),
        )
        for person_id, name, department, roles in rows
        if person_id != besides
    ]
    return tuple(sorted(found, key=lambda one: (order[one.department], one.person_id)))


def choosable(
    session: Session, policy: Policy, case: Case, step: Step, place: Signer, signers: Sequence[Signer], now: datetime
) -> Choosable:
    """Who may be chosen by the holder of ``place``; whoever has a stake in the case is left out (processes §5)."""
    everyone = colleagues(session, now, besides=place.person_id)
    seated = frozenset(signer.person_id for signer in signers if signer.state not in GONE)
    parties = Parties(case.initiator_id, case.handler_id, seated, decides(step))
    free = tuple(one for one in everyone if objection(_concerned(one), parties, policy.approval) is None)
    heirs = tuple(one for one in free if lacks_authority(_concerned(one), place.role, policy.approval) is None)
    return Choosable(heirs=heirs, signers=free, anyone=everyone)


def _concerned(one: Colleague) -> Concerned:
    return Concerned(one.person_id, one.name, one.roles, active=True)
