"""Deadlines, reminders, escalation and expiry of human steps, and quiet hours."""

from __future__ import annotations

from datetime import datetime, time
from typing import Annotated

from pydantic import Field, StringConstraints

from config.policy.base import Count, Days, PolicyModel, Switch

StepName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=64)]


class StepTimes(PolicyModel):
    """The times of one human step. All days are business days."""

    deadline_days: Count
    remind_at_half: Switch
    remind_at_deadline: Switch
    escalate_after_days: Days
    """Days after the deadline until the signer's manager is told."""
    escalate_every_days: Count
    """Days between one level of management and the next."""
    expires_after_days: Days
    """Days after the deadline until the step expires."""


class StepOverride(PolicyModel):
    """What one step does otherwise; what is left out is as by default."""

    deadline_days: Count | None = None
    remind_at_half: Switch | None = None
    remind_at_deadline: Switch | None = None
    escalate_after_days: Days | None = None
    escalate_every_days: Count | None = None
    expires_after_days: Days | None = None


class QuietHours(PolicyModel):
    """Company wall-clock time in which nobody is disturbed; it may span midnight."""

    start: time
    end: time

    def hold(self, moment: datetime) -> bool:
        """Whether ``moment`` (an instant given in the company's time zone) lies in quiet hours."""
        at = moment.timetz().replace(tzinfo=None)
        if self.start <= self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


class StepsPolicy(PolicyModel):
    """Times of every step: the default, and by step name what differs from it."""

    default: StepTimes
    by_step: dict[StepName, StepOverride] = Field(default_factory=dict)
    quiet_hours: QuietHours

    def times(self, step_name: str) -> StepTimes:
        """The times of a step, by its name without round or key."""
        override = self.by_step.get(step_name)
        if override is None:
            return self.default
        return self.default.model_copy(update=override.model_dump(exclude_none=True))
