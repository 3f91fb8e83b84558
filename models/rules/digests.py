"""Digests: when what is not urgent is told in one message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from config.policy.steps import QuietHours
from config.words import DigestRhythm
from models.rules.quiet_hours import quiet_until_all

MORNING = time(9)
"""When a daily digest is sent, if no time was chosen."""


def digest_moment(rhythm: DigestRhythm, at: time | None, since: datetime, quiet: Sequence[QuietHours]) -> datetime:
    """The instant (UTC) of the first digest after ``since``, an instant on the company's clock.

    Hourly: at the full hour. Daily: ``at`` that time of day. One that falls into quiet hours is sent at their end.
    """
    if rhythm is DigestRhythm.DAILY:
        hour = at or MORNING
        moment = since.replace(hour=hour.hour, minute=hour.minute, second=0, microsecond=0)
        if moment <= since:
            moment += timedelta(days=1)
    else:
        moment = since.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return quiet_until_all(quiet, moment) or moment.astimezone(UTC)


def cannot_wait(due_on: date | None, digest_on: date) -> bool:
    """Whether something due on a day is told at once, rather than in the digest of another.

    What falls due on the digest's day, or before it, would be read when it is urgent already.
    """
    return due_on is not None and due_on <= digest_on
