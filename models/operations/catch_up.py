"""What earlier versions did not note, worked out from what they did: working time of closed steps, amounts of cases."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from sqlmodel import col, select

from config.words import StepState
from models.house import House, Work
from models.operations.working_time import measure_earlier, minutes_between
from models.processes import ONBOARDING
from models.tables import Case, ReceptionResult, Signer, Step

BATCH = 500


def fill_working_minutes(house: House, limit: int = BATCH) -> int:
    """Measure up to ``limit`` steps that closed before this version did so, with the people who held them, and give
    their cases the amount they are about. Returns how many steps there were; 0 is the end.

    Short units of work: the company goes on while a large database is brought up to date.
    """
    with house.work() as work:
        unmeasured = select(Step).where(Step.state == StepState.CLOSED, col(Step.working_minutes).is_(None))
        steps = work.session.exec(unmeasured.order_by(col(Step.id)).limit(limit)).all()
        if not steps:
            return 0
        places: dict[int, list[Signer]] = {}
        for place in work.session.exec(select(Signer).where(col(Signer.step_id).in_([one.id for one in steps]))):
            places.setdefault(place.step_id, []).append(place)
        for step in steps:
            step.working_minutes = minutes_between(house.calendar, step.opened_at, step.closed_at)
            work.session.add(step)
            there = places.get(step.id or 0, [])
            measure_earlier(work, step, [one for one in there if one.asked_at and one.working_minutes is None], there)
        _fill_amounts(work, sorted({step.case_ref for step in steps}))
        return len(steps)


def fill_cases(house: House, limit: int = BATCH) -> int:
    """Measure up to ``limit`` closed cases that were not. Returns how many there were; 0 is the end."""
    with house.work() as work:
        unmeasured = select(Case).where(col(Case.closed_at).is_not(None), col(Case.working_minutes).is_(None))
        found = work.session.exec(unmeasured.limit(limit)).all()
        for case in found:
            case.working_minutes = minutes_between(house.calendar, case.opened_at, case.closed_at)
            work.session.add(case)
        return len(found)


def _fill_amounts(work: Work, refs: Sequence[str]) -> None:
    """The limit asked for, or what a reception found to be at stake; the debt of an old collections case is not known
    any more, and stays unsaid."""
    nameless = (col(Case.ref).in_(refs)) & col(Case.amount).is_(None)
    for case in work.session.exec(select(Case).where(nameless, Case.process == ONBOARDING.name)):
        case.amount = _yuan(case.input.get("requested_limit"))
        work.session.add(case)
    results = select(Case, col(ReceptionResult.at_stake)).join(
        ReceptionResult, col(ReceptionResult.case_ref) == Case.ref
    )
    for case, at_stake in work.session.exec(results.where(nameless)):
        case.amount = at_stake or None
        work.session.add(case)


def _yuan(stored: object) -> Decimal | None:
    try:
        return Decimal(str(stored)) if stored else None
    except InvalidOperation:
        return None
