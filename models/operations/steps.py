"""A human step's life in the record: opened, level after level asked, closed by exactly one contender."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic_core import to_jsonable_python
from sqlalchemy import update
from sqlmodel import Session, col, select

from config.words import ActionKind, CaseState, ClosedBy, Role, SignerState, StepState
from models.audit import digest
from models.errors import Conflict
from models.house import Work
from models.operations.asking import ask_level, drop_timers
from models.operations.journal import write_journal
from models.operations.signals import take_signals
from models.operations.signatures import signatures
from models.operations.working_time import end_holds
from models.rules.reasons import Reason, because
from models.rules.routing import route
from models.rules.signing import ByPerson, ByRole, Candidate, Route
from models.rules.working_time import working_minutes
from models.steps import Answer, ByHandler, HumanStep
from models.tables import ApprovalLink, Case, Person, Signer, Step

STILL_OUT = [SignerState.ASKED, SignerState.WAITING, SignerState.DELEGATED]


def open_step(
    work: Work,
    case: Case,
    step: HumanStep,
    show: Mapping[str, Any],
    *,
    limit: Decimal | None = None,
    term_days: int | None = None,
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
) -> Step | None:
    """Open ``step`` on ``case``: route it, freeze what it shows, ask the first level.

    ``show`` is the content by block name (pydantic models or plain JSON). ``limit`` (yuan) and ``term_days`` route a
    step that is signed along the matrix, and decide whether signing needs a signed-in session. ``due_at`` and
    ``expires_at`` stand in for the step's times by policy where the case itself sets them.

    A step that yields to an event which has happened already is not opened: nobody is asked in vain.

    Raises:
        NobodyCanSign: nobody on the whole route is free to sign; says who was left out, and why.
    """
    if take_signals(work, case.ref, step.yields_to):
        answer = Answer(key=step.key, closed_by=ClosedBy.EVENT)
        write_journal(work, case.ref, step.key, "ask", answer.model_dump(mode="json"))
        work.record_system("step.overtaken", case.ref, step=step.key)
        return None
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
        amount=limit,
        rejection_waits=step.rejection_waits,
        keeps_signatures=step.keeps_signatures,
        yields_to=list(step.yields_to),
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
    ask_level(work, case, row, 0, due_at=due_at, expires_at=expires_at)
    return row


def _route(work: Work, case: Case, step: HumanStep, limit: Decimal | None, term_days: int | None) -> Route:
    declaration = _by_handler(work, case) if isinstance(step.signers, ByHandler) else step.signers
    barred: dict[str, Reason] = {}
    if not step.by_initiator:
        # Processes §5: nobody approves what they started; the handler speaks for the customer all along.
        if work.house.policy_of(work.session, case.policy_version).approval.handler_is_barred:
            barred[case.handler_id] = because("routing.handles_it")
        if case.initiator_id is not None:
            barred[case.initiator_id] = because("routing.started_it")
    proposers = {person_id: because("routing.proposed_it") for person_id in step.proposed_by}
    chosen = route(
        declaration,
        policy=work.house.policy_of(work.session, case.policy_version),
        people=candidates_of(work.session),
        department=case.department,
        limit=limit,
        term_days=term_days,
        barred={**proposers, **barred},
    )
    return chosen.model_copy(update={"proposed_by": step.proposed_by})


def _by_handler(work: Work, case: Case) -> ByPerson | ByRole:
    """The case's handler; where they have left, any other: a customer is never without somebody to ask."""
    handler = work.session.get_one(Person, case.handler_id)
    return ByPerson(person_id=handler.id) if handler.active else ByRole(role=Role.HANDLER)


def candidates_of(session: Session) -> list[Candidate]:
    """The staff as routing sees them."""
    return [
        Candidate(
            person_id=person.id,
            name=person.name,
            department=person.department,
            roles=frozenset(person.roles),
            active=person.active,
        )
        for person in session.exec(select(Person).order_by(col(Person.id)))
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
        .values(
            state=StepState.CLOSED,
            closed_by=closed_by,
            outcome=kind,
            action=action,
            closed_at=work.now,
            working_minutes=working_minutes(work.house.calendar, step.opened_at, work.now),
        )
    )
    if closed != 1:
        raise Conflict("The step was closed at the same moment.")
    work.session.refresh(step)
    end_holds(work, step)
    drop_timers(work, step)
    unsigned = (col(Signer.step_id) == step.id) & col(Signer.state).in_(STILL_OUT)
    work.change(update(Signer).where(unsigned).values(state=SignerState.RELEASED))
    if kind is ActionKind.RETURN:
        _void_since(work, step, str((form or {}).get("target", "")))
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


def _void_since(work: Work, step: Step, target: str) -> None:
    """C: after a return, signatures from the step returned to onwards stay on record and are void.

    The return itself stands, and so does what its step's declaration keeps.
    """
    began = select(Step.id).where(Step.case_ref == step.case_ref, Step.name == target)
    first = work.session.exec(began.order_by(col(Step.id).desc())).first() or step.id
    undone = select(Step.id).where(
        Step.case_ref == step.case_ref, col(Step.id) >= first, col(Step.keeps_signatures).is_(False)
    )
    earlier = (
        col(Signer.step_id).in_(undone)
        & (col(Signer.state) == SignerState.SIGNED)
        & ~((col(Signer.step_id) == step.id) & (col(Signer.kind) == ActionKind.RETURN))
    )
    work.change(update(Signer).where(earlier).values(void=True))


def close_open_steps(work: Work, case: Case, closed_by: ClosedBy) -> None:
    """Close whatever ``case`` still asks of people."""
    statement = select(Step).where(Step.case_ref == case.ref, Step.state == StepState.OPEN)
    for step in work.session.exec(statement).all():
        close_step(work, step, closed_by)


def case_is_live(case: Case) -> bool:
    """Whether people may still act on the case."""
    return case.state is not CaseState.CLOSED and case.withdrawal is None
