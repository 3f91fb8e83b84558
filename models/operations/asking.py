"""Asking people to answer a step: a level at a time, with its deadline, its timers and its messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlmodel import col, select

from config.policy.steps import StepTimes
from config.words import SignerState
from models.audit import digest
from models.house import Work
from models.messages import How, Message, StepAsked, StepDue, StepNudge, StepReminder, queue
from models.operations.signatures import signatures
from models.operations.substitutes import stand_in
from models.operations.working_time import begin_hold
from models.steps import Signature
from models.tables import Case, Person, Signer, Step, Timer


def ask_level(
    work: Work,
    case: Case,
    step: Step,
    level: int,
    *,
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
) -> None:
    """Ask everyone on ``level``: a fresh deadline (by policy, or as given), fresh timers, a message each."""
    times = work.house.policy_of(work.session, case.policy_version).steps.times(step.name)
    calendar = work.house.calendar
    step.level = level
    step.due_at = due_at or calendar.add_business_days(work.now, times.deadline_days)
    step.expires_at = expires_at or calendar.add_business_days(max(work.now, step.due_at), times.expires_after_days)
    earlier = [signature for signature in signatures(work, step) if signature.level < level]
    step.content_hash = hash_content(step, earlier)
    work.add(step)
    _set_timers(work, step, times)
    asked = work.session.exec(select(Signer).where(Signer.step_id == step.id, Signer.level == level)).all()
    for signer in asked:
        how = How.SUBSTITUTE if stand_in(work, case, step, signer) else How.TURN
        ask_signer(work, case, step, signer, how)
    work.record_system("step.asked", case.ref, step=step.key, level=level, people=sorted(s.person_id for s in asked))


def hash_content(step: Step, earlier: Sequence[Signature]) -> str:
    """What whoever is asked sees, as a hash: question, actions, content and the signatures of the levels before."""
    return digest([step.question, step.actions, step.content, [s.model_dump(mode="json") for s in earlier]])


def ask_signer(work: Work, case: Case, step: Step, signer: Signer, how: How, *, by: str = "", note: str = "") -> None:
    """Ask the holder of a place, now; a message goes out each time. ``by`` names who moved the step to them."""
    begin_hold(work, signer)
    signer.state = SignerState.ASKED
    signer.times_asked += 1
    work.add(signer)
    initiator = work.session.get(Person, case.initiator_id) if case.initiator_id else None
    asked_by = initiator.name if initiator else ""
    tell(work, case, step, signer, StepAsked, asked_by=asked_by, round=step.round, how=how, by=by, note=note)


def _set_timers(work: Work, step: Step, times: StepTimes) -> None:
    """Reminders, the first escalation and the expiry; earlier ones of the step are dropped."""
    drop_timers(work, step)
    calendar = work.house.calendar
    due: dict[str, datetime] = {"expire": step.expires_at}
    if times.remind_at_half:
        due["remind_half"] = calendar.half_way(work.now, step.due_at)
    if times.remind_at_deadline:
        due["remind_due"] = step.due_at
    escalation = calendar.add_business_days(step.due_at, times.escalate_after_days)
    if escalation < step.expires_at:
        due["escalate"] = escalation
    for kind, at in due.items():
        work.session.add(Timer(kind=kind, due_at=at, case_ref=step.case_ref, step_id=step.id))


def drop_timers(work: Work, step: Step) -> None:
    """No timer outlives what it was set for."""
    work.change(delete(Timer).where(col(Timer.step_id) == step.id))


def tell(
    work: Work, case: Case, step: Step, signer: Signer, message: type[Message], *, stamp: str = "", **more: Any
) -> None:
    """Queue a message about ``step`` to one signer: once per person, asking and kind."""
    if message is StepDue:
        more["expires_at"] = step.expires_at
    payload = message(**about(case, step), **more)
    key = f"{case.ref}:{step.key}:{step.level}:{payload.kind}:{signer.person_id}:{signer.times_asked}{stamp}"
    queue(work, payload, signer.person_id, key, case_ref=case.ref, step_id=step.id, signer_id=signer.id)


def about(case: Case, step: Step) -> dict[str, Any]:
    """What every message about a step says of it."""
    return {
        "case_ref": case.ref,
        "case_title": case.title,
        "process": case.process,
        "step_title": step.title,
        "question": step.question,
        "due_at": step.due_at,
    }


def remind(work: Work, step: Step, message: type[StepReminder | StepDue | StepNudge]) -> None:
    """Tell everyone who is asked and has not answered."""
    case = work.session.get_one(Case, step.case_ref)
    for signer in asked_signers(work, step):
        tell(work, case, step, signer, message)


def asked_signers(work: Work, step: Step) -> Sequence[Signer]:
    """Whose answer the step waits for."""
    statement = select(Signer).where(Signer.step_id == step.id, Signer.state == SignerState.ASKED)
    return work.session.exec(statement).all()
