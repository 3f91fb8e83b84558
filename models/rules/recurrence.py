"""When something that is done again and again is done next: cron expressions, intervals and calendar rules.

Prefect decides when a run is due; what is foretold here is what Prefect will do, in the same instants. Pure: no clock,
no database. What may be asked for at all is said in ``recurrence_checks``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from cronsim import CronSim
from dateutil.rrule import rrule, rrulestr

from models.schedules import RuleKind, canonical

ONE_DAY = timedelta(days=1)
ANCHOR = datetime(2020, 1, 1)  # noqa: DTZ001  (wall-clock time; where Prefect lets calendar rules begin)
HORIZON = {"HOURLY": 3, "DAILY": 12}
"""Years looked ahead in a calendar rule for its next run, by how often it may come; 30 where it comes seldom."""


@dataclass(frozen=True)
class Rule:
    """When something runs. ``expression`` is the cron expression or the calendar rule; ``every`` and ``anchor``
    (an aware UTC instant) belong to an interval. Wall-clock times are those of ``zone``."""

    kind: RuleKind
    zone: str
    expression: str = ""
    every: timedelta = timedelta()
    anchor: datetime = datetime(2020, 1, 1, tzinfo=UTC)

    def as_prefect(self) -> dict[str, Any]:
        """The schedule as Prefect's API takes it, and as it is kept on record."""
        if self.kind is RuleKind.INTERVAL:
            return canonical(
                {"interval": self.every.total_seconds(), "anchor_date": self.anchor.isoformat(), "timezone": self.zone}
            )
        name = "cron" if self.kind is RuleKind.CRON else "rrule"
        return canonical({name: self.expression, "timezone": self.zone})


def rule_of(schedule: Mapping[str, Any]) -> Rule:
    """The rule of a schedule that is there, whoever made it."""
    kept = canonical(schedule)
    zone = str(kept["timezone"])
    if "cron" in kept:
        return Rule(RuleKind.CRON, zone, str(kept["cron"]))
    if "interval" in kept:
        anchor = datetime.fromisoformat(kept["anchor_date"])
        return Rule(RuleKind.INTERVAL, zone, every=timedelta(seconds=kept["interval"]), anchor=anchor)
    return Rule(RuleKind.CALENDAR, zone, str(kept["rrule"]))


# -- what is foretold -------------------------------------------------------------------------------------------------


def next_of(rule: Rule, after: datetime, count: int) -> tuple[datetime, ...]:
    """The next ``count`` instants (UTC) later than ``after`` at which a rule that is in order comes about; fewer if it
    comes to an end."""
    return tuple(islice(_instants(rule, after), count))


def _instants(rule: Rule, after: datetime) -> Iterator[datetime]:
    if rule.kind is RuleKind.INTERVAL:
        yield from _steps(rule, after)
        return
    zone = ZoneInfo(rule.zone)
    # A day earlier: where clocks are set back, one wall-clock time lies before another that is later.
    begin = after.astimezone(zone).replace(tzinfo=None) - ONE_DAY
    last = after
    for wall in _walls(rule, begin):
        at = instant_of(wall, zone)
        if at > last:
            last = at
            yield at


def _walls(rule: Rule, begin: datetime) -> Iterator[datetime]:
    if rule.kind is RuleKind.CRON:
        yield from CronSim(rule.expression, begin)
        return
    made = parsed(rule.expression)
    years = HORIZON.get(_often(rule.expression), 30)
    end = begin + timedelta(days=366 * years)
    for wall in made.xafter(begin, inc=True):
        if wall > end:
            return
        yield wall


def _steps(rule: Rule, after: datetime) -> Iterator[datetime]:
    passed = max(0, (after - rule.anchor) // rule.every + 1) if after >= rule.anchor else 0
    at = rule.anchor + passed * rule.every
    while True:
        yield at
        at += rule.every


def instant_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant of a wall-clock time as Prefect takes it: of two the first; one that clocks leave out is counted by
    the time after the change."""
    first = wall.replace(tzinfo=zone, fold=0)
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != wall:
        return wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return first.astimezone(UTC)


@lru_cache(maxsize=64)
def parsed(text: str) -> rrule:
    """A calendar rule, on wall clocks.

    Raises:
        ValueError: it is none, or several.
    """
    made = rrulestr(text, dtstart=ANCHOR)
    if not isinstance(made, rrule):
        raise ValueError("one RRULE only")
    return made


def _often(text: str) -> str:
    found = re.search(r"FREQ=([A-Z]+)", text.upper())
    return found[1] if found else ""
