"""One step as its signer sees it: what is asked, what it rests on, who has said what, and what they may answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from config.words import ActionKind, ClosedBy, Expiry, SignerState, StepState
from models.audit import digest
from models.operations.steps import case_is_live
from models.queries.answers import AnswerLine, answer_lines, people_answered
from models.queries.discussion import Discussion, discussion
from models.queries.inbox import Deadline, deadline
from models.queries.places import AddedByMe, Became, Places, named, people_of
from models.queries.route import RouteView, route_view
from models.queries.shown import Read, Sentence
from models.rules.calendar import BusinessCalendar
from models.tables import Case, Person, Signer, Step

KEEPS_A_PLACE = frozenset(
    {SignerState.WAITING, SignerState.ASKED, SignerState.DELEGATED, SignerState.SIGNED, SignerState.ADVISED}
)
"""Whoever transferred their place, was taken off or is not needed any more has nothing to move here."""


class ActionView(Read):
    """One way to answer. ``label`` is translatable; ``form`` names the form behind it."""

    name: str
    kind: ActionKind
    label: str
    form: str


class SignatureView(Read):
    """One answer given to a step of the case. A void one stays on record and counts no more (C).

    ``for_name`` is the absent person in whose name a substitute signed, ``advised_by`` the delegate who worked it out,
    ``added_by`` whoever had this signer added.
    """

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
    for_name: str | None = None
    advised_by: str | None = None
    added_by: str | None = None


class AdviceView(Read):
    """A delegate's proposed answer (委派). ``digest`` names this very proposal, ``form`` is what they filled in."""

    by: str
    action: str
    label: str
    kind: ActionKind
    form: dict[str, Any]
    lines: tuple[AnswerLine, ...]
    digest: str


class StepView(Read):
    """One person's place on one step. ``may_answer`` says that it is their turn now.

    ``came`` tells how the step came to them if not by their turn, ``became`` what has become of their place if it is
    somebody else's now, ``added`` whom they may take off the route again.
    """

    signer_id: int
    person_id: str
    reader_id: str
    case_ref: str
    case_title: str
    process: str
    asked_by: str | None
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
    live: bool
    escalations: int
    came: tuple[Sentence, ...]
    became: Became | None
    advice: AdviceView | None
    delegated: bool
    added: tuple[AddedByMe, ...]
    discussion: Discussion

    @property
    def mine(self) -> bool:
        """Whether the reader holds the place; else a substitute holds it in their name."""
        return self.person_id == self.reader_id

    @property
    def may_answer(self) -> bool:
        return self.mine and self.live and self.signer_state is SignerState.ASKED

    @property
    def moves(self) -> tuple[str, ...]:
        """The moves that are open to the reader now, the most usual first; the domain judges again."""
        if not (self.mine and self.live and self.signer_state in KEEPS_A_PLACE):
            return ()
        names: list[str] = []
        if self.signer_state is SignerState.ASKED:
            names += ["transfer"] if self.delegated else ["transfer", "delegate", "add-signer"]
        if self.signer_state is SignerState.DELEGATED:
            names.append("take-back")
        if self.added and self.signer_state in (SignerState.ASKED, SignerState.WAITING):
            names.append("remove-signer")
        return (*names, "question", "copy", "comment", "attach")

    @property
    def own(self) -> SignatureView | None:
        """What this person has answered here, if they have."""
        mine = (s for s in self.signatures if s.person_id == self.person_id and s.step_key == self.key)
        return next(mine, None)

    @property
    def last(self) -> SignatureView | None:
        """The latest answer to this step."""
        return next((s for s in reversed(self.signatures) if s.step_key == self.key), None)


def step_view(
    session: Session,
    signer: Signer,
    step: Step,
    calendar: BusinessCalendar,
    now: datetime,
    *,
    reader: str | None = None,
) -> StepView:
    """``signer``'s view of ``step``, or their absent ``reader``'s: nine queries at most, however long the case is."""
    case = session.get_one(Case, step.case_ref)
    steps = session.exec(select(Step).where(Step.case_ref == case.ref).order_by(col(Step.id))).all()
    everyone = session.exec(select(Signer).where(Signer.case_ref == case.ref).order_by(col(Signer.id))).all()
    names = names_of(session, named(case) | people_of(everyone) | answered_people(steps, everyone))
    signers = [other for other in everyone if other.step_id == step.id]
    titles = {other.name: other.title for other in steps}
    places = Places(signers, names)
    reader_id = reader or signer.person_id
    return StepView(
        signer_id=signer.id or 0,
        person_id=signer.person_id,
        reader_id=reader_id,
        case_ref=case.ref,
        case_title=case.title,
        process=case.process,
        asked_by=names.get(case.initiator_id, case.initiator_id) if case.initiator_id else None,
        handler=names.get(case.handler_id, case.handler_id),
        key=step.key,
        name=step.name,
        title=step.title,
        question=step.question,
        round=step.round,
        content=step.content,
        content_hash=step.content_hash,
        actions=tuple(ActionView.model_validate(action) for action in step.actions),
        returns_to=tuple((name, titles.get(name, name)) for name in step.returns_to),
        route=route_view(step, signers, names),
        signatures=signatures_of(steps, everyone, names),
        sensitive=step.sensitive,
        state=step.state,
        signer_state=signer.state,
        closed_by=step.closed_by,
        closed_at=step.closed_at,
        expiry=step.expiry,
        due=deadline(calendar, now, step.due_at),
        expires_at=step.expires_at,
        opened_at=step.opened_at,
        live=step.state is StepState.OPEN and case_is_live(case),
        escalations=step.escalations,
        came=places.came(signer) if reader_id == signer.person_id else (),
        became=places.became(signer, reader_id),
        advice=_advice(step, signer, names, titles),
        delegated=signer.delegated_by is not None,
        added=places.added_by(signer),
        discussion=discussion(session, steps, reader_id),
    )


def names_of(session: Session, ids: Collection[str]) -> dict[str, str]:
    """Names by id."""
    return dict(session.exec(select(Person.id, Person.name).where(col(Person.id).in_(ids))).all())


def answered_people(steps: Sequence[Step], signers: Sequence[Signer]) -> set[str]:
    """The people whom the answers of ``signers`` name, proposed ones too."""
    actions = {step.id: {a["name"]: str(a["form"]) for a in step.actions} for step in steps}
    given = [(s.step_id, s.action or "", s.answer) for s in signers if s.answer]
    given += [(s.step_id, s.advice["action"], s.advice["answer"]) for s in signers if s.advice]
    return people_answered((actions.get(step, {}).get(action, ""), answer) for step, action, answer in given)


def signatures_of(
    steps: Sequence[Step], signers: Sequence[Signer], names: Mapping[str, str]
) -> tuple[SignatureView, ...]:
    """Every answer given by ``signers`` to ``steps`` (all of one case), in order."""
    by_id = {step.id: step for step in steps}
    titles = {step.name: step.title for step in steps}
    places = Places(signers, names)
    signed = [s for s in signers if s.state is SignerState.SIGNED and s.step_id in by_id]
    signed.sort(key=lambda signer: (signer.signed_at or by_id[signer.step_id].opened_at, signer.id or 0))
    return tuple(_signature(by_id[signer.step_id], signer, places, titles) for signer in signed)


def _advice(step: Step, signer: Signer, names: Mapping[str, str], titles: Mapping[str, str]) -> AdviceView | None:
    given = signer.advice
    if not given or signer.state is not SignerState.ASKED:
        return None
    action = next((a for a in step.actions if a["name"] == given["action"]), None)
    if action is None:
        return None
    return AdviceView(
        by=names.get(given["person_id"], given["person_id"]),
        action=given["action"],
        label=action["label"],
        kind=ActionKind(given["kind"]),
        form=given["answer"],
        lines=answer_lines(action["form"], given["answer"], titles, names),
        digest=digest(given),
    )


def _signature(
    step: Step,
    signer: Signer,
    places: Places,
    titles: Mapping[str, str],
) -> SignatureView:
    action = next((a for a in step.actions if a["name"] == signer.action), None)
    adviser = str(signer.advice["person_id"]) if signer.advice else None
    return SignatureView(
        step_key=step.key,
        step_title=step.title,
        round=step.round,
        person_id=signer.person_id,
        name=places.name(signer.person_id),
        seat="" if signer.added_by else signer.seat,
        label=action["label"] if action else signer.action or "",
        kind=signer.kind or ActionKind.RECORD,
        at=signer.signed_at or step.opened_at,
        void=signer.void,
        lines=answer_lines(action["form"] if action else "", signer.answer or {}, titles, places.names),
        for_name=places.name(signer.for_person_id) if signer.for_person_id else None,
        advised_by=places.name(adviser) if adviser else None,
        added_by=places.adder(signer) if signer.added_by else None,
    )
