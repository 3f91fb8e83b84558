"""Opening the assessment of the work of a half-year: one for each, whoever asks for it (R, B)."""

from __future__ import annotations

from sqlmodel import col, select

from config.languages import N_
from config.words import CaseState, Department, Outcome, Role
from models.errors import Conflict, Invalid, Problem
from models.house import Work
from models.operations.cases import one_opener_at_a_time, open_case
from models.processes import ASSESSMENT
from models.rules.periods import Half, half
from models.tables import Case, Person, WorkAssessment


def open_assessment(
    work: Work, period: str, by: Person | None = None, key: str | None = None, *, origin: str = "schedule"
) -> Case:
    """The assessment of ``period`` (``2026H1``): the one there is, or a new one.

    One that ended without being signed off gives way to a new one. ``key`` is the request's own: the same again gives
    the case it opened the first time.

    Raises:
        Invalid: this is not how a half-year is written, or it is not over yet.
        Conflict: the company has no internal auditor.
    """
    one_opener_at_a_time(work)
    earlier = work.session.exec(select(Case).where(Case.request_key == key)).first() if key else None
    if earlier is not None:
        return earlier
    wanted = finished_half(work, period)
    kept = work.session.get(WorkAssessment, str(wanted))
    if kept is not None:
        case = work.session.get_one(Case, kept.case_ref)
        if case.state is not CaseState.CLOSED or case.outcome is Outcome.SIGNED_OFF:
            return case
    case = open_case(
        work,
        ASSESSMENT,
        title=str(wanted),
        initiator=by,
        handler=_auditor(work, by),
        department=Department.AUDIT,
        origin=origin,
        request_key=key,
        given={"period": str(wanted)},
    )
    if kept is None:
        kept = WorkAssessment(period=str(wanted), case_ref=case.ref, opened_at=work.now)
    kept.case_ref, kept.opened_at, kept.report, kept.signed_off_at = case.ref, work.now, {}, None
    work.add(kept)
    return case


def finished_half(work: Work, period: str) -> Half:
    """The half-year written ``period``.

    Raises:
        Invalid: it is none, or not over yet.
    """
    found = half(period)
    if found is None:
        raise _wrong(N_("“{period}” is not a half-year. Write it like 2026H1."), period=period.strip()[:40])
    if found.last >= work.house.calendar.day_of(work.now):
        raise _wrong(N_("{period} is not over yet: it ends on {end}."), period=str(found), end=found.last.isoformat())
    return found


def _wrong(message: str, **values: str) -> Invalid:
    return Invalid(message, [Problem("period", message, values)], **values)


def _auditor(work: Work, by: Person | None) -> Person:
    """The auditor who asked for it, else the first there is."""
    if by is not None and Role.AUDITOR in by.roles:
        return by
    for person in work.session.exec(select(Person).where(col(Person.active)).order_by(col(Person.id))):
        if Role.AUDITOR in person.roles:
            return person
    raise Conflict(N_("Nobody holds the role of internal auditor, who carries out an assessment."))
