"""What a coordination meeting does by itself: the pack drawn up, people called, the meeting put on record (B)."""

from __future__ import annotations

from datetime import date, datetime, time

from sqlmodel import col, select

from config.languages import N_
from models.forms.meeting import MeetingCall, MeetingResolutions
from models.house import Work
from models.meeting import Pack
from models.messages import MeetingCalled, queue
from models.queries.meeting import draw_up
from models.rules.periods import Month, month, month_of
from models.steps import Signature
from models.tables import Case, Copy, Meeting, Step
from tasks.case_task import effect
from tasks.of_case import policy_of

PACK_STEP = "meeting-pack"


@effect("draw-up-pack", N_("Draw up the meeting pack"))
def draw_up_pack(work: Work, case: Case) -> Pack:
    """Everything on record that the meeting is about, as it stands now (B, C); drawn up again, it replaces the last."""
    pack = draw_up(work.session, work.house, _month(work, case), policy_of(work, case).meeting, work.now, case.ref)
    meeting = _meeting(work, case)
    if meeting is not None:
        meeting.pack = pack.model_dump(mode="json")
        work.add(meeting)
    work.record("meeting.pack-drawn-up", case.ref, period=pack.period, on=pack.on)
    return pack


@effect("call-meeting", N_("Call the meeting"))
def call_meeting(work: Work, case: Case, call: MeetingCall, by: Signature) -> datetime:
    """Everybody who is to attend is told, and may see the case from here on. Returns when the meeting begins."""
    step = work.session.exec(
        select(Step).where(Step.case_ref == case.ref, Step.name == PACK_STEP).order_by(col(Step.id).desc())
    ).first()
    told = MeetingCalled(
        case_ref=case.ref,
        period=str(case.input["period"]),
        by=by.name,
        on=call.meeting_on,
        at=call.meeting_at,
        place=call.place,
        agenda=call.agenda,
    )
    for one in call.attendees:
        if step is not None and step.id is not None and not _copied(work, step.id, one.person):
            work.add(
                Copy(
                    step_id=step.id,
                    case_ref=case.ref,
                    person_id=one.person,
                    copied_by=by.person_id,
                    copied_at=work.now,
                )
            )
        queue(work, told, one.person, f"{case.ref}:meeting:{one.person}", case_ref=case.ref)
    meeting = _meeting(work, case)
    if meeting is not None:
        meeting.meeting_on = call.meeting_on
        work.add(meeting)
    people = [one.person for one in call.attendees]
    work.record("meeting.called", case.ref, on=call.meeting_on, at=call.meeting_at, place=call.place, people=people)
    return datetime.combine(call.meeting_on, time.fromisoformat(call.meeting_at), work.house.calendar.zone)


def _copied(work: Work, step_id: int, person_id: str) -> bool:
    known = select(Copy.id).where(Copy.step_id == step_id, Copy.person_id == person_id)
    return work.session.exec(known).first() is not None


@effect("keep-meeting", N_("Put the meeting on record"))
def keep_meeting(work: Work, case: Case, held: MeetingResolutions) -> date:
    """The meeting was held; what it resolved is followed up from here on (B)."""
    meeting = _meeting(work, case)
    if meeting is not None:
        meeting.held_on = held.held_on
        work.add(meeting)
    work.record("meeting.held", case.ref, held_on=held.held_on, resolutions=len(held.items))
    return held.held_on


def _meeting(work: Work, case: Case) -> Meeting | None:
    return work.session.exec(select(Meeting).where(Meeting.case_ref == case.ref)).first()


def _month(work: Work, case: Case) -> Month:
    return month(str(case.input["period"])) or month_of(work.house.calendar.day_of(work.now)).before
