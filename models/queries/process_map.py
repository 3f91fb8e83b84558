"""The way cases of one process really took: which step followed which, and how they ended.

Drawn from what is on record and not from what the process says of itself: steps follow each other as they were opened,
of the cases that ended within the period.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, case, func
from sqlalchemy import select as columns
from sqlmodel import Session, col

from config.languages import N_
from config.words import ActionKind, Department, Outcome
from models.errors import NotFound
from models.house import House
from models.processes import PROCESSES
from models.queries.shown import Read
from models.queries.statistics import Ending, StepFigures, Took, sought_of, step_figures, took
from models.queries.statistics_counts import Sought, StepCount, StepKey, ended, open_now, steps, titles
from models.rules.reporting import Reported
from models.rules.sequence import usual_order
from models.tables import Case, Step

START = ""
"""Where every case comes from: the name of no step."""
NO_PROCESS = N_("There is no process {process}.")


class Passage(Read):
    """So many times the step ``after`` followed the step ``before`` (``START``: it was the first). ``returned``: it
    was sent back there."""

    before: str
    after: str
    count: int
    returned: bool = False


class Exit(Read):
    """So many cases ended with ``outcome`` after the step ``before`` (``START``: nobody was asked anything)."""

    before: str
    outcome: Outcome
    count: int


class ProcessMap(Read):
    """A process as it went. Steps are in their usual order, endings the most frequent first."""

    process: str
    title: str
    cases: int
    open: int
    clock: Took
    working: Took
    steps: tuple[StepFigures, ...]
    passages: tuple[Passage, ...]
    exits: tuple[Exit, ...]
    endings: tuple[Ending, ...]


def process_map(
    session: Session, house: House, process: str, period: Reported, department: Department | None = None
) -> ProcessMap:
    """How the cases of ``process`` that ended within ``period`` went, and where its open cases wait.

    Raises:
        NotFound: there is no such process.
    """
    if process not in PROCESSES:
        raise NotFound(NO_PROCESS, process=process[:64])
    sought = sought_of(house, period, process, department)
    passages, exits = _ways(session, sought)
    endings: Counter[Outcome] = Counter()
    for one in exits:
        endings[one.outcome] += one.count
    counted = steps(session, sought, house.clock())
    walked = {name for one in passages for name in (one.before, one.after)} - {START}
    counted |= {key: StepCount() for name in walked if (key := StepKey(process, name)) not in counted}
    figures = step_figures(counted, titles(session, counted))
    times = ended(session, sought, ())
    return ProcessMap(
        process=process,
        title=PROCESSES[process].title,
        cases=sum(endings.values()),
        open=open_now(session, sought).get(process, 0),
        clock=took(times.clock[process]),
        working=took(times.working[process]),
        steps=_ordered(figures, passages),
        passages=passages,
        exits=exits,
        endings=tuple(Ending(outcome=outcome, count=count) for outcome, count in endings.most_common()),
    )


def _ways(session: Session, sought: Sought) -> tuple[tuple[Passage, ...], tuple[Exit, ...]]:
    """One statement: every step of every case with the one before it, and whether it was the last."""
    within = and_(col(Case.closed_at) >= sought.begins, col(Case.closed_at) < sought.ends, *sought.of_cases())

    def of_case(found: Any) -> Any:
        return found.over(partition_by=col(Case.ref), order_by=col(Step.id))

    walked = (
        columns(
            of_case(func.lag(col(Step.name))).label("before"),
            of_case(func.lag(col(Step.outcome))).label("answer"),
            col(Step.name).label("name"),
            case((of_case(func.lead(col(Step.id))).is_(None), col(Case.outcome))).label("outcome"),
        )
        .select_from(Case)
        .join(Step, col(Step.case_ref) == Case.ref, isouter=True)
        .where(within)
        .subquery()
    )
    returned = walked.c.answer == ActionKind.RETURN
    rows = session.execute(
        columns(walked.c.before, walked.c.name, returned, walked.c.outcome, func.count()).group_by(
            walked.c.before, walked.c.name, returned, walked.c.outcome
        )
    ).all()
    passages: Counter[tuple[str, str, bool]] = Counter()
    exits: Counter[tuple[str, Outcome]] = Counter()
    for before, name, was_return, outcome, count in rows:
        if name is not None:
            passages[before or START, name, bool(was_return)] += count
        if outcome is not None:
            exits[name or START, Outcome(outcome)] += count
    return (
        tuple(
            Passage(before=before, after=after, count=count, returned=returned)
            for (before, after, returned), count in passages.most_common()
        ),
        tuple(Exit(before=before, outcome=outcome, count=count) for (before, outcome), count in exits.most_common()),
    )


def _ordered(figures: Sequence[StepFigures], passages: Sequence[Passage]) -> tuple[StepFigures, ...]:
    weights = {(one.before, one.after): 0 for one in passages}
    for one in passages:
        weights[one.before, one.after] += one.count
    order = usual_order([START, *(one.name for one in figures)], weights)
    place = {name: at for at, name in enumerate(order)}
    return tuple(sorted(figures, key=lambda one: place[one.name]))
