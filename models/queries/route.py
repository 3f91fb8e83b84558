"""A step's route as people see it: each level, who may sign there, why, and how far it has come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from config.words import ActionKind, Mode, SignerState, StepState
from models.queries.shown import Read, Sentence, sentence_of
from models.rules.routing import LeftOut, Route, RouteLevel
from models.tables import Signer, Step


class LevelState(StrEnum):
    """How far a level has come."""

    SIGNED = "signed"
    ASKED = "asked"
    WAITING = "waiting"
    RELEASED = "released"


class SeatedPerson(Read):
    """One person who may sign on a level, and what has become of it. ``role`` and ``label`` are translatable."""

    person_id: str
    name: str
    seat: str
    role: str | None
    state: SignerState
    label: str | None = None
    kind: ActionKind | None = None
    at: datetime | None = None


class LeftOutPerson(Read):
    """Somebody who was considered and may not sign here, and why."""

    name: str
    seat: str
    reason: Sentence


class LevelView(Read):
    """One level: ``needed`` of its ``seats`` must be signed. ``title`` is translatable."""

    number: int
    title: str
    mode: Mode
    seats: int
    needed: int
    state: LevelState
    people: tuple[SeatedPerson, ...]
    left_out: tuple[LeftOutPerson, ...]
    reasons: tuple[Sentence, ...]


class RouteView(Read):
    """The whole route, why it is this one, and under which version of the policy."""

    levels: tuple[LevelView, ...]
    reasons: tuple[Sentence, ...]
    left_out: tuple[LeftOutPerson, ...]
    policy_version: str


def route_view(step: Step, signers: Sequence[Signer]) -> RouteView:
    """The route of ``step`` with the state of each of its ``signers``."""
    route = Route.model_validate(step.route)
    labels = {action["name"]: action["label"] for action in step.actions}
    return RouteView(
        levels=tuple(
            _level(step, number, level, [s for s in signers if s.level == number], labels)
            for number, level in enumerate(route.levels)
        ),
        reasons=tuple(sentence_of(reason) for reason in route.reasons),
        left_out=_left_out(route.left_out),
        policy_version=route.policy_version,
    )


def _level(step: Step, number: int, level: RouteLevel, signers: Sequence[Signer], labels: dict[str, str]) -> LevelView:
    names = {c.person_id: c.name for seat in level.seats for c in seat.candidates}
    people = tuple(
        SeatedPerson(
            person_id=signer.person_id,
            name=names.get(signer.person_id, signer.person_id),
            seat=signer.seat,
            role=signer.role.label if signer.role else None,
            state=signer.state,
            label=labels.get(signer.action or ""),
            kind=signer.kind,
            at=signer.signed_at,
        )
        for signer in sorted(signers, key=lambda signer: signer.id or 0)
    )
    return LevelView(
        number=number + 1,
        title=level.title,
        mode=level.mode,
        seats=len(level.seats),
        needed=level.needed,
        state=_state(step, number, level, people),
        people=people,
        left_out=_left_out(level.left_out),
        reasons=tuple(sentence_of(reason) for reason in level.reasons),
    )


def _state(step: Step, number: int, level: RouteLevel, people: Sequence[SeatedPerson]) -> LevelState:
    signed = {person.seat for person in people if person.state is SignerState.SIGNED}
    if len(signed) >= level.needed or (signed and step.state is StepState.CLOSED):
        return LevelState.SIGNED
    if step.state is StepState.CLOSED:
        return LevelState.RELEASED
    return LevelState.ASKED if number == step.level else LevelState.WAITING


def _left_out(people: Sequence[LeftOut]) -> tuple[LeftOutPerson, ...]:
    return tuple(LeftOutPerson(name=one.name, seat=one.seat, reason=sentence_of(one.reason)) for one in people)
