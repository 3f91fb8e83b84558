"""Quarters: how the periods of an evaluation are written, begin and end."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import NamedTuple

_WRITTEN = re.compile(r"(2\d{3})Q([1-4])")
_MONTHS, _QUARTERS, _MONTHS_OF_A_YEAR = 3, 4, 12


class Quarter(NamedTuple):
    """A quarter of a calendar year, written ``2026Q3``."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, _MONTHS * (self.number - 1) + 1, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return months_before(self.first, -_MONTHS) - timedelta(days=1)

    @property
    def before(self) -> Quarter:
        return Quarter(self.year - 1, _QUARTERS) if self.number == 1 else Quarter(self.year, self.number - 1)


def quarter(written: str) -> Quarter | None:
    """The quarter written ``2026Q3`` (small letters and spaces around it do not matter); none if it is not one."""
    found = _WRITTEN.fullmatch(written.strip().upper())
    return Quarter(int(found[1]), int(found[2])) if found else None


def quarter_of(day: date) -> Quarter:
    """The quarter that ``day`` lies in."""
    return Quarter(day.year, (day.month - 1) // _MONTHS + 1)


def months_before(day: date, months: int) -> date:
    """The same day ``months`` earlier (later if negative); the last day of a shorter month where it has no such day."""
    count = day.year * _MONTHS_OF_A_YEAR + day.month - 1 - months
    year, month = divmod(count, _MONTHS_OF_A_YEAR)
    following = date(year + (month == _MONTHS_OF_A_YEAR - 1), (month + 1) % _MONTHS_OF_A_YEAR + 1, 1)
    return date(year, month + 1, min(day.day, (following - timedelta(days=1)).day))
