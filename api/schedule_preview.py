"""A schedule before it is saved: whether it may be asked for, and what it would come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.prefect_client import Deployment
from config.languages import N_
from models.errors import Invalid, Problem
from models.house import House
from models.rules import parameters as rules
from models.rules.recurrence import Rule
from models.rules.recurrence_checks import checked, occurrences
from models.schedules import ScheduleSeen


def wanted_of(
    house: House, deployment: Deployment, rule: Rule, given: Mapping[str, Any], active: bool = True
) -> ScheduleSeen:
    """The schedule that is asked for, checked as a whole so that every problem is told at once.

    Raises:
        Invalid: rule or parameters, at their fields.
    """
    problems: list[Problem] = []
    schedule: dict[str, Any] = {}
    wanted: dict[str, Any] = {}
    try:
        schedule = checked(rule, house.clock()).as_prefect()
    except Invalid as refusal:
        problems += refusal.problems
    try:
        wanted = rules.checked(deployment.schema, given)
    except Invalid as refusal:
        problems += refusal.problems
    if problems:
        raise Invalid(N_("Please look at the marked fields."), problems)
    return ScheduleSeen(schedule=schedule, active=active, parameters=wanted)


@dataclass(frozen=True)
class Foretold:
    """What a schedule that is not saved yet would come to: the next runs, and whether each is on a business day."""

    schedule: ScheduleSeen
    runs: tuple[tuple[datetime, bool], ...]

    @property
    def off_days(self) -> int:
        """How many of them are on days off."""
        return sum(not business_day for _, business_day in self.runs)


def preview(house: House, deployment: Deployment, rule: Rule, given: Mapping[str, Any], count: int) -> Foretold:
    """What a schedule would come to. Nothing is changed. Raises ``Invalid`` as ``wanted_of`` does."""
    wanted = wanted_of(house, deployment, rule, given)
    runs = occurrences(wanted.schedule, house.clock(), count)
    calendar = house.calendar
    return Foretold(wanted, tuple((at, calendar.is_business_day(calendar.day_of(at))) for at in runs))
