"""A human step's life in the record: opened, level after level asked, closed by exactly one contender."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic_core import to_jsonable_python
from sqlalchemy import delete, update
from sqlmodel import col, select

from config.words import ActionKind, CaseState, ClosedBy, SignerState, StepState
from models.audit import digest
from models.errors import Conflict
from models.house import Work
from models.messages import Message, StepAsked, StepDue, StepNudge, StepReminder, queue
from models.operations.journal import write_journal
from models.rules.reasons import Reason, because
from models.rules.routing import route
from models.rules.signing import ByPerson, Candidate, Route
from models.steps import Answer, ByHandler, HumanStep, Signature
from models.tables import ApprovalLink, Case, Person, Signer, Step, Timer


def open_step(
    work: Work,
    case: Case,
    step: HumanStep,
    show: Mapping[str, Any],
    *,
    limit: Decimal | None = None,
    term_days: int | None = None,
) -> Step:
    """Open ``step`` on ``case``: route it, freeze what it shows, ask the first level.

    ``show`` is the content by block name (pydantic models or plain JSON). ``limit`` (yuan) and ``term_days`` route a
    step that is signed along the matrix, and decide whether signing needs a signed-in session.

    Raises:
        NobodyCanSign: nobody on the whole route is free to sign; says who was left out, and why.
    """
    policy = work.house.policy_of(work.session, case.policy_version)
    chosen = _route(work, case, step, limit, term_days)
    content = to_jsonable_python(dict(show))
    row = Step(
        case_ref=case.ref,
        key=step.key,
        name=step.name,
        round=step.round,
        title=step.title,
        question=step.question,
        actions=[action.frozen_form() for action in step.actions],
        returns_to=list(step.returns_to),
        content=content,
        content_hash="",
        route=chosen.model_dump(mode="json"),
        sensitive=step.sensitive or (limit is not None and limit > policy.approval.step_up_above),
        rejection_waits=step.rejection_waits,
        expiry=step.expiry,
        opened_at=work.now,
        due_at=work.now,
        expires_at=work.now,
    )
    work.add(row)
    for number, level in enumerate(chosen.levels):
        for seat in level.seats:
            for candidate in seat.candidates:
                work.session.add(
                    Signer(
                        step_id=row.id or 0,
                        case_ref=case.ref,
                        person_id=candidate.person_id,
                        level=number,
                        seat=seat.name,
                        role=candidate.role,
                    )
                )
    work.record_system("step.opened", case.ref, step=row.key, route=row.route, content=digest(content))
    ask_level(work, case, row, 0)
    return row


def _route(work: Work, case: Case, step: HumanStep, limit: Decimal | None, term_days: int | None) -> Route:
    declaration = ByPerson(person_id=case.handler_id) if isinstance(step.signers, ByHandler) else step.signers
    barred: dict[str, Reason] = {}
    if not step.by_initiator:
        # Processes §5: nobody approves what they started; the handler speaks for the customer all along.
        barred[case.handler_id] = because("routing.handles_it")
        barred[case.initiator_id] = because("routing.started_it")
    return route(
        declaration,
        policy=work.house.policy_of(work.session, case.policy_version),
        people=candidates(work),
        department=case.department,
        limit=limit,
        term_days=term_days,
        barred=barred,
    )


def candidates(work: Work) -> list[Candidate]:
    """The staff as routing sees them."""
    return [
        Candidate(
            person_id=person.id,
            name=person.name,
            department=person.department,
            roles=frozenset(person.roles),
            active=person.active,
        )
        for person in work.session.exec(select(Person).order_by(col(Person.id)))
    ]


def ask_level(work: Work, case: Case, step: Step, level: int) -> None:
    """Ask everyone on ``level``: a fresh deadline, fresh timers, a message each."""
    times = work.house.policy_of(work.session, case.policy_version).steps.times(step.name)
    calendar = work.house.calendar
    step.level = level
    step.due_at = calendar.add_business_days(work.now, times.deadline_days)
    step.expires_at = calendar.add_business_days(step.due_at, times.expires_after_days)
    earlier = [signature for signature in signatures(work, step) if signature.level < level]
    step.content_hash = digest(
        [step.question, step.actions, step.content, [s.model_dump(mode="json") for s in earlier]]
    )
    work.add(step)
    _set_timers(work, step, times.remind_at_half, times.remind_at_deadline)
    asked = work.session.exec(select(Signer).where(Signer.step_id == step.id, Signer.level == level)).all()
    initiator = work.session.get_one(Person, case.initiator_id)
    for signer in asked:
        signer.state, signer.asked_at = SignerState.ASKED, work.now
        work.session.add(signer)
        tell(work, case, step, signer, StepAsked, asked_by=initiator.name, round=step.round)
    work.record_system("step.asked", case.ref, step=step.key, level=level, people=sorted(s.person_id for s in asked))


def _set_timers(work: Work, step: Step, half: bool, at_deadline: bool) -> None:
    drop_timers(work, step)
    due: dict[str, datetime] = {"expire": step.expires_at}
    if half:
        due["remind_half"] = work.house.calendar.half_way(work.now, step.due_at)
    if at_deadline:
        due["remind_due"] = step.due_at
    for kind, at in due.items():
        work.session.add(Timer(kind=kind, due_at=at, case_ref=step.case_ref, step_id=step.id))


def drop_timers(work: Work, step: Step) -> None:
    """No timer outlives what it was set for."""
    work.change(delete(Timer).where(col(Timer.step_id) == step.id))


def tell(work: Work, case: Case, step: Step, signer: Signer, message: type[Message], **more: Any) -> None:
    """Queue a message about ``step`` to one signer: once per person, step, level and kind."""
    if message is StepDue:
        more["expires_at"] = step.expires_at
    payload = message(
        case_ref=case.ref,
        case_title=case.title,
        process=case.process,
        step_title=step.title,
        question=step.question,
        due_at=step.due_at,
        **more,
    )
    key = f"{case.ref}:{step.key}:{step.level}:{payload.kind}:{signer.person_id}"
    queue(work, payload, signer.person_id, key, case_ref=case.ref, step_id=step.id, signer_id=signer.id)


def remind(work: Work, step: Step, message: type[StepReminder | StepDue | StepNudge]) -> None:
    """Tell everyone who is asked and has not answered."""
    case = work.session.get_one(Case, step.case_ref)
    for signer in asked_signers(work, step):
        tell(work, case, step, signer, message)


def asked_signers(work: Work, step: Step) -> Sequence[Signer]:
    """Whose answer the step waits for."""
    statement = select(Signer).where(Signer.step_id == step.id, Signer.state == SignerState.ASKED)
    return work.session.exec(statement).all()


def signatures(work: Work, step: Step) -> list[Signature]:
    """The answers given to ``step``, in order."""
    labels = {action["name"]: action["label"] for action in step.actions}
    statement = (
        select(Signer, Person.name)
        .join(Person, col(Person.id) == Signer.person_id)
        .where(Signer.step_id == step.id, Signer.state == SignerState.SIGNED)
        .order_by(col(Signer.signed_at), col(Signer.id))
    )
    return [
        Signature(
            person_id=signer.person_id,
            name=name,
            seat=signer.seat,
            level=signer.level,
            action=signer.action or "",
            kind=signer.kind or ActionKind.RECORD,
            label=labels.get(signer.action or "", signer.action or ""),
            form=signer.answer or {},
            at=signer.signed_at or step.opened_at,
            void=signer.void,
        )
        for signer, name in work.session.exec(statement)
    ]


def forget_signers(work: Work) -> None:
    """Read the signers anew from here on: a conditional write has gone past the objects already read."""
    for row in list(work.session.identity_map.values()):
        if isinstance(row, Signer):
            work.session.expire(row)


def close_step(
    work: Work,
    step: Step,
    closed_by: ClosedBy,
    *,
    kind: ActionKind | None = None,
    action: str | None = None,
    form_name: str = "",
    form: Mapping[str, Any] | None = None,
) -> Answer:
    """Close ``step`` in one conditional write, and answer the flow's ``ask`` in the journal.

    Links die with the step, timers too; whoever was still asked is released. The caller wakes the run.

    Raises:
        Conflict: somebody else closed it first.
    """
    table = Step.__table__  # type: ignore[attr-defined]
    closed = work.change(
        update(table)
        .where(table.c.id == step.id, table.c.state == StepState.OPEN)
        .values(state=StepState.CLOSED, closed_by=closed_by, outcome=kind, action=action, closed_at=work.now)
    )
    if closed != 1:
        raise Conflict("The step was closed at the same moment.")
    work.session.refresh(step)
    drop_timers(work, step)
    unsigned = (col(Signer.step_id) == step.id) & col(Signer.state).in_([SignerState.ASKED, SignerState.WAITING])
    work.change(update(Signer).where(unsigned).values(state=SignerState.RELEASED))
    if kind is ActionKind.RETURN:
        # C: after a return, earlier signatures stay on record and are void; the return itself stands.
        earlier = (col(Signer.step_id) == step.id) & (col(Signer.kind) != ActionKind.RETURN)
        work.change(update(Signer).where(earlier).values(void=True))
    live = (col(ApprovalLink.step_id) == step.id) & col(ApprovalLink.revoked_at).is_(None)
    work.change(update(ApprovalLink).where(live).values(revoked_at=work.now))
    forget_signers(work)
    answer = Answer(
        key=step.key,
        closed_by=closed_by,
        kind=kind,
        action=action,
        form_name=form_name,
        signatures=tuple(signatures(work, step)),
        **({"form": dict(form)} if form is not None and form_name else {}),
    )
    write_journal(work, step.case_ref, step.key, "ask", answer.model_dump(mode="json"))
    work.record_system("step.closed", step.case_ref, step=step.key, by=closed_by.value, outcome=kind, action=action)
    return answer


def close_open_steps(work: Work, case: Case, closed_by: ClosedBy) -> None:
    """Close whatever ``case`` still asks of people."""
    statement = select(Step).where(Step.case_ref == case.ref, Step.state == StepState.OPEN)
    for step in work.session.exec(statement).all():
        close_step(work, step, closed_by)


def case_is_live(case: Case) -> bool:
    """Whether people may still act on the case."""
    return case.state is not CaseState.CLOSED and case.withdrawal is None
