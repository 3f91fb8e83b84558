"""Who shall sign, as a step declares it, and the route that comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import Field, TypeAdapter, model_validator

from config.words import Department, Language, Mode, Role
from models.rules.reasons import Reason, Result


@dataclass(frozen=True)
class Candidate:
    """A person who may be asked, as the staff register has them."""

    person_id: str
    name: str
    department: Department
    roles: frozenset[Role]
    active: bool = True


class _Several(Result):
    """Something that several people may sign, by a mode."""

    mode: Mode = Mode.ANY
    quorum: int | None = None

    @model_validator(mode="after")
    def _quorum_goes_with_its_mode(self) -> Self:
        if (self.mode is Mode.QUORUM) != (self.quorum is not None and self.quorum >= 1):
            raise ValueError("a quorum of at least 1 goes with mode QUORUM, and only with it")
        return self


class ByRole(_Several):
    """Holders of a role: any one, all, or a quorum of them.

    Without a department, roles that policy binds to a department are looked for in the case's own.
    """

    kind: Literal["role"] = "role"
    role: Role
    department: Department | None = None


class ByDepartment(_Several):
    """Members of a department: any one, all, or a quorum of them."""

    kind: Literal["department"] = "department"
    department: Department


class ByPerson(Result):
    """One named person."""

    kind: Literal["person"] = "person"
    person_id: str


class ByMatrix(Result):
    """The approval matrices of the policy, by limit and term of the case (C)."""

    kind: Literal["matrix"] = "matrix"


class Together(_Several):
    """Several parties on one level, each with a seat of its own; ``mode`` counts seats (all of them by default)."""

    kind: Literal["together"] = "together"
    mode: Mode = Mode.ALL
    parts: tuple[Annotated[ByRole | ByDepartment | ByPerson, Field(discriminator="kind")], ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_seat_each(self) -> Self:
        for part in self.parts:
            if isinstance(part, _Several) and part.mode is not Mode.ANY:
                raise ValueError("each part of Together has one seat: its mode must be ANY")
        if self.quorum is not None and self.quorum > len(self.parts):
            raise ValueError("a quorum larger than the number of parts can never be reached")
        return self


class InSequence(Result):
    """Parts that sign one after the other, each with its own levels."""

    kind: Literal["sequence"] = "sequence"
    parts: tuple[Declaration, ...] = Field(min_length=1)


Declaration = Annotated[
    ByRole | ByDepartment | ByPerson | ByMatrix | Together | InSequence, Field(discriminator="kind")
]
InSequence.model_rebuild()
DECLARATION: TypeAdapter[Declaration] = TypeAdapter(Declaration)
"""Reads a declaration from JSON."""


class Signer(Result):
    """Somebody who may sign a seat, and the role that lets them (``None`` when asked by name or department)."""

    person_id: str
    name: str
    role: Role | None


class Seat(Result):
    """A place on a level, signed when ANY of its candidates signs. Names are unique on their level."""

    name: str
    candidates: tuple[Signer, ...]


class LeftOut(Result):
    """Somebody who was considered for a seat but may not sign there, and why."""

    person_id: str
    name: str
    seat: str
    reason: Reason


class RouteLevel(Result):
    """Seats that sign at the same time; complete when any, all or ``quorum`` of them are signed.

    ``title`` is an English label to be translated when shown.
    """

    title: str
    mode: Mode
    quorum: int | None
    seats: tuple[Seat, ...]
    left_out: tuple[LeftOut, ...] = ()
    reasons: tuple[Reason, ...] = ()

    @property
    def needed(self) -> int:
        """How many seats must be signed."""
        if self.mode is Mode.ANY:
            return 1
        return len(self.seats) if self.quorum is None else self.quorum


class Route(Result):
    """Levels in the order they sign, and why they are these.

    ``left_out`` holds people considered for places that are not on the route any more; ``proposed_by`` those
    who brought about what is decided, and get no place on it later either.
    """

    levels: tuple[RouteLevel, ...]
    reasons: tuple[Reason, ...]
    policy_version: str
    left_out: tuple[LeftOut, ...] = ()
    proposed_by: tuple[str, ...] = ()

    def signers(self) -> Iterator[Signer]:
        """Everyone who may sign, level by level; nobody comes twice."""
        for level in self.levels:
            for seat in level.seats:
                yield from seat.candidates

    def explain(self, language: Language) -> list[str]:
        """The reasons of the route and its levels, as sentences."""
        given = [*self.reasons, *(reason for level in self.levels for reason in level.reasons)]
        return [reason.render(language) for reason in given]


class NobodyCanSign(Exception):
    """A route would have a place that nobody may fill. ``left_out`` says who was considered, and why not."""

    def __init__(self, seat: str, left_out: tuple[LeftOut, ...]) -> None:
        self.seat = seat
        self.left_out = left_out
        considered = "; ".join(f"{one.name}: {one.reason.render(Language.EN)}" for one in left_out)
        super().__init__(f"nobody can sign as {seat} ({considered or 'nobody holds the role'})")
