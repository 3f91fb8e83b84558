"""The pack of a coordination meeting, drawn up from what is on record (B, C)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import case as choose
from sqlalchemy import func
from sqlmodel import Session, col, or_, select

from config.languages import N_
from config.policy.meeting import MeetingPolicy
from config.words import (
    CaseState,
    CustomerStatus,
    ListingKind,
    Outcome,
    RiskLevel,
    SignerState,
    StepState,
    TrackingState,
)
from models.errors import NotFound
from models.house import House
from models.meeting import (
    AgeCount,
    FailedCase,
    LateStep,
    LevelCount,
    NamedCustomer,
    OpenMajor,
    OpenResolution,
    Pack,
    Work,
)
from models.processes import MEETING, PROCESSES, RECEPTION
from models.queries.evaluation import summary_of
from models.queries.ledger import ageing, customer_number
from models.queries.rights import case_seen_by
from models.rules.allocation import NOTHING
from models.rules.periods import Month
from models.tables import (
    AuditEvent,
    Case,
    Customer,
    Evaluation,
    Invoice,
    Listing,
    Meeting,
    Person,
    Routine,
    Signer,
    Step,
    TrackingItem,
)


def meeting_seen_by(session: Session, person: Person, ref: str) -> tuple[Case, Meeting | None]:
    """The meeting's case called ``ref``, and what is kept of it (another case may have taken its month over).

    Raises:
        NotFound: there is none, or it is not to be known that there is.
    """
    case = case_seen_by(session, person, ref)
    if case.process != MEETING.name:
        raise NotFound(N_("There is no such page."))
    return case, session.exec(select(Meeting).where(Meeting.case_ref == ref)).first()


def pack_of(meeting: Meeting | None) -> Pack | None:
    """The pack as it was drawn up last; none before the first."""
    return Pack.model_validate(meeting.pack) if meeting and meeting.pack else None


def draw_up(session: Session, house: House, period: Month, rules: MeetingPolicy, now: datetime, ref: str) -> Pack:
    """The pack of ``period`` as things stand ``now``; ``ref`` is the case it is for."""
    on, most = house.calendar.day_of(now), rules.named
    evaluation = session.exec(
        select(Evaluation)
        .where(col(Evaluation.signed_off_at).is_not(None))
        .order_by(col(Evaluation.period).desc())
        .limit(1)
    ).first()
    summary = summary_of(evaluation)
    major, more_major = _major(session, house, rules)
    risky, more_risky = _risky(session, on, most)
    debtors, more_debtors, overdue = _debtors(session, on, rules)
    late, more_late = _late(session, house, now, most)
    return Pack(
        period=str(period),
        on=on,
        levels=_levels(session),
        migration=summary.levels if summary else None,
        migrated_in=summary.period if summary else "",
        ageing=tuple(
            AgeCount(age=band.age, amount=band.amount, invoices=band.invoices) for band in ageing(session, on)
        ),
        overdue=overdue,
        major=major,
        more_major=more_major,
        risky=risky,
        more_risky=more_risky,
        debtors=debtors,
        more_debtors=more_debtors,
        late=late,
        more_late=more_late,
        failed=_failed(session, most),
        work=_work(session, house, period),
        resolutions=_resolutions(session, on, ref),
        address=f"/cases/{ref}/pack",
    )


def _levels(session: Session) -> tuple[LevelCount, ...]:
    level = col(Customer.risk_level)
    counted = select(level, func.count()).where(Customer.status == CustomerStatus.ADMITTED).group_by(level)
    found = dict(session.exec(counted).all())
    return tuple(LevelCount(level=one, customers=found.get(one, 0)) for one in RiskLevel)


def _major(session: Session, house: House, rules: MeetingPolicy) -> tuple[tuple[OpenMajor, ...], int]:
    """Open cases about much money, and receptions that are major by their own rules (R)."""
    noted = select(AuditEvent.seq).where(AuditEvent.case_ref == Case.ref, AuditEvent.event == "reception.major-case")
    is_major = or_(col(Case.amount) >= rules.major_from, (col(Case.process) == RECEPTION.name) & noted.exists())
    wanted = select(Case).where(col(Case.state) != CaseState.CLOSED, is_major)
    number = session.exec(select(func.count()).select_from(wanted.subquery())).one()
    nothing_last = choose((col(Case.amount).is_(None), 1), else_=0)
    rows = session.exec(wanted.order_by(nothing_last, col(Case.amount).desc(), col(Case.ref)).limit(rules.named)).all()
    open_steps = select(Step.case_ref, Step.title).where(
        col(Step.case_ref).in_([row.ref for row in rows]), Step.state == StepState.OPEN
    )
    waits = dict(session.exec(open_steps.order_by(col(Step.id).desc())).all())
    found = tuple(
        OpenMajor(
            ref=row.ref,
            process=_title(row.process),
            title=row.title,
            amount=row.amount,
            opened_on=house.calendar.day_of(row.opened_at),
            waits_at=waits.get(row.ref, ""),
        )
        for row in rows
    )
    return found, number - len(found)


def _risky(session: Session, on: date, most: int) -> tuple[tuple[NamedCustomer, ...], int]:
    """Customers at high risk, the largest by exposure."""
    high = (Customer.status == CustomerStatus.ADMITTED, Customer.risk_level == RiskLevel.HIGH)
    number = session.exec(select(func.count()).select_from(Customer).where(*high)).one()
    owed = func.coalesce(func.sum(col(Invoice.outstanding)), 0)
    largest = (
        select(Customer.id)
        .join(Invoice, (col(Invoice.customer_id) == Customer.id) & col(Invoice.open), isouter=True)
        .where(*high)
        .group_by(col(Customer.id))
        .order_by(owed.desc(), col(Customer.id))
        .limit(most)
    )
    ids = [one for one in session.exec(largest) if one is not None]
    return _named(session, ids, on), number - len(ids)


def _debtors(session: Session, on: date, rules: MeetingPolicy) -> tuple[tuple[NamedCustomer, ...], int, Decimal]:
    """Customers with more overdue than policy lets pass, the largest first; and all that is overdue."""
    late = (col(Invoice.open), col(Invoice.due_on) < on, col(Invoice.disputed).is_(False))
    total = session.exec(select(func.sum(col(Invoice.outstanding))).where(*late)).one() or NOTHING
    owed = func.sum(col(Invoice.outstanding))
    grouped = select(Invoice.customer_id).where(*late).group_by(col(Invoice.customer_id))
    above = grouped.having(owed >= rules.overdue_from)
    number = session.exec(select(func.count()).select_from(above.subquery())).one()
    ids = list(session.exec(above.order_by(owed.desc(), col(Invoice.customer_id)).limit(rules.named)).all())
    return _named(session, ids, on), number - len(ids), total


def _named(session: Session, ids: Sequence[int], on: date) -> tuple[NamedCustomer, ...]:
    """Customers in the order of ``ids``, with what they owe and the list they are on: three queries for all."""
    late = (col(Invoice.due_on) < on) & col(Invoice.disputed).is_(False)
    debts = (
        select(
            Invoice.customer_id,
            func.sum(col(Invoice.outstanding)),
            func.sum(choose((late, col(Invoice.outstanding)), else_=0)),
            func.min(choose((late, col(Invoice.due_on)))),
        )
        .where(col(Invoice.customer_id).in_(ids), col(Invoice.open))
        .group_by(col(Invoice.customer_id))
    )
    owed = {customer_id: row for customer_id, *row in session.exec(debts)}
    names = dict(session.exec(select(Customer.id, Customer.name).where(col(Customer.id).in_(ids))).all())
    in_force = or_(col(Listing.until).is_(None), col(Listing.until) > on)
    lists: dict[int | None, ListingKind] = {}
    entries = select(Listing.customer_id, Listing.kind).where(col(Listing.customer_id).in_(ids), in_force)
    for customer_id, kind in session.exec(entries):
        if lists.get(customer_id) is not ListingKind.BLACK:
            lists[customer_id] = ListingKind(kind)
    return tuple(
        NamedCustomer(
            number=customer_number(one),
            name=names[one],
            exposure=owed[one][0] if one in owed else NOTHING,
            overdue=owed[one][1] or NOTHING if one in owed else NOTHING,
            oldest_due=owed[one][2] if one in owed else None,
            listed=lists.get(one),
        )
        for one in ids
    )


def _late(session: Session, house: House, now: datetime, most: int) -> tuple[tuple[LateStep, ...], int]:
    """Steps whose deadline is past, the latest first, with those who have not answered."""
    past = (Step.state == StepState.OPEN, col(Step.due_at) < now)
    number = session.exec(select(func.count()).select_from(Step).where(*past)).one()
    rows = session.exec(
        select(Step, Case)
        .join(Case, col(Case.ref) == Step.case_ref)
        .where(*past)
        .order_by(col(Step.due_at), col(Step.id))
        .limit(most)
    ).all()
    asked: dict[int, list[str]] = {}
    people = (
        select(Signer.step_id, Person.name)
        .join(Person, col(Person.id) == Signer.person_id)
        .where(col(Signer.step_id).in_([step.id for step, _ in rows]), Signer.state == SignerState.ASKED)
    )
    for step_id, name in session.exec(people.order_by(col(Person.id))):
        asked.setdefault(step_id, []).append(name)
    found = tuple(
        LateStep(
            ref=step.case_ref,
            process=_title(case.process),
            title=case.title,
            step=step.title,
            due_on=house.calendar.day_of(step.due_at),
            people=tuple(asked.get(step.id or 0, ())),
        )
        for step, case in rows
    )
    return found, number - len(found)


def _failed(session: Session, most: int) -> tuple[FailedCase, ...]:
    rows = session.exec(select(Case).where(Case.state == CaseState.FAILED).order_by(col(Case.ref)).limit(most))
    return tuple(FailedCase(ref=row.ref, process=_title(row.process), title=row.title) for row in rows)


def _work(session: Session, house: House, period: Month) -> Work:
    begins = datetime.combine(period.first, time.min, house.calendar.zone)
    ends = datetime.combine(period.last + timedelta(days=1), time.min, house.calendar.zone)
    ended = (col(Case.closed_at) >= begins, col(Case.closed_at) < ends)
    opened = (col(Case.opened_at) >= begins, col(Case.opened_at) < ends)
    return Work(
        opened=session.exec(select(func.count()).select_from(Case).where(*opened)).one(),
        closed=session.exec(select(func.count()).select_from(Case).where(*ended)).one(),
        lapsed=session.exec(select(func.count()).select_from(Case).where(*ended, Case.outcome == Outcome.LAPSED)).one(),
        care_missed=session.exec(select(func.count()).select_from(Routine).where(col(Routine.missed) > 0)).one(),
    )


def _resolutions(session: Session, on: date, ref: str) -> tuple[OpenResolution, ...]:
    """What earlier meetings resolved and is not settled yet."""
    rows = session.exec(
        select(TrackingItem, Person.name)
        .join(Case, col(Case.ref) == TrackingItem.case_ref)
        .join(Person, col(Person.id) == TrackingItem.owner_id)
        .where(Case.process == MEETING.name, Case.state != CaseState.CLOSED, Case.ref != ref)
        .where(TrackingItem.state == TrackingState.OPEN)
        .order_by(col(TrackingItem.due_on), col(TrackingItem.id))
    )
    return tuple(
        OpenResolution(ref=row.case_ref, what=row.what, owner=name, due_on=row.due_on, overdue=row.due_on < on)
        for row, name in rows
    )


def _title(process: str) -> str:
    return PROCESSES[process].title if process in PROCESSES else process
