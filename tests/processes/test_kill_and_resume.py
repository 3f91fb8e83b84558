"""Whenever the worker is killed, the case ends as if it had not been.

A worker that dies loses nothing but what it had not committed, so the moments that differ are those just after each
of its commits. Every one of them is tried: the run is killed there as by ``kill -9`` (the lease stays), and the next
worker takes the case over when the lease has run out.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlmodel import select

from config.policy import Policy
from config.settings import Settings
from config.words import ActorKind, Outcome
from flows.case_flow import Story
from flows.case_run import Killed
from flows.direct_driver import DirectRunner, VirtualClock
from flows.dispatcher import Dispatcher
from models.audit import Actor
from models.house import SYSTEM, House, Work, open_house
from models.tables import AuditEvent
from tests.conftest import TUESDAY
from tests.processes.conftest import Office, Play
from tests.processes.journeys import SCRIPTS, Ending, ending_of, straight_through, withdrawn

LEASE_SECONDS = 12


class Reaper:
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
        Dispatcher(self.house, None, lambda _: None, lambda _: False).find_dead()  # type: ignore[arg-type]
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


Stage = Callable[[Reaper, bool], MortalOffice]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, policy: Policy, empty_database: Path) -> Iterator[Stage]:
    """A new house for every death."""
    home = tmp_path_factory.mktemp("stage")
    houses: list[House] = []

    def build(reaper: Reaper, at_once: bool) -> MortalOffice:
        for house in houses:
            house.engine.dispose()
        for old in home.glob("clientrisk.db*"):
            old.unlink()
        for name in ("clientrisk.db", "secret.key", "encryption.key"):
            if (empty_database / name).exists():
                shutil.copy2(empty_database / name, home / name)
        clock = VirtualClock(TUESDAY)
        house_settings = Settings(home=home, _env_file=None, lease_seconds=LEASE_SECONDS)  # type: ignore[call-arg]
        house = open_house(house_settings, policy, clock)
        event.listen(house.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
        houses[:] = [house]
        return MortalOffice(house, clock, MortalRunner(house, clock, reaper, at_once))

    yield build
    for house in houses:
        house.engine.dispose()


def play(stage: Stage, script: Play, at: int | None, at_once: bool = True) -> tuple[Ending, Reaper]:
    reaper = Reaper(at)
    office = stage(reaper, at_once)
    script(office)
    office.ends()
    return ending_of(office), reaper


class Undisturbed:
    """How each script ends when nobody dies, and at how many moments somebody could."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._known: dict[Play, tuple[Ending, int]] = {}

    def __call__(self, script: Play) -> tuple[Ending, int]:
        if script not in self._known:
            ending, reaper = play(self.stage, script, None)
            self._known[script] = ending, reaper.moments
        return self._known[script]


@pytest.fixture(scope="module")
def undisturbed(stage: Stage) -> Undisturbed:
    return Undisturbed(stage)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__)
def test_killed_after_any_commit_the_case_ends_as_undisturbed(
    script: Play, stage: Stage, undisturbed: Undisturbed
) -> None:
    ending, moments = undisturbed(script)
    assert ending.outcome is SCRIPTS[script]
    assert moments >= 10
    for at in range(1, moments + 1):
        disturbed, reaper = play(stage, script, at)
        assert reaper.struck
        assert disturbed == ending, f"killed at moment {at} of {moments}"


@settings(max_examples=30, phases=[Phase.explicit, Phase.generate])
@given(script=st.sampled_from([s for s in SCRIPTS if s is not withdrawn]), share=st.floats(0, 1, exclude_max=True))
def test_people_may_answer_while_the_worker_lies_dead(
    script: Play, share: float, stage: Stage, undisturbed: Undisturbed
) -> None:
    # A withdrawal is left out: made while the worker lies dead it rightly ends the case before its next step.
    ending, moments = undisturbed(script)
    disturbed, reaper = play(stage, script, 1 + int(share * moments), at_once=False)
    assert reaper.struck
    assert disturbed == ending


def test_the_takeover_is_on_record_as_the_systems(stage: Stage) -> None:
    office = stage(Reaper(3), True)
    straight_through(office)
    with office.house.read() as session:
        lost = session.exec(select(AuditEvent).where(AuditEvent.event == "run.worker-lost")).one()
    assert (lost.actor_kind, lost.case_ref, lost.data["worker"]) == (ActorKind.SYSTEM, office.ref, "direct")
