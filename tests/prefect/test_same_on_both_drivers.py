"""A journey ends the same whether Prefect carries it or the direct driver."""

import shutil
from collections import Counter
from pathlib import Path

import pytest

from config.policy import Policy
from config.settings import Settings
from flows.direct_driver import DirectDriver, DirectRunner, VirtualClock
from models.house import open_house
from tests.conftest import TUESDAY
from tests.prefect.conftest import Managers, eventually
from tests.processes.conftest import Office, Play
from tests.processes.journeys import SCRIPTS, Ending, ending_of


@pytest.fixture
def directly(tmp_path_factory: pytest.TempPathFactory, policy: Policy, empty_database: Path) -> Office:
    """The same office on the direct driver; ``performed`` counts what its flow carried out."""
    home = tmp_path_factory.mktemp("directly")
    shutil.copytree(empty_database, home, dirs_exist_ok=True)
    clock = VirtualClock(TUESDAY)
    house = open_house(Settings(home=home, database_url=f"sqlite:///{home}/clientrisk.db"), policy, clock)
    return Office(house, clock, DirectRunner(house, clock, Recorder()))


class Recorder(DirectDriver):
    """Notes the name of everything that is performed."""

    def __init__(self) -> None:
        self.performed: Counter[str] = Counter()
        super().__init__(self._note)

    def _note(self, point: str) -> None:
        if point.startswith("before "):
            self.performed[point.removeprefix("before ")] += 1


BY_THE_CLOCK = ("step.reminded", "step.escalated", "test.time-passed")


def compared(ending: Ending) -> Ending:
    """Without what the clocks decide: how often was reminded and escalated, and when."""
    ending.events = Counter({event: n for event, n in ending.events.items() if event[0] not in BY_THE_CLOCK})
    ending.messages = Counter(
        {
            key: n
            for key, n in ending.messages.items()
            if not any(kind in key for kind in ("reminder", "due", "escalated"))
        }
    )
    return ending


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__)
def test_a_journey_ends_the_same_and_every_step_is_one_task_run(
    script: Play, office: Office, directly: Office, managers: Managers
) -> None:
    script(directly)
    expected = ending_of(directly)
    script(office)
    managers.sees("Completed")
    assert _without_numbers(compared(ending_of(office)), office.ref) == _without_numbers(
        compared(expected), directly.ref
    )
    recorder = directly.runner.driver
    assert isinstance(recorder, Recorder)
    managers.performs(*recorder.performed.elements())
    eventually(lambda: {task.state_name for task in managers.tasks()} == {"Completed"}, "every task run completed")
    directly.house.engine.dispose()


def _without_numbers(ending: Ending, ref: str) -> Ending:
    ending.messages = Counter({key.replace(ref, "CASE"): n for key, n in ending.messages.items()})
    return ending
