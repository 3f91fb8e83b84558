"""How a collections case stands: what is overdue, what was done and said, the group, the way that was chosen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func
from sqlmodel import Session, col, select

from config.policy.collections import CollectionsPolicy
from config.words import ClosedBy, ContactAnswer, RungState
from models.collections import (
    Debtor,
    GroupShown,
    InstalmentLine,
    OwedLine,
    OwedNow,
    Proposal,
    RungLine,
    Said,
    Times,
)
from models.queries.ledger import customer_number, owed
from models.rules.calendar import BusinessCalendar
from models.rules.identity import mask_phone
from models.rules.ladder import business_day, this_or_next
from models.tables import (
    CollectionContact,
    CollectionRung,
    CollectionStrategy,
    Customer,
    Instalment,
    Payment,
    Person,
    SpecialGroup,
    Step,
)

NOTHING = Decimal("0.00")


LISTED = 200
"""Invoices that a step lists at most."""


def owed_now(
    session: Session,
    customer_id: int,
    today: date,
    calendar: BusinessCalendar,
    policy: CollectionsPolicy,
    listed: int | None = LISTED,
) -> OwedNow:
    """What is overdue on ``today``, invoice by invoice, the oldest first; at most ``listed`` of them (all)."""
    now = owed(session, customer_id, today)
    late = [one for one in now.invoices if one.due_on < today]
    return OwedNow(
        on=today,
        total=now.total,
        overdue=now.overdue,
        disputed=sum((one.outstanding for one in late if one.disputed), NOTHING),
        since=now.oldest_due,
        day=days_since(calendar, now.oldest_due, today) if now.oldest_due else 0,
        invoices=tuple(
            OwedLine(
                number=one.number,
                due_on=one.due_on,
                amount=one.amount,
                outstanding=one.outstanding,
                days=one.days_overdue,
                disputed=one.disputed,
            )
            for one in late[:listed]
        ),
        more=0 if listed is None else max(0, len(late) - listed),
        promise_until=business_day(calendar, today, policy.promise_holds_at_most_days),
    )


def days_since(calendar: BusinessCalendar, since: date, today: date) -> int:
    """Business days that have come since ``since``, as the ladder counts them."""
    start = this_or_next(calendar, since)
    span = (start.fromordinal(number) for number in range(start.toordinal() + 1, today.toordinal() + 1))
    return sum(calendar.is_business_day(day) for day in span)


def paid_by(session: Session, customer_id: int, until: date | None = None) -> Decimal:
    """All that the customer has ever paid, received on ``until`` at the latest."""
    wanted = select(func.sum(col(Payment.amount))).where(Payment.customer_id == customer_id)
    if until is not None:
        wanted = wanted.where(col(Payment.received_on) <= until)
    return session.exec(wanted).one() or NOTHING


def debtor(session: Session, customer_id: int) -> Debtor:
    """The customer as a step shows it."""
    customer = session.get_one(Customer, customer_id)
    return Debtor(
        customer_id=customer_id,
        number=customer_number(customer_id),
        name=customer.name,
        contact=customer.contact,
        phone=mask_phone(customer.phone),
        email=customer.email,
    )


def contacts_of(session: Session, case_ref: str) -> Sequence[CollectionContact]:
    """Every approach of the case, in order."""
    wanted = select(CollectionContact).where(CollectionContact.case_ref == case_ref)
    return session.exec(wanted.order_by(col(CollectionContact.id))).all()


def said(session: Session, case_ref: str, policy: CollectionsPolicy) -> tuple[Said, ...]:
    """Every approach of the case as steps show it."""
    labels = {rung.name: rung.label for rung in policy.ladder}
    rows = contacts_of(session, case_ref)
    people = names_of(session, {row.by_person_id for row in rows if row.by_person_id})
    return tuple(
        Said(
            at=row.at,
            rung=labels.get(row.rung),
            way=row.way,
            answer=row.answer,
            by=people.get(row.by_person_id or "", ""),
            owed=row.owed,
            promise_on=row.promise_on,
            promised=row.promised,
            promise_kept=row.promise_kept,
            note=str(row.facts.get("findings") or row.facts.get("note") or ""),
        )
        for row in rows
    )


def names_of(session: Session, ids: set[str]) -> dict[str, str]:
    """The names of these people by their ids."""
    return dict(session.exec(select(Person.id, Person.name).where(col(Person.id).in_(ids))).all()) if ids else {}


def rungs_of(session: Session, case_ref: str) -> dict[str, CollectionRung]:
    """The rungs that the case has begun, by name."""
    rows = session.exec(select(CollectionRung).where(CollectionRung.case_ref == case_ref))
    return {row.rung: row for row in rows}


def ladder_lines(session: Session, case_ref: str, policy: CollectionsPolicy, climbed: str = "") -> tuple[RungLine, ...]:
    """The whole ladder with what became of each rung: nothing is skipped silently. ``climbed`` is begun just now."""
    begun = rungs_of(session, case_ref)
    return tuple(
        RungLine(
            label=rung.label,
            from_day=rung.from_day,
            state=begun[rung.name].state if rung.name in begun else RungState.BEGUN if rung.name == climbed else None,
            begun_at=begun[rung.name].begun_at if rung.name in begun else None,
        )
        for rung in policy.ladder
    )


def group_of(session: Session, case_ref: str) -> SpecialGroup | None:
    """The special group that was formed last."""
    wanted = select(SpecialGroup).where(SpecialGroup.case_ref == case_ref)
    return session.exec(wanted.order_by(col(SpecialGroup.number).desc())).first()


def group_shown(session: Session, case_ref: str) -> GroupShown | None:
    """The group as steps show it."""
    group = group_of(session, case_ref)
    if group is None:
        return None
    return GroupShown(
        number=group.number,
        members=group.members,
        names=names_of(session, set(group.members.values())),
        accepted=tuple(group.accepted),
        declined=group.declined,
        evidence=None if group.evidence is None else tuple(group.evidence),
    )


def strategy_of(session: Session, case_ref: str) -> CollectionStrategy | None:
    """The way on that was proposed last."""
    wanted = select(CollectionStrategy).where(CollectionStrategy.case_ref == case_ref)
    return session.exec(wanted.order_by(col(CollectionStrategy.number).desc())).first()


def instalments_of(session: Session, strategy_id: int) -> Sequence[Instalment]:
    """The instalments of a plan, in order."""
    wanted = select(Instalment).where(Instalment.strategy_id == strategy_id)
    return session.exec(wanted.order_by(col(Instalment.number))).all()


def proposal_shown(session: Session, case_ref: str) -> Proposal | None:
    """The way on as steps show it."""
    row = strategy_of(session, case_ref)
    if row is None:
        return None
    lines = instalments_of(session, row.id or 0)
    return Proposal(
        number=row.number,
        way=row.way,
        state=row.state,
        amount=row.amount,
        proposed_by=names_of(session, {row.proposed_by}).get(row.proposed_by, row.proposed_by),
        terms={key: value for key, value in row.terms.items() if key != "instalments"},
        facts=row.facts,
        instalments=tuple(
            InstalmentLine(number=one.number, due_on=one.due_on, amount=one.amount, state=one.state) for one in lines
        ),
        note=row.note,
    )


def refusals(session: Session, customer_id: int, counted: Sequence[ContactAnswer]) -> list[CollectionContact]:
    """What counts towards a nomination for malicious arrears, over all cases of the customer (B)."""
    refused = col(CollectionContact.answer).in_(counted) | (col(CollectionContact.promise_kept).is_(False))
    wanted = select(CollectionContact).where(CollectionContact.customer_id == customer_id, refused)
    return list(session.exec(wanted.order_by(col(CollectionContact.id))).all())


def kept_times(session: Session, case_ref: str) -> dict[str, Times]:
    """The times of steps that a payment has overtaken last, by name: asked again, they keep them."""
    latest = select(func.max(Step.id)).where(Step.case_ref == case_ref).group_by(Step.name)
    rows = session.exec(select(Step).where(col(Step.id).in_(latest), Step.closed_by == ClosedBy.EVENT)).all()
    return {row.name: Times(due_at=row.due_at, expires_at=row.expires_at) for row in rows}


def at_work_on(calendar: BusinessCalendar, policy: CollectionsPolicy, day: date) -> datetime:
    """The instant at which what falls on ``day`` is begun: that hour of the next business day, if it is a day off."""
    on = this_or_next(calendar, day)
    return datetime.combine(on, policy.rungs_begin_at, tzinfo=calendar.zone)
