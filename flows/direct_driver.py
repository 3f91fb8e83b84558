"""The direct driver: the same flow functions in this process, on a clock of one's own.

For process tests, policy simulation and load: no server, no threads; thousands of cases a second.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from sqlmodel import col, select

from config.words import Outcome
from flows.case_flow import Story, process_named
from flows.case_run import CaseRun
from models.house import House
from models.operations.waits import fire_due, next_due
from models.tables import Run

R = TypeVar("R")


class VirtualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Suspended(BaseException):
    """The segment ends; the case waits."""


class DirectDriver:
    """A segment in this process. ``interrupt`` is called at every boundary; tests let it kill the run there."""

    owner = "direct"
    real_time = False

    def __init__(self, interrupt: Callable[[str], None] = lambda _point: None) -> None:
        self._interrupt = interrupt

    def perform(self, name: str, act: Callable[[], R]) -> R:
        self._interrupt(f"before {name}")
        result = act()
        self._interrupt(f"after {name}")
        return result

    def suspend(self, key: str) -> None:
        self._interrupt(f"suspending {key}")
        raise Suspended(key)

    def progress(self, case_ref: str, done: int, total: int, what: str) -> None:
        """There is nothing to show it in."""


class DirectRunner:
    """Carries all cases of a house that have something to do, one after the other."""

    def __init__(self, house: House, clock: VirtualClock, driver: DirectDriver | None = None) -> None:
        self.house = house
        self.clock = clock
        self.driver = driver or DirectDriver()

    def run_ready(self) -> None:
        """Carry every case that has something to do until none has."""
        while due := self._due():
            for case_ref, process in due:
                self.run_segment(case_ref, process_named(process).story)

    def run_segment(self, case_ref: str, story: Story) -> Outcome | None:
        """One segment of one case; its outcome, or none while it waits."""
        try:
            with CaseRun(self.house, case_ref, self.driver) as case:
                return case.play(story)
        except Suspended:
            return None

    def advance(self, span: timedelta) -> None:
        """Let time pass: timers fire in order, each at its own time, and cases go on in between."""
        end = self.clock.now + span
        self.run_ready()
        while (due := self._next()) is not None and due <= end:
            self.clock.now = max(self.clock.now, due)
            fire_due(self.house)
            self.run_ready()
        self.clock.now = end

    def _due(self) -> list[tuple[str, str]]:
        with self.house.read() as session:
            statement = select(Run.case_ref, Run.process).where(col(Run.act_at) <= self.clock.now)
            return list(session.exec(statement.order_by(col(Run.act_at), col(Run.case_ref))).all())

    def _next(self) -> datetime | None:
        with self.house.read() as session:
            statement = select(Run.act_at).where(col(Run.act_at).is_not(None)).order_by(col(Run.act_at)).limit(1)
            run = session.exec(statement).first()
        return min((at for at in (run, next_due(self.house)) if at is not None), default=None)
