"""Recurring duties towards customers: what is due, what stands out, what was done (X, C, B)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, case, func
from sqlmodel import Session, col, or_, select

from config.policy import Policy
from config.policy.frequencies import Frequency
from config.words import CareKind, CaseState, CustomerStatus, MeasureKind, RiskLevel
from models.processes import CARE
from models.queries.shown import Read
from models.rules.turns import closest
from models.tables import CareTurn, Case, Customer, Invoice, Listing, Measure, Person, Routine

PLANNED = (CareKind.MONITORING, CareKind.VISIT, CareKind.ARCHIVE)
"""The duties that come round by a rhythm; greetings follow the calendar of festivals."""
_RANK = case(
    (col(Customer.risk_level) == RiskLevel.HIGH, 0), (col(Customer.risk_level) == RiskLevel.MEDIUM, 1), else_=2
)


class Duty(Read):
    """A recurring duty as it stands: its rhythm, its next turn, when it was last carried out, what was missed since.

    ``under_way`` is the case that carries the turn that is due.
    """

    kind: CareKind
    every: Frequency
    next_on: date
    last_on: date | None
    missed: int
    under_way: str | None


class TurnDone(Read):
    """A turn that was carried out: by whom, what was found, promised, and to be done next."""

    case_ref: str
    kind: CareKind
    done_on: date
    by: str | None
    met: str
    place: str
    findings: str
    promises: str
    next_steps: str
    satisfaction: int | None


def how_often(session: Session, customer: Customer, kind: CareKind, policy: Policy, on: date) -> Frequency | None:
    """The rhythm that the customer's level or class asks for today; none while it has no level or class.

    A measure in force that has the customer monitored more often counts before its level (B).
    """
    return rhythms(session, [customer], kind, policy, on).get(customer.id or 0)


def rhythms(
    session: Session, customers: Sequence[Customer], kind: CareKind, policy: Policy, on: date
) -> dict[int, Frequency]:
    """The same for many, by customer: one query at most. Who has no level or class is left out."""
    rounds = policy.frequencies
    if kind is CareKind.VISIT:
        return {one.id or 0: rounds.visits[one.customer_class] for one in customers if one.customer_class is not None}
    if kind is CareKind.ARCHIVE:
        classed = ((one.id or 0, one.customer_class) for one in customers)
        return {number: rounds.archive_refresh[klass] for number, klass in classed if klass is not None}
    if kind is not CareKind.MONITORING:
        return {}
    ordered: dict[int, list[Frequency]] = {}
    measures = select(Measure.customer_id, Measure.terms).where(
        col(Measure.customer_id).in_([one.id for one in customers]), Measure.kind == MeasureKind.MONITOR, _measured(on)
    )
    for number, terms in session.exec(measures):
        if terms.get("frequency") in list(Frequency):
            ordered.setdefault(number, []).append(Frequency(str(terms["frequency"])))
    return {
        one.id or 0: closest([*ordered.get(one.id or 0, ()), rounds.monitoring[one.risk_level]])
        for one in customers
        if one.risk_level is not None
    }


def _measured(on: date) -> ColumnElement[bool]:
    """Measures in force on a day."""
    return and_(
        col(Measure.since) <= on,
        or_(col(Measure.until).is_(None), col(Measure.until) >= on),
        or_(col(Measure.lifted_on).is_(None), col(Measure.lifted_on) > on),
    )


def turn_under_way(session: Session, customer_id: int, kind: CareKind) -> str | None:
    """The case that carries a turn of this duty and has not ended."""
    mine = select(Case.ref).join(CareTurn, col(CareTurn.case_ref) == Case.ref)
    mine = mine.where(CareTurn.customer_id == customer_id, CareTurn.kind == kind, Case.state != CaseState.CLOSED)
    return session.exec(mine.limit(1)).first()


def due_turns(session: Session, on: date, kinds: Collection[CareKind], limit: int) -> list[tuple[Routine, Customer]]:
    """The duties due on a day and not under way: the highest risks first, then the oldest; ``limit`` at most."""
    statement = select(Routine, Customer).join(Customer, col(Customer.id) == Routine.customer_id)
    ordered = statement.where(_due(on, kinds)).order_by(_RANK, col(Routine.next_on), col(Routine.id))
    return list(session.exec(ordered.limit(limit)).all())


def count_due(session: Session, on: date, kinds: Collection[CareKind]) -> int:
    """How many duties are due on a day and not under way."""
    statement = select(func.count()).select_from(Routine).join(Customer, col(Customer.id) == Routine.customer_id)
    return session.exec(statement.where(_due(on, kinds))).one()


def quiet_turns(session: Session, on: date, levels: Collection[RiskLevel], limit: int) -> list[Routine]:
    """Monitoring due at ``levels`` of customers about whom nothing stands out."""
    statement = select(Routine).join(Customer, col(Customer.id) == Routine.customer_id)
    quiet = statement.where(
        _due(on, [CareKind.MONITORING]), col(Customer.risk_level).in_(list(levels)), ~stands_out(on)
    )
    return list(session.exec(quiet.order_by(col(Routine.id)).limit(limit)).all())


def _due(on: date, kinds: Collection[CareKind]) -> ColumnElement[bool]:
    carried = (
        select(CareTurn.case_ref)
        .join(Case, col(Case.ref) == CareTurn.case_ref)
        .where(CareTurn.customer_id == Routine.customer_id, col(CareTurn.kind) == col(Routine.duty))
        .where(Case.state != CaseState.CLOSED)
        .exists()
    )
    return and_(
        col(Routine.next_on) <= on,
        col(Routine.duty).in_([kind.value for kind in kinds]),
        col(Customer.status) == CustomerStatus.ADMITTED,
        ~carried,
    )


def stands_out(on: date) -> ColumnElement[bool]:
    """Whether anything about a customer asks for a person's eye: overdue money, a list, a measure, another case."""
    overdue = select(Invoice.id).where(Invoice.customer_id == Customer.id, col(Invoice.open), col(Invoice.due_on) < on)
    in_force = and_(col(Listing.since) <= on, or_(col(Listing.until).is_(None), col(Listing.until) > on))
    named = or_(
        col(Listing.customer_id) == Customer.id,
        col(Listing.identifier_digest) == Customer.identifier_digest,
        col(Listing.name) == Customer.name,
    )
    other = select(Case.ref).where(
        Case.customer_id == Customer.id, Case.state != CaseState.CLOSED, Case.process != CARE.name
    )
    return or_(
        overdue.exists(),
        select(Listing.id).where(named, in_force).exists(),
        select(Measure.id).where(Measure.customer_id == Customer.id, _measured(on)).exists(),
        other.exists(),
    )


def unplanned(session: Session, kind: CareKind, after: int, limit: int) -> Sequence[Customer]:
    """Customers the company trades with who lack this duty although their level or class asks for it, by id."""
    rated = Customer.risk_level if kind is CareKind.MONITORING else Customer.customer_class
    planned = select(Routine.id).where(Routine.customer_id == Customer.id, Routine.duty == kind.value).exists()
    statement = select(Customer).where(
        col(Customer.id) > after, Customer.status == CustomerStatus.ADMITTED, col(rated).is_not(None), ~planned
    )
    return session.exec(statement.order_by(col(Customer.id)).limit(limit)).all()


def last_done(session: Session, customer_id: int, kind: CareKind, besides: str = "") -> CareTurn | None:
    """The latest turn of a duty that was carried out, other than by the case ``besides``."""
    done = select(CareTurn).where(CareTurn.customer_id == customer_id, CareTurn.kind == kind)
    done = done.where(col(CareTurn.done_on).is_not(None), CareTurn.case_ref != besides)
    return session.exec(done.order_by(col(CareTurn.done_on).desc(), col(CareTurn.case_ref).desc()).limit(1)).first()


def duties_of(session: Session, customer_id: int) -> tuple[Duty, ...]:
    """Every recurring duty towards a customer, the next turn first."""
    rows = session.exec(select(Routine).where(Routine.customer_id == customer_id)).all()
    open_turns = select(CareTurn.kind, Case.ref).join(Case, col(Case.ref) == CareTurn.case_ref)
    running = dict(
        session.exec(open_turns.where(CareTurn.customer_id == customer_id, Case.state != CaseState.CLOSED)).all()
    )
    found = [
        Duty(
            kind=CareKind(row.duty),
            every=Frequency(row.every),
            next_on=row.next_on,
            last_on=row.last_on,
            missed=row.missed,
            under_way=running.get(CareKind(row.duty)),
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda one: (one.next_on, one.kind)))


def turns_done(session: Session, customer_id: int, limit: int = 20) -> tuple[TurnDone, ...]:
    """What was done for a customer, the latest first."""
    done = select(CareTurn, Person.name).join(Person, col(Person.id) == CareTurn.done_by, isouter=True)
    done = done.where(CareTurn.customer_id == customer_id, col(CareTurn.done_on).is_not(None))
    rows = session.exec(done.order_by(col(CareTurn.done_on).desc(), col(CareTurn.case_ref).desc()).limit(limit)).all()
    return tuple(
        TurnDone(**turn.model_dump(include=set(TurnDone.model_fields) - {"by"}), by=name) for turn, name in rows
    )
