"""The collections ladder as a rule: which rung is due on which day, and what a case does next (X, B).

Pure: what is owed, what was done and what is agreed go in; the next move comes out. Days count from the oldest due date
on the business calendar. Nothing is skipped: a case that begins late climbs every rung, one after the other and without
waiting; a rung that was begun is finished or recorded as not carried out, and never comes again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol

from config.policy.collections import Rung
from config.words import RungState, StrategyState, StrategyWay

ONE_DAY = timedelta(days=1)


class Days(Protocol):
    """The company's business days."""

    def is_business_day(self, day: date) -> bool:
        """Whether the company works on ``day``."""


class Move(StrEnum):
    """What a collections case does next."""

    FINISH = "finish"
    AWAIT_RECEPTION = "await_reception"
    AWAIT_PROMISE = "await_promise"
    AWAIT_RUNG = "await_rung"
    CLIMB = "climb"
    CHOOSE = "choose"
    APPROVE = "approve"
    PURSUE = "pursue"


@dataclass(frozen=True)
class Position:
    """How a case stands. ``since`` is the oldest due date of what is overdue and undisputed; none if nothing is.

    ``disputed``: something overdue is disputed, or a reception is under way about it. ``promised_until``: the last day
    that a promise still holds the ladder. ``rungs``: those begun, by name. ``strategy``: the last one, and its state.
    """

    since: date | None
    disputed: bool = False
    promised_until: date | None = None
    rungs: Mapping[str, RungState] = field(default_factory=dict)
    strategy: tuple[StrategyWay, StrategyState] | None = None


@dataclass(frozen=True)
class Next:
    """The next move, and for a rung which one, its day, and whether it was begun before."""

    move: Move
    rung: Rung | None = None
    on: date | None = None
    again: bool = False


def business_day(days: Days, start: date, number: int) -> date:
    """The ``number``-th business day after ``start``; what begins on a day off counts from the next business day."""
    day = this_or_next(days, start)
    for _ in range(number):
        day = this_or_next(days, day + ONE_DAY)
    return day


def this_or_next(days: Days, day: date) -> date:
    """``day`` if the company works then, else the next day on which it does."""
    while not days.is_business_day(day):
        day += ONE_DAY
    return day


def next_rung(ladder: Sequence[Rung], since: date, rungs: Mapping[str, RungState], days: Days) -> Next | None:
    """The lowest rung that is not over, with its day by what is owed now; none when all are."""
    for rung in ladder:
        state = rungs.get(rung.name)
        if state in (None, RungState.BEGUN):
            on = business_day(days, since, rung.from_day)
            return Next(Move.CLIMB, rung, on, again=state is RungState.BEGUN)
    return None


def next_move(position: Position, ladder: Sequence[Rung], today: date, days: Days) -> Next:
    """What the case does today: finish where nothing is owed, else hold, climb, or go the way that was chosen."""
    if position.since is None and not position.disputed:
        return Next(Move.FINISH)
    if position.disputed or position.since is None:
        return Next(Move.AWAIT_RECEPTION)
    if position.promised_until is not None and today <= position.promised_until:
        return Next(Move.AWAIT_PROMISE, on=position.promised_until)
    rung = next_rung(ladder, position.since, position.rungs, days)
    if rung is not None:
        begins = rung.again or (rung.on is not None and rung.on <= today)
        return rung if begins else Next(Move.AWAIT_RUNG, rung.rung, rung.on)
    return Next(_after_the_ladder(position.strategy))


def _after_the_ladder(strategy: tuple[StrategyWay, StrategyState] | None) -> Move:
    state = strategy[1] if strategy else None
    if state is StrategyState.PROPOSED:
        return Move.APPROVE
    return Move.PURSUE if state is StrategyState.RUNNING else Move.CHOOSE
