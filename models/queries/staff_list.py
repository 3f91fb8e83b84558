"""The staff as operations see them: the register, and one person with all that hangs on them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, cast, func, or_
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from config.languages import N_
from config.words import CaseState, Department, Language, Role, SignerState
from models.errors import NotFound
from models.operations.people import ChannelKind
from models.operations.staff_changes import version_of
from models.queries.absences import AbsenceView, absence_view
from models.queries.cursor import read_cursor, write_cursor
from models.queries.shown import Read
from models.tables import Absence, AuditEvent, Case, Channel, Customer, Person, Signer, Step

_ANY = datetime(2000, 1, 1, tzinfo=UTC)
SHOWN = 100
"""Steps, absences and reports shown of one person at most."""
HISTORY = 30
CHANGES = (
    "person.added",
    "person.changed",
    "person.handed-on",
    "channel.added",
    "channel.removed",
    "sign-in.link-sent",
)


class StaffLine(Read):
    """One person in a list. ``substitute`` stands in for them just now; ``waiting`` steps are asked of them."""

    id: str
    name: str
    department: Department
    roles: tuple[Role, ...]
    manager: str | None
    email: str | None
    active: bool
    substitute: str | None
    waiting: int


class StaffPage(Read):
    items: tuple[StaffLine, ...]
    next_cursor: str | None = None


class StaffFilter(Read):
    """Who is wanted. ``text`` is a part of the name, the id or the address."""

    text: str = ""
    department: Department | None = None
    role: Role | None = None
    active: bool | None = True
    absent: bool = False


class ChannelView(Read):
    """An address, masked: what it is, and as much of it as tells it from others."""

    id: int
    kind: ChannelKind
    hint: str


class WaitingStep(Read):
    """A step that waits for a person; ``for_name`` is whose place they hold as a substitute."""

    signer_id: int
    case_ref: str
    case_title: str
    title: str
    asked_at: datetime | None
    due_at: datetime
    for_name: str | None


class Changed(Read):
    """One change of a person's entry: what was done by whom, and before and after of each field."""

    at: datetime
    by: str | None
    event: str
    changes: tuple[tuple[str, Any, Any], ...]
    reason: str


class PersonView(Read):
    """One person with all that hangs on them. ``version`` must be given back to change them."""

    id: str
    name: str
    email: str | None
    department: Department
    roles: tuple[Role, ...]
    manager_id: str | None
    manager: str | None
    language: Language | None
    active: bool
    version: str
    channels: tuple[ChannelView, ...]
    absences: tuple[AbsenceView, ...]
    reports: tuple[tuple[str, str], ...]
    waiting: tuple[WaitingStep, ...]
    waiting_total: int
    cases: int
    customers: int
    history: tuple[Changed, ...]


def staff(
    session: Session, wanted: StaffFilter, now: datetime, *, limit: int = 50, cursor: str | None = None
) -> StaffPage:
    """The staff wanted, by department and id.

    Raises:
        Invalid: the cursor is not one of ours.
    """
    place = case({one.value: number for number, one in enumerate(Department)}, value=cast(Person.department, String))
    statement = select(Person).where(*_conditions(wanted, now)).order_by(place, col(Person.id)).limit(limit + 1)
    if cursor:
        department, _, person_id = read_cursor(cursor)[1].partition("/")
        number = next((n for n, one in enumerate(Department) if one.value == department), -1)
        statement = statement.where(or_(place > number, and_(place == number, col(Person.id) > person_id)))
    people = session.exec(statement).all()
    items = _lines(session, people[:limit], now)
    last = people[limit - 1] if len(people) > limit else None
    after = write_cursor(_ANY, f"{last.department.value}/{last.id}") if last else None
    return StaffPage(items=items, next_cursor=after)


def _conditions(wanted: StaffFilter, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.active is not None:
        found.append(col(Person.active).is_(wanted.active))
    if wanted.department is not None:
        found.append(col(Person.department) == wanted.department)
    if wanted.role is not None:  # the roles are a JSON list of words: each stands in quotation marks
        found.append(cast(Person.roles, String).contains(f'"{wanted.role.value}"', autoescape=True))
    if text := wanted.text.strip():
        parts = (Person.name, Person.id, Person.email)
        found.append(or_(*(func.lower(col(one)).contains(text.lower(), autoescape=True) for one in parts)))
    if wanted.absent:
        found.append(col(Person.id).in_(columns(col(Absence.person_id)).where(_in_force(now))))
    return found


def _in_force(now: datetime) -> ColumnElement[bool]:
    begun = and_(col(Absence.starts_at) <= now, col(Absence.ends_at) > now)
    return and_(begun, col(Absence.cancelled_at).is_(None))


def _lines(session: Session, people: Sequence[Person], now: datetime) -> tuple[StaffLine, ...]:
    ids = [person.id for person in people]
    away = select(Absence.person_id, Absence.substitute_id).where(_in_force(now), col(Absence.person_id).in_(ids))
    substitutes = dict(session.exec(away.order_by(col(Absence.id))).all())
    wanted = {*substitutes.values(), *(person.manager_id for person in people if person.manager_id)}
    names = dict(session.exec(select(Person.id, Person.name).where(col(Person.id).in_(wanted))).all())
    asked = (
        select(Signer.person_id, func.count())
        .where(col(Signer.person_id).in_(ids), Signer.state == SignerState.ASKED)
        .group_by(col(Signer.person_id))
    )
    waiting = dict(session.exec(asked).all())
    return tuple(
        StaffLine(
            id=person.id,
            name=person.name,
            department=person.department,
            roles=tuple(map(Role, person.roles)),
            manager=names.get(person.manager_id or ""),
            email=person.email,
            active=person.active,
            substitute=names.get(substitutes.get(person.id, "")),
            waiting=waiting.get(person.id, 0),
        )
        for person in people
    )


def everybody(session: Session) -> Sequence[Person]:
    """The whole register, those who have left too."""
    return session.exec(select(Person).order_by(col(Person.id))).all()


def person_view(session: Session, person_id: str, now: datetime) -> PersonView:
    """One person.

    Raises:
        NotFound: there is none.
    """
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound(N_("There is no person {person}."), person=person_id[:64])
    asked = (col(Signer.person_id) == person_id) & (col(Signer.state) == SignerState.ASKED)
    handled = (
        columns(func.count())
        .select_from(Case)
        .where(col(Case.handler_id) == person_id, col(Case.state) != CaseState.CLOSED)
    )
    mine = columns(func.count()).select_from(Customer).where(col(Customer.handler_id) == person_id)
    manager = session.get(Person, person.manager_id) if person.manager_id else None
    below = select(Person.id, Person.name).where(Person.manager_id == person_id, col(Person.active))
    return PersonView(
        **person.model_dump(include={"id", "name", "email", "department", "manager_id", "language", "active"}),
        roles=tuple(map(Role, person.roles)),
        manager=manager.name if manager else None,
        version=version_of(person),
        channels=_channels(session, person_id),
        absences=_absences(session, person_id, now),
        reports=tuple(session.exec(below.order_by(col(Person.id)).limit(SHOWN)).all()),
        waiting=_waiting(session, asked),
        waiting_total=session.execute(columns(func.count()).select_from(Signer).where(asked)).scalar_one(),
        cases=session.execute(handled).scalar_one(),
        customers=session.execute(mine).scalar_one(),
        history=_history(session, person_id),
    )


def _channels(session: Session, person_id: str) -> tuple[ChannelView, ...]:
    rows = session.exec(
        select(Channel).where(Channel.person_id == person_id, col(Channel.active)).order_by(col(Channel.id))
    )
    return tuple(ChannelView(id=row.id or 0, kind=ChannelKind(row.kind), hint=masked(row.address)) for row in rows)


def masked(address: str) -> str:
    """As much of an address as tells it from others: ``l***@hengyuan.example``, ``wecombot://…4f2a``.

    Addresses of robots are keys: whoever knows one can write to its group.
    """
    scheme, separator, rest = address.partition("://")
    if not separator:
        name, at, host = address.partition("@")
        return f"{name[:1]}***{at}{host}"
    end = rest.rstrip("/").partition("?")[0][-4:]
    return f"{scheme}://…{end}" if len(rest) > 12 else f"{scheme}://…"


def _absences(session: Session, person_id: str, now: datetime) -> tuple[AbsenceView, ...]:
    """Those not over yet, their own and those in which they stand in."""
    theirs = (Absence.person_id == person_id) | (Absence.substitute_id == person_id)
    statement = select(Absence).where(theirs, col(Absence.ends_at) > now, col(Absence.cancelled_at).is_(None))
    rows = session.exec(statement.order_by(col(Absence.starts_at)).limit(SHOWN)).all()
    wanted = {one for row in rows for one in (row.person_id, row.substitute_id)}
    names = dict(session.exec(select(Person.id, Person.name).where(col(Person.id).in_(wanted))).all())
    return tuple(absence_view(row, names, now) for row in rows)


def _waiting(session: Session, asked: ColumnElement[bool]) -> tuple[WaitingStep, ...]:
    absent = select(Person.id, Person.name).subquery()
    statement = (
        columns(
            Signer.id,  # type: ignore[call-overload]
            Signer.case_ref,
            Case.title.label("case_title"),  # type: ignore[attr-defined]
            Step.title,
            Signer.asked_at,
            Step.due_at,
            absent.c.name,
        )
        .join(Step, col(Step.id) == col(Signer.step_id))
        .join(Case, col(Case.ref) == col(Signer.case_ref))
        .outerjoin(absent, absent.c.id == col(Signer.for_person_id))
        .where(asked)
        .order_by(col(Step.due_at), col(Signer.id))
        .limit(SHOWN)
    )
    return tuple(
        WaitingStep(
            signer_id=number, case_ref=ref, case_title=about, title=title, asked_at=since, due_at=due, for_name=name
        )
        for number, ref, about, title, since, due, name in session.execute(statement)
    )


def _history(session: Session, person_id: str) -> tuple[Changed, ...]:
    """What operations changed of a person, the latest first."""
    named = AuditEvent.data["person"].as_string() == person_id
    events = session.exec(
        select(AuditEvent)
        .where(col(AuditEvent.event).in_(CHANGES), named)
        .order_by(col(AuditEvent.seq).desc())
        .limit(HISTORY)
    ).all()
    actors = {event.actor_id for event in events if event.actor_id}
    names = dict(session.exec(select(Person.id, Person.name).where(col(Person.id).in_(actors))).all())
    return tuple(
        Changed(
            at=event.at,
            by=names.get(event.actor_id or "", event.actor_id),
            event=event.event,
            changes=tuple((name, *pair) for name, pair in sorted(dict(event.data.get("changes") or {}).items())),
            reason=str(event.data.get("reason") or ""),
        )
        for event in events
    )
