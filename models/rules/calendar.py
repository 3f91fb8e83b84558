"""The business calendar: working days, with make-up working days, in the company's time zone.

Business time (days, wall clock in the company's zone) and instants (aware UTC datetimes) never mix: every method
says which of the two it takes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import chinese_calendar
import holidays

from config.office_hours import OfficeHours, office_hours

OFFICE_HOURS = office_hours("09:00-12:00,13:00-18:00")
_SATURDAY = 5
_ONE_DAY = timedelta(days=1)
_CHINESE_YEARS = range(
    min(chinese_calendar.holidays).year,
    max(chinese_calendar.holidays).year + 1,
)


class BusinessCalendar:
    """The working days of a country (ISO code) as seen from a time zone.

    China's days off and make-up working days are announced year by year; beyond the known years every weekday
    counts as a working day, and ``covers`` says so. ``hours`` are those of its days at which people are at work.

    Raises:
        ValueError: an unknown country or time zone.
    """

    def __init__(
        self, country: str = "CN", time_zone: str = "Asia/Shanghai", hours: OfficeHours = OFFICE_HOURS
    ) -> None:
        self.hours = hours
        self.country = country.upper()
        if self.country != "CN" and self.country not in holidays.list_supported_countries():
            raise ValueError(f"no calendar is known for the country {country!r}")
        try:
            self.zone = ZoneInfo(time_zone)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"unknown time zone {time_zone!r}") from error

    def covers(self, year: int) -> bool:
        """Whether the year's days off are known, rather than guessed from weekdays."""
        return year in _CHINESE_YEARS if self.country == "CN" else _has_days_off(self.country, year)

    def is_business_day(self, day: date) -> bool:
        """Whether the company works on ``day`` (a date in its own time zone)."""
        return day in _business_days(self.country, day.year)

    def business_days_from(self, first: date, before: date) -> int:
        """How many business days there are from ``first`` on and before ``before`` (dates of the company)."""
        found = 0
        for year in range(first.year, before.year + 1):
            days = _in_order(self.country, year)
            found += bisect_left(days, before) - bisect_left(days, first)
        return max(0, found)

    def local(self, instant: datetime) -> datetime:
        """An instant on the company's clock."""
        return _aware(instant).astimezone(self.zone)

    def day_of(self, instant: datetime) -> date:
        """The company's date at ``instant``."""
        return _aware(instant).astimezone(self.zone).date()

    def add_business_days(self, instant: datetime, days: int) -> datetime:
        """The instant ``days`` business days later, at the same wall-clock time of the company.

        What begins on a day off counts from the next business day, as if begun there at that time of day.

        Raises:
            ValueError: negative days, or an instant without a time zone.
        """
        if days < 0:
            raise ValueError("business days are counted forwards only")
        local = _aware(instant).astimezone(self.zone)
        day = self._this_or_next(local.date())
        for _ in range(days):
            day = self._this_or_next(day + _ONE_DAY)
        return local.replace(year=day.year, month=day.month, day=day.day).astimezone(UTC)

    def half_way(self, start: datetime, due: datetime) -> datetime:
        """The instant at which half of the business time between two instants has passed.

        A business day counts 24 hours and a day off none: half of Friday noon to Tuesday noon is Monday noon.
        Without any business time between them: ``due``.
        """
        begin, end = (_aware(instant).astimezone(self.zone).replace(tzinfo=None) for instant in (start, due))
        stretches = list(self._business_time(begin, end))
        left = sum((until - since for since, until in stretches), timedelta()) / 2
        for since, until in stretches:
            if left <= until - since:
                return (since + left).replace(tzinfo=self.zone).astimezone(UTC)
            left -= until - since
        return due.astimezone(UTC)

    def _business_time(self, begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The stretches of wall-clock time from ``begin`` to ``end`` that lie on business days, day by day."""
        midnight = begin.replace(hour=0, minute=0, second=0, microsecond=0)
        while midnight < end:
            if self.is_business_day(midnight.date()):
                yield max(begin, midnight), min(end, midnight + _ONE_DAY)
            midnight += _ONE_DAY

    def business_days_between(self, start: datetime, end: datetime) -> int:
        """Whole business days from ``start`` to ``end``: the most that can be added to the start without passing it.

        0 if ``end`` is not after ``start``.
        """
        begin, last = self.add_business_days(start, 0), _aware(end)
        local_end = last.astimezone(self.zone)
        day, days = begin.astimezone(self.zone).date(), 0
        while (day := day + _ONE_DAY) <= local_end.date():
            days += self.is_business_day(day)
        if days and self.is_business_day(local_end.date()) and self.add_business_days(begin, days) > last:
            days -= 1
        return days

    def _this_or_next(self, day: date) -> date:
        while day not in _business_days(self.country, day.year):
            day += _ONE_DAY
        return day


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError(f"an instant without a time zone: {instant!r}")
    return instant


@lru_cache(maxsize=256)
def _business_days(country: str, year: int) -> frozenset[date]:
    """All working days of a year. Looked up by date they answer in well under a microsecond."""
    first = date(year, 1, 1)
    days = [first + timedelta(days=i) for i in range((date(year, 12, 31) - first).days + 1)]
    if country == "CN":
        known = year in _CHINESE_YEARS
        return frozenset(day for day in days if (chinese_calendar.is_workday(day) if known else _is_weekday(day)))
    off = holidays.country_holidays(country, years=year)
    return frozenset(day for day in days if off.is_working_day(day))


@lru_cache(maxsize=256)
def _in_order(country: str, year: int) -> list[date]:
    return sorted(_business_days(country, year))


@lru_cache(maxsize=256)
def _has_days_off(country: str, year: int) -> bool:
    return bool(holidays.country_holidays(country, years=year))


def _is_weekday(day: date) -> bool:
    return day.weekday() < _SATURDAY
