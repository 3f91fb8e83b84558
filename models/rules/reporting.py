"""The period that figures are asked for, and the months, quarters or years it is drawn in."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import NamedTuple

from models.rules.periods import months_before, quarter, quarter_of

_YEAR = re.compile(r"2\d{3}")
_MONTH, _QUARTER, _TWELVE = 1, 3, 12
MONTHS_DRAWN, QUARTERS_DRAWN = 24, 72
"""A period of up to so many months is drawn by months, then by quarters, beyond by years."""
LONGEST_YEARS = 30


class Reported(NamedTuple):
    """From the first to the last day, both included. ``name`` is how it is asked for; free periods have none."""

    first: date
    last: date
    name: str = ""

    @property
    def parts(self) -> tuple[Part, ...]:
        """The calendar months (quarters, years) it touches, in order; the first and the last may be cut."""
        months = _months(self.last) - _months(self.first) + 1
        step = _MONTH if months <= MONTHS_DRAWN else _QUARTER if months <= QUARTERS_DRAWN else _TWELVE
        parts, begin = [], _begin(self.first, step)
        while begin <= self.last:
            following = months_before(begin, -step)
            parts.append(Part(max(begin, self.first), min(following - timedelta(days=1), self.last), step, begin))
            begin = following
        return tuple(parts)


class Part(NamedTuple):
    """A part of a period: ``months`` is 1, 3 or 12, ``begins`` the day on which the whole of it begins."""

    first: date
    last: date
    months: int
    begins: date

    @property
    def name(self) -> str:
        """``2026-03``, ``2026Q1``, ``2026``."""
        if self.months == _MONTH:
            return f"{self.begins:%Y-%m}"
        return str(quarter_of(self.begins)) if self.months == _QUARTER else f"{self.begins:%Y}"


TWELVE_MONTHS = "12m"


def reported(name: str, today: date, first: date | None = None, last: date | None = None) -> Reported:
    """The period called ``name`` (``12m``, ``2026``, ``2026Q1``), or the one from ``first`` to ``last`` if either is
    given. What is no period counts as the last twelve months; the wrong way round is turned round.

    Nothing is reported of before ``LONGEST_YEARS`` ago, or of the future.
    """
    if first is not None or last is not None:
        return _free(first, last, today)
    if (found := quarter(name)) and found.first <= today:
        return Reported(found.first, min(found.last, today), str(found))
    if _YEAR.fullmatch(name) and int(name) <= today.year:
        return Reported(date(int(name), 1, 1), min(date(int(name), 12, 31), today), name)
    return Reported(months_before(today.replace(day=1), _TWELVE - 1), today, TWELVE_MONTHS)


def _free(first: date | None, last: date | None, today: date) -> Reported:
    until = min(last or today, today)
    since = min(first or months_before(until, _TWELVE), today)
    since, until = min(since, until), max(since, until)
    earliest = date(today.year - LONGEST_YEARS, 1, 1)
    return Reported(max(since, earliest), max(until, earliest))


def offered(today: date) -> tuple[str, ...]:
    """The periods to choose from: twelve months, this year and the one before, the last eight quarters."""
    quarters, one = [], quarter_of(today)
    for _ in range(8):
        quarters.append(str(one))
        one = one.before
    return (TWELVE_MONTHS, str(today.year), str(today.year - 1), *quarters)


def _months(day: date) -> int:
    return day.year * _TWELVE + day.month


def _begin(day: date, step: int) -> date:
    return date(day.year, (day.month - 1) // step * step + 1, 1)
