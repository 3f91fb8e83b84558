"""The business calendar: Chinese days off and make-up working days, and wall-clock time of the company."""

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.calendar import BusinessCalendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = BusinessCalendar()
INSTANTS = st.datetimes(datetime(2023, 1, 1), datetime(2026, 10, 1), timezones=st.just(UTC))  # noqa: DTZ001


def at(text: str) -> datetime:
    """A wall-clock time of the company, as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def local(instant: datetime) -> str:
    assert instant.tzinfo is UTC
    return instant.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-02-13", True),
        ("2026-02-14", True),  # a Saturday made up for the Spring Festival
        ("2026-02-16", False),
        ("2026-02-28", True),  # another
        ("2025-01-26", True),  # a Sunday made up
        ("2025-10-01", False),
        ("2025-10-08", False),
        ("2025-10-11", True),
        ("2025-06-07", False),  # an ordinary Saturday
    ],
)
def test_make_up_days_are_worked_and_festivals_are_not(day: str, works: bool) -> None:
    assert CALENDAR.is_business_day(date.fromisoformat(day)) is works


def test_three_business_days_before_the_spring_festival_end_after_it() -> None:
    assert local(CALENDAR.add_business_days(at("2026-02-12 16:30"), 3)) == "2026-02-24 16:30"


def test_what_begins_on_a_day_off_counts_from_the_next_business_day() -> None:
    assert local(CALENDAR.add_business_days(at("2025-06-07 11:00"), 0)) == "2025-06-09 11:00"
    assert local(CALENDAR.add_business_days(at("2025-06-07 11:00"), 1)) == "2025-06-10 11:00"


def test_the_day_is_the_company_s_not_greenwich_s() -> None:
    monday_morning = datetime(2025, 6, 8, 23, 30, tzinfo=UTC)  # Sunday in Greenwich, Monday 07:30 in Shanghai
    assert CALENDAR.day_of(monday_morning) == date(2025, 6, 9)
    assert local(CALENDAR.add_business_days(monday_morning, 1)) == "2025-06-10 07:30"


def test_half_way_to_a_three_day_deadline_is_a_day_and_a_half_on() -> None:
    start = at("2025-06-09 10:00")
    due = CALENDAR.add_business_days(start, 3)
    assert local(due) == "2025-06-12 10:00"
    assert local(CALENDAR.half_way(start, due)) == "2025-06-10 22:00"


def test_half_way_over_a_weekend_leaves_the_weekend_out() -> None:
    assert local(CALENDAR.half_way(at("2025-06-06 12:00"), at("2025-06-10 12:00"))) == "2025-06-09 12:00"
    assert local(CALENDAR.half_way(at("2025-06-07 12:00"), at("2025-06-08 12:00"))) == "2025-06-08 12:00"


def test_beyond_the_announced_years_weekdays_are_business_days_and_it_is_said() -> None:
    assert CALENDAR.covers(2026)
    assert not CALENDAR.covers(2099)
    assert CALENDAR.is_business_day(date(2099, 10, 1))  # a Thursday, and the National Day
    assert not CALENDAR.is_business_day(date(2099, 10, 3))


def test_other_countries_have_their_own_days_off() -> None:
    german = BusinessCalendar("DE", "Europe/Berlin")
    assert german.covers(2026)
    assert not german.is_business_day(date(2026, 10, 3))
    assert not german.is_business_day(date(2026, 12, 25))
    assert german.is_business_day(date(2026, 2, 17))
    summer = german.add_business_days(datetime(2026, 3, 27, 8, 0, tzinfo=UTC), 1)  # the clocks change in between
    assert summer == datetime(2026, 3, 30, 7, 0, tzinfo=UTC)


def test_an_unknown_country_or_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="'ATLANTIS'"):
        BusinessCalendar("ATLANTIS")
    with pytest.raises(ValueError, match="'Asia/Xanadu'"):
        BusinessCalendar("CN", "Asia/Xanadu")


def test_times_without_a_zone_and_backward_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        CALENDAR.add_business_days(datetime(2025, 6, 9), 1)  # noqa: DTZ001
    with pytest.raises(ValueError, match="forwards only"):
        CALENDAR.add_business_days(at("2025-06-09 10:00"), -1)


@given(INSTANTS, st.integers(0, 60))
def test_what_was_added_is_what_lies_between(start: datetime, days: int) -> None:
    due = CALENDAR.add_business_days(start, days)
    assert CALENDAR.business_days_between(start, due) == days
    assert CALENDAR.business_days_between(start, due + timedelta(seconds=1)) == days
    if days:
        assert CALENDAR.business_days_between(start, due - timedelta(seconds=1)) == days - 1


@given(INSTANTS, st.integers(0, 60))
def test_deadlines_fall_on_business_days_at_the_same_time_of_day(start: datetime, days: int) -> None:
    due = CALENDAR.add_business_days(start, days).astimezone(SHANGHAI)
    assert CALENDAR.is_business_day(due.date())
    assert due.timetz() == start.astimezone(SHANGHAI).timetz()


@given(INSTANTS, st.integers(0, 20), st.integers(0, 20))
def test_adding_twice_is_adding_the_sum(start: datetime, one: int, other: int) -> None:
    twice = CALENDAR.add_business_days(CALENDAR.add_business_days(start, one), other)
    assert twice == CALENDAR.add_business_days(start, one + other)


@given(INSTANTS, st.integers(1, 30))
def test_half_way_lies_between_and_halves_the_business_days(start: datetime, days: int) -> None:
    due = CALENDAR.add_business_days(start, days)
    middle = CALENDAR.half_way(start, due)
    assert start <= middle <= due
    assert CALENDAR.business_days_between(start, middle) in (days // 2, max(0, days // 2 - 1), (days + 1) // 2)


def test_a_hundred_thousand_deadlines_take_about_a_second() -> None:
    start = at("2026-02-12 16:30")
    CALENDAR.add_business_days(start, 3)
    began = time.perf_counter()
    for _ in range(10_000):
        CALENDAR.add_business_days(start, 3)
    assert time.perf_counter() - began < 0.5  # 0.05 s on an idle machine; noise is allowed for
