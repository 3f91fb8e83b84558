"""How a level stands: who is asked next, and what it has come to (processes §1, signing modes; 加签).

A place is one person's on a level. Base places fill the level's seats: a seat is signed when one of its people signs.
Added places (加签) must be signed besides, whatever the mode: before or after the one who added them, or at the same
time. A rejection ends the step at once, or after all have spoken, by declaration.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from config.words import ActionKind, Mode, Place, SignerState
from models.rules.signing import RouteLevel

OUT = {SignerState.RELEASED, SignerState.TRANSFERRED, SignerState.REMOVED, SignerState.ADVISED}


@dataclass(frozen=True)
class OnLevel:
    """One place as the rule sees it. ``added_by`` is the id of the place whose holder added this one."""

    id: int
    seat: str
    state: SignerState
    kind: ActionKind | None = None
    added_by: int | None = None
    where: Place | None = None
    delegate_of: int | None = None

    @property
    def signed(self) -> bool:
        return self.state is SignerState.SIGNED

    @property
    def rejects(self) -> bool:
        return self.signed and self.kind is ActionKind.REJECT

    @property
    def live(self) -> bool:
        return self.state not in OUT and self.delegate_of is None


class Come(Enum):
    """What a level has come to."""

    OPEN = auto()
    PASSED = auto()
    REJECTED = auto()
    RETURNED = auto()


@dataclass(frozen=True)
class Standing:
    """What a level has come to, whom to ask now, whom to hold back, and who is no longer needed (ids of places)."""

    come: Come
    ask: tuple[int, ...] = field(default=())
    hold: tuple[int, ...] = field(default=())
    release: tuple[int, ...] = field(default=())


def standing(level: RouteLevel, places: Sequence[OnLevel], *, rejection_waits: bool = False) -> Standing:
    """The standing of ``level`` with all of its ``places``, whatever order they came in."""
    if any(place.signed and place.kind is ActionKind.RETURN for place in places):
        return Standing(Come.RETURNED)
    if any(place.rejects for place in places) and not rejection_waits:
        return Standing(Come.REJECTED)
    release = _no_longer_needed(places)
    left = [place for place in places if place.live and place.id not in release]
    come = _come(level, left, rejection_waits)
    if come is not Come.OPEN:
        return Standing(come, release=tuple(release))
    held = {place.id for place in left if not place.signed and _held(place, left)}
    return Standing(
        Come.OPEN,
        ask=tuple(p.id for p in left if p.state is SignerState.WAITING and p.id not in held),
        hold=tuple(p.id for p in left if p.state is SignerState.ASKED and p.id in held),
        release=tuple(release),
    )


def _no_longer_needed(places: Sequence[OnLevel]) -> list[int]:
    """Unsigned people of seats that are signed, with whomever they added or delegated to."""
    signed = {place.seat for place in places if place.signed and place.added_by is None}
    gone = {p.id for p in places if p.live and not p.signed and p.added_by is None and p.seat in signed}
    out = {place.id for place in places if place.state in OUT and place.state is not SignerState.TRANSFERRED}
    while more := {
        place.id
        for place in places
        if not place.signed
        and place.state not in OUT
        and place.id not in gone
        and (place.added_by in gone | out or place.delegate_of in gone)
    }:
        gone |= more
    return sorted(gone)


def _held(place: OnLevel, left: Sequence[OnLevel]) -> bool:
    """Whether somebody added must sign before this place, or it is to sign after one who has not."""
    waits_for = [p for p in left if p.added_by == place.id and p.where is Place.BEFORE and not p.signed]
    adder = next((p for p in left if p.id == place.added_by), None)
    after = place.where is Place.AFTER and adder is not None and not adder.signed
    return bool(waits_for) or after or (place.where is Place.AFTER and adder is None)


def _come(level: RouteLevel, left: Sequence[OnLevel], rejection_waits: bool) -> Come:
    base = [place for place in left if place.added_by is None]
    added = [place for place in left if place.added_by is not None]
    spoken = {place.seat: place for place in base if place.signed}
    approvals = sum(not place.rejects for place in spoken.values())
    seats = {seat.name for seat in level.seats}
    if rejection_waits and (spoken.keys() < seats or not all(place.signed for place in added)):
        enough = level.mode is not Mode.ALL and approvals >= level.needed and all(place.signed for place in added)
        if not enough or any(place.rejects for place in left):
            return Come.OPEN
    if any(place.rejects for place in added):
        return Come.REJECTED
    if approvals >= level.needed:
        return Come.PASSED if all(place.signed for place in added) else Come.OPEN
    return Come.REJECTED if spoken.keys() >= seats else Come.OPEN
