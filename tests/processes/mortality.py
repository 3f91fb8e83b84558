"""Workers that die, and offices that go on: what every process is put through.

A worker that dies loses nothing but what it had not committed, so the moments that differ are those just after each of
its commits. ``Reaper`` kills there as ``kill -9`` does: the lease stays, and the next worker takes the case over when
it has run out. A test kills at one chosen moment (``Once``), or again and again (``EveryTime``): then each verb of the
flow is followed by a death.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import JSON, Integer, event
from sqlmodel import SQLModel

from config.policy import Policy
from config.settings import Settings
from config.words import Outcome
from flows.case_flow import Story
from flows.case_run import Killed
from flows.direct_driver import DirectRunner, VirtualClock
from flows.dispatcher import Dispatcher
from flows.leases import Leases
from models.audit import Actor, verify
from models.columns import Encrypted, Instant
from models.house import SYSTEM, House, Work, open_house
from tests.conftest import TUESDAY
from tests.processes.conftest import Office

LEASE_SECONDS = 12


class Reaper(Protocol):
    """Decides at which moments the worker dies."""

    moments: int
    watching: bool

    def pass_by(self) -> None:
        """A commit of the worker has just been made."""


class Once:
    """Counts the moments at which the worker can die, and kills it at the one chosen."""

    def __init__(self, at: int | None = None) -> None:
        self.at = at
        self.moments = 0
        self.watching = False
        self.struck = False

    def pass_by(self) -> None:
        if self.watching:
            self.moments += 1
            if self.moments == self.at:
                self.struck = True
                raise Killed(f"moment {self.at}")


class EveryTime:
    """Kills the worker after every ``nth`` commit in which a case has moved; it never gets further than that."""

    def __init__(self, nth: int = 1) -> None:
        self.nth = nth
        self.moments = 0
        self.deaths = 0
        self.watching = False

    def pass_by(self) -> None:
        if self.watching:
            self.moments += 1
            # The first two commits of a segment take the lease; dying there again and again would never end.
            if self.moments % (self.nth + 1) == 0:
                self.deaths += 1
                raise Killed(f"death {self.deaths}")


@dataclass
class MortalRunner(DirectRunner):
    """A worker that can be killed. ``at_once`` says whether the next one comes before people go on acting."""

    house: House
    clock: VirtualClock
    reaper: Reaper
    at_once: bool = True
    dead: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        super().__init__(self.house, self.clock)
        self._let_it_die_after_commits()

    def run_ready(self) -> None:
        if self.dead:
            return
        try:
            super().run_ready()
        except Killed:
            self.dead = True
            if self.at_once:
                self.take_over()

    def take_over(self) -> None:
        """The next worker finds the lease run out, and carries on."""
        self.dead = False
        self.clock.now += timedelta(seconds=LEASE_SECONDS + 1)
        watch = iter(range(0, 100 * LEASE_SECONDS, LEASE_SECONDS))  # between two looks at the leases one runs out
        leases = Leases(LEASE_SECONDS, lambda: next(watch))
        dispatcher = Dispatcher(self.house, None, lambda _: None, lambda _: False, leases)  # type: ignore[arg-type]
        dispatcher.find_dead()
        dispatcher.find_dead()
        self.run_ready()

    def run_segment(self, case_ref: str, story: Story) -> Outcome | None:
        self.reaper.watching = True
        try:
            return super().run_segment(case_ref, story)
        finally:
            self.reaper.watching = False

    def _let_it_die_after_commits(self) -> None:
        work_of_house = self.house.work

        @contextmanager
        def work(actor: Actor = SYSTEM) -> Iterator[Work]:
            with work_of_house(actor) as unit:
                yield unit
            self.reaper.pass_by()

        self.house.work = work  # type: ignore[method-assign]


class MortalOffice(Office):
    """An office whose worker may lie dead: people answer what they are asked, and wait for the rest."""

    runner: MortalRunner

    def answers(self, who: str, action: str, **form: Any) -> Any:
        if self.runner.dead and not any(who in asked for asked in self.waits_for().values()):
            self.runner.take_over()
        return super().answers(who, action, **form)

    def passes(self, **span: float) -> None:
        if self.runner.dead:
            self.runner.take_over()
        super().passes(**span)

    def ends(self) -> None:
        if self.runner.dead:
            self.runner.take_over()


class Stage:
    """Builds an office in a new house for every death. ``template`` holds a database with tables and staff."""

    def __init__(self, home: Path, policy: Policy, template: Path) -> None:
        self._home, self._policy, self._template = home, policy, template
        self._house: House | None = None

    def __call__(self, reaper: Reaper, at_once: bool = True) -> MortalOffice:
        self.clear()
        for name in ("clientrisk.db", "secret.key", "encryption.key"):
            if (self._template / name).exists():
                shutil.copy2(self._template / name, self._home / name)
        clock = VirtualClock(TUESDAY)
        settings = Settings(home=self._home, _env_file=None, lease_seconds=LEASE_SECONDS)  # type: ignore[call-arg]
        house = open_house(settings, self._policy, clock)
        event.listen(house.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
        self._house = house
        return MortalOffice(house, clock, MortalRunner(house, clock, reaper, at_once))

    def clear(self) -> None:
        """Leave the last house."""
        if self._house is not None:
            self._house.engine.dispose()
        for old in self._home.glob("clientrisk.db*"):
            old.unlink()


Script = Callable[[Any], None]

OF_THE_CARRIER = {
    *("run", "case_number", "chain_head", "heartbeat", "audit_event", "journal_entry", "policy_version"),
    *("routine_state", "schedule_change", "audit_private", "installation"),
}
"""Tables in which a death may leave a trace, or that tell of it."""


def left_behind(office: Office) -> dict[str, Counter[Any]]:
    """All that a house holds when its cases have ended, table by table, without instants and row numbers.

    Of messages their keys count, of the audit trail its events but for those of the carrier of runs.
    """
    with office.house.read() as session:
        assert verify(session).broken_at is None
        found: dict[str, Counter[Any]] = {}
        for table in SQLModel.metadata.sorted_tables:
            if table.name in OF_THE_CARRIER:
                continue
            kept = [column for column in table.columns if _tells(column)]
            rows = session.execute(table.select().with_only_columns(*kept)).all() if kept else []
            found[table.name] = Counter(tuple(_plain(value) for value in row) for row in rows)
        events = session.connection().exec_driver_sql("SELECT event, actor_kind, actor_id FROM audit_event").all()
        found["events"] = Counter(tuple(row) for row in events if not row[0].startswith(("run.", "schedule.")))
        keys = session.connection().exec_driver_sql("SELECT case_ref, key FROM journal_entry").all()
        found["journal"] = Counter(tuple(row) for row in keys)
        return found


def _tells(column: Any) -> bool:
    """Whether a column says the same however often the worker died."""
    numbered = column.primary_key and isinstance(column.type, Integer)
    refers = any(isinstance(key.column.type, Integer) for key in column.foreign_keys)
    unlike = isinstance(column.type, Instant | Encrypted | JSON) or column.name.endswith("_hash")
    unlike = unlike or column.name == "working_minutes"  # a worker's death takes time
    return not (numbered or refers or unlike)


def _plain(value: Any) -> Any:
    return str(value) if value is not None else None


def play(stage: Stage, script: Script, reaper: Reaper, *, at_once: bool = True) -> MortalOffice:
    """Play ``script`` in a new office whose worker ``reaper`` kills; every case is at rest when this returns."""
    office = stage(reaper, at_once)
    script(office)
    office.ends()
    return office


def dies_after_every_verb(stage: Stage, script: Script) -> None:
    """Assert that a script ends as undisturbed when the worker dies again and again: after every commit but the one
    that takes the lease, and in another life after every third."""
    undisturbed = left_behind(play(stage, script, Once()))
    for nth in (1, 3):
        reaper = EveryTime(nth)
        disturbed = left_behind(play(stage, script, reaper))
        assert reaper.deaths > 0
        assert disturbed == undisturbed, f"died after every {nth} commits"
