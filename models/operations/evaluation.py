"""Opening the evaluation of a period: one for each, whoever asks for it (C, B)."""

from __future__ import annotations

from sqlmodel import col, select

from config.languages import N_
from config.words import CaseState, Department, Outcome, Role
from models.errors import Conflict, Invalid, Problem
from models.house import Work
from models.operations.cases import one_opener_at_a_time, open_case
from models.processes import EVALUATION
from models.rules.periods import Quarter, quarter
from models.tables import Case, Evaluation, Person


def open_evaluation(
    work: Work, period: str, by: Person | None = None, key: str | None = None, *, origin: str = "schedule"
) -> Case:
    """The evaluation of ``period`` (``2026Q3``): the one there is, or a new one.

    One that ended without being signed off (withdrawn, lapsed, cancelled) gives way to a new one. ``key`` is the
    request's own: the same again gives the case it opened the first time.

    Raises:
        Invalid: this is not how a quarter is written, or it is not over yet.
        Conflict: the company has no risk manager to answer for it.
    """
    one_opener_at_a_time(work)
    earlier = work.session.exec(select(Case).where(Case.request_key == key)).first() if key else None
    if earlier is not None:
        return earlier
    wanted = finished_quarter(work, period)
    evaluation = work.session.get(Evaluation, str(wanted))
    if evaluation is not None:
        case = work.session.get_one(Case, evaluation.case_ref)
        if case.state is not CaseState.CLOSED or case.outcome is Outcome.SIGNED_OFF:
            return case
    case = open_case(
        work,
        EVALUATION,
        title=str(wanted),
        initiator=by,
        handler=_answers_for_it(work, by),
        # C: limits are approved by the line of the department whose customers they are.
        department=Department.BUSINESS,
        origin=origin,
        request_key=key,
        given={"period": str(wanted)},
    )
    if evaluation is None:
        evaluation = Evaluation(period=str(wanted), case_ref=case.ref, opened_at=work.now)
    evaluation.case_ref, evaluation.opened_at, evaluation.signed_off_at = case.ref, work.now, None
    evaluation.customers, evaluation.summary = 0, {}
    work.add(evaluation)
    return case


def finished_quarter(work: Work, period: str) -> Quarter:
    """The quarter written ``period``.

    Raises:
        Invalid: it is none, or not over yet.
    """
    found = quarter(period)
    if found is None:
        raise _wrong(N_("“{period}” is not a quarter. Write it like 2026Q3."), period=period.strip()[:40])
    if found.last >= work.house.calendar.day_of(work.now):
        raise _wrong(N_("{period} is not over yet: it ends on {end}."), period=str(found), end=found.last.isoformat())
    return found


def _wrong(message: str, **values: str) -> Invalid:
    return Invalid(message, [Problem("period", message, values)], **values)


def _answers_for_it(work: Work, by: Person | None) -> Person:
    """The risk manager who asked for it, else the first there is."""
    if by is not None and Role.RISK_MANAGER in by.roles:
        return by
    for person in work.session.exec(select(Person).where(col(Person.active)).order_by(col(Person.id))):
        if Role.RISK_MANAGER in person.roles:
            return person
    raise Conflict(N_("Nobody holds the role of risk manager, who answers for an evaluation."))
