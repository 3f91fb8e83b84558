"""When somebody who is not to be disturbed can be written to (processes §2)."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.policy.steps import QuietHours
from models.rules.quiet_hours import quiet_until

SHANGHAI = ZoneInfo("Asia/Shanghai")
NIGHT = QuietHours(start=time(20), end=time(8))
NOON = QuietHours(start=time(12), end=time(13, 30))


def at(text: str, zone: str = "Asia/Shanghai") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("moment", "until"),
    [
        ("2026-03-10 19:59:59", None),
        ("2026-03-10 20:00", "2026-03-11 08:00"),
        ("2026-03-10 23:59:59", "2026-03-11 08:00"),
        ("2026-03-11 00:00", "2026-03-11 08:00"),
        ("2026-03-11 07:59:59.999", "2026-03-11 08:00"),
        ("2026-03-11 08:00", None),
        ("2026-12-31 22:10", "2027-01-01 08:00"),
        ("2028-02-28 22:10", "2028-02-29 08:00"),
    ],
)
def test_a_night_is_over_in_the_morning_after_it(moment: str, until: str | None) -> None:
    assert quiet_until(NIGHT, at(moment)) == (at(until) if until else None)


def test_on_days_off_they_are_the_same_hours() -> None:
    friday, saturday = at("2026-03-13 21:00"), at("2026-03-14 21:00")
    assert quiet_until(NIGHT, friday) == at("2026-03-14 08:00")
    assert quiet_until(NIGHT, saturday) == at("2026-03-15 08:00")
    assert quiet_until(NIGHT, at("2026-03-14 15:00")) is None


def test_quiet_hours_within_a_day_end_on_that_day() -> None:
    assert quiet_until(NOON, at("2026-03-10 12:40")) == at("2026-03-10 13:30")
    assert quiet_until(NOON, at("2026-03-10 13:30")) is None


def test_hours_that_end_when_they_begin_hold_nothing() -> None:
    assert quiet_until(QuietHours(start=time(0), end=time(0)), at("2026-03-10 03:00")) is None


def test_the_answer_is_an_instant_in_utc() -> None:
    assert quiet_until(NIGHT, at("2026-03-10 21:00")) == datetime(2026, 3, 11, 0, 0, tzinfo=UTC)
    assert quiet_until(NIGHT, at("2026-03-10 21:00")).tzinfo is UTC  # type: ignore[union-attr]


def test_where_clocks_are_changed_the_wall_clock_counts() -> None:
    berlin = "Europe/Berlin"
    until = quiet_until(NIGHT, at("2026-03-28 21:00", berlin))
    assert until == at("2026-03-29 08:00", berlin)
    assert until == datetime(2026, 3, 29, 6, 0, tzinfo=UTC)
    second_half_past_two = at("2026-10-25 02:30", berlin).replace(fold=1)
    early = QuietHours(start=time(1), end=time(2, 45))
    assert quiet_until(early, second_half_past_two) == datetime(2026, 10, 25, 1, 45, tzinfo=UTC)


@given(
    st.times(timezones=st.none()).map(lambda t: t.replace(microsecond=0)),
    st.times(timezones=st.none()).map(lambda t: t.replace(microsecond=0)),
    st.timedeltas(timedelta(), timedelta(days=730)),
)
def test_they_are_over_within_a_day_and_not_a_moment_too_early(start: time, end: time, later: timedelta) -> None:
    hours, now = QuietHours(start=start, end=end), at("2025-01-01 00:00") + later
    until = quiet_until(hours, now)
    assert (until is not None) == hours.hold(now)
    if until is not None:
        assert now < until <= now + timedelta(days=1)
        assert not hours.hold(until.astimezone(SHANGHAI))
        assert hours.hold(until.astimezone(SHANGHAI) - timedelta(microseconds=1))
