"""The form of a schedule: what was typed becomes a rule and parameters; what is there becomes what stands in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from api.posted import Posted
from config.languages import N_
from models.errors import Invalid, Problem
from models.rules.parameters import from_texts
from models.rules.recurrence import Rule, instant_of, rule_of
from models.rules.recurrence_checks import known_zone
from models.schedules import IntervalUnit, RuleKind, ScheduleSeen

FIELDS = ("kind", "cron", "every", "unit", "starts", "rrule", "zone", "active")
PARAMETER = "parameters."
LONGEST = 1000
"""Characters of any field that are looked at; what is too long is refused by its rule."""
ZONES = (
    "Asia/Shanghai",
    "Asia/Hong_Kong",
    "Asia/Taipei",
    "Asia/Tokyo",
    "Asia/Singapore",
    "Asia/Kolkata",
    "Asia/Dubai",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Los_Angeles",
    "UTC",
)
"""Zones that are suggested; any other may be typed."""


Typed = Mapping[str, str]


def typed_in(form: Posted) -> Typed:
    """What was posted of the form's own fields."""
    names = [name for name in form.names() if name in FIELDS or name.startswith(PARAMETER)]
    return {name: form.text(name)[:LONGEST].strip() for name in names}


def blank(zone: str, now: datetime) -> Typed:
    """What stands in the form of a new schedule."""
    return {"kind": "cron", "unit": "hours", "zone": zone, "starts": _local(soon(now), zone), "active": "true"}


def standing(one: ScheduleSeen, now: datetime) -> Typed:
    """What stands in the form of a schedule that is there."""
    rule = rule_of(one.schedule)
    typed = dict(blank(rule.zone, now)) | {"kind": rule.kind.value, "active": "true" if one.active else ""}
    if rule.kind is RuleKind.INTERVAL:
        unit = next((unit for unit in reversed(IntervalUnit) if not rule.every % unit.span), IntervalUnit.MINUTES)
        typed |= {"every": f"{rule.every / unit.span:g}", "unit": unit.value, "starts": _local(rule.anchor, rule.zone)}
    else:
        typed[rule.kind.value] = rule.expression
    for name, value in one.parameters.items():
        typed[PARAMETER + name] = "true" if value is True else "" if value in (False, None) else str(value)
    return typed


def rule_given(typed: Typed, now: datetime) -> Rule:
    """The rule that was typed; whether it may be asked for is checked later.

    Raises:
        Invalid: what cannot be read at all, at its field.
    """
    chosen, zone = typed.get("kind", ""), typed.get("zone", "")
    if chosen not in list(RuleKind):
        raise _invalid(Problem("kind", N_("This field is needed.")))
    kind = RuleKind(chosen)
    if kind is RuleKind.INTERVAL:
        return _interval(typed, zone, now)
    text = " ".join(typed.get("cron", "").split()) if kind is RuleKind.CRON else _tidy(typed.get("rrule", ""))
    if not text:
        raise _invalid(Problem(kind.value, N_("This field is needed.")))
    return Rule(kind, zone, text)


def _interval(typed: Typed, zone: str, now: datetime) -> Rule:
    problems: list[Problem] = []
    every, unit, starts = typed.get("every", ""), typed.get("unit", ""), typed.get("starts", "")
    if not (every.isascii() and every.isdecimal() and int(every[:9]) > 0 and len(every) < 7):
        problems.append(Problem("every", N_("This is not a whole number.")))
    if unit not in list(IntervalUnit):
        problems.append(Problem("unit", N_("This field is needed.")))
    anchor = soon(now)
    if not known_zone(zone):
        problems.append(Problem("zone", N_("There is no such time zone. Write one like Asia/Shanghai.")))
    elif starts:
        try:
            anchor = instant_of(datetime.fromisoformat(starts).replace(tzinfo=None, microsecond=0), ZoneInfo(zone))
        except (ValueError, OverflowError):
            problems.append(Problem("starts", N_("This is not a date and time.")))
    if not problems and not datetime(2000, 1, 1, tzinfo=UTC) < anchor < now + timedelta(days=3660):
        problems.append(Problem("starts", N_("This is not a date and time.")))
    if problems:
        raise _invalid(*problems)
    return Rule(RuleKind.INTERVAL, zone, every=int(every) * IntervalUnit(unit).span, anchor=anchor)


def parameters_given(typed: Typed, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that were typed; whether they are right is checked later."""
    return from_texts(schema, {name.removeprefix(PARAMETER): text for name, text in typed.items() if PARAMETER in name})


def by_field(problems: Sequence[Problem]) -> dict[str, list[Problem]]:
    """Problems by the field they are about."""
    found: dict[str, list[Problem]] = {}
    for problem in problems:
        found.setdefault(problem.field, []).append(problem)
    return found


def _tidy(text: str) -> str:
    """A calendar rule as Prefect takes it: in capitals, the mark before a lone rule left out."""
    lines = [line.strip().upper() for line in text.split("\n") if line.strip()]
    return lines[0].removeprefix("RRULE:") if len(lines) == 1 else "\n".join(lines)


def soon(now: datetime) -> datetime:
    """The next five minutes on the clock."""
    step = timedelta(minutes=5)
    begun = now.replace(minute=now.minute - now.minute % 5, second=0, microsecond=0)
    return begun + step


def _local(at: datetime, zone: str) -> str:
    known = ZoneInfo(zone) if known_zone(zone) else UTC
    local = at.astimezone(known).replace(tzinfo=None, microsecond=0)
    return local.isoformat(timespec="seconds" if local.second else "minutes")


def _invalid(*problems: Problem) -> Invalid:
    return Invalid(N_("Please look at the marked fields."), problems)
