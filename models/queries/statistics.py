"""The figures of the house for a period: what came and went, how long it took, where it waits, who has how much.

Counted are cases by when they were opened or ended, steps by when they were answered. Durations are of what ended
within the period; working time is that of the office hours (``models.rules.working_time``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sqlmodel import Session

from config.words import Department, Outcome
from models.house import House
from models.processes import PROCESSES
from models.queries.shown import Read
from models.queries.statistics_counts import (
    Ended,
    Sought,
    StepCount,
    StepKey,
    ended,
    open_now,
    opened,
    steps,
    titles,
)
from models.rules.migration import percent
from models.rules.percentiles import spans
from models.rules.reporting import Reported
from models.rules.working_time import office_day

ABANDONED = (Outcome.WITHDRAWN, Outcome.LAPSED, Outcome.CANCELLED)
"""Endings without a decision."""
NARROW = 10
"""How many bottlenecks are named."""


class Took(Read):
    """How long it took, in minutes; none where nothing ended. ``total`` is all of it together."""

    count: int
    median: int | None
    ninety: int | None
    total: int = 0


class PartFigures(Read):
    """A month (quarter, year) of the period, which may have cut it: cases opened and ended within it."""

    name: str
    first: date
    last: date
    months: int
    opened: int
    closed: int


class Ending(Read):
    outcome: Outcome
    count: int


class StepFigures(Read):
    """A step of one name. ``late`` were answered after their deadline or not at all; ``share`` is its share of the
    working time that all steps shown took, in percent."""

    process: str
    name: str
    title: str
    answered: int
    working: Took
    late: int
    in_time_percent: Decimal | None
    returned: int
    refused: int
    expired: int
    open: int
    overdue: int
    share: Decimal | None


class ProcessFigures(Read):
    """One process. Percentages are of the steps answered (deadlines, returns) or of the cases ended (refusals)."""

    name: str
    title: str
    opened: int
    closed: int
    open: int
    clock: Took
    working: Took
    answered: int
    in_time: int
    in_time_percent: Decimal | None
    returned: int
    returned_percent: Decimal | None
    refused: int
    refused_percent: Decimal | None
    withdrawn: int
    lapsed: int
    cancelled: int
    endings: tuple[Ending, ...]


class Wanted(Read):
    """Which figures are wanted."""

    process: str | None = None
    department: Department | None = None


class Statistics(Read):
    """Everything on the overview. ``day_minutes`` is the working time of one business day."""

    first: date
    last: date
    period: str
    day_minutes: int
    parts: tuple[PartFigures, ...]
    whole: ProcessFigures
    processes: tuple[ProcessFigures, ...]
    steps: tuple[StepFigures, ...]
    bottlenecks: tuple[StepFigures, ...]


def statistics(session: Session, house: House, period: Reported, wanted: Wanted) -> Statistics:
    """The figures of ``period``."""
    sought = sought_of(house, period, wanted.process, wanted.department)
    bounds = [_midnight(house, part.last + timedelta(days=1)) for part in period.parts]
    came, went = opened(session, sought, bounds), ended(session, sought, bounds)
    waiting, counted = open_now(session, sought), steps(session, sought, house.clock())
    there = {key[0] for key in (*came, *went.endings, *counted)} | set(waiting)
    present = [name for name in PROCESSES if name in there]
    processes = tuple(_process(name, (name,), came, went, waiting, counted) for name in present)
    shown = step_figures(counted, titles(session, counted))
    return Statistics(
        first=period.first,
        last=period.last,
        period=period.name,
        day_minutes=office_day(house.calendar) // timedelta(minutes=1),
        parts=tuple(
            PartFigures(
                name=part.name,
                first=part.first,
                last=part.last,
                months=part.months,
                opened=sum(count for (_, number), count in came.items() if number == place),
                closed=sum(count for (_, _, number), count in went.endings.items() if number == place),
            )
            for place, part in enumerate(period.parts)
        ),
        whole=_process("", present, came, went, waiting, counted),
        processes=processes,
        steps=shown,
        bottlenecks=tuple(sorted(shown, key=lambda one: -one.working.total)[:NARROW]),
    )


def sought_of(house: House, period: Reported, process: str | None, department: Department | None) -> Sought:
    """The period on the company's clock."""
    begins, ends = _midnight(house, period.first), _midnight(house, period.last + timedelta(days=1))
    return Sought(begins, ends, process, department)


def _midnight(house: House, day: date) -> datetime:
    return datetime.combine(day, time.min, house.calendar.zone)


def took(counts: Mapping[int, int]) -> Took:
    """Counted minutes as they are shown."""
    found = spans(counts)
    return Took(count=found.number, median=found.median, ninety=found.ninety, total=found.total)


def _process(
    name: str,
    among: Sequence[str],
    came: Mapping[tuple[str, int], int],
    went: Ended,
    waiting: Mapping[str, int],
    counted: Mapping[StepKey, StepCount],
) -> ProcessFigures:
    """The figures of the processes ``among``, as of one called ``name``."""
    endings: Counter[Outcome] = Counter()
    for (process, outcome, _), count in went.endings.items():
        if process in among and outcome is not None:
            endings[Outcome(outcome)] += count
    mine = [one for key, one in counted.items() if key.process in among]
    closed, answered = sum(endings.values()), sum(one.answered for one in mine)
    in_time, returned = answered - sum(one.late for one in mine), sum(one.returned for one in mine)
    return ProcessFigures(
        name=name,
        title=PROCESSES[name].title if name else "",
        opened=sum(count for (process, _), count in came.items() if process in among),
        closed=closed,
        open=sum(count for process, count in waiting.items() if process in among),
        clock=took(_sum(went.clock, among)),
        working=took(_sum(went.working, among)),
        answered=answered,
        in_time=in_time,
        in_time_percent=percent(in_time, answered),
        returned=returned,
        returned_percent=percent(returned, answered),
        refused=endings[Outcome.REFUSED],
        refused_percent=percent(endings[Outcome.REFUSED], closed),
        withdrawn=endings[Outcome.WITHDRAWN],
        lapsed=endings[Outcome.LAPSED],
        cancelled=endings[Outcome.CANCELLED],
        endings=tuple(Ending(outcome=outcome, count=count) for outcome, count in endings.most_common()),
    )


def _sum(counts: Mapping[str, Counter[int]], among: Sequence[str]) -> Counter[int]:
    found: Counter[int] = Counter()
    for name in among:
        found.update(counts.get(name, {}))
    return found


def step_figures(counted: Mapping[StepKey, StepCount], called: Mapping[StepKey, str]) -> tuple[StepFigures, ...]:
    """The steps, those first on which most working time was spent."""
    times = {key: took(one.minutes) for key, one in counted.items()}
    all_minutes = sum(working.total for working in times.values())
    found = []
    for key, one in counted.items():
        working = times[key]
        found.append(
            StepFigures(
                process=key.process,
                name=key.name,
                title=called.get(key, key.name),
                answered=one.answered,
                working=working,
                late=one.late,
                in_time_percent=percent(one.answered - one.late, one.answered),
                returned=one.returned,
                refused=one.refused,
                expired=one.expired,
                open=one.open,
                overdue=one.overdue,
                share=percent(working.total, all_minutes),
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.working.total, -one.open, one.process, one.name)))
