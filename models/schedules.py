"""When a routine runs: its schedules as Prefect holds them, and what was done to them.

Prefect's own form of a schedule is the form kept here, in one spelling: what operations see in our pages, what they
see in Prefect's, and what is on record can then be compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from config.words import Word

BEGINNING = "DTSTART:20200101T000000"
"""Where Prefect lets a calendar rule begin that does not say so itself."""


class RuleKind(Word):
    """How it is said when a routine runs."""

    CRON = "cron", "Cron expression"
    INTERVAL = "interval", "Interval"
    CALENDAR = "rrule", "Calendar rule (RRULE)"


class ScheduleAct(Word):
    """What is done to a routine or to one of its schedules."""

    CREATED = "created", "Schedule added"
    UPDATED = "updated", "Schedule changed"
    PAUSED = "paused", "Schedule paused"
    RESUMED = "resumed", "Schedule resumed"
    DELETED = "deleted", "Schedule deleted"
    ALL_PAUSED = "all_paused", "All schedules paused"
    ALL_RESUMED = "all_resumed", "All schedules resumed"
    RUN = "run", "Started by hand"
    SKIPPED = "skipped", "One run skipped"
    RESTORED = "restored", "Skipped run put back"


class ChangeState(Word):
    """How far a change has come."""

    ASKED = "asked", "Under way"
    UNANSWERED = "unanswered", "Prefect did not answer"
    DONE = "done", "Done"
    FAILED = "failed", "Not done"
    ELSEWHERE = "elsewhere", "Made in Prefect"


class RunResult(Word):
    """How far a run of a routine has come, or how it ended."""

    WAITING = "waiting", "Waiting to start"
    RUNNING = "running", "Running"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"
    SKIPPED = "skipped", "Skipped"
    CANCELLED = "cancelled", "Cancelled"


class RoutineStanding(Word):
    """How a routine stands."""

    SCHEDULED = "scheduled", "Runs by schedule"
    PAUSED = "paused", "Paused"
    UNSCHEDULED = "unscheduled", "No schedule is active"
    UNREGISTERED = "unregistered", "Not registered in Prefect"


class IntervalUnit(Word):
    """What an interval is counted in."""

    MINUTES = "minutes", "minutes"
    HOURS = "hours", "hours"
    DAYS = "days", "days"

    @property
    def span(self) -> timedelta:
        """One of it."""
        return timedelta(**{self.value: 1})


CHANGES_A_SCHEDULE = frozenset(
    {
        ScheduleAct.CREATED,
        ScheduleAct.UPDATED,
        ScheduleAct.PAUSED,
        ScheduleAct.RESUMED,
        ScheduleAct.DELETED,
        ScheduleAct.ALL_PAUSED,
        ScheduleAct.ALL_RESUMED,
    }
)
"""The others concern one run and leave the schedules as they are."""


class ScheduleSeen(BaseModel):
    """One schedule. ``schedule`` is Prefect's own form of it (``canonical``)."""

    model_config = ConfigDict(frozen=True)

    schedule: dict[str, Any]
    active: bool = True
    parameters: dict[str, Any] = {}

    @classmethod
    def from_prefect(cls, given: Mapping[str, Any]) -> Self:
        """A schedule of a deployment, as Prefect's API gives it."""
        return cls(
            schedule=canonical(given["schedule"]),
            active=bool(given.get("active", True)),
            parameters=dict(given.get("parameters") or {}),
        )


class RoutineSeen(BaseModel):
    """How a routine stands in Prefect: whether all of it is paused, and its schedules by Prefect's ids."""

    model_config = ConfigDict(frozen=True)

    paused: bool = False
    schedules: dict[str, ScheduleSeen] = {}

    @classmethod
    def from_prefect(cls, deployment: Mapping[str, Any]) -> Self:
        """A deployment, as Prefect's API gives it."""
        schedules = {str(one["id"]): ScheduleSeen.from_prefect(one) for one in deployment.get("schedules") or ()}
        return cls(paused=bool(deployment.get("paused", False)), schedules=dict(sorted(schedules.items())))


def canonical(schedule: Mapping[str, Any]) -> dict[str, Any]:
    """Prefect's form of a schedule in one spelling: times in UTC, spans in seconds, nothing that is the default."""
    if "cron" in schedule:
        kept = {"cron": schedule["cron"], "timezone": schedule.get("timezone") or "UTC"}
        return kept if schedule.get("day_or", True) else {**kept, "day_or": False}
    if "interval" in schedule:
        anchor = datetime.fromisoformat(str(schedule["anchor_date"]).replace("Z", "+00:00")).astimezone(UTC)
        return {
            "interval": float(schedule["interval"]),
            "anchor_date": anchor.isoformat(),
            "timezone": schedule.get("timezone") or "UTC",
        }
    return {"rrule": _plain(str(schedule.get("rrule", ""))), "timezone": schedule.get("timezone") or "UTC"}


def _plain(rule: str) -> str:
    """A calendar rule without what Prefect's own client puts before it: the day from which it counts anyway."""
    lines = [line for line in rule.split("\n") if line and line != BEGINNING]
    if len(lines) == 1:
        return lines[0].removeprefix("RRULE:")
    marked = (line if ":" in line else f"RRULE:{line}" for line in lines)
    return "\n".join(marked)
