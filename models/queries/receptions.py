"""What receptions came to: for the evaluation of the work and of their effect (R)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session, col, select

from config.words import CaseState, Outcome, Resolution
from models.processes import RECEPTION
from models.queries.shown import Read
from models.tables import Case, ReceptionResult

SATISFIED_FROM = 4
"""A client is satisfied from this mark on."""


class ReceptionEnded(Read):
    """One reception that has ended, with its result; no result where it never came to an evaluation."""

    case_ref: str
    customer_id: int
    title: str
    outcome: Outcome
    opened_at: datetime
    closed_at: datetime
    agreed: bool | None = None
    rounds: int | None = None
    resolution: Resolution | None = None
    satisfaction: int | None = None
    at_stake: Decimal = Decimal(0)
    concession: Decimal = Decimal(0)
    loss_avoided: Decimal = Decimal(0)
    major: bool = False


class ReceptionEffect(Read):
    """The effect of the receptions of a period. Shares are percent with one place; none where nobody can say."""

    receptions: int
    settled: int
    resolved_share: Decimal | None
    mean_satisfaction: Decimal | None
    satisfied_share: Decimal | None
    at_stake: Decimal
    loss_avoided: Decimal
    major: int


def receptions_between(session: Session, start: datetime, end: datetime) -> tuple[ReceptionEnded, ...]:
    """The receptions that ended from ``start`` (included) to ``end`` (not included), in the order they ended."""
    statement = (
        select(Case, ReceptionResult)
        .outerjoin(ReceptionResult, col(ReceptionResult.case_ref) == Case.ref)
        .where(Case.process == RECEPTION.name, Case.state == CaseState.CLOSED)
        .where(col(Case.closed_at) >= start, col(Case.closed_at) < end)
        .order_by(col(Case.closed_at), col(Case.ref))
    )
    return tuple(_ended(case, result) for case, result in session.exec(statement))


def _ended(case: Case, result: ReceptionResult | None) -> ReceptionEnded:
    found = {} if result is None else result.model_dump(exclude={"case_ref", "customer_id", "evaluated_at"})
    return ReceptionEnded(
        case_ref=case.ref,
        customer_id=case.customer_id or 0,
        title=case.title,
        outcome=case.outcome or Outcome.CANCELLED,
        opened_at=case.opened_at,
        closed_at=case.closed_at or case.opened_at,
        **found,
    )


def effect_of(receptions: Sequence[ReceptionEnded]) -> ReceptionEffect:
    """What receptions achieved together (R): how many settled, how satisfied clients, what loss avoided."""
    judged = [one for one in receptions if one.resolution is not None]
    marks = [one.satisfaction for one in judged if one.satisfaction is not None]
    return ReceptionEffect(
        receptions=len(receptions),
        settled=sum(one.outcome is Outcome.SETTLED for one in receptions),
        resolved_share=_percent(sum(one.resolution is not Resolution.NOT for one in judged), len(judged)),
        mean_satisfaction=(Decimal(sum(marks)) / len(marks)).quantize(Decimal("0.1")) if marks else None,
        satisfied_share=_percent(sum(mark >= SATISFIED_FROM for mark in marks), len(marks)),
        at_stake=sum((one.at_stake for one in judged), Decimal(0)),
        loss_avoided=sum((one.loss_avoided for one in judged), Decimal(0)),
        major=sum(one.major for one in judged),
    )


def _percent(part: int, whole: int) -> Decimal | None:
    return (Decimal(part) * 100 / whole).quantize(Decimal("0.1")) if whole else None
