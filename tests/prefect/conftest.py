"""One real Prefect server for all these tests, and a worker in this process for each."""

import gc
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import prefect.context
import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import FlowRun, TaskRun
from prefect.events.worker import EventsWorker
from prefect.logging.handlers import APILogWorker
from sqlmodel import select

from cli.ports import answers, free_port
from config.policy import Policy
from config.prefect import prefect_environment, server_arguments, server_environment
from config.settings import Settings, get_settings
from flows.deployments import register
from flows.worker import Worker
from models.doorbell import Doorbell
from models.house import Clock, House, open_house, system_clock
from models.installation import installed_house
from models.processes import PROCESSES
from models.tables import CaseNumber, Run, Timer
from tests.conftest import furnish
from tests.processes.conftest import Office

HERE = Path(__file__).parent
PATIENCE = 30.0  # seconds after which what is waited for will not come
TO_START = 120.0  # seconds for a Prefect server to start where others keep the machine busy
NUMBERS = count(1)


def eventually(condition: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """What ``condition`` comes to be, as soon as it is true."""
    end = time.monotonic() + patience
    while not (found := condition()):
        assert time.monotonic() < end, f"waited in vain for: {what}"
        time.sleep(0.02)
    return found


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Prefect tells its server of each segment over a websocket in a thread of its own. On a busy machine it may leave
    the socket to the garbage collector: that is Prefect's to mend, and says nothing about what is tested here."""
    for item in items:
        if item.path.is_relative_to(HERE):
            for left_open in ("unclosed transport <_SelectorSocketTransport", "unclosed <socket.socket"):
                item.add_marker(pytest.mark.filterwarnings(f"ignore:{left_open}:ResourceWarning"))


@pytest.fixture(autouse=True, scope="package")
def swept() -> Iterator[None]:
    """What Prefect left open is collected here, so that no other test is told of it."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A running Prefect server, and the settings that lead to it."""
    home = tmp_path_factory.mktemp("prefect")
    settings = Settings(home=home, prefect_port=free_port(), _env_file=None)  # type: ignore[call-arg]
    settings.ensure_home()
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *server_arguments(settings)],
            env=server_environment(settings),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            eventually(lambda: answers(f"{settings.prefect_api_url}/health"), "the Prefect server", TO_START)
            yield settings
        finally:
            # What Prefect has still to tell its server at the end of this process would wait for one that is gone.
            APILogWorker.drain_all()
            EventsWorker.drain_all()
            process.terminate()
            process.wait(timeout=20)


@pytest.fixture
def settings(server: Settings, tmp_path: Path) -> Settings:
    """An installation of its own for every test, all with the one Prefect server."""
    return Settings(
        home=tmp_path,
        prefect_port=server.prefect_port,
        lease_seconds=4,
        _env_file=None,  # type: ignore[call-arg]
    )


@pytest.fixture(autouse=True)
def installation(server: Settings, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process is that installation: flow code finds it as any worker's does, from the environment."""
    for name, value in {**prefect_environment(server), **settings.environment()}.items():
        monkeypatch.setenv(name, value)
    get_settings.cache_clear()
    installed_house.cache_clear()
    prefect.context.refresh_global_settings_context()
    yield
    installed_house().engine.dispose()
    monkeypatch.undo()
    get_settings.cache_clear()
    installed_house.cache_clear()
    prefect.context.refresh_global_settings_context()


@pytest.fixture
def client(installation: None) -> Iterator[SyncPrefectClient]:
    with get_client(sync_client=True) as opened:
        yield opened


@pytest.fixture
def clock() -> Clock:
    """Time as it is: Prefect's, too."""
    return system_clock


@pytest.fixture
def numbers() -> int:
    """Runs are named after cases and the server outlives the tests: no two tests may use the same numbers."""
    return next(NUMBERS) * 1000


@pytest.fixture
def house(settings: Settings, policy: Policy, clock: Clock, numbers: int) -> Iterator[House]:
    settings.ensure_home()
    opened = open_house(settings, policy, clock)
    furnish(opened)
    count_cases_from(opened, numbers)
    installed_house().clock = clock
    yield opened
    opened.engine.dispose()


def count_cases_from(house: House, last: int) -> None:
    """Let the next case of every process be the one after ``last``."""
    with house.work() as work:
        for kind in PROCESSES.values():
            work.add(CaseNumber(prefix=kind.prefix, year=house.clock().year, last=last))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at Prefect more often than the product does, so that nobody waits for it here."""
    monkeypatch.setattr("flows.worker.LOOK_AT_POOL", timedelta(seconds=0.3))
    monkeypatch.setattr("flows.worker.RECONCILE", timedelta(seconds=0.5))
    monkeypatch.setattr("flows.worker.LOOK_AT_LEASES", timedelta(seconds=0.3))


@pytest.fixture
def worker(house: House, client: SyncPrefectClient, quick: None) -> Iterator[None]:
    """A worker that serves while the test lasts."""
    with serving(client):
        yield


@contextmanager
def serving(client: SyncPrefectClient) -> Iterator[None]:
    """A worker of this process's installation, for as long."""
    register(client, installed_house().settings.work_pool)
    stop, bell = threading.Event(), Doorbell(installed_house().engine)
    with bell.listening():
        thread = threading.Thread(target=Worker(installed_house(), bell, threads=2).run, args=(stop,))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            bell.ring()
            thread.join(timeout=PATIENCE)
            assert not thread.is_alive(), "the worker ends when told to"


class ElsewhereRunner:
    """Stands where the direct runner does: the worker carries the case, and we wait until it is quiet."""

    def __init__(self, house: House) -> None:
        self.house = house

    def run_ready(self) -> None:
        eventually(self._quiet, "the case to come to rest")

    def _quiet(self) -> bool:
        with self.house.read() as session:
            runs = session.exec(select(Run)).all()
        return all(run.act_at is None and run.lease_owner is None for run in runs)

    def advance(self, _span: timedelta) -> None:
        """Time does not pass faster here: what waits for a person has waited long enough."""
        while True:
            with self.house.work() as work:
                timers = work.session.exec(select(Timer).where(Timer.kind == "expire")).all()
                for timer in timers:
                    timer.due_at = work.now
                    work.record("test.time-passed", timer.case_ref)
            if not timers:
                return
            self._fired({timer.id for timer in timers})
            self.run_ready()

    def _fired(self, timers: set[int | None]) -> None:
        def gone() -> bool:
            with self.house.read() as session:
                return not timers & set(session.exec(select(Timer.id)).all())

        eventually(gone, "the step to expire")


@pytest.fixture
def office(house: House, worker: None) -> Office:
    return Office(house, None, ElsewhereRunner(house))  # type: ignore[arg-type]


class Managers:
    """What managers see of a case in Prefect, and what they can do there."""

    def __init__(self, client: SyncPrefectClient, office: Office) -> None:
        self.client = client
        self.office = office

    def run(self) -> FlowRun:
        """The run that carries the case now."""
        with self.office.house.read() as session:
            run_id = session.get_one(Run, self.office.ref).flow_run_id
        return self.client.read_flow_run(run_id)  # type: ignore[arg-type]

    def performs(self, *names: str) -> None:
        """These task runs are there, and no other. They show up, and get their names, a little after the fact."""
        expected = sorted(names)
        eventually(lambda: sorted(task.name for task in self.tasks()) == expected, f"task runs of {expected}")

    def tasks(self) -> list[TaskRun]:
        run = FlowRunFilter(id=FlowRunFilterId(any_=[self.run().id]))
        found: list[TaskRun] = []
        while page := self.client.read_task_runs(flow_run_filter=run, limit=200, offset=len(found)):
            found += page
        return found

    def state(self) -> str:
        state = self.run().state
        return state.name if state and state.name else ""

    def sees(self, state: str) -> None:
        eventually(lambda: self.state() == state, f"the run to be {state}")


@pytest.fixture
def managers(client: SyncPrefectClient, office: Office) -> Managers:
    return Managers(client, office)
