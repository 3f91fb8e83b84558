"""When what is done again and again is done next; which recurrences are refused; that Prefect says the same."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prefect.server.schemas.schedules import CronSchedule, IntervalSchedule, RRuleSchedule

from config.words import Language
from models.errors import Invalid
from models.queries.schedules import in_words
from models.rules.parameters import checked as parameters_checked
from models.rules.parameters import from_texts
from models.rules.recurrence import Rule, rule_of
from models.rules.recurrence_checks import Unforeseeable, checked, occurrences
from models.schedules import RuleKind, canonical

NOW = datetime(2026, 3, 10, 1, 30, tzinfo=UTC)  # a Tuesday, 09:30 in Xuzhou


def cron(text: str, zone: str = "Asia/Shanghai") -> dict[str, Any]:
    return {"cron": text, "timezone": zone}


def calendar(text: str, zone: str = "Asia/Shanghai") -> dict[str, Any]:
    return {"rrule": text, "timezone": zone}


def every(zone: str = "Asia/Shanghai", **span: int) -> Rule:
    return Rule(RuleKind.INTERVAL, zone, every=timedelta(**span), anchor=datetime(2026, 1, 5, 14, 7, tzinfo=UTC))


def local(schedule: dict[str, Any], after: datetime = NOW, count: int = 3) -> list[str]:
    """The next runs on the wall clocks of the schedule's zone."""
    zone = ZoneInfo(schedule["timezone"])
    return [f"{at.astimezone(zone):%m-%d %H:%M}" for at in occurrences(schedule, after, count)]


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (cron("30 7 * * *"), ["03-11 07:30", "03-12 07:30", "03-13 07:30"]),
        (cron("0 6 5 1,4,7,10 *"), ["04-05 06:00", "07-05 06:00", "10-05 06:00"]),
        (cron("30 8 * * MON"), ["03-16 08:30", "03-23 08:30", "03-30 08:30"]),
        (cron("0 9 * * FRI#2"), ["03-13 09:00", "04-10 09:00", "05-08 09:00"]),
        (cron("0 18 L * *"), ["03-31 18:00", "04-30 18:00", "05-31 18:00"]),
        (cron("30 9 * * 2"), ["03-17 09:30", "03-24 09:30", "03-31 09:30"]),  # now is not later than now
        (calendar("FREQ=MONTHLY;BYDAY=1MO;BYHOUR=9"), ["04-06 09:00", "05-04 09:00", "06-01 09:00"]),
        (calendar("DTSTART:20260301T080000\nRRULE:FREQ=DAILY;COUNT=11"), ["03-11 08:00"]),
        (every(hours=36).as_prefect(), ["03-11 10:07", "03-12 22:07", "03-14 10:07"]),
    ],
)
def test_it_is_told_when_it_runs_next(schedule: dict[str, Any], expected: list[str]) -> None:
    assert local(schedule) == expected


def test_a_morning_stays_a_morning_when_clocks_change() -> None:
    before = datetime(2026, 3, 6, 20, tzinfo=UTC)  # clocks go forward on 8 March in New York
    assert local(cron("0 9 * * *", "America/New_York"), before) == ["03-07 09:00", "03-08 09:00", "03-09 09:00"]
    rule = calendar("FREQ=DAILY;INTERVAL=1;BYHOUR=9", "America/New_York")
    assert local(rule, before) == ["03-07 09:00", "03-08 09:00", "03-09 09:00"]


def test_an_hour_that_comes_twice_counts_once() -> None:
    autumn = datetime(2026, 11, 1, 4, tzinfo=UTC)  # from 06:00 UTC on it is 01:00 in New York once more
    hours = occurrences(cron("0 * * * *", "America/New_York"), autumn, 3)
    assert [f"{at:%H:%M}" for at in hours] == ["05:00", "07:00", "08:00"]


# -- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "field", "told"),
    [
        (Rule(RuleKind.CRON, "Asia/Shanghai", "30 7 * *"), "cron", "Five fields"),
        (Rule(RuleKind.CRON, "Asia/Shanghai", "30 7 * * * *"), "cron", "Five fields"),
        (Rule(RuleKind.CRON, "Asia/Shanghai", "@daily"), "cron", "Five fields"),
        (Rule(RuleKind.CRON, "Asia/Shanghai", "61 7 * * *"), "cron", "minute"),
        (Rule(RuleKind.CRON, "Asia/Shanghai", "0 24 * * *"), "cron", "hour"),
        (Rule(RuleKind.CRON, "Asia/Shanghai", "0 9 32 * *"), "cron", "day"),
        (Rule(RuleKind.CRON, "Asia/Shanghai", "0 9 1 13 *"), "cron", "month"),
        (Rule(RuleKind.CRON, "Asia/Shanghai", "0 9 * * 8"), "cron", "weekday"),
        (Rule(RuleKind.CRON, "Asia/Shanghai", "R R * * *"), "cron", "minute"),
        (Rule(RuleKind.CRON, "Asia/Shanghai", "0 9 */2 * 5"), "cron", "ambiguous"),
        (Rule(RuleKind.CRON, "Asia/Shanghai", "0 9 * * 5L"), "cron", "calendar rule"),
        (Rule(RuleKind.CRON, "Asia/Shanghai", "0 9 1 * 5#2"), "cron", "calendar rule"),
        (Rule(RuleKind.CRON, "Asia/Shanghai", "0 9 30 2 *"), "cron", "one that the month has"),
        (Rule(RuleKind.CRON, "Asia/Shanghai", "*/2 * * * *"), "cron", "too often"),
        (Rule(RuleKind.CRON, "Asia/Shanghai", "0 9 * * *; rm"), "cron", "Five fields"),
        (Rule(RuleKind.CRON, "Asia/Shanghai", "0 9 * * $x"), "cron", "Only numbers"),
        (Rule(RuleKind.CRON, "Mars/Olympus", "0 9 * * *"), "zone", "no such time zone"),
        (Rule(RuleKind.CRON, "../../etc/passwd", "0 9 * * *"), "zone", "no such time zone"),
        (Rule(RuleKind.CRON, "", "0 9 * * *"), "zone", "no such time zone"),
        (every(minutes=4), "every", "five minutes"),
        (every(days=367), "every", "five minutes"),
        (every("America/New_York", days=1), "every", "FREQ=DAILY;INTERVAL=1"),
        (Rule(RuleKind.CALENDAR, "Asia/Shanghai", "FREQ=SECONDLY"), "rrule", "FREQ must be"),
        (Rule(RuleKind.CALENDAR, "Asia/Shanghai", "FREQ=MINUTELY;INTERVAL=30"), "rrule", "FREQ must be"),
        (Rule(RuleKind.CALENDAR, "Asia/Shanghai", "FREQ=DAILY;BYSECOND=5"), "rrule", "BYSECOND"),
        (Rule(RuleKind.CALENDAR, "Asia/Shanghai", "FREQ=DAILY;BYHOUR=25"), "rrule", "no calendar rule"),
        (Rule(RuleKind.CALENDAR, "Asia/Shanghai", "FREQ=DAILY;BYMONTHDAY=31"), "rrule", "MONTHLY"),
        (Rule(RuleKind.CALENDAR, "Asia/Shanghai", "FREQ=DAILY;COUNT=3"), "rrule", "DTSTART"),
        (Rule(RuleKind.CALENDAR, "Asia/Shanghai", "FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=2"), "rrule", "never"),
        (Rule(RuleKind.CALENDAR, "Asia/Shanghai", "FREQ=DAILY;UNTIL=20200201T000000"), "rrule", "never"),
        (Rule(RuleKind.CALENDAR, "Asia/Shanghai", "FREQ=DAILY\nEXDATE:20260311"), "rrule", "One rule"),
        (Rule(RuleKind.CALENDAR, "Asia/Shanghai", "FREQ=DAILY;" + "BYHOUR=9;" * 90), "rrule", "At most"),
        (Rule(RuleKind.CALENDAR, "Asia/Shanghai", ""), "rrule", "One rule"),
    ],
    ids=lambda value: value.expression or value.zone if isinstance(value, Rule) else "",
)
def test_what_cannot_be_asked_for_is_told_at_its_field(rule: Rule, field: str, told: str) -> None:
    with pytest.raises(Invalid) as refusal:
        checked(rule, NOW)
    (problem,) = refusal.value.problems
    assert problem.field == field
    assert told in problem.text(Language.EN)


def test_time_that_passes_has_no_zone_where_clocks_change() -> None:
    assert checked(every("America/New_York", hours=6), NOW).zone == "UTC"
    assert checked(every("Asia/Shanghai", hours=6), NOW).zone == "Asia/Shanghai"


def test_what_was_made_in_prefect_in_a_way_of_its_own_is_not_foretold() -> None:
    for schedule in ({**cron("0 9 13 * 5"), "day_or": False}, cron("0 9 */2 * 5"), calendar("FREQ=SECONDLY")):
        with pytest.raises(Unforeseeable):
            occurrences(schedule, NOW, 1)


def test_the_spellings_of_prefects_clients_are_one_schedule() -> None:
    rule = "FREQ=WEEKLY;BYDAY=SU;BYHOUR=2"
    spelled = {f"DTSTART:20200101T000000\n{rule}", f"DTSTART:20200101T000000\nRRULE:{rule}", f"RRULE:{rule}", rule}
    assert {canonical(calendar(one))["rrule"] for one in spelled} == {rule}
    anchored = {"interval": 3600, "timezone": "UTC"}
    plain, offset = ({**anchored, "anchor_date": at} for at in ("2026-01-05T14:07:00Z", "2026-01-05T22:07:00+08:00"))
    assert canonical(plain) == canonical(offset)
    assert rule_of(canonical(plain)).as_prefect() == canonical(plain)


# -- in words ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schedule", "english", "chinese"),
    [
        (cron("30 7 * * *"), "every day at 07:30", "每天 07:30"),
        (cron("0 9 * * MON-FRI"), "Mondays to Fridays at 09:00", "周一至周五 09:00"),
        (cron("0 9 * * 1,3"), "Mondays, Wednesdays at 09:00", "每周一、周三 09:00"),
        (cron("0 6 5 1,7 *"), "day 5 of January, July at 06:00", "每年 1 月、7 月 5 日 06:00"),
        (cron("0 6 1,15 * *"), "day 1, 15 of each month at 06:00", "每月 1、15 日 06:00"),
        (cron("0 18 L * *"), "the last day of each month at 18:00", "每月最后一天 18:00"),
        (cron("*/15 * * * *"), "every 15 minutes", "每 15 分钟"),
        (every(hours=36).as_prefect(), "every 36 hours", "每 36 小时"),
        (every(days=1).as_prefect(), "every day", "每天"),
    ],
)
def test_a_schedule_is_said_in_words(schedule: dict[str, Any], english: str, chinese: str) -> None:
    said = in_words(schedule)
    assert said is not None
    assert (said.text(Language.EN), said.text(Language.ZH_CN)) == (english, chinese)


@pytest.mark.parametrize("text", ["*/7 * * * *", "0 9-17 * * *", "0 9 1 * 5", "0 9 */2 * *", "five past"])
def test_what_words_cannot_say_shortly_is_shown_as_it_is_written(text: str) -> None:
    assert in_words(cron(text)) is None


# -- parameters -------------------------------------------------------------------------------------------------------

SCHEMA = {
    "properties": {
        "anyway": {"type": "boolean", "default": False, "position": 0},
        "period": {"type": "string", "default": "", "pattern": "^([0-9]{4}Q[1-4])?$", "position": 1},
        "batch": {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}], "default": None, "position": 2},
        "only": {"$ref": "#/definitions/Duty", "default": "all", "position": 3},
        "since": {"type": "string", "format": "date", "default": "2026-01-01", "position": 4},
        "rows": {"type": "object", "default": {}, "position": 5},
    },
    "definitions": {"Duty": {"enum": ["all", "visits"], "type": "string"}},
}


def test_what_was_typed_becomes_values_and_defaults_are_left_to_the_flow() -> None:
    texts = {"anyway": "true", "period": "2026Q1", "batch": "500", "only": "all", "since": ""}
    assert parameters_checked(SCHEMA, from_texts(SCHEMA, texts)) == {"anyway": True, "period": "2026Q1", "batch": 500}


@pytest.mark.parametrize(
    ("given_", "field"),
    [
        ({"anyway": "yes"}, "anyway"),
        ({"anyway": 1}, "anyway"),
        ({"period": "last quarter"}, "period"),
        ({"period": "x" * 500}, "period"),
        ({"period": {"__prefect_kind": "workspace_variable", "variable_name": "secret"}}, "period"),
        ({"batch": 0}, "batch"),
        ({"batch": "many"}, "batch"),
        ({"batch": True}, "batch"),
        ({"only": "holidays"}, "only"),
        ({"since": "yesterday"}, "since"),
        ({"rows": {"__prefect_kind": "jinja"}}, "rows"),
        ({"customer": "K-000001"}, "customer"),
    ],
)
def test_a_wrong_parameter_is_told_at_its_field(given_: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parameters_checked(SCHEMA, given_)
    assert [problem.field for problem in refusal.value.problems] == [f"parameters.{field}"]


def test_a_parameter_that_is_needed_is_asked_for() -> None:
    schema = {"properties": {"period": {"type": "string"}}, "required": ["period"]}
    with pytest.raises(Invalid):
        parameters_checked(schema, {})
    assert parameters_checked(schema, {"period": "2026Q1"}) == {"period": "2026Q1"}


# -- what is foretold is what Prefect does ----------------------------------------------------------------------------

ZONES = st.sampled_from(["Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe", "UTC"])
HOURS_FROM_2025 = st.integers(0, 5 * 8766)
INSTANTS = HOURS_FROM_2025.map(lambda hours: datetime(2025, 1, 1, 0, 20, tzinfo=UTC) + timedelta(hours=hours))
MINUTES = st.one_of(st.integers(0, 59).map(str), st.sampled_from(["*/5", "*/15", "0,30"]))
HOURS = st.one_of(st.integers(0, 23).map(str), st.sampled_from(["*", "9-17", "1,2,3", "*/6"]))
DAYS = st.one_of(st.just("*"), st.integers(1, 31).map(str), st.sampled_from(["1,15", "L", "1-7", "*/10"]))
MONTHS = st.sampled_from(["*", "1,4,7,10", "MAR", "*/2", "2"])
WEEKDAYS = st.sampled_from(["*", "1-5", "0", "7", "MON,WED", "FRI#2", "*/2"])
CRONS = st.tuples(MINUTES, HOURS, DAYS, MONTHS, WEEKDAYS).map(" ".join)
RULES = st.sampled_from(
    [
        "FREQ=DAILY;BYHOUR=2;BYMINUTE=30",
        "FREQ=DAILY;INTERVAL=3;BYHOUR=9",
        "FREQ=HOURLY;INTERVAL=5",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;BYHOUR=10",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;BYHOUR=17;BYMINUTE=30",
        "FREQ=MONTHLY;BYMONTHDAY=-1;BYHOUR=1;BYMINUTE=15",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28;BYHOUR=8",
        "DTSTART:20240310T090000\nRRULE:FREQ=DAILY;INTERVAL=4;COUNT=300",
        "FREQ=WEEKLY;BYDAY=MO;UNTIL=20270601T000000;BYHOUR=7",
    ]
)


def by_prefect(schedule: Any, after: datetime, count: int) -> tuple[datetime, ...]:
    dates = asyncio.run(schedule.get_dates(count, start=after + timedelta(microseconds=1)))
    return tuple(date.astimezone(UTC) for date in dates)


@settings(max_examples=150)
@given(cron=CRONS, zone=ZONES, after=INSTANTS)
def test_a_cron_expression_comes_about_when_prefect_says(cron: str, zone: str, after: datetime) -> None:
    try:
        foretold = occurrences({"cron": cron, "timezone": zone}, after, 6)
    except Unforeseeable:
        return  # refused: what the two may read differently
    assert foretold == by_prefect(CronSchedule(cron=cron, timezone=zone), after, 6)


@settings(max_examples=60)
@given(rule=RULES, zone=ZONES, after=INSTANTS)
def test_a_calendar_rule_comes_about_when_prefect_says(rule: str, zone: str, after: datetime) -> None:
    foretold = occurrences({"rrule": rule, "timezone": zone}, after, 4)
    assert foretold == by_prefect(RRuleSchedule(rrule=rule, timezone=zone), after, 4)[: len(foretold)]


@settings(max_examples=60)
@given(minutes=st.integers(5, 20_000), zone=st.sampled_from(["Asia/Shanghai", "UTC"]), after=INSTANTS)
def test_an_interval_comes_about_when_prefect_says(minutes: int, zone: str, after: datetime) -> None:
    anchor, every = datetime(2026, 1, 5, 14, 7, tzinfo=UTC), timedelta(minutes=minutes)
    after = max(after, anchor)
    kept = {"interval": every.total_seconds(), "anchor_date": anchor.isoformat(), "timezone": zone}
    schedule = IntervalSchedule(interval=every, anchor_date=anchor, timezone=zone)
    assert occurrences(kept, after, 5) == by_prefect(schedule, after, 5)
