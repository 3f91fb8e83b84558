"""Quarters, months and half-years: how the periods of evaluations and meetings are written, begin and end."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import NamedTuple

_WRITTEN = re.compile(r"(2\d{3})Q([1-4])")
_HALF_WRITTEN = re.compile(r"(2\d{3})H([12])")
_MONTH_WRITTEN = re.compile(r"(2\d{3})-(0[1-9]|1[0-2])")
_MONTHS, _MONTHS_OF_A_HALF, _QUARTERS, _MONTHS_OF_A_YEAR = 3, 6, 4, 12


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


class Month(NamedTuple):
    """A month of a calendar year, written ``2026-03``."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year}-{self.number:02d}"

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return months_before(self.first, -1) - timedelta(days=1)

    @property
    def before(self) -> Month:
        return month_of(months_before(self.first, 1))


def month(written: str) -> Month | None:
    """The month written ``2026-03`` (spaces around it do not matter); none if it is not one."""
    found = _MONTH_WRITTEN.fullmatch(written.strip())
    return Month(int(found[1]), int(found[2])) if found else None


def month_of(day: date) -> Month:
    """The month that ``day`` lies in."""
    return Month(day.year, day.month)


class Half(NamedTuple):
    """Half of a calendar year, written ``2026H1``."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year}H{self.number}"

    @property
    def quarters(self) -> tuple[Quarter, Quarter]:
        """Its two quarters."""
        return Quarter(self.year, 2 * self.number - 1), Quarter(self.year, 2 * self.number)

    @property
    def first(self) -> date:
        """Its first day."""
        return self.quarters[0].first

    @property
    def last(self) -> date:
        """Its last day."""
        return self.quarters[1].last

    @property
    def before(self) -> Half:
        return Half(self.year - 1, 2) if self.number == 1 else Half(self.year, 1)


def half(written: str) -> Half | None:
    """The half-year written ``2026H1`` (small letters and spaces around it do not matter); none if it is not one."""
    found = _HALF_WRITTEN.fullmatch(written.strip().upper())
    return Half(int(found[1]), int(found[2])) if found else None


def half_of(day: date) -> Half:
    """The half-year that ``day`` lies in."""
    return Half(day.year, (day.month - 1) // _MONTHS_OF_A_HALF + 1)


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
