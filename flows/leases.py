"""Whose worker is dead: told by watching leases for a while, so that no jump of the clock says so of a living one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Lease:
    """A lease as it was seen. Its holder renews ``until`` three times in its length."""

    case_ref: str
    fence: int
    until: datetime


class Leases:
    """What one watcher has seen of leases. ``seconds`` is how long a lease lasts, ``tick`` counts seconds evenly."""

    def __init__(self, seconds: float, tick: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._tick = tick
        self._seen: dict[Lease, float] = {}

    def silent(self, held: Iterable[Lease], now: datetime) -> set[str]:
        """Cases whose holder is dead: the lease has run out, and was not renewed while it was watched for a renewal.

        A clock that is put forward lets every lease run out at once: none is taken before its holder has had time to
        renew it. One put back lets none run out: a lease not renewed for its whole length and half of it is dead too.
        """
        tick = self._tick()
        self._seen = {lease: self._seen.get(lease, tick) for lease in held}
        watched = {lease: tick - since for lease, since in self._seen.items()}
        return {
            lease.case_ref
            for lease, span in watched.items()
            if span >= self._seconds * 1.5 or (lease.until < now and span >= self._seconds / 2)
        }
