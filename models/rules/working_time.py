"""Working time: what of the time between two instants lies in the company's office hours on business days.

Deadlines count whole business days (``BusinessCalendar``); how long somebody held a step is counted in the hours at
which anybody could have answered it. Everything is counted on the company's wall clock: an hour that a change to
summer time skips at night is in nobody's office hours.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from models.rules.calendar import BusinessCalendar

_NOTHING, _ONE_DAY, _MIDNIGHT = timedelta(), timedelta(days=1), time()


def working_minutes(calendar: BusinessCalendar, begin: datetime, end: datetime) -> int:
    """Whole minutes of working time from ``begin`` to ``end`` (instants); 0 if ``end`` is not after ``begin``."""
    return working_time(calendar, begin, end) // timedelta(minutes=1)


def working_time(calendar: BusinessCalendar, begin: datetime, end: datetime) -> timedelta:
    """Working time from ``begin`` to ``end``, exactly. Years cost no more than days: whole days are only counted."""
    since, until = (calendar.local(instant).replace(tzinfo=None) for instant in (begin, end))
    if until <= since:
        return _NOTHING
    first, last = since.date(), until.date()
    if first == last:
        return _of_day(calendar, first, since, until)
    between = calendar.business_days_from(first + _ONE_DAY, last)
    return (
        _of_day(calendar, first, since, datetime.combine(first + _ONE_DAY, _MIDNIGHT))
        + between * office_day(calendar)
        + _of_day(calendar, last, datetime.combine(last, _MIDNIGHT), until)
    )


def office_day(calendar: BusinessCalendar) -> timedelta:
    """The working time of one business day."""
    day = date(2000, 1, 3)
    return sum((datetime.combine(day, to) - datetime.combine(day, since) for since, to in calendar.hours), _NOTHING)


def working_stretches(
    calendar: BusinessCalendar, begin: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """The stretches of working time from ``begin`` to ``end``, in order, as instants in UTC."""
    since, until = (calendar.local(instant).replace(tzinfo=None) for instant in (begin, end))
    day = since.date()
    while day <= until.date():
        if calendar.is_business_day(day):
            for opens, closes in calendar.hours:
                start = max(since, datetime.combine(day, opens))
                stop = min(until, datetime.combine(day, closes))
                if start < stop:
                    yield _instant(calendar, start), _instant(calendar, stop)
        day += _ONE_DAY


def _of_day(calendar: BusinessCalendar, day: date, since: datetime, until: datetime) -> timedelta:
    """Working time of ``day`` between two times of the company's clock."""
    if not calendar.is_business_day(day):
        return _NOTHING
    found = _NOTHING
    for opens, closes in calendar.hours:
        start, stop = max(since, datetime.combine(day, opens)), min(until, datetime.combine(day, closes))
        found += max(_NOTHING, stop - start)
    return found


def _instant(calendar: BusinessCalendar, local: datetime) -> datetime:
    return local.replace(tzinfo=calendar.zone).astimezone(UTC)
