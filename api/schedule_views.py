"""Routines as pages and programs are shown them: how they stand in Prefect, what comes next, how the last runs went.

Where Prefect does not answer, what is on record is shown, and said to be that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from api.prefect_client import Deployment, FlowRun, PrefectAway, PrefectClient
from models.house import House
from models.operations.schedules import look
from models.processes import ROUTINES, RoutineKind
from models.queries.schedules import KnownRoutine, in_words, kind_of, known_routines, written
from models.queries.shown import Sentence
from models.rules.parameters import Parameter, parameters_of
from models.rules.recurrence_checks import Unforeseeable, occurrences
from models.schedules import RoutineSeen, RoutineStanding, RuleKind, ScheduleSeen

AHEAD = 5
"""Runs to come that are shown of a routine."""


@dataclass(frozen=True)
class Upcoming:
    """One run to come. ``schedule`` makes it; none if somebody planned it in Prefect. A skipped one does not take
    place."""

    at: datetime
    schedule: str | None
    skipped: bool
    business_day: bool


@dataclass(frozen=True)
class ScheduleShown:
    """One schedule. ``words`` say when it runs, where words can; ``text`` is the expression."""

    id: str
    seen: ScheduleSeen
    kind: RuleKind
    words: Sentence | None
    text: str
    zone: str


@dataclass(frozen=True)
class RoutineView:
    """One routine. ``seen_at`` is set where Prefect did not answer and the record speaks."""

    kind: RoutineKind
    standing: RoutineStanding
    version: int
    schedules: tuple[ScheduleShown, ...] = ()
    upcoming: tuple[Upcoming, ...] = ()
    last: FlowRun | None = None
    runs: tuple[FlowRun, ...] = ()
    deployment_id: str | None = None
    seen_at: datetime | None = None
    schema: Mapping[str, Any] = field(default_factory=dict)

    @property
    def next(self) -> Upcoming | None:
        """The next run that takes place."""
        return next((run for run in self.upcoming if not run.skipped), None)

    @property
    def paused(self) -> bool:
        """Whether all of it is paused."""
        return self.standing is RoutineStanding.PAUSED

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What it may be told when it runs."""
        return tuple(one for one in parameters_of(self.schema) if one.kind != "other")

    def asked(self, parameter: str) -> str:
        """What a parameter is called (translatable)."""
        return dict(self.kind.asks).get(parameter, parameter.replace("_", " ").capitalize())


def overview(house: House, prefect: PrefectClient) -> tuple[tuple[RoutineView, ...], PrefectAway | None]:
    """Every routine with its next and its last run; and why, where Prefect does not answer."""
    now = house.clock()
    try:
        found = prefect.routines()
        numbers = [one.id for one in found.values()]
        ahead, past = prefect.ahead(numbers, now), prefect.so_far_of(numbers, now)
    except PrefectAway as away:
        return _on_record(house), away
    views = []
    for name, kind in ROUTINES.items():
        if name not in found:
            views.append(RoutineView(kind, RoutineStanding.UNREGISTERED, 0))
            continue
        view = _view(house, kind, found[name], [run for run in ahead if run.deployment_id == found[name].id], now)
        views.append(replace(view, last=_last(prefect, found[name], past, now)))
    return tuple(views), None


def _last(prefect: PrefectClient, deployment: Deployment, past: Sequence[FlowRun], now: datetime) -> FlowRun | None:
    """The last run of a routine: among the latest of all, or asked for, where others ran so often that it is not."""
    mine = next((run for run in past if run.deployment_id == deployment.id), None)
    if mine is None and len(past) >= prefect.page:
        mine = next(iter(prefect.so_far(deployment.id, now, 1)), None)
    return mine


def one_routine(house: House, prefect: PrefectClient, kind: RoutineKind) -> tuple[RoutineView, PrefectAway | None]:
    """One routine with its runs to come and its last runs; and why, where Prefect does not answer."""
    now = house.clock()
    try:
        deployment = prefect.routine(kind.name)
        if deployment is None:
            return RoutineView(kind, RoutineStanding.UNREGISTERED, 0), None
        view = _view(house, kind, deployment, prefect.ahead([deployment.id], now), now)
        runs = tuple(prefect.so_far(deployment.id, now))
    except PrefectAway as away:
        return next(view for view in _on_record(house) if view.kind is kind), away
    return replace(view, runs=runs, last=next(iter(runs), None)), None


def _on_record(house: House) -> tuple[RoutineView, ...]:
    with house.read() as session:
        known = known_routines(session)
    return tuple(_recorded(house, kind, known.get(name)) for name, kind in ROUTINES.items())


def _recorded(house: House, kind: RoutineKind, known: KnownRoutine | None) -> RoutineView:
    if known is None:
        return RoutineView(kind, RoutineStanding.UNREGISTERED, 0)
    return RoutineView(
        kind,
        _standing(known.seen),
        known.version,
        _schedules(known.seen),
        _upcoming(house, known.seen, [], house.clock()),
        seen_at=known.seen_at,
    )


def _view(
    house: House, kind: RoutineKind, deployment: Deployment, ahead: Sequence[FlowRun], now: datetime
) -> RoutineView:
    return RoutineView(
        kind,
        _standing(deployment.seen),
        look(house, kind.name, deployment.seen),
        _schedules(deployment.seen),
        _upcoming(house, deployment.seen, ahead, now),
        deployment_id=deployment.id,
        schema=deployment.schema,
    )


def _standing(seen: RoutineSeen) -> RoutineStanding:
    if seen.paused:
        return RoutineStanding.PAUSED
    return (
        RoutineStanding.SCHEDULED if any(one.active for one in seen.schedules.values()) else RoutineStanding.UNSCHEDULED
    )


def _schedules(seen: RoutineSeen) -> tuple[ScheduleShown, ...]:
    return tuple(
        ScheduleShown(
            number,
            one,
            kind_of(one.schedule),
            in_words(one.schedule),
            written(one.schedule),
            str(one.schedule["timezone"]),
        )
        for number, one in seen.schedules.items()
    )


def _upcoming(house: House, seen: RoutineSeen, ahead: Sequence[FlowRun], now: datetime) -> tuple[Upcoming, ...]:
    """What the schedules foretell, with what Prefect knows of single runs: skipped ones, and those planned there."""
    made = {(run.schedule_id, run.due_at): run for run in ahead}
    found: dict[tuple[str | None, datetime], bool] = {}
    if not seen.paused:
        for number, one in seen.schedules.items():
            if one.active:
                times = _times(one, [run for run in ahead if run.schedule_id == number], now)
                found |= {(number, at): _cancelled(made.get((number, at))) for at in times}
    found |= {(None, run.due_at): False for run in ahead if run.schedule_id is None and run.state == "SCHEDULED"}
    calendar = house.calendar
    return tuple(
        Upcoming(at, number, skipped, calendar.is_business_day(calendar.day_of(at)))
        for (number, at), skipped in sorted(found.items(), key=lambda one: (one[0][1], one[0][0] or ""))[:AHEAD]
    )


def _times(one: ScheduleSeen, runs: Sequence[FlowRun], now: datetime) -> Sequence[datetime]:
    try:
        return occurrences(one.schedule, now, AHEAD)
    except Unforeseeable:
        return [run.due_at for run in runs][:AHEAD]


def _cancelled(run: FlowRun | None) -> bool:
    return run is not None and run.state == "CANCELLED"
