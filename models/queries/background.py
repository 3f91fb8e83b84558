"""What the company has on file about a client that is to be received: figures, trade, listings, measures, cases (R)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from config.policy import Policy
from config.words import CaseState
from models.house import House
from models.onboarding import ListingFound
from models.operations.standing import listings_in_force, measures_in_force
from models.processes import ONBOARDING, PROCESSES
from models.queries.ledger import owed
from models.reception import (
    FigureGroup,
    KnownFigure,
    MeasureFound,
    OpenCase,
    TradingRecord,
    WhyReceived,
)
from models.tables import Case, CreditLine, Customer, CustomerFigures, Invoice, Person

MONTHS = 12
YEAR = timedelta(days=365)
TENTH = Decimal("0.1")


def why_received(session: Session, house: House, case: Case) -> tuple[WhyReceived, ...]:
    """Every reason the case was given, in the order they came."""
    return tuple(_why(session, house, one) for one in case.input.get("reasons", []))


def _why(session: Session, house: House, one: dict[str, Any]) -> WhyReceived:
    by = session.get(Person, one["by"]) if one.get("by") else None
    return WhyReceived(
        reason=one["reason"],
        trigger=one["trigger"],
        by=by.name if by else None,
        raised_by=one.get("raised_by"),
        invoices=tuple(one.get("invoices", ())),
        on=house.calendar.day_of(datetime.fromisoformat(one["at"])),
    )


def figures_on_file(session: Session, customer: Customer, policy: Policy) -> tuple[tuple[FigureGroup, ...], str | None]:
    """The latest figures by indicator, with what is missing, and where they come from."""
    known, source = _figures(session, customer)
    groups = []
    for indicator in policy.indicators.indicators:
        parts = [part for part in indicator.parts if not part.only_for or customer.type in part.only_for]
        if parts:
            groups.append(
                FigureGroup(
                    label=indicator.label,
                    figures=tuple(
                        KnownFigure(label=p.label, value=known[p.name], told=p.told(known[p.name]))
                        for p in parts
                        if known.get(p.name)
                    ),
                    missing=tuple(p.label for p in parts if not known.get(p.name)),
                )
            )
    return tuple(groups), source


def _figures(session: Session, customer: Customer) -> tuple[dict[str, str], str | None]:
    row = session.get(CustomerFigures, customer.id)
    if row is not None:
        return row.figures, row.source
    reviews = select(Case).where(Case.customer_id == customer.id, Case.process == ONBOARDING.name)
    review = session.exec(reviews.order_by(col(Case.opened_at).desc())).first()
    return (dict(review.input.get("figures", {})), review.ref) if review else ({}, None)


def trading_record(session: Session, customer: Customer, on: date) -> TradingRecord:
    """Amount, frequency and mode of the trade with a client, from the ledger."""
    mine = col(Invoice.customer_id) == customer.id
    since = session.exec(select(func.min(Invoice.issued_on)).where(mine)).one()
    year = session.exec(select(Invoice).where(mine, col(Invoice.issued_on) > on - YEAR)).all()
    late = [max(0, (one.settled_on - one.due_on).days) for one in year if one.settled_on is not None]
    debt = owed(session, customer.id or 0, on)
    in_force = select(CreditLine).where(CreditLine.customer_id == customer.id, col(CreditLine.ended_at).is_(None))
    line = session.exec(in_force.order_by(col(CreditLine.id).desc())).first()
    return TradingRecord(
        since=since,
        invoices=len(year),
        amount=sum((one.amount for one in year), Decimal(0)),
        per_month=_tenths(Decimal(len(year)) / MONTHS),
        prepays=customer.prepays,
        limit=line.limit if line else None,
        term_days=line.term_days if line else None,
        securities=tuple(line.securities) if line else (),
        days_late=_tenths(Decimal(sum(late)) / len(late)) if late else None,
        outstanding=debt.total,
        overdue=debt.overdue,
        disputed=sum((one.outstanding for one in debt.invoices if one.disputed), Decimal(0)),
        oldest_due=debt.oldest_due,
    )


def _tenths(value: Decimal) -> Decimal:
    return value.quantize(TENTH, ROUND_HALF_UP)


def listings_found(session: Session, customer: Customer, on: date) -> tuple[ListingFound, ...]:
    """The entries of the lists that name the client."""
    return tuple(
        ListingFound(kind=one.kind, criterion=one.criterion.value, reason=one.reason, since=one.since)
        for one in listings_in_force(session, customer, on)
    )


def measures_found(session: Session, customer_id: int, on: date) -> tuple[MeasureFound, ...]:
    """The measures in force against the client."""
    return tuple(
        MeasureFound(kind=one.kind, scope=one.scope, since=one.since, until=one.until)
        for one in measures_in_force(session, customer_id, on)
    )


def other_open_cases(session: Session, house: House, case: Case) -> tuple[OpenCase, ...]:
    """What else is under way with the same client."""
    statement = select(Case).where(
        Case.customer_id == case.customer_id, Case.state != CaseState.CLOSED, Case.ref != case.ref
    )
    return tuple(
        OpenCase(
            ref=one.ref,
            process=PROCESSES[one.process].title if one.process in PROCESSES else one.process,
            opened_on=house.calendar.day_of(one.opened_at),
        )
        for one in session.exec(statement.order_by(col(Case.opened_at), col(Case.ref)))
    )
