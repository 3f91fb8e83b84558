"""A step's route as people see it: each level, who may sign there, why, and how far it has come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from config.words import ActionKind, Mode, SignerState, StepState
from models.queries.places import Places
from models.queries.shown import Read, Sentence, sentence_of
from models.rules.routing import LeftOut, Route, RouteLevel
from models.tables import Signer, Step

UNSIGNED = (SignerState.WAITING, SignerState.ASKED, SignerState.DELEGATED)


class LevelState(StrEnum):
    """How far a level has come."""

    SIGNED = "signed"
    ASKED = "asked"
    WAITING = "waiting"
    RELEASED = "released"


class SeatedPerson(Read):
    """One person who may sign on a level, and what has become of it. ``role`` and ``label`` are translatable.

    ``notes`` tell how they came to the route, if not as planned, and what became of their place.
    """

    person_id: str
    name: str
    seat: str
    role: str | None
    state: SignerState
    label: str | None = None
    kind: ActionKind | None = None
    at: datetime | None = None
    added: bool = False
    notes: tuple[Sentence, ...] = ()


class LeftOutPerson(Read):
    """Somebody who was considered and may not sign here, and why."""

    name: str
    seat: str
    reason: Sentence


class LevelView(Read):
    """One level: ``needed`` of its ``seats`` must be signed. ``title`` is translatable.

    ``planned`` names those who were to sign when the route was made, ``people`` everyone as it went.
    """

    number: int
    title: str
    mode: Mode
    seats: int
    needed: int
    state: LevelState
    planned: tuple[str, ...]
    people: tuple[SeatedPerson, ...]
    left_out: tuple[LeftOutPerson, ...]
    reasons: tuple[Sentence, ...]

    @property
    def as_planned(self) -> bool:
        """Whether the people are still those who were planned."""
        return not any(person.notes for person in self.people)


class RouteView(Read):
    """The whole route, why it is this one, and under which version of the policy."""

    levels: tuple[LevelView, ...]
    reasons: tuple[Sentence, ...]
    left_out: tuple[LeftOutPerson, ...]
    policy_version: str


def route_view(step: Step, signers: Sequence[Signer], names: Mapping[str, str]) -> RouteView:
    """The route of ``step`` with the state of each of its ``signers``; ``names`` of everyone these are about."""
    route = Route.model_validate(step.route)
    places = Places(signers, names)
    return RouteView(
        levels=tuple(
            _level(step, number, level, [s for s in signers if s.level == number], places)
            for number, level in enumerate(route.levels)
        ),
        reasons=tuple(sentence_of(reason) for reason in route.reasons),
        left_out=_left_out(route.left_out),
        policy_version=route.policy_version,
    )


def _level(step: Step, number: int, level: RouteLevel, signers: Sequence[Signer], places: Places) -> LevelView:
    labels = {action["name"]: action["label"] for action in step.actions}
    people = tuple(
        SeatedPerson(
            person_id=signer.person_id,
            name=places.name(signer.person_id),
            seat="" if signer.added_by else signer.seat,
            role=signer.role.label if signer.role else None,
            state=signer.state,
            label=labels.get(signer.action or ""),
            kind=signer.kind,
            at=signer.signed_at,
            added=signer.added_by is not None,
            notes=places.notes(signer),
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
        planned=tuple(candidate.name for seat in level.seats for candidate in seat.candidates),
        people=people,
        left_out=_left_out(level.left_out),
        reasons=tuple(sentence_of(reason) for reason in level.reasons),
    )


def _state(step: Step, number: int, level: RouteLevel, people: Sequence[SeatedPerson]) -> LevelState:
    signed = {person.seat for person in people if person.state is SignerState.SIGNED and not person.added}
    missing = any(person.added and person.state in UNSIGNED for person in people)
    if number < step.level or (len(signed) >= level.needed and not missing) or (signed and step.closed_by):
        return LevelState.SIGNED
    if step.state is StepState.CLOSED:
        return LevelState.RELEASED
    return LevelState.ASKED if number == step.level else LevelState.WAITING


def _left_out(people: Sequence[LeftOut]) -> tuple[LeftOutPerson, ...]:
    return tuple(LeftOutPerson(name=one.name, seat=one.seat, reason=sentence_of(one.reason)) for one in people)
