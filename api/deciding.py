"""Taking answers, from wherever they come: one call of ``decide`` each, as the person who answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from config.languages import N_
from models.audit import Actor
from models.errors import ContentChanged, NotFound, Refused
from models.house import House
from models.operations.decide import Decided, Via, decide
from models.tables import Signer


def take_answer(
    house: House,
    signer_id: int,
    action: str,
    form: Mapping[str, Any],
    *,
    actor: Actor,
    shown_hash: str,
    via: Via,
    key: str | None,
) -> Decided:
    """Record an answer. The same answer again gets the same reply; another one, under whatever key, what stands.

    Raises:
        Refused: as ``decide`` does; nothing is recorded but the refusal.
    """
    with house.work(actor) as work:
        return decide(work, signer_id, action, form, shown_hash=shown_hash, via=via, answer_key=key)


def proposed_form(place: Signer, action: str) -> Mapping[str, Any]:
    """What a delegate has filled in for ``action``, to be confirmed as it stands.

    Raises:
        ContentChanged: nobody proposes that, or not any more.
    """
    if not place.advice or place.advice["action"] != action:
        raise ContentChanged(N_("The proposal has changed since you opened it. Please read it again."))
    form: Mapping[str, Any] = place.advice["answer"]
    return form


@dataclass(frozen=True)
class Listed:
    """One of several steps, as it was listed: the place, and the hash of what was shown."""

    signer_id: int
    shown_hash: str


@dataclass(frozen=True)
class Came:
    """What became of one of several: recorded, or refused and why."""

    listed: Listed
    decided: Decided | None = None
    refusal: Refused | None = None


def take_answers(
    house: House,
    several: Sequence[Listed],
    action: str,
    form: Mapping[str, Any],
    *,
    actor: Actor,
    via: Via,
    key: str | None,
) -> tuple[Came, ...]:
    """The same answer to several steps, each recorded on its own: what becomes of one is nothing to the others."""
    return tuple(_one(house, listed, action, form, actor, via, key) for listed in several)


def _must_be_theirs(house: House, signer_id: int, actor: Actor) -> None:
    """Of a place of others nothing is told, not even who has answered there."""
    with house.read() as session:
        place = session.get(Signer, signer_id)
    if place is None or place.person_id != actor.id:
        raise NotFound(N_("There is no such step for you."))


def _one(
    house: House, listed: Listed, action: str, form: Mapping[str, Any], actor: Actor, via: Via, key: str | None
) -> Came:
    try:
        _must_be_theirs(house, listed.signer_id, actor)
        decided = take_answer(
            house,
            listed.signer_id,
            action,
            form,
            actor=actor,
            shown_hash=listed.shown_hash,
            via=via,
            key=f"{key}:{listed.signer_id}"[:80] if key else None,
        )
    except Refused as refusal:
        return Came(listed, refusal=refusal)
    return Came(listed, decided=decided)
