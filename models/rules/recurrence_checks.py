"""Which recurrences may be asked for, and what is wrong with the others.

What Prefect and we could read differently, and what Prefect gets wrong when clocks change, is refused before it is
asked for. A schedule that somebody made in Prefect in such a way is not foretold: it is shown as Prefect has it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from config.languages import N_
from models.errors import Invalid, Problem
from models.rules.recurrence import ANCHOR, ONE_DAY, Rule, next_of, parsed, rule_of
from models.schedules import RuleKind

SHORTEST = timedelta(minutes=5)
"""A routine reads whole tables: more often than this nobody needs it."""
LONGEST = timedelta(days=366)
LONGEST_TEXT = 500

_CRON = re.compile(r"[0-9A-Za-z*,/#\- ]+")
_NTH_WEEKDAY = re.compile(r"[0-9A-Z]{1,3}#[1-5]")
_WHEN = re.compile(r"DTSTART:(\d{8}T\d{6})")
_PARTS = frozenset(
    {
        *("FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"),
        *("BYSETPOS", "BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYDAY", "BYHOUR", "BYMINUTE"),
    }
)
_SELDOM = ("YEARLY", "MONTHLY")
_OFTEN = (*_SELDOM, "WEEKLY", "DAILY", "HOURLY")
_OF_A_MONTH = frozenset({"BYSETPOS", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"})
"""These go with months and years; with the others a rule that never comes about takes seconds to be found out."""

_MARKED = N_("Please look at the marked fields.")


class Unforeseeable(Exception):
    """A schedule made elsewhere in a form that we do not read: only Prefect knows when it runs."""


def occurrences(schedule: Mapping[str, Any], after: datetime, count: int) -> tuple[datetime, ...]:
    """The next ``count`` instants (UTC) later than ``after`` at which a schedule runs; fewer if it comes to an end.

    Raises:
        Unforeseeable: it is written in a way that we do not read.
    """
    if not schedule.get("day_or", True):
        raise Unforeseeable("day and weekday are both wanted")
    rule = rule_of(schedule)
    problems = list(_check(rule))
    if problems:
        raise Unforeseeable(problems[0].message)
    return next_of(rule, after, count)


def checked(rule: Rule, now: datetime) -> Rule:
    """``rule``, if it can be asked for as of ``now``.

    Raises:
        Invalid: what is wrong, at the fields ``zone``, ``cron``, ``every`` and ``rrule``.
    """
    problems = list(_check(rule))
    if not problems:
        problems = list(_check_times(rule, now))
    if problems:
        raise Invalid(_MARKED, problems)
    if rule.kind is RuleKind.INTERVAL and _clocks_change(rule.zone):
        # Time that passes has no zone; given one, Prefect leaves out a run in the night that clocks are set back.
        return replace(rule, zone="UTC")
    return rule


def _check(rule: Rule) -> Iterator[Problem]:
    zone_known = known_zone(rule.zone)
    if not zone_known:
        yield Problem("zone", N_("There is no such time zone. Write one like Asia/Shanghai."))
    checks: dict[RuleKind, Callable[[Rule], Iterator[Problem]]] = {
        RuleKind.CRON: _check_cron,
        RuleKind.INTERVAL: _check_interval,
        RuleKind.CALENDAR: _check_calendar,
    }
    yield from checks[rule.kind](rule if zone_known else replace(rule, zone="UTC"))


def _check_cron(rule: Rule) -> Iterator[Problem]:
    text = rule.expression
    fields = text.split()
    if len(fields) != 5:
        told = N_("Five fields are expected: minute, hour, day, month, weekday. “30 7 * * 1-5” is 07:30 on weekdays.")
        yield Problem("cron", told)
        return
    if len(text) > LONGEST_TEXT or not _CRON.fullmatch(text):
        yield Problem("cron", N_("Only numbers, names of months and weekdays, and the signs * , - / # are expected."))
        return
    day, weekday = fields[2], fields[4].upper()
    # Prefect's own reader and others differ in what these mean; a calendar rule says it beyond doubt.
    if ("#" in weekday and (day != "*" or not _NTH_WEEKDAY.fullmatch(weekday))) or "L" in weekday or "W" in day.upper():
        yield Problem("cron", N_("This weekday or day cannot be said in a cron expression here. Use a calendar rule."))
        return
    if day != "*" and weekday != "*" and (day.startswith("*") or weekday.startswith("*")):
        told = N_(
            "A step (*/n) for the day or the weekday together with the other one is ambiguous. Use a calendar rule."
        )
        yield Problem("cron", told)
        return
    try:
        CronSim(text, ANCHOR)
    except CronSimError as error:
        yield Problem("cron", *_named_field(str(error)))


_FIELDS = {
    "minute": N_("The minute is wrong: 0 to 59 are expected."),
    "hour": N_("The hour is wrong: 0 to 23 are expected."),
    "day-of-month": N_("The day is wrong: 1 to 31 are expected, and one that the month has."),
    "month": N_("The month is wrong: 1 to 12 are expected, or names like JAN."),
    "day-of-week": N_("The weekday is wrong: 0 to 7 are expected (0 and 7 are Sunday), or names like MON."),
}


def _named_field(error: str) -> tuple[str]:
    for name in sorted(_FIELDS, key=len, reverse=True):
        if error.endswith(f" {name}"):
            return (_FIELDS[name],)
    return (N_("This is no cron expression."),)


def _check_interval(rule: Rule) -> Iterator[Problem]:
    if not SHORTEST <= rule.every <= LONGEST:
        yield Problem("every", N_("From five minutes to 366 days."))
    elif rule.every >= ONE_DAY and _clocks_change(rule.zone):
        # Prefect steps by days from a point it reaches by hours, so such a run would move by an hour twice a year.
        told = N_(
            "Clocks change in {zone}: intervals of a day or more would drift there. Use a calendar rule, e.g. {rule}"
        )
        rule_text = f"FREQ=DAILY;INTERVAL={max(1, rule.every.days)};BYHOUR=9;BYMINUTE=0"
        yield Problem("every", told, {"zone": rule.zone, "rule": rule_text})


def _check_calendar(rule: Rule) -> Iterator[Problem]:
    text = rule.expression
    if len(text) > LONGEST_TEXT:
        yield Problem("rrule", N_("At most {max_length} characters."), {"max_length": LONGEST_TEXT})
        return
    lines = text.split("\n")
    begins = bool(_WHEN.fullmatch(lines[0]))
    body = lines[1:] if begins else lines
    if len(body) != 1 or not body[0]:
        told = N_(
            "One rule is expected, like FREQ=MONTHLY;BYDAY=1MO;BYHOUR=9;BYMINUTE=0, or a line DTSTART: and a rule."
        )
        yield Problem("rrule", told)
        return
    parts = [part.partition("=") for part in body[0].removeprefix("RRULE:").split(";")]
    unknown = [name for name, _, value in parts if name not in _PARTS or not value]
    if unknown:
        yield Problem("rrule", N_("“{part}” is not expected in a calendar rule."), {"part": unknown[0][:40]})
        return
    said = {name: value for name, _, value in parts}
    if said.get("FREQ") not in _OFTEN:
        yield Problem("rrule", N_("FREQ must be YEARLY, MONTHLY, WEEKLY, DAILY or HOURLY."))
        return
    misplaced = sorted(_OF_A_MONTH & said.keys()) if said["FREQ"] not in _SELDOM else []
    if misplaced:
        told = N_("“{part}” goes with FREQ=MONTHLY or FREQ=YEARLY only.")
        yield Problem("rrule", told, {"part": misplaced[0]})
        return
    if "COUNT" in said and not begins:
        yield Problem("rrule", N_("COUNT needs a line DTSTART: before the rule, to count from."))
        return
    try:
        parsed(text)
    except (ValueError, TypeError, KeyError, IndexError, OverflowError):
        yield Problem("rrule", N_("This is no calendar rule."))


def _check_times(rule: Rule, now: datetime) -> Iterator[Problem]:
    field = {RuleKind.CRON: "cron", RuleKind.INTERVAL: "every", RuleKind.CALENDAR: "rrule"}[rule.kind]
    try:
        foretold = next_of(rule, now, 13)
    except (ValueError, OverflowError):  # a combination that its reader only finds out about when it counts
        foretold = ()
    if not foretold:
        yield Problem(field, N_("This never comes about."))
    elif any(later - earlier < SHORTEST for earlier, later in pairwise(foretold)):
        yield Problem(field, N_("That is too often: five minutes or more must lie between two runs."))


def known_zone(name: str) -> bool:
    """Whether there is a time zone of this name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return bool(re.fullmatch(r"[A-Za-z][A-Za-z0-9_+\-/]{0,63}", name))


@lru_cache(maxsize=256)
def _clocks_change(name: str) -> bool:
    """Whether the zone's distance from UTC differs within a year. Looked at month by month of years around now."""
    zone = ZoneInfo(name)
    months = (datetime(year, month, 1, 12, tzinfo=zone) for year in (2026, 2030) for month in range(1, 13))
    return len({at.utcoffset() for at in months}) > 1
