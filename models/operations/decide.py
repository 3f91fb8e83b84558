"""Recording a decision: one conditional write, exactly one winner, the loser told and recorded.

The record is complete when this returns; only then does anything move.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import update
from sqlmodel import col, select

from config.languages import N_
from config.words import ActionKind, ClosedBy, SignerState, StepState
from models.audit import digest
from models.errors import (
    AlreadyClosed,
    ContentChanged,
    Invalid,
    NotAllowed,
    NotFound,
    Problem,
    SignInNeeded,
)
from models.forms import StepForm, form_named, validate
from models.house import Work
from models.operations.asking import ask_level
from models.operations.cases import wake
from models.operations.journal import lock_case
from models.operations.moves import give_advice
from models.operations.named_people import refuse_unknown_people
from models.operations.parties import concerned, parties, policy_of
from models.operations.places import settle
from models.operations.steps import case_is_live, close_step, forget_signers
from models.operations.substitutes import substitute_ended
from models.operations.working_time import held_until_now
from models.rights import Right, not_held
from models.rules.conflicts import objection
from models.rules.signing import Route
from models.rules.standing import Come
from models.tables import Case, Person, Signer, Step

Via = Literal["link", "session", "api"]


@dataclass(frozen=True)
class Decided:
    """What became of an answer: the step closed, the next level is asked, or other seats are still to sign."""

    case_ref: str
    step_id: int
    step_closed: bool
    action: str
    repeated: bool = False


def decide(
    work: Work,
    signer_id: int,
    action_name: str,
    data: Mapping[str, Any],
    *,
    shown_hash: str,
    via: Via,
    answer_key: str | None = None,
) -> Decided:
    """Record one person's answer to a step.

    ``shown_hash`` is the hash of what they saw. The same answer again is harmless; ``answer_key``, the request's own
    idempotency key, is kept with it.

    Raises:
        NotFound: no such place on a route.
        AlreadyClosed: the step has closed, or this person has answered differently; says who, what and when.
        ContentChanged: the step says something else by now; show it and ask again.
        SignInNeeded: a link alone does not decide this step.
        Invalid: the action or its form is wrong.
    """
    signer = work.session.get(Signer, signer_id)
    if signer is None:
        raise NotFound(N_("There is no such step for you."))
    lock_case(work, signer.case_ref)
    step = work.session.exec(select(Step).where(Step.id == signer.step_id)).one()
    work.session.refresh(signer)
    answer_hash = digest([action_name, data])
    if signer.state in (SignerState.SIGNED, SignerState.ADVISED):
        return _again(work, step, signer, action_name, answer_hash)
    case = work.session.get_one(Case, step.case_ref)
    _must_be_open(work, case, step, signer)
    _must_be_theirs(work, case, step, signer, via)
    if shown_hash != step.content_hash:
        raise ContentChanged(N_("This step has changed since you opened it. Please read it again."))
    kind, form = _checked(work, step, action_name, data)
    refuse_unknown_people(work.session, form, step.content)
    _sign(work, step, signer, action_name, kind, form, via, answer_key, answer_hash)
    if signer.delegated_by is not None:
        give_advice(work, signer, action_name, kind.value, form.model_dump(mode="json"))
        return Decided(case.ref, signer.step_id, False, action_name)
    return Decided(case.ref, signer.step_id, _move_on(work, case, step), action_name)


def _again(work: Work, step: Step, signer: Signer, action: str, answer_hash: str) -> Decided:
    """The same answer again gets the same reply, under whatever key; a different one is told what was answered."""
    if signer.answer_hash == answer_hash:
        return Decided(step.case_ref, signer.step_id, step.state is StepState.CLOSED, signer.action or action, True)
    raise AlreadyClosed(
        N_("You have answered already: {answer}, on {at}. That stands."),
        answer=_label(step, signer.action),
        at=_clock(work, signer.signed_at),
    ).note("answer.second", step.case_ref, step=step.key, person=signer.person_id, action=action)


def _must_be_open(work: Work, case: Case, step: Step, signer: Signer) -> None:
    if step.state is StepState.OPEN and signer.state is SignerState.ASKED and case_is_live(case):
        return
    if step.state is StepState.OPEN and signer.state is SignerState.WAITING:
        raise NotAllowed(N_("It is not your turn yet: others sign before you."))
    raise _who_closed(work, step).note("answer.late", step.case_ref, step=step.key, person=signer.person_id)


def _who_closed(work: Work, step: Step) -> AlreadyClosed:
    """Who or what closed the step, as a sentence for the one who came late."""
    at = _clock(work, step.closed_at)
    if step.closed_by is ClosedBy.EXPIRY:
        return AlreadyClosed(N_("Nobody had answered in time; the step expired on {at}."), at=at)
    if step.closed_by is ClosedBy.WITHDRAWAL:
        return AlreadyClosed(N_("The case was withdrawn on {at}."), at=at)
    if step.closed_by is ClosedBy.CANCELLATION:
        return AlreadyClosed(N_("The case was cancelled on {at}."), at=at)
    statement = (
        select(Signer, Person.name)
        .join(Person, col(Person.id) == Signer.person_id)
        .where(Signer.step_id == step.id, Signer.state == SignerState.SIGNED)
        .order_by(col(Signer.signed_at).desc(), col(Signer.id).desc())
    )
    last = work.session.exec(statement).first()
    if last is None:
        return AlreadyClosed(N_("This step is no longer open."))
    signer, name = last
    return AlreadyClosed(
        N_("{name} has answered already: {answer}, on {at}."),
        name=name,
        answer=_label(step, signer.action),
        at=_clock(work, signer.signed_at),
    )


def _must_be_theirs(work: Work, case: Case, step: Step, signer: Signer, via: Via) -> None:
    if work.actor.id != signer.person_id:
        raise not_held(Right.ANSWER)
    if not work.session.get_one(Person, signer.person_id).active:
        raise NotAllowed(N_("Your account is not active."))
    # Judged again now: a substitute's time may be over, somebody may have become the handler meanwhile.
    if substitute_ended(work, case, step, signer):
        raise NotAllowed(N_("Whom you stood in for is back; the step is theirs again."))
    person = work.session.get_one(Person, signer.person_id)
    why = objection(
        concerned(person), parties(work, case, step, besides=[signer.id or 0]), policy_of(work, case).approval
    )
    if why is not None:
        raise NotAllowed(N_("{name} may not sign this step: {reason}."), name=person.name, reason=why).note(
            "answer.conflict-of-interest", case.ref, step=step.key, person=person.id, why=why
        )
    if via == "link" and step.sensitive:
        raise SignInNeeded(N_("This decision needs you to be signed in. The link alone only shows it."))


def _checked(work: Work, step: Step, action_name: str, data: Mapping[str, Any]) -> tuple[ActionKind, StepForm]:
    action = next((a for a in step.actions if a["name"] == action_name), None)
    if action is None:
        problem = Problem("action", N_("Choose one of those offered."))
        raise Invalid(N_("This step cannot be answered with “{action}”."), [problem], action=action_name[:64])
    form, today = form_named(action["form"]), work.house.calendar.day_of(work.now)
    now = {"today": today.isoformat(), **form.true_now(work.session, today)}
    content = {**step.content, "returns_to": step.returns_to, **now}
    return ActionKind(action["kind"]), validate(form, data, content)


def _sign(
    work: Work,
    step: Step,
    signer: Signer,
    action: str,
    kind: ActionKind,
    form: StepForm,
    via: Via,
    answer_key: str | None,
    answer_hash: str,
) -> None:
    table = Signer.__table__  # type: ignore[attr-defined]
    answer = form.model_dump(mode="json")
    signed = work.change(
        update(table)
        .where(table.c.id == signer.id, table.c.state == SignerState.ASKED)
        .values(
            state=SignerState.SIGNED if signer.delegated_by is None else SignerState.ADVISED,
            signed_at=work.now,
            action=action,
            kind=kind,
            answer=answer,
            shown_hash=step.content_hash,
            answer_key=answer_key,
            answer_hash=answer_hash,
            via=via,
            **held_until_now(work, signer),
        )
    )
    if signed != 1:
        raise AlreadyClosed(N_("This step is no longer open.")).note("answer.late", step.case_ref, step=step.key)
    forget_signers(work)
    work.record("step.answered", step.case_ref, step=step.key, action=action, answer=answer, via=via, seat=signer.seat)


def _move_on(work: Work, case: Case, step: Step) -> bool:
    """After a signature: close the step, ask the next level, or wait for the other places."""
    come = settle(work, case, step).come
    if come is Come.OPEN:
        return False
    levels = Route.model_validate(step.route).levels
    if come is Come.PASSED and step.level + 1 < len(levels):
        ask_level(work, case, step, step.level + 1)
        return False
    last, kind = _closing(work, step, come)
    form_name = next((str(a["form"]) for a in step.actions if a["name"] == last.action), "")
    close_step(work, step, ClosedBy.ANSWER, kind=kind, action=last.action, form_name=form_name, form=last.answer or {})
    wake(work, case.ref)
    return True


def _closing(work: Work, step: Step, come: Come) -> tuple[Signer, ActionKind]:
    """The signature that speaks for the step, and what the step came to."""
    statement = select(Signer).where(Signer.step_id == step.id, Signer.state == SignerState.SIGNED)
    signed = work.session.exec(statement.order_by(col(Signer.signed_at), col(Signer.id))).all()
    if come in (Come.RETURNED, Come.REJECTED):
        kind = ActionKind.RETURN if come is Come.RETURNED else ActionKind.REJECT
        return next(signer for signer in reversed(signed) if signer.kind is kind), kind
    passing = [signer for signer in signed if signer.kind is not ActionKind.REJECT]
    bound = any(signer.kind is ActionKind.APPROVE_WITH_CONDITIONS for signer in passing)
    return passing[-1], ActionKind.APPROVE_WITH_CONDITIONS if bound else passing[-1].kind or ActionKind.RECORD


def _label(step: Step, action: str | None) -> str:
    return next((str(a["label"]) for a in step.actions if a["name"] == action), action or "")


def _clock(work: Work, at: Any) -> str:
    """An instant on the company's clock."""
    return work.house.calendar.local(at).strftime("%Y-%m-%d %H:%M") if at else ""
