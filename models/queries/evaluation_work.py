"""The work of a period measured: each assessment indicator as far as there are data (R, B).

An indicator is a share in percent of what it rests on. Where there is nothing to rest on, it has no value: no data is
said plainly and never counted as good or bad.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import ColumnElement, Date, case, func, literal, or_, type_coerce
from sqlmodel import Session, col, select

from config.policy import Policy
from config.words import Outcome, Resolution, RiskLevel
from models.columns import Money
from models.evaluation import Indicator, Receptions
from models.processes import COLLECTIONS, LISTING, RECEPTION
from models.queries.evaluation_positions import days_between
from models.rules.calendar import BusinessCalendar
from models.rules.credit import NOTHING
from models.rules.migration import percent
from models.rules.periods import Quarter
from models.tables import (
    Allocation,
    Case,
    EvaluationRow,
    Invoice,
    Listing,
    Payment,
    ReceptionResult,
    Step,
)

_TENTH = Decimal("0.1")
NOT_WORKED = (Outcome.WITHDRAWN, Outcome.CANCELLED)
"""Endings that say nothing of how the work was done."""
EASED = (Outcome.SETTLED, Outcome.RECOVERED, Outcome.PLAN_KEPT)
"""Endings after which the risk was less than before."""
RESPONDED = (*EASED, Outcome.NOT_SETTLED, Outcome.LEGAL_ACTION, Outcome.AGENCY, Outcome.JUDGMENT, Outcome.WRITTEN_OFF)


@dataclass(frozen=True)
class Span:
    """A period as days, and as instants: from ``begins`` to before ``ends``."""

    first: date
    last: date
    begins: datetime
    ends: datetime


@dataclass(frozen=True)
class Basis:
    """So many (or so much) of so many."""

    good: Decimal | int
    whole: Decimal | int
    number: int


def span_of(period: Quarter, calendar: BusinessCalendar) -> Span:
    """The quarter on the company's clock."""
    begins = datetime.combine(period.first, time.min, calendar.zone)
    ends = datetime.combine(period.last + timedelta(days=1), time.min, calendar.zone)
    return Span(period.first, period.last, begins, ends)


def receptions(session: Session, span: Span) -> Receptions:
    """The receptions evaluated within the period (R)."""
    result = ReceptionResult
    row = session.execute(
        select(  # type: ignore[call-overload]
            func.count(),
            func.sum(case((col(result.agreed), 1), else_=0)),
            func.sum(case((col(result.resolution) == Resolution.FULL, 1), else_=0)),
            func.sum(col(result.satisfaction)),
            func.count(col(result.satisfaction)),
            type_coerce(func.coalesce(func.sum(col(result.loss_avoided)), 0), Money),
            type_coerce(func.coalesce(func.sum(col(result.concession)), 0), Money),
            func.sum(case((col(result.major), 1), else_=0)),
        ).where(col(result.evaluated_at) >= span.begins, col(result.evaluated_at) < span.ends)
    ).one()
    ended, agreed, resolved, points, asked, avoided, conceded, major = row
    return Receptions(
        ended=ended,
        agreed=agreed or 0,
        resolved=resolved or 0,
        satisfaction=(Decimal(points) / asked).quantize(_TENTH, ROUND_HALF_UP) if asked else None,
        asked=asked,
        loss_avoided=avoided,
        concessions=conceded,
        major=major or 0,
    )


def measured(session: Session, ref: str, span: Span, policy: Policy) -> tuple[Indicator, ...]:
    """Every assessment indicator of the policy, in its order."""
    found = []
    for one in policy.assessment.indicators:
        measure = MEASURES.get(one.name)
        basis = measure(session, ref, span, policy) if measure else Basis(0, 0, 0)
        found.append(
            Indicator(
                name=one.name,
                label=one.label,
                target=one.target,
                better=one.better,
                weight=one.weight,
                departments=one.departments,
                value=percent(basis.good, basis.whole),
                basis=basis.number,
            )
        )
    return tuple(found)


def _compliance(session: Session, _ref: str, span: Span, _policy: Policy) -> Basis:
    """Cases ended within the period whose every step was answered in time."""
    return _in_time(session, span, col(Case.outcome).not_in(NOT_WORKED))


def _listing_timeliness(session: Session, _ref: str, span: Span, _policy: Policy) -> Basis:
    """Listings decided with every step in time."""
    return _in_time(session, span, Case.process == LISTING.name, Case.outcome == Outcome.LISTED)


def _in_time(session: Session, span: Span, *which: ColumnElement[bool] | bool) -> Basis:
    ended = [col(Case.closed_at) >= span.begins, col(Case.closed_at) < span.ends, *which]
    late = select(Step.id).where(Step.case_ref == Case.ref, col(Step.closed_at) > col(Step.due_at)).exists()
    number = session.exec(select(func.count()).select_from(Case).where(*ended)).one()
    good = session.exec(select(func.count()).select_from(Case).where(*ended, ~late)).one()
    return Basis(good, number, number)


def _response(session: Session, _ref: str, span: Span, _policy: Policy) -> Basis:
    """Receptions and collections ended within the period after which the risk was less."""
    ended = (
        select(func.count())
        .select_from(Case)
        .where(
            col(Case.closed_at) >= span.begins,
            col(Case.closed_at) < span.ends,
            col(Case.process).in_([RECEPTION.name, COLLECTIONS.name]),
        )
    )
    number = session.exec(ended.where(col(Case.outcome).in_(RESPONDED))).one()
    return Basis(session.exec(ended.where(col(Case.outcome).in_(EASED))).one(), number, number)


def _satisfaction(session: Session, _ref: str, span: Span, policy: Policy) -> Basis:
    """Clients asked after a reception who were satisfied."""
    result = ReceptionResult
    asked = select(func.count()).where(
        col(result.evaluated_at) >= span.begins,
        col(result.evaluated_at) < span.ends,
        col(result.satisfaction).is_not(None),
    )
    number = session.exec(asked).one()
    good = session.exec(asked.where(col(result.satisfaction) >= policy.evaluation.satisfied_from)).one()
    return Basis(good, number, number)


def _accuracy(session: Session, ref: str, span: Span, policy: Policy) -> Basis:
    """Customers at low or medium risk who neither fell long overdue nor were listed within the period."""
    days = policy.evaluation.wrong_when_overdue_days
    row, due, settled = EvaluationRow, col(Invoice.due_on), col(Invoice.settled_on)
    until = case((settled <= span.last, settled), else_=literal(span.last, Date))
    long_overdue = (
        select(Invoice.id)
        .where(
            Invoice.customer_id == row.customer_id,
            col(Invoice.disputed).is_(False),
            due < span.last - timedelta(days=days),
            or_(settled.is_(None), settled >= span.first),
            days_between(due, until) > days,
        )
        .exists()
    )
    was_listed = (
        select(Listing.id)
        .where(Listing.customer_id == row.customer_id, col(Listing.since).between(span.first, span.last))
        .exists()
    )
    rated = (
        select(func.count())
        .select_from(row)
        .where(row.case_ref == ref, col(row.old_level).in_([RiskLevel.LOW, RiskLevel.MEDIUM]))
    )
    number = session.exec(rated).one()
    wrong = session.exec(rated.where(or_(long_overdue, was_listed))).one()
    return Basis(number - wrong, number, number)


def _recovery(session: Session, _ref: str, span: Span, _policy: Policy) -> Basis:
    """What was received by the end of the period of what fell due within it (yuan)."""
    due = col(Invoice.due_on).between(span.first, span.last)
    number, whole = session.execute(
        select(func.count(), type_coerce(func.coalesce(func.sum(col(Invoice.amount)), 0), Money)).where(due)
    ).one()
    received = session.execute(
        select(type_coerce(func.coalesce(func.sum(col(Allocation.amount)), 0), Money))
        .join(Invoice, col(Invoice.id) == Allocation.invoice_id)
        .join(Payment, col(Payment.id) == Allocation.payment_id)
        .where(due, col(Payment.received_on) <= span.last)
    ).scalar_one()
    return Basis(received or NOTHING, whole, number)


Measure = Callable[[Session, str, Span, Policy], Basis]
MEASURES: dict[str, Measure] = {
    "process_compliance": _compliance,
    "risk_response": _response,
    "customer_satisfaction": _satisfaction,
    "assessment_accuracy": _accuracy,
    "listing_timeliness": _listing_timeliness,
    "recovery_rate": _recovery,
}
"""How each indicator is measured, by its name. One that is not here has no data yet (complaints are not recorded)."""


def weighed(indicators: Iterable[Indicator]) -> Decimal | None:
    """The share of the weight whose targets were met, in percent; indicators without data weigh nothing."""
    known = [one for one in indicators if one.met is not None]
    return percent(sum(one.weight for one in known if one.met), sum(one.weight for one in known))
