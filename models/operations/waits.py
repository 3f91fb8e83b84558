"""Waiting for a time or for a business event, and what happens when a timer falls due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import delete, update
from sqlmodel import col, func, select

from config.words import ActionKind, ClosedBy, Expiry, StepState
from models.house import SYSTEM, House, Work
from models.messages import How, StepDue, StepReminder
from models.operations.asking import ask_signer, remind
from models.operations.cases import wake
from models.operations.escalation import escalate
from models.operations.journal import lock_case, write_journal
from models.operations.signals import keep_signal, take_signals
from models.operations.steps import close_step
from models.operations.substitutes import substitute_ended
from models.tables import Case, Run, Signer, Step, Timer, Wait


class Waited(BaseModel):
    """What ended a wait: the event with what it brought, or the time."""

    event: str | None = None
    payload: dict[str, Any] = {}
    at: datetime

    @property
    def timed_out(self) -> bool:
        return self.event is None


def open_wait(
    work: Work, case: Case, key: str, event: str | Sequence[str] | None, until: datetime | None
) -> Wait | None:
    """Let ``case`` wait for ``event`` (or the first of several), for the time ``until``, or for whichever comes first.

    An event that has happened since the case last looked ends the wait before it begins, and so does a time gone by.
    """
    events = [event] if isinstance(event, str) else list(event or ())
    if not events and until is None:
        raise ValueError(f"{case.ref}: a wait without an event or an end would last for ever")
    happened = take_signals(work, case.ref, events) if events else []
    if happened:
        last = happened[-1]
        waited = Waited(event=last.event, payload=last.payload, at=last.at)
        write_journal(work, case.ref, key, "wait", waited.model_dump(mode="json"))
        work.record_system("wait.over", case.ref, wait=key, by=last.event)
        return None
    if until is not None and until <= work.now:
        write_journal(work, case.ref, key, "wait", Waited(at=work.now).model_dump(mode="json"))
        work.record_system("wait.over", case.ref, wait=key, by="time")
        return None
    wait = Wait(case_ref=case.ref, key=key, event=" ".join(events) or None, until=until)
    work.add(wait)
    if until is not None:
        work.add(Timer(kind="wait", due_at=until, case_ref=case.ref, wait_id=wait.id))
    work.record_system("wait.opened", case.ref, wait=key, event_awaited=wait.event, until=until)
    return wait


def end_wait(work: Work, wait: Wait, event: str | None, payload: Mapping[str, Any] | None = None) -> bool:
    """End a wait in one conditional write. Returns whether this call ended it."""
    table = Wait.__table__  # type: ignore[attr-defined]
    ended = work.change(update(table).where(table.c.id == wait.id, table.c.open).values(open=False))
    if ended != 1:
        return False
    work.change(delete(Timer).where(col(Timer.wait_id) == wait.id))
    waited = Waited(event=event, payload=dict(payload or {}), at=work.now)
    write_journal(work, wait.case_ref, wait.key, "wait", waited.model_dump(mode="json"))
    work.record_system("wait.ended", wait.case_ref, wait=wait.key, by=event or "time")
    wake(work, wait.case_ref)
    return True


def announce(work: Work, case_ref: str, event: str, payload: Mapping[str, Any] | None = None) -> bool:
    """A business event has happened to ``case_ref``. Returns whether the case was waiting for it.

    Waits for it end, and steps that yield to it close. An event that nobody waits for just now is kept: the next wait
    for it, or step that yields to it, is over at once.
    """
    lock_case(work, case_ref)
    given = dict(payload or {})
    waiting = work.session.exec(select(Wait).where(Wait.case_ref == case_ref, col(Wait.open))).all()
    met = sum(end_wait(work, wait, event, given) for wait in waiting if event in (wait.event or "").split())
    for step in work.session.exec(select(Step).where(Step.case_ref == case_ref, Step.state == StepState.OPEN)).all():
        if event in step.yields_to:
            close_step(work, step, ClosedBy.EVENT)
            met += 1
    if met:
        wake(work, case_ref)
    else:
        keep_signal(work, case_ref, event, given)
    return met > 0


def next_due(house: House) -> datetime | None:
    """When the earliest timer falls due; none if there is none."""
    with house.read() as session:
        return session.exec(select(Timer.due_at).order_by(col(Timer.due_at)).limit(1)).first()


def next_times(house: House) -> tuple[datetime | None, datetime | None]:
    """When the earliest timer falls due, and when somebody should next look at a case: one question for both."""
    timer = select(func.min(Timer.due_at)).scalar_subquery()
    case = select(func.min(Run.act_at)).scalar_subquery()
    with house.read() as session:
        due, act = session.execute(select(timer, case)).one()
    return due, act


def fire_due(house: House, limit: int = 100) -> int:
    """Fire the timers that are due, each in a unit of work of its own. Returns how many were looked at."""
    with house.read() as session:
        statement = select(Timer.id).where(col(Timer.due_at) <= house.clock()).order_by(col(Timer.due_at)).limit(limit)
        due = session.exec(statement).all()
    for timer_id in due:
        if timer_id is not None:
            with house.work(SYSTEM) as work:
                _fire(work, timer_id)
    return len(due)


def _fire(work: Work, timer_id: int) -> None:
    timer = work.session.get(Timer, timer_id)
    if timer is None:
        return
    lock_case(work, timer.case_ref)
    if work.change(delete(Timer).where(col(Timer.id) == timer_id)) != 1:
        return
    if timer.wait_id is not None:
        end_wait(work, work.session.get_one(Wait, timer.wait_id), None)
        return
    step = work.session.exec(select(Step).where(Step.id == timer.step_id)).one()
    if step.state is not StepState.OPEN:
        return
    if timer.kind == "expire":
        _expire(work, step)
    elif timer.kind == "escalate":
        escalate(work, step)
    elif timer.kind == "substitute_ends":
        _back_from_substitute(work, step, timer)
    else:
        work.record("step.reminded", step.case_ref, step=step.key, timer=timer.kind)
        remind(work, step, StepReminder if timer.kind == "remind_half" else StepDue)


def _back_from_substitute(work: Work, step: Step, timer: Timer) -> None:
    case = work.session.get_one(Case, step.case_ref)
    place = work.session.get_one(Signer, timer.signer_id)
    if substitute_ended(work, case, step, place):
        ask_signer(work, case, step, place, How.BACK)


def _expire(work: Work, step: Step) -> None:
    """Nobody answered in time: the declared consequence, as the system's decision, never in a person's name."""
    kind = ActionKind.REJECT if step.expiry is Expiry.REJECT else None
    close_step(work, step, ClosedBy.EXPIRY, kind=kind)
    wake(work, step.case_ref)
