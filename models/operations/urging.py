"""Urging 催办: the initiator asks those who are to answer to hurry. Sent as the system's, with a limit."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, select

from config.languages import N_
from config.words import StepState
from models.errors import Conflict
from models.house import House, Work
from models.messages import StepUrged
from models.operations.asking import asked_signers, tell
from models.operations.cases import case_of
from models.operations.journal import lock_case
from models.rights import Right, not_held
from models.tables import Case, Person, Step


def urged_until(session: Session, house: House, case: Case, step: Step) -> datetime | None:
    """Until when ``step`` cannot be urged again; nothing if it never was."""
    if step.urged_at is None:
        return None
    return step.urged_at + timedelta(hours=house.policy_of(session, case.policy_version).approval.urge_every_hours)


def urge(work: Work, ref: str, by: Person, note: str = "") -> list[str]:
    """Remind everyone whom the case waits for. Returns their ids.

    Raises:
        NotAllowed: somebody else's case.
        Conflict: nobody is asked, or they were urged a short while ago; says when it is possible again.
    """
    case = case_of(work, ref)
    if by.id not in (case.initiator_id, case.handler_id):
        raise not_held(Right.URGE)
    lock_case(work, ref)
    open_steps = select(Step).where(Step.case_ref == ref, Step.state == StepState.OPEN)
    steps = work.session.exec(open_steps).all()
    if not steps:
        raise Conflict(N_("{ref} waits for nobody just now."), ref=ref)
    urged: list[str] = []
    for step in steps:
        until = urged_until(work.session, work.house, case, step)
        if until is not None and work.now < until:
            again = work.house.calendar.local(until).strftime("%Y-%m-%d %H:%M")
            raise Conflict(N_("This was urged a short while ago. It is possible again on {at}."), at=again)
        step.urged_at = work.now
        work.add(step)
        for signer in asked_signers(work, step):
            if signer.person_id != by.id:
                stamp = work.now.isoformat(timespec="seconds")
                tell(work, case, step, signer, StepUrged, stamp=stamp, by=by.name, note=note)
                urged.append(signer.person_id)
        work.record_system("step.urged", ref, step=step.key, asked_by=by.id, people=urged)
    return urged
