"""Quiet hours: when somebody who is not to be disturbed now can be written to (processes §2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from config.policy.steps import QuietHours


def quiet_until(hours: QuietHours, moment: datetime) -> datetime | None:
    """The instant at which the quiet hours that ``moment`` lies in are over; None outside them.

    ``moment`` is an instant on the company's clock; the answer is in UTC. Quiet hours are hours of the day: they begin
    and end on days off as on working days.
    """
    if not hours.hold(moment):
        return None
    end = moment.replace(hour=hours.end.hour, minute=hours.end.minute, second=hours.end.second, microsecond=0)
    if end.timetz().replace(tzinfo=None) <= moment.timetz().replace(tzinfo=None):
        end = (end + timedelta(days=1)).replace(fold=0)
    return end.astimezone(UTC)


def quiet_until_all(several: Sequence[QuietHours], moment: datetime) -> datetime | None:
    """The instant at which none of ``several`` quiet hours holds any more: the company's, and somebody's own.

    ``moment`` is an instant on the company's clock; the answer is in UTC, None outside all of them.
    """
    until: datetime | None = None
    at = moment
    for _ in range(2 * len(several)):  # the end of one may lie in the other
        found = next((end for hours in several if (end := quiet_until(hours, at)) is not None), None)
        if found is None:
            break
        until, at = found, found.astimezone(moment.tzinfo)
    return until
