"""Quiet hours: when somebody who is not to be disturbed now can be written to (processes §2)."""

from __future__ import annotations

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
