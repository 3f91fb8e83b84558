"""Working time: the office hours of business days, counted on the company's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as some

from config.office_hours import office_hours
from models.rules.calendar import BusinessCalendar
from models.rules.working_time import office_day, working_minutes, working_stretches, working_time

CHINA = BusinessCalendar()
GERMANY = BusinessCalendar("DE", "Europe/Berlin", office_hours("08:00-16:30"))
FIRST, LAST = datetime(2024, 1, 1), datetime(2026, 12, 31)  # noqa: DTZ001  # Hypothesis wants them bare
INSTANTS = some.datetimes(FIRST, LAST).map(lambda at: at.replace(tzinfo=UTC))
CALENDARS = some.sampled_from([CHINA, GERMANY])


def xuzhou(text: str) -> datetime:
    """An instant by the company's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=CHINA.zone)


@pytest.mark.parametrize(
    ("begin", "end", "minutes"),
    [
        ("2026-03-10 09:30", "2026-03-10 11:00", 90),
        ("2026-03-10 11:30", "2026-03-10 13:30", 60),  # the hour of noon is nobody's working time
        ("2026-03-10 17:00", "2026-03-11 10:00", 120),
        ("2026-03-10 20:00", "2026-03-11 08:00", 0),  # a night
        ("2026-03-13 17:30", "2026-03-16 09:30", 60),  # a weekend
        ("2026-02-13 09:00", "2026-02-24 09:00", 960),  # Spring Festival, with the make-up Saturday before it
        ("2026-03-10 09:00", "2026-03-17 09:00", 5 * 480),
        ("2026-03-10 11:00", "2026-03-10 09:30", 0),  # the wrong way round
        ("2026-03-10 09:00:00", "2026-03-10 09:00:59", 0),
    ],
)
def test_what_counts_is_office_hours_of_business_days(begin: str, end: str, minutes: int) -> None:
    assert working_minutes(CHINA, xuzhou(begin), xuzhou(end)) == minutes


@given(CALENDARS, INSTANTS, INSTANTS)
def test_it_is_the_sum_of_the_stretches(calendar: BusinessCalendar, one: datetime, other: datetime) -> None:
    begin, end = sorted([one, other])
    stretches = list(working_stretches(calendar, begin, end))
    assert working_time(calendar, begin, end) == sum((to - since for since, to in stretches), timedelta())
    assert all(begin <= since < to <= end for since, to in stretches)
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(stretches))


@given(CALENDARS, INSTANTS, INSTANTS, INSTANTS)
def test_cut_anywhere_the_parts_make_the_whole(
    calendar: BusinessCalendar, one: datetime, two: datetime, three: datetime
) -> None:
    begin, cut, end = sorted([one, two, three])
    assert working_time(calendar, begin, cut) + working_time(calendar, cut, end) == working_time(calendar, begin, end)


@given(INSTANTS, some.integers(min_value=0, max_value=250))
def test_a_deadline_of_so_many_business_days_is_so_many_working_days_away(begin: datetime, days: int) -> None:
    due = CHINA.add_business_days(begin, days)
    assert working_time(CHINA, CHINA.add_business_days(begin, 0), due) == days * office_day(CHINA)


@given(CALENDARS, INSTANTS, some.timedeltas(timedelta(), timedelta(days=400)))
def test_it_is_never_longer_than_the_time_that_passed(
    calendar: BusinessCalendar, begin: datetime, length: timedelta
) -> None:
    assert timedelta() <= working_time(calendar, begin, begin + length) <= length


def test_ten_years_are_measured_as_quickly_as_a_day() -> None:
    begin, end = xuzhou("2016-03-10 09:30"), xuzhou("2026-03-10 11:00")
    working_minutes(CHINA, begin, end)  # the calendar of each year is worked out once
    started = perf_counter()
    for _ in range(1000):
        working_minutes(CHINA, begin, end)
    assert perf_counter() - started < 0.5


def test_hours_are_the_companys_own() -> None:
    assert office_day(CHINA) == timedelta(hours=8)
    assert office_day(GERMANY) == timedelta(hours=8, minutes=30)


@pytest.mark.parametrize("text", ["", "9-18", "18:00-09:00", "09:00-12:00,11:00-18:00", "09:00-24:00", "09:00", "a-b"])
def test_hours_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"hours|stretches"):
        office_hours(text)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        working_time(CHINA, FIRST.replace(tzinfo=None), xuzhou("2026-03-10 11:00"))
