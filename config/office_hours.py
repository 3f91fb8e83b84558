"""The hours of a business day at which the company works, as a setting writes them."""

from __future__ import annotations

import re
from datetime import time

OfficeHours = tuple[tuple[time, time], ...]
"""Stretches of the company's clock, in order and apart: the morning, the afternoon."""

_STRETCH = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


def office_hours(text: str) -> OfficeHours:
    """The hours written as ``09:00-12:00,13:00-18:00``.

    Raises:
        ValueError: it is not written so, or the stretches are not in order; says what is expected.
    """
    found: list[tuple[time, time]] = []
    for part in text.split(","):
        written = _STRETCH.fullmatch(part.strip())
        if written is None:
            raise ValueError("hours like 09:00-12:00,13:00-18:00 are expected")
        first, second, third, fourth = (int(number) for number in written.groups())
        begin, end = time(first, second), time(third, fourth)
        if begin >= end or (found and begin < found[-1][1]):
            raise ValueError("the stretches of a day are given in order, each ending after it begins")
        found.append((begin, end))
    return tuple(found)
