"""A script: how people treat one kind of case, step by step, wait by wait, and how it must end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from config.words import Outcome


@dataclass(frozen=True)
class Scene:
    """What a move may need to know: the company's date, the customer, and what the open step shows."""

    today: date
    customer: str
    number: int
    content: Mapping[str, Any] = field(default_factory=dict)

    def in_days(self, days: int) -> str:
        return (self.today + timedelta(days=days)).isoformat()


Form = Mapping[str, Any] | Callable[[Scene], Mapping[str, Any]]


@dataclass(frozen=True)
class Answers:
    """Whoever is asked answers with ``action``."""

    action: str
    form: Form = field(default_factory=dict)

    def filled(self, scene: Scene) -> dict[str, Any]:
        return dict(self.form(scene) if callable(self.form) else self.form)


@dataclass(frozen=True)
class Pays:
    """The customer pays so much of what it owes, in yuan; a payment overtakes the step that is open."""

    amount: str
    name: str


@dataclass(frozen=True)
class Withdraws:
    """Whoever opened the case takes it back."""


@dataclass(frozen=True)
class DayComes:
    """What the case waits for comes: the date of its timer is moved to now, in the test's own database."""


@dataclass(frozen=True)
class OutsiderAnswers:
    """Somebody outside opens the link they were sent and answers, with the code that comes by mail."""

    form: Mapping[str, str]


@dataclass(frozen=True)
class Relapses:
    """The risk department reports a relapse."""

    reason: str


Move = Answers | Pays | Withdraws | DayComes | OutsiderAnswers | Relapses


@dataclass(frozen=True)
class Script:
    """How people treat one kind of case.

    ``steps`` by the step's name, each with the moves of its first, second … time; ``waits`` by the beginning of the
    wait's key, likewise. The last move of a row holds for every later time too. ``opener`` opens the case with what
    ``opens`` says; ``needs`` is what its customer must be like.
    """

    name: str
    process: str
    outcome: Outcome
    opener: str
    opens: Callable[[Scene], Mapping[str, Any]]
    needs: str
    steps: Mapping[str, tuple[Move, ...]] = field(default_factory=dict)
    waits: Mapping[str, tuple[Move, ...]] = field(default_factory=dict)

    def at_step(self, name: str, time: int) -> Move:
        """What happens when the step is open for the ``time``-th time, counted from 1."""
        return _at(self.steps[name], time)

    def at_wait(self, key: str, time: int) -> Move | None:
        """What happens when the case waits; none if it waits for something that will come by itself."""
        moves = next((moves for begins, moves in self.waits.items() if key.startswith(begins)), None)
        return _at(moves, time) if moves else None


def _at(moves: tuple[Move, ...], time: int) -> Move:
    return moves[min(time, len(moves)) - 1]
