"""When a recurring duty comes round: the next turn, the first one, and which of two rhythms is the closer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from config.policy.frequencies import Frequency
from models.rules.periods import months_before

_DAYS_OF_A_MONTH = 30


def next_turn(day: date, every: Frequency) -> date:
    """The day of the next turn after ``day``; the last day of a shorter month where the day does not exist."""
    return months_before(day, -every.months) if every.months else day + timedelta(days=every.days)


def first_turn(day: date, every: Frequency, number: int) -> date:
    """The first turn of customer ``number`` where many begin on the same ``day``: spread over one round, day by day."""
    return day + timedelta(days=1 + number % length(every))


def length(every: Frequency) -> int:
    """About how many calendar days lie between two turns."""
    return every.months * _DAYS_OF_A_MONTH or every.days


def closest(rhythms: Iterable[Frequency]) -> Frequency:
    """The one that comes round most often.

    Raises:
        ValueError: there are none.
    """
    return min(rhythms, key=length)
