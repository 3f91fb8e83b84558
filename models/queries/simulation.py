"""What closed cases would have come to under another policy: who would have signed, and which outcome differs.

The facts are those of the record: the figures, what was asked for, who was listed, how people rated. Only the rules are
the new policy's. A rating that people had adjusted stays as they adjusted it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from config.policy import Policy
from config.words import CaseState, Outcome
from models.house import House
from models.onboarding import Rating, rate
from models.operations.steps import candidates_of
from models.processes import ONBOARDING
from models.rules.credit import CreditProposal, propose
from models.rules.reasons import because
from models.rules.routing import route
from models.rules.scoring import score
from models.rules.signing import ByMatrix, NobodyCanSign, Route
from models.tables import Case, Customer, Step

APPROVAL = "matrix-approval"
ADMITTED = {Outcome.ADMITTED, Outcome.ADMITTED_WITH_CONDITIONS, Outcome.ADMITTED_WITHOUT_CREDIT}


@dataclass(frozen=True)
class Terms:
    """What a policy makes of a case: points, grade, limit (yuan), term (days), and who signs, level by level."""

    points: int
    grade: str
    limit: Decimal
    term_days: int
    levels: tuple[tuple[str, ...], ...]
    titles: tuple[str, ...]


@dataclass(frozen=True)
class Replayed:
    """One closed case under both policies. ``outcome_then`` is what it came to; ``outcome_now`` what it would have."""

    case_ref: str
    title: str
    then: Terms
    now: Terms | None
    outcome_then: Outcome
    outcome_now: Outcome | None
    problem: str = ""
    differs: tuple[str, ...] = field(default=())


def simulate(house: House, policy: Policy) -> Iterator[Replayed]:
    """Replay every closed onboarding review that came to an approval, oldest first."""
    with house.read() as session:
        statement = (
            select(Case, Step)
            .join(Step, col(Step.case_ref) == Case.ref)
            .where(Case.process == ONBOARDING.name, Case.state == CaseState.CLOSED, Step.name == APPROVAL)
            .order_by(col(Case.opened_at), col(Case.ref), col(Step.id).desc())
            .execution_options(yield_per=500)
        )
        last = None
        for case, step in session.exec(statement):
            if case.ref != last and case.outcome is not None:
                last = case.ref
                yield _replay(session, house, policy, case, step)


def _replay(session: Session, house: House, policy: Policy, case: Case, step: Step) -> Replayed:
    then = _recorded(step)
    outcome = case.outcome or Outcome.CANCELLED
    try:
        now = _under(session, policy, case, step)
    except NobodyCanSign as nobody:
        return Replayed(case.ref, case.title, then, None, outcome, None, str(nobody), ("nobody can sign",))
    would = _outcome(outcome, now)
    differs = tuple(
        name
        for name, one, other in (
            ("signers", then.levels, now.levels),
            ("grade", then.grade, now.grade),
            ("limit", then.limit, now.limit),
            ("term", then.term_days, now.term_days),
            ("outcome", outcome, would),
        )
        if one != other
    )
    return Replayed(case.ref, case.title, then, now, outcome, would, differs=differs)


def _recorded(step: Step) -> Terms:
    proposal, rating = step.content["proposal"], step.content["rating"]
    return _terms(
        rating["points"], rating["grade"], Decimal(proposal["limit"]), proposal["term_days"], _route_of(step.route)
    )


def _under(session: Session, policy: Policy, case: Case, step: Step) -> Terms:
    customer = session.get_one(Customer, case.customer_id)
    rating = _rating(policy, case, customer, step.content["rating"])
    proposal = _proposal(policy, case, customer, rating)
    chosen = route(
        ByMatrix(),
        policy=policy,
        people=candidates_of(session),
        department=case.department,
        limit=proposal.limit,
        term_days=proposal.term_days,
        barred={
            case.handler_id: because("routing.handles_it"),
            **({case.initiator_id: because("routing.started_it")} if case.initiator_id else {}),
        },
    )
    return _terms(rating.points, rating.grade.value, proposal.limit, proposal.term_days, chosen)


def _rating(policy: Policy, case: Case, customer: Customer, recorded: dict[str, Any]) -> Rating:
    figures = case.input.get("figures", {})
    adjusted = recorded["points"] != recorded["proposed_points"]
    total = score(figures, policy.indicators, customer.type).total
    volume = str(figures.get("annual_volume") or "").replace(",", "")
    return rate(
        recorded["points"] if adjusted else total,
        total,
        policy,
        annual_volume=Decimal(volume) if volume else None,
        listed=recorded["listed"],
    )


def _proposal(policy: Policy, case: Case, customer: Customer, rating: Rating) -> CreditProposal:
    return propose(
        rating.grade,
        Decimal(case.input.get("requested_limit") or 0),
        int(case.input.get("requested_term_days") or 0),
        prepays=customer.prepays,
        policy=policy.credit,
    )


def _outcome(then: Outcome, now: Terms) -> Outcome:
    """People's decisions stay; what follows from the terms may not."""
    if then not in ADMITTED:
        return then
    if now.limit == 0:
        return Outcome.ADMITTED_WITHOUT_CREDIT
    return Outcome.ADMITTED if then is Outcome.ADMITTED_WITHOUT_CREDIT else then


def _route_of(stored: dict[str, Any]) -> Route:
    return Route.model_validate(stored)


def _terms(points: int, grade: str, limit: Decimal, term_days: int, chosen: Route) -> Terms:
    levels = tuple(
        tuple(sorted(signer.name for seat in level.seats for signer in seat.candidates)) for level in chosen.levels
    )
    return Terms(points, grade, limit, term_days, levels, tuple(level.title for level in chosen.levels))
