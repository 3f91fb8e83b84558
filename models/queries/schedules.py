"""Routines and their schedules as they are shown: in words, with what comes next and what was done to them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from config.languages import N_
from config.words import ActorKind
from models.queries.shown import Read, Sentence, Shown
from models.queries.steps import names_of
from models.rules.reasons import Label
from models.schedules import ChangeState, RoutineSeen, RuleKind, ScheduleAct, canonical
from models.tables import RoutineState, ScheduleChange

HISTORY = 30
"""Changes shown at most; the audit trail keeps every one."""

_WEEKDAYS = (
    N_("Sundays"),
    N_("Mondays"),
    N_("Tuesdays"),
    N_("Wednesdays"),
    N_("Thursdays"),
    N_("Fridays"),
    N_("Saturdays"),
)
_MONTHS = (
    N_("January"),
    N_("February"),
    N_("March"),
    N_("April"),
    N_("May"),
    N_("June"),
    N_("July"),
    N_("August"),
    N_("September"),
    N_("October"),
    N_("November"),
    N_("December"),
)
_SPANS = ((86400, N_("every {count} days")), (3600, N_("every {count} hours")), (60, N_("every {count} minutes")))
_ONE = {86400: N_("every day"), 3600: N_("every hour"), 60: N_("every minute")}
_DAY_NAMES = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_NAMES = {name: str(number) for number, name in enumerate(_DAY_NAMES)} | {
    name: str(number) for number, name in enumerate(_MONTH_NAMES, 1)
}


class ChangeView(Read):
    """One thing done to a routine or to one of its schedules. Without ``who`` it was made in Prefect's pages."""

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


class KnownRoutine(Read):
    """How a routine stood when Prefect was last asked, and the version of that."""

    version: int
    seen: RoutineSeen
    seen_at: datetime


def known_routines(session: Session) -> dict[str, KnownRoutine]:
    """What is on record of every routine, by name."""
    return {
        row.routine: KnownRoutine(version=row.version, seen=RoutineSeen.model_validate(row.seen), seen_at=row.seen_at)
        for row in session.exec(select(RoutineState))
    }


def changes(session: Session, routine: str, limit: int = HISTORY) -> tuple[ChangeView, ...]:
    """What was done to a routine, the latest first. Two queries."""
    wanted = select(ScheduleChange).where(ScheduleChange.routine == routine)
    rows = session.exec(wanted.order_by(col(ScheduleChange.id).desc()).limit(limit)).all()
    names = names_of(session, {row.person_id for row in rows if row.person_id})
    return tuple(
        ChangeView(
            id=row.id or 0,
            act=row.act,
            state=row.state,
            at=row.asked_at,
            who=names.get(row.person_id or "", row.person_id),
            actor=row.actor_kind,
            schedule_id=row.schedule_id,
            before=row.before,
            after=row.after,
            note=row.note,
        )
        for row in rows
    )


def kind_of(schedule: Mapping[str, Any]) -> RuleKind:
    """How a schedule says when it runs."""
    return next(kind for kind in RuleKind if kind.value in canonical(schedule))


def written(schedule: Mapping[str, Any]) -> str:
    """The expression itself, as one writes it; nothing for an interval, which words say as well."""
    return str(schedule.get("cron") or schedule.get("rrule") or "")


def in_words(schedule: Mapping[str, Any]) -> Sentence | None:
    """When a schedule runs, in words; none where its expression says more than a short sentence could."""
    if "interval" in schedule:
        seconds = float(schedule["interval"])
        size, message = next(((size, text) for size, text in _SPANS if seconds % size == 0), (0, ""))
        if not size:
            return Sentence(message=N_("every {count} seconds"), values={"count": round(seconds)})
        count = round(seconds / size)
        return Sentence(message=_ONE[size]) if count == 1 else Sentence(message=message, values={"count": count})
    if "cron" in schedule and schedule.get("day_or", True):
        return _cron_in_words(str(schedule["cron"]))
    return None


def _cron_in_words(text: str) -> Sentence | None:
    fields = [re.sub("[A-Z]{3}", lambda name: _NAMES.get(name[0], name[0]), part) for part in text.upper().split()]
    if len(fields) != 5:
        return None
    minute, hour, day, month, weekday = fields
    steps = minute.removeprefix("*/")
    if minute != steps and steps.isdecimal() and (hour, day, month, weekday) == ("*", "*", "*", "*"):
        return (
            Sentence(message=N_("every {count} minutes"), values={"count": int(steps)})
            if 60 % int(steps) == 0
            else None
        )
    if hour == "*" and minute.isdecimal() and (day, month, weekday) == ("*", "*", "*"):
        return Sentence(message=N_("every hour at minute {minute}"), values={"minute": int(minute)})
    if not (minute.isdecimal() and hour.isdecimal()):
        return None
    values: dict[str, Shown | Sentence] = {"time": f"{int(hour):02}:{int(minute):02}"}
    months = _numbers(month, 1, 12)
    if months is None:
        return None
    if months:
        values["months"] = tuple(Label(label=_MONTHS[one - 1]) for one in months)
    if (day, month, weekday) == ("*", "*", "*"):
        return Sentence(message=N_("every day at {time}"), values=values)
    if day == "*" and month == "*":
        return _weekdays_in_words(weekday, values)
    if weekday != "*":
        return None
    return _days_in_words(day, bool(months), values)


def _weekdays_in_words(weekday: str, values: dict[str, Shown | Sentence]) -> Sentence | None:
    if weekday == "1-5":
        return Sentence(message=N_("Mondays to Fridays at {time}"), values=values)
    days = _numbers(weekday, 0, 7)
    if not days:
        return None
    named = tuple(Label(label=_WEEKDAYS[one % 7]) for one in days)
    return Sentence(message=N_("{weekdays} at {time}"), values={**values, "weekdays": named})


def _days_in_words(day: str, of_months: bool, values: dict[str, Shown | Sentence]) -> Sentence | None:
    if day == "L":
        last = N_("the last day of {months} at {time}") if of_months else N_("the last day of each month at {time}")
        return Sentence(message=last, values=values)
    days = _numbers(day, 1, 31)
    if not days:
        return None
    told = N_("day {days} of {months} at {time}") if of_months else N_("day {days} of each month at {time}")
    return Sentence(message=told, values={**values, "days": tuple(Label(label=str(one)) for one in days)})


def _numbers(text: str, least: int, most: int) -> list[int] | None:
    """The numbers of a list like ``1,4,7-9``; empty for every one, none for anything else."""
    if text == "*":
        return []
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        if not first.isdecimal() or (last and not last.isdecimal()):
            return None
        found += range(int(first), int(last or first) + 1)
    return found if found and all(least <= one <= most for one in found) else None
