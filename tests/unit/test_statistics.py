"""The arithmetic of the statistics: percentiles, periods, and the usual order of steps."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from statistics import median, quantiles

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.durations import clock_time, working_time
from config.words import Language
from models.rules.percentiles import MEDIAN, NINETY, percentile, spans
from models.rules.reporting import Reported, offered, reported
from models.rules.sequence import usual_order

MINUTES = st.lists(st.integers(0, 100_000), min_size=1, max_size=200)
DAYS = st.dates(date(2000, 1, 1), date(2035, 12, 31))
TODAY = date(2026, 3, 10)


# -- percentiles ------------------------------------------------------------------------------------------------------


@given(MINUTES)
def test_the_percentile_at_one_half_is_the_median(values):
    assert percentile(Counter(values), MEDIAN) == Fraction(median(map(Fraction, values)))


@given(st.lists(st.integers(0, 100_000), min_size=2, max_size=200))
def test_the_ninetieth_percentile_is_that_of_a_spreadsheet(values):
    ninety = quantiles([Fraction(value) for value in values], n=10, method="inclusive")[-1]
    assert percentile(Counter(values), NINETY) == ninety


@given(MINUTES, st.fractions(0, 1))
def test_a_percentile_lies_between_the_least_and_the_most_and_grows_with_its_share(values, share):
    counts = Counter(values)
    found = percentile(counts, share)
    assert min(values) <= found <= max(values)
    assert percentile(counts, share / 2) <= found


@given(MINUTES)
def test_spans_count_and_add_up_every_value(values):
    found = spans(Counter(values))
    assert (found.number, found.total) == (len(values), sum(values))
    assert found.median <= found.ninety


def test_nothing_has_no_percentile():
    assert percentile({}, MEDIAN) is None
    assert percentile({15: 0}, MEDIAN) is None
    assert spans({}) == (0, None, None, 0)


@pytest.mark.parametrize("share", [Fraction(-1, 10), Fraction(11, 10)])
def test_a_share_beyond_the_whole_is_refused(share):
    with pytest.raises(ValueError, match="between 0 and 1"):
        percentile({1: 1}, share)


# -- periods ----------------------------------------------------------------------------------------------------------


@given(DAYS, DAYS)
def test_the_parts_of_a_period_are_all_of_it_and_follow_each_other(one, other):
    period = Reported(min(one, other), max(one, other))
    parts = period.parts
    assert (parts[0].first, parts[-1].last) == (period.first, period.last)
    assert all(later.first == earlier.last + timedelta(days=1) for earlier, later in pairwise(parts))
    assert len(parts) <= 37
    assert len({part.name for part in parts}) == len(parts)


def test_the_usual_period_is_the_last_twelve_calendar_months():
    found = reported("", TODAY)
    assert (found.first, found.last, found.name) == (date(2025, 4, 1), TODAY, "12m")
    assert [part.name for part in found.parts][:2] == ["2025-04", "2025-05"]
    assert len(found.parts) == 12


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("2025Q4", date(2025, 10, 1), date(2025, 12, 31)),
        ("2026Q1", date(2026, 1, 1), TODAY),
        ("2025", date(2025, 1, 1), date(2025, 12, 31)),
        ("2026", date(2026, 1, 1), TODAY),
    ],
)
def test_quarters_and_years_end_today_at_the_latest(name, first, last):
    assert reported(name, TODAY) == Reported(first, last, name)


@pytest.mark.parametrize("name", ["2027", "2026Q2", "0000", "2026Q9", "last week", "12m", "９９９９", "2026\n"])
def test_what_is_no_period_or_lies_ahead_counts_as_the_usual_one(name):
    assert reported(name, TODAY) == reported("12m", TODAY)


def test_a_free_period_is_turned_round_and_never_reaches_into_the_future():
    assert reported("", TODAY, date(2026, 2, 1), date(2026, 1, 1)) == Reported(date(2026, 1, 1), date(2026, 2, 1))
    assert reported("2025", TODAY, date(2026, 1, 1), date(2030, 1, 1)) == Reported(date(2026, 1, 1), TODAY)
    assert reported("", TODAY, None, date(2026, 1, 31)) == Reported(date(2025, 1, 31), date(2026, 1, 31))
    assert reported("", TODAY, date(1901, 1, 1)).first == date(1996, 1, 1)
    assert reported("", TODAY, date(2040, 1, 1), date(2041, 1, 1)) == Reported(TODAY, TODAY)


def test_long_periods_are_drawn_by_quarters_and_years():
    assert {part.months for part in Reported(date(2024, 4, 1), TODAY).parts} == {1}
    assert {part.months for part in Reported(date(2023, 4, 1), TODAY).parts} == {3}
    assert {part.months for part in Reported(date(2016, 4, 1), TODAY).parts} == {12}
    assert [part.name for part in Reported(date(2023, 2, 1), TODAY).parts][:2] == ["2023Q1", "2023Q2"]


def test_the_offered_periods_can_all_be_asked_for():
    names = offered(TODAY)
    assert names[:4] == ("12m", "2026", "2025", "2026Q1")
    assert [reported(name, TODAY).name for name in names] == list(names)


# -- the usual order --------------------------------------------------------------------------------------------------

NAMES = ("first-rating", "risk-rerating", "matrix-approval", "record-line", "site-visit")
WAYS = st.dictionaries(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), st.integers(0, 500))


def test_steps_stand_as_they_usually_follow_each_other_though_some_were_sent_back():
    follows = {
        ("first-rating", "risk-rerating"): 80,
        ("risk-rerating", "matrix-approval"): 70,
        ("risk-rerating", "site-visit"): 10,
        ("site-visit", "risk-rerating"): 9,
        ("matrix-approval", "first-rating"): 12,
        ("matrix-approval", "record-line"): 50,
    }
    assert usual_order(sorted(NAMES), follows) == [
        "first-rating", "risk-rerating", "site-visit", "matrix-approval", "record-line",
    ]  # fmt: skip


@given(WAYS)
def test_every_step_has_one_place_and_most_ways_lead_on(follows):
    order = usual_order(NAMES, follows)
    assert sorted(order) == sorted(NAMES)
    ways = {pair: count for pair, count in follows.items() if pair[0] != pair[1]}
    on = sum(count for (before, after), count in ways.items() if order.index(before) < order.index(after))
    assert 2 * on >= sum(ways.values())


def test_steps_on_no_way_stand_at_the_end():
    assert usual_order(["site-visit", "first-rating", "risk-rerating"], {("first-rating", "risk-rerating"): 3}) == [
        "first-rating", "risk-rerating", "site-visit",
    ]  # fmt: skip


# -- how long, as people say it ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "english", "chinese"),
    [
        (None, "–", "–"),
        (0, "0 min", "0 分钟"),
        (59, "59 min", "59 分钟"),
        (60, "1 h", "1 小时"),
        (200, "3 h 20 min", "3 小时 20 分钟"),
        (959, "16 h", "16 小时"),
        (960, "2.0 working days", "2.0 个工作日"),
        (4800, "10 working days", "10 个工作日"),
    ],
)
def test_working_time_is_told_in_days_of_eight_hours(minutes, english, chinese):
    assert working_time(minutes, 480, Language.EN) == english
    assert working_time(minutes, 480, Language.ZH_CN) == chinese


def test_time_of_the_clock_is_told_in_days_of_twenty_four_hours():
    assert clock_time(2 * 24 * 60, Language.EN) == "2.0 days"
    assert clock_time(1_000_000, Language.EN) == "694 days"
