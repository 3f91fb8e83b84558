"""What the JSON API gives and takes of routines and their schedules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import AwareDatetime, ConfigDict, Field

from api.prefect_client import FlowRun
from api.routes.shapes import Given
from api.routes.taken import Storable, Taken, Text
from api.schedule_form import soon
from api.schedule_views import RoutineView, ScheduleShown, Upcoming
from config.languages import N_, translate
from config.settings import Settings
from config.words import ActorKind, Language
from models.errors import Invalid, Problem
from models.rules.recurrence import Rule
from models.schedules import ChangeState, RoutineStanding, RuleKind, RunResult, ScheduleAct

NIGHTLY: dict[str, Any] = {"cron": "30 7 * * 1-5", "time_zone": "Asia/Shanghai", "parameters": {"anyway": True}}
Values = Annotated[
    dict[Annotated[str, Field(max_length=64)], Any],
    Storable,
    Field(max_length=20, description="Parameters of the run, by the routine's own schema."),
]


class ToCome(Given):
    """A run to come. `schedule` makes it; none if it was planned in Prefect. A skipped one does not take place."""

    at: datetime
    schedule: str | None
    skipped: bool
    business_day: bool


class RunShown(Given):
    """A run that was due. `url` is its page in Prefect."""

    run: str
    result: RunResult
    due_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    schedule: str | None = Field(description="The schedule that made it; none if it was started by hand.")
    url: str


class RunList(Given):
    to_come: list[ToCome]
    so_far: list[RunShown]
    prefect_answers: bool


class ScheduleGiven(Given):
    """One schedule: by `cron`, by `every_minutes` from `starts_at` on, or by `rrule`."""

    id: str
    kind: RuleKind
    words: str | None = Field(description="When it runs, in words, where words can say it.")
    cron: str | None
    every_minutes: float | None
    starts_at: datetime | None
    rrule: str | None
    time_zone: str
    active: bool
    parameters: dict[str, Any]


class RoutineShown(Given):
    """One routine. `as_of` is set where Prefect does not answer and the record speaks."""

    routine: str
    title: str
    about: str
    standing: RoutineStanding
    next_run: datetime | None
    last_run: datetime | None
    last_result: RunResult | None
    schedules: list[ScheduleGiven]
    parameters: dict[str, Any] = Field(description="JSON schema of the parameters of a run.")
    as_of: datetime | None = None


class RoutineList(Given):
    items: list[RoutineShown]
    prefect_answers: bool


class ChangeShown(Given):
    """Something done to a routine or one of its schedules. Without `who` it was made in Prefect's own pages."""

    id: int
    act: ScheduleAct
    state: ChangeState
    at: datetime
    who: str | None
    actor: ActorKind
    schedule_id: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    note: str | None


class ChangeList(Given):
    items: list[ChangeShown]


class ScheduleMade(Given):
    """A new schedule."""

    id: str


class RunStarted(Given):
    """A run that was started, now or by the same request before."""

    run: str
    url: str


class Previewed(Given):
    """What a schedule would come to."""

    runs: list[ToCome]


class ScheduleTaken(Taken):
    """A schedule: exactly one of `cron`, `every_minutes` and `rrule`."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [NIGHTLY]})

    cron: Text | None = Field(None, max_length=500, description="Minute, hour, day, month, weekday.")
    every_minutes: int | None = Field(None, ge=1, le=600_000)
    starts_at: AwareDatetime | None = Field(
        None, description="What an interval is counted from; the next five minutes."
    )
    rrule: Text | None = Field(None, max_length=500, description="A calendar rule (RFC 5545).")
    time_zone: Text = Field(max_length=64, examples=["Asia/Shanghai"])
    active: bool = True
    parameters: Values = {}

    def rule(self, now: datetime) -> Rule:
        """The rule it says.

        Raises:
            Invalid: it says none or several, or counts from a time out of reach.
        """
        given = [kind for kind, said in self._said() if said is not None]
        if len(given) != 1:
            told = N_("Exactly one is needed of: cron, every_minutes, rrule.")
            raise Invalid(N_("Please look at the marked fields."), [Problem("cron", told)])
        if self.every_minutes is None:
            text = " ".join(self.cron.split()) if self.cron is not None else str(self.rrule).strip()
            return Rule(given[0], self.time_zone, text)
        anchor = self.starts_at or soon(now)
        if not datetime(2000, 1, 1, tzinfo=UTC) < anchor < now + timedelta(days=3660):
            problem = Problem("starts_at", N_("This is not a date and time."))
            raise Invalid(N_("Please look at the marked fields."), [problem])
        every = timedelta(minutes=self.every_minutes)
        return Rule(RuleKind.INTERVAL, self.time_zone, every=every, anchor=anchor.astimezone(UTC))

    def _said(self) -> list[tuple[RuleKind, object]]:
        return [
            (RuleKind.CRON, self.cron),
            (RuleKind.INTERVAL, self.every_minutes),
            (RuleKind.CALENDAR, self.rrule),
        ]


class Start(Taken):
    """What a run is told."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"parameters": {"anyway": True}}]})

    parameters: Values = {}


class OneRun(Taken):
    """One run of a schedule, by when it is due."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"at": "2026-03-12T07:30:00+08:00"}]})

    at: AwareDatetime

    @property
    def instant(self) -> datetime:
        """In UTC.

        Raises:
            Invalid: it lies outside of time.
        """
        try:
            return self.at.astimezone(UTC)
        except OverflowError:
            problem = Problem("at", N_("This is not a date and time."))
            raise Invalid(N_("Please look at the marked fields."), [problem]) from None


def routine_shown(view: RoutineView, language: Language) -> RoutineShown:
    """A routine for a program, in the caller's language."""
    return RoutineShown(
        routine=view.kind.name,
        title=translate(view.kind.title, language),
        about=translate(view.kind.about, language) if view.kind.about else "",
        standing=view.standing,
        next_run=view.next.at if view.next else None,
        last_run=(view.last.started_at or view.last.due_at) if view.last else None,
        last_result=view.last.result if view.last else None,
        schedules=[_schedule(one, language) for one in view.schedules],
        parameters=dict(view.schema),
        as_of=view.seen_at,
    )


def _schedule(one: ScheduleShown, language: Language) -> ScheduleGiven:
    kept = one.seen.schedule
    return ScheduleGiven(
        id=one.id,
        kind=one.kind,
        words=one.words.text(language) if one.words else None,
        cron=kept.get("cron"),
        every_minutes=kept["interval"] / 60 if "interval" in kept else None,
        starts_at=kept.get("anchor_date"),
        rrule=kept.get("rrule"),
        time_zone=one.zone,
        active=one.seen.active,
        parameters=one.seen.parameters,
    )


def to_come(run: Upcoming) -> ToCome:
    """A run to come, for a program."""
    return ToCome(at=run.at, schedule=run.schedule, skipped=run.skipped, business_day=run.business_day)


def run_shown(run: FlowRun, settings: Settings) -> RunShown:
    """A run that was due, for a program."""
    return RunShown(
        run=run.id,
        result=run.result,
        due_at=run.due_at,
        started_at=run.started_at,
        ended_at=run.ended_at,
        schedule=run.schedule_id,
        url=settings.prefect_run_url(run.id),
    )
