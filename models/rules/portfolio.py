"""What an evaluation makes of one customer: grade, level, class, limit, term, and what is wrong with them (C, B)."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal
from typing import NamedTuple

from config.policy import CreditPolicy
from config.policy.evaluation import LimitRules
from config.words import Change, CreditGrade, Word
from models.rules.credit import NOTHING, customer_class, grade, risk_level
from models.rules.migration import Standing, change


class Flag(Word):
    """What is found about a customer besides a change."""

    NO_LINE = "no_line", "Trades without a credit line"
    ABOVE_CAP = "above_cap", "Limit above the cap of its grade"
    OVER_LIMIT = "over_limit", "Owes more than its limit"
    OVERDUE = "overdue", "Overdue"
    LISTED = "listed", "On the grey or black list"


BREACHES = (Flag.NO_LINE, Flag.ABOVE_CAP, Flag.OVER_LIMIT)
"""Flags that break a rule of the credit policy (C)."""


class Position(NamedTuple):
    """A customer as the evaluation meets them; amounts in yuan.

    ``limit`` and ``term`` are those of the credit line in force; none if there is none. ``trades`` says that they owe
    something or were sent an invoice within the year.
    """

    points: int
    old: Standing
    listed: bool = False
    prepays: bool = False
    volume: Decimal | None = None
    exposure: Decimal = NOTHING
    overdue: Decimal = NOTHING
    trades: bool = False
    limit: Decimal | None = None
    term: int | None = None


class Found(NamedTuple):
    """What shall stand from now on."""

    new: Standing
    change: Change
    limit: Decimal | None
    term: int | None
    flags: tuple[Flag, ...]


def evaluate(position: Position, credit: CreditPolicy, limits: LimitRules) -> Found:
    """What follows from a customer's position (C); a listed customer is at the listed level (B)."""
    given = grade(position.points, credit)
    level = risk_level(position.points, credit, listed=position.listed)
    new = Standing(given, level, customer_class(given, level, position.volume, credit))
    moved = change(position.old, new)
    limit, term = _line(position, given, moved, credit, limits)
    return Found(new, moved, limit, term, _flags(position, given, credit))


def within_grade(points: int, wanted: CreditGrade, credit: CreditPolicy) -> int:
    """The score nearest to ``points`` that has the grade ``wanted``: what a reviewer's exception is rated at."""
    row = credit.row(wanted)
    return min(max(points, row.lowest), row.highest)


def _line(
    position: Position, given: CreditGrade, moved: Change, credit: CreditPolicy, limits: LimitRules
) -> tuple[Decimal | None, int | None]:
    """Limit and term of the line: cut at the caps; raised where an upgraded customer makes good use of it."""
    if position.limit is None:
        return None, None
    row = credit.row(given)
    limit = min(position.limit, row.limit)
    if limit == position.limit and _deserves_more(position, moved, limits):
        more = position.limit * (100 + limits.raise_percent) / 100
        limit = max(limit, min(row.limit, _rounded_down(more, limits.round_to)))
    if limit == 0:
        return NOTHING, 0
    return limit, min(position.term or 0, row.term_days)


def _deserves_more(position: Position, moved: Change, limits: LimitRules) -> bool:
    used = position.exposure * 100 >= (position.limit or NOTHING) * limits.raise_when_used_percent
    return bool(moved is Change.UP and used and position.limit and not position.overdue and not position.listed)


def _rounded_down(amount: Decimal, to: Decimal) -> Decimal:
    whole = (amount / to).to_integral_value(ROUND_FLOOR) * to if to else amount
    return whole.quantize(NOTHING)


def _flags(position: Position, given: CreditGrade, credit: CreditPolicy) -> tuple[Flag, ...]:
    without = position.limit is None or position.limit == 0
    holds = {
        Flag.NO_LINE: without and position.trades and not position.prepays,
        Flag.ABOVE_CAP: position.limit is not None and position.limit > credit.row(given).limit,
        Flag.OVER_LIMIT: not without and position.exposure > (position.limit or NOTHING),
        Flag.OVERDUE: position.overdue > 0,
        Flag.LISTED: position.listed,
    }
    return tuple(flag for flag, held in holds.items() if held)
