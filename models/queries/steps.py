"""One step as its signer sees it: what is asked, what it rests on, who has said what, and what they may answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from config.words import ActionKind, ClosedBy, Expiry, SignerState, StepState
from models.queries.answers import AnswerLine, answer_lines
from models.queries.inbox import Deadline, deadline
from models.queries.route import RouteView, route_view
from models.queries.shown import Read
from models.rules.calendar import BusinessCalendar
from models.tables import Case, Person, Signer, Step


class ActionView(Read):
    """One way to answer. ``label`` is translatable; ``form`` names the form behind it."""

    name: str
    kind: ActionKind
    label: str
    form: str


class SignatureView(Read):
    """One answer given to a step of the case. A void one stays on record and counts no more (C)."""

    step_key: str
    step_title: str
    round: int
    person_id: str
    name: str
    seat: str
    label: str
    kind: ActionKind
    at: datetime
    void: bool
    lines: tuple[AnswerLine, ...]


class StepView(Read):
    """One person's place on one step. ``may_answer`` says that it is their turn now."""

    signer_id: int
    person_id: str
    case_ref: str
    case_title: str
    process: str
    asked_by: str
    handler: str
    key: str
    name: str
    title: str
    question: str
    round: int
    content: dict[str, Any]
    content_hash: str
    actions: tuple[ActionView, ...]
    returns_to: tuple[tuple[str, str], ...]
    route: RouteView
    signatures: tuple[SignatureView, ...]
    sensitive: bool
    state: StepState
    signer_state: SignerState
    closed_by: ClosedBy | None
    closed_at: datetime | None
    expiry: Expiry
    due: Deadline
    expires_at: datetime
    opened_at: datetime

    @property
    def may_answer(self) -> bool:
        return self.state is StepState.OPEN and self.signer_state is SignerState.ASKED

    @property
    def own(self) -> SignatureView | None:
        """What this person has answered here, if they have."""
        mine = (s for s in self.signatures if s.person_id == self.person_id and s.step_key == self.key)
        return next(mine, None)

    @property
    def last(self) -> SignatureView | None:
        """The latest answer to this step."""
        return next((s for s in reversed(self.signatures) if s.step_key == self.key), None)


def step_view(session: Session, signer: Signer, step: Step, calendar: BusinessCalendar, now: datetime) -> StepView:
    """``signer``'s view of ``step``: five queries, whatever the size of the case."""
    case = session.get_one(Case, step.case_ref)
    people = {p.id: p.name for p in session.exec(_people(case)).all()}
    steps = session.exec(select(Step).where(Step.case_ref == case.ref).order_by(col(Step.id))).all()
    signers = session.exec(select(Signer).where(Signer.step_id == step.id)).all()
    titles = {other.name: other.title for other in steps}
    return StepView(
        signer_id=signer.id or 0,
        person_id=signer.person_id,
        case_ref=case.ref,
        case_title=case.title,
        process=case.process,
        asked_by=people.get(case.initiator_id, case.initiator_id),
        handler=people.get(case.handler_id, case.handler_id),
        key=step.key,
        name=step.name,
        title=step.title,
        question=step.question,
        round=step.round,
        content=step.content,
        content_hash=step.content_hash,
        actions=tuple(ActionView.model_validate(action) for action in step.actions),
        returns_to=tuple((name, titles.get(name, name)) for name in step.returns_to),
        route=route_view(step, signers),
        signatures=signatures_of(session, steps),
        sensitive=step.sensitive,
        state=step.state,
        signer_state=signer.state,
        closed_by=step.closed_by,
        closed_at=step.closed_at,
        expiry=step.expiry,
        due=deadline(calendar, now, step.due_at),
        expires_at=step.expires_at,
        opened_at=step.opened_at,
    )


def _people(case: Case) -> Any:
    return select(Person).where(col(Person.id).in_({case.initiator_id, case.handler_id}))


def signatures_of(session: Session, steps: Sequence[Step]) -> tuple[SignatureView, ...]:
    """Every answer given to ``steps`` (all of one case), in order. One query."""
    if not steps:
        return ()
    by_id = {step.id: step for step in steps}
    titles = {step.name: step.title for step in steps}
    statement = (
        select(Signer, Person.name)
        .join(Person, col(Person.id) == Signer.person_id)
        .where(Signer.case_ref == steps[0].case_ref, Signer.state == SignerState.SIGNED)
        .order_by(col(Signer.signed_at), col(Signer.id))
    )
    return tuple(
        _signature(by_id[signer.step_id], signer, name, titles)
        for signer, name in session.exec(statement)
        if signer.step_id in by_id
    )


def _signature(step: Step, signer: Signer, name: str, titles: Mapping[str, str]) -> SignatureView:
    action = next((a for a in step.actions if a["name"] == signer.action), None)
    return SignatureView(
        step_key=step.key,
        step_title=step.title,
        round=step.round,
        person_id=signer.person_id,
        name=name,
        seat=signer.seat,
        label=action["label"] if action else signer.action or "",
        kind=signer.kind or ActionKind.RECORD,
        at=signer.signed_at or step.opened_at,
        void=signer.void,
        lines=answer_lines(action["form"] if action else "", signer.answer or {}, titles),
    )
