"""Coordination meeting 沟通会议 (B, C): once a month, on the pack of open major cases and problems."""

from __future__ import annotations

from itertools import count

from config.languages import N_
from config.words import ActionKind, Outcome, Role, TrackingState
from flows.case_flow import case_flow
from flows.case_run import CaseRun
from flows.reception_steps import CHECK, CHECK_AGAIN
from models.forms.common import Commented, Reasoned
from models.forms.meeting import MeetingCall, MeetingResolutions
from models.forms.reception_after import ItemAdjusted, ItemDone
from models.meeting import Pack
from models.processes import MEETING
from models.reception import ItemDue
from models.rules.reasons import because
from models.rules.signing import ByPerson, ByRole
from models.steps import Action, HumanStep
from tasks.meeting import PACK_STEP, call_meeting, draw_up_pack, keep_meeting
from tasks.reception_after import (
    NextItem,
    item_adjusted,
    item_done,
    item_dropped,
    item_missed,
    next_item,
    plan_tracking,
    tracking_so_far,
)

PACK_CHECK = HumanStep(
    name=PACK_STEP,
    title=N_("Meeting pack"),
    question=N_("Is the pack complete? When and where does the meeting take place, and who attends?"),
    actions=(
        Action(name="call", kind=ActionKind.RECORD, label=N_("Call the meeting"), form=MeetingCall),
        Action(name="again", kind=ActionKind.RECORD, label=N_("Draw the pack up anew"), form=Commented),
    ),
    signers=ByRole(role=Role.RISK_MANAGER),
    by_initiator=True,
)
RESOLUTIONS = HumanStep(
    name="meeting-resolutions",
    title=N_("Resolutions"),
    question=N_("What did the meeting resolve? Who does it, and until when?"),
    actions=(
        Action(name="resolved", kind=ActionKind.RECORD, label=N_("Record the resolutions"), form=MeetingResolutions),
        Action(name="nothing", kind=ActionKind.RECORD, label=N_("Nothing was resolved"), form=Reasoned),
    ),
    signers=ByRole(role=Role.RISK_MANAGER),
    by_initiator=True,
)


@case_flow(MEETING)
def coordination_meeting(case: CaseRun) -> Outcome:
    """Bring the departments together on what is open and what went wrong, and see that what they resolve is done.

    Started by its schedule on the first of the month, or by operations or the risk manager, for a month that is over;
    one meeting a month. The pack is drawn up; the risk manager checks it, calls the meeting and records its
    resolutions. Each is checked with its owner on its day, as often as it takes.

    Ends done (all resolutions settled, or nothing resolved), lapsed, withdrawn, or cancelled.
    """
    answer = case.ask(RESOLUTIONS, meeting_pack=convened(case))
    if answer.action == "nothing":
        return case.close(Outcome.DONE, because("meeting.nothing_resolved", reason=answer.filled(Reasoned).reason))
    held = answer.filled(MeetingResolutions)
    case.do(keep_meeting, held)
    case.do(plan_tracking, held.items)
    settled = followed_up(case)
    states = [one.state for one in settled]
    return case.close(
        Outcome.DONE,
        because(
            "meeting.followed_up",
            items=len(settled),
            in_time=states.count(TrackingState.DONE),
            late=states.count(TrackingState.LATE),
            dropped=states.count(TrackingState.DROPPED),
        ),
    )


def convened(case: CaseRun) -> Pack:
    """B: the pack is checked, drawn up anew as often as asked for, the meeting called; its day is waited for."""
    for attempt in count(1):
        pack = case.do(draw_up_pack.at(attempt))
        answer = case.ask(PACK_CHECK.at(attempt), meeting_pack=pack)
        if answer.action == "call":
            begins = case.do(call_meeting, answer.filled(MeetingCall), answer.signatures[-1])
            case.wait_until("meeting", begins)
            return pack
    raise AssertionError("the loop ends by returning")


def followed_up(case: CaseRun) -> tuple[ItemDue, ...]:
    """B: every resolution is checked on its day with its owner, until all are settled."""
    for turn in case.turns("follow-up"):
        item = case.do(next_item.at(turn))
        if item is None:
            return case.do(tracking_so_far.at(turn))
        case.wait_until(f"resolution-due#{turn}", item.at)
        checked(case, turn, item)
    raise AssertionError("the loop ends by returning")


def checked(case: CaseRun, turn: int, item: NextItem) -> None:
    """Ask the owner of a resolution; the risk officers, where the owner did not answer before."""
    step = CHECK_AGAIN if item.missed else CHECK.signed_by(ByPerson(person_id=item.owner_id))
    answer = case.ask(step.at(turn), item=item)
    if answer.unanswered:
        case.do(item_missed.at(turn), item.item_id)
    elif answer.action == "done":
        done = answer.filled(ItemDone)
        case.do(item_done.at(turn), item.item_id, done.done_on, done.result)
    elif answer.action == "adjust":
        adjusted = answer.filled(ItemAdjusted)
        case.do(item_adjusted.at(turn), item.item_id, adjusted.due_on, adjusted.reason)
    else:
        case.do(item_dropped.at(turn), item.item_id, answer.filled(Reasoned).reason)
