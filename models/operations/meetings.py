"""Opening the coordination meeting of a month: one for each, whoever asks for it (B)."""

from __future__ import annotations

from sqlmodel import col, select

from config.languages import N_
from config.words import CaseState, Department, Outcome, Role
from models.errors import Conflict, Invalid, Problem
from models.house import Work
from models.operations.cases import one_opener_at_a_time, open_case
from models.processes import MEETING
from models.rules.periods import Month, month
from models.tables import Case, Meeting, Person


def open_meeting(
    work: Work, period: str, by: Person | None = None, key: str | None = None, *, origin: str = "schedule"
) -> Case:
    """The meeting about ``period`` (``2026-02``): the one there is, or a new one.

    One that was withdrawn, lapsed or was cancelled gives way to a new one. ``key`` is the request's own: the same again
    gives the case it opened the first time.

    Raises:
        Invalid: this is not how a month is written, or it is not over yet.
        Conflict: the company has no risk manager to answer for it.
    """
    one_opener_at_a_time(work)
    earlier = work.session.exec(select(Case).where(Case.request_key == key)).first() if key else None
    if earlier is not None:
        return earlier
    wanted = finished_month(work, period)
    meeting = work.session.get(Meeting, str(wanted))
    if meeting is not None:
        case = work.session.get_one(Case, meeting.case_ref)
        if case.state is not CaseState.CLOSED or case.outcome is Outcome.DONE:
            return case
    case = open_case(
        work,
        MEETING,
        title=str(wanted),
        initiator=by,
        handler=_answers_for_it(work, by),
        department=Department.RISK,
        origin=origin,
        request_key=key,
        given={"period": str(wanted)},
    )
    if meeting is None:
        meeting = Meeting(period=str(wanted), case_ref=case.ref, opened_at=work.now)
    meeting.case_ref, meeting.opened_at, meeting.pack = case.ref, work.now, {}
    meeting.meeting_on = meeting.held_on = None
    work.add(meeting)
    return case


def finished_month(work: Work, period: str) -> Month:
    """The month written ``period``.

    Raises:
        Invalid: it is none, or not over yet.
    """
    found = month(period)
    if found is None:
        raise _wrong(N_("“{period}” is not a month. Write it like 2026-03."), period=period.strip()[:40])
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
    raise Conflict(N_("Nobody holds the role of risk manager, who calls the meeting."))
