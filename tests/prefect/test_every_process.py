"""Every process on a real Prefect server, weeks and months of it: as on the direct driver, and Prefect knows nobody."""

import re
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import TaskRun
from sqlmodel import col, select

import tasks.evaluation
from config.policy import Policy
from config.settings import Settings
from config.words import CareKind, Outcome
from flows.direct_driver import DirectDriver, DirectRunner, VirtualClock
from models.house import House, open_house, system_clock
from models.operations.heartbeat import beat
from models.operations.waits import next_due
from models.tables import Case, Customer, OutsideParty, Person, Run
from tests.conftest import TUESDAY
from tests.prefect.conftest import ElsewhereRunner, count_cases_from, eventually
from tests.processes import portfolio
from tests.processes.assessed import REWARDS, assessed, rectified
from tests.processes.cared import FOUND, VISITED, due
from tests.processes.collecting import Debtor
from tests.processes.conftest import Office, Play
from tests.processes.meeting import held, opens
from tests.processes.mortality import left_behind
from tests.processes.received import ITEMS, comes, evaluated, receives, tracked
from tests.processes.repairing import applies_from_outside, granted, long_listed
from tests.processes.test_standing_kills import listed_with_more_evidence_and_a_report


def received(office: Office) -> None:
    """The client signs outside; what was agreed is tracked, one turn in time and one put off."""
    receives(office)
    tracked(office, ITEMS[:1])
    comes(office, date(2026, 4, 10))
    office.answers("li.na", "adjust", due_on="2026-04-17", reason="银行系统维护")
    comes(office, date(2026, 4, 17))
    office.answers("li.na", "done", done_on="2026-04-17", result="已到账")
    evaluated(office)
    office.answers("wu.gang", "close")


def collected(office: Office) -> None:
    """A promise is broken, money comes while a call is open, the letter goes out, and the rest is paid."""
    debtor = Debtor.of(office)
    debtor.owes()
    debtor.is_found()
    debtor.climbs_to("telephone")
    debtor.pays("40000.00")
    debtor.is_called("promises", promise_on=str(debtor.day(6)), promised="500000.00")
    debtor.until(debtor.day(15))
    debtor.gets_the_letter()
    debtor.pays("1200000.00")


def repaired(office: Office) -> None:
    """The customer applies through a link; everybody agrees, and the probation passes."""
    applies_from_outside(office, long_listed(office))
    granted(office)
    office.passes(days=200)


def cared(office: Office) -> None:
    """A visit is put off, then paid; it shows a risk, and the risk officer raises the level."""
    due(office, CareKind.VISIT)
    office.answers("li.na", "put-off", until="2026-03-20", reason="对方财务总监出差")
    comes(office, date(2026, 3, 20))
    office.answers("li.na", "record", **VISITED, concern=True)
    office.answers("chen.yu", "findings", **FOUND, raise_to="high")


def met(office: Office) -> None:
    """The departments meet; one resolution is put off and done, the other dropped."""
    opens(office)
    held(office)
    comes(office, date(2026, 3, 20))
    office.answers("feng.bo", "adjust", due_on="2026-03-25", reason="对方法人出国")
    comes(office, date(2026, 3, 25))
    office.answers("feng.bo", "done", done_on="2026-03-25", result="协议已签")
    comes(office, date(2026, 3, 30))
    office.answers("li.na", "drop", reason="客户已停产")


def assessed_and_signed(office: Office) -> None:
    """Two findings are put right and verified, two people rewarded or sanctioned, the assessment signed."""
    assessed(office)
    rectified(office)
    office.answers("wu.gang", "propose", rewards=REWARDS)
    office.answers("zhou.hong", "approve")
    office.answers("zhou.hong", "sign-off")


JOURNEYS: dict[Play, Outcome] = {
    received: Outcome.SETTLED,
    collected: Outcome.RECOVERED,
    portfolio.straight_through: Outcome.SIGNED_OFF,
    repaired: Outcome.REPAIRED,
    listed_with_more_evidence_and_a_report: Outcome.LISTED,
    cared: Outcome.DONE,
    met: Outcome.DONE,
    assessed_and_signed: Outcome.SIGNED_OFF,
}


class RunningClock:
    """A clock that goes on from ``start`` as clocks do, and can be put forward."""

    def __init__(self, start: datetime) -> None:
        self._ahead = start - system_clock()

    def __call__(self) -> datetime:
        return system_clock() + self._ahead

    @property
    def now(self) -> datetime:
        return self()

    def put_forward(self, to: datetime) -> None:
        self._ahead += max(to - self.now, timedelta(0))


class PatientRunner(ElsewhereRunner):
    """The worker carries the cases; time passes from one thing that is due to the next."""

    def __init__(self, house: House, clock: RunningClock) -> None:
        super().__init__(house)
        self.clock = clock

    def advance(self, span: timedelta) -> None:
        end = self.clock.now + span
        self.run_ready()
        while (due := next_due(self.house)) is not None and due <= end:
            self._comes(due)
            eventually(lambda due=due: self._past(due), "what is due to be done")  # type: ignore[misc]
            self.run_ready()
        self._comes(end)

    def _comes(self, at: datetime) -> None:
        self.clock.put_forward(at)
        beat(self.house, "test:time", "test", self.clock.now, {})  # the worker looks at the clock when the bell rings

    def _past(self, due: datetime) -> bool:
        following = next_due(self.house)
        return following is None or following > due


class Recorder(DirectDriver):
    """Notes the name of everything that is performed."""

    def __init__(self) -> None:
        self.performed: Counter[str] = Counter()
        super().__init__(self._note)

    def _note(self, point: str) -> None:
        if point.startswith("before "):
            self.performed[point.removeprefix("before ")] += 1


@pytest.fixture
def clock() -> RunningClock:
    """The Tuesday in March from which all journeys begin."""
    return RunningClock(TUESDAY)


@pytest.fixture
def office(house: House, clock: RunningClock, worker: None) -> Office:
    return Office(house, clock, PatientRunner(house, clock))  # type: ignore[arg-type]


@pytest.fixture
def directly(
    tmp_path_factory: pytest.TempPathFactory, policy: Policy, empty_database: Path, numbers: int
) -> Iterator[Office]:
    """The same office on the direct driver, counting its cases from the same number."""
    home = tmp_path_factory.mktemp("directly")
    shutil.copytree(empty_database, home, dirs_exist_ok=True)
    clock = VirtualClock(TUESDAY)
    house = open_house(Settings(home=home, database_url=f"sqlite:///{home}/clientrisk.db"), policy, clock)
    count_cases_from(house, numbers)
    yield Office(house, clock, DirectRunner(house, clock, Recorder()))
    house.engine.dispose()


@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda journey: journey.__name__)
def test_a_journey_leaves_the_same_behind_and_prefect_learns_nothing_personal(
    journey: Play,
    office: Office,
    directly: Office,
    client: SyncPrefectClient,
    server: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tasks.evaluation, "BATCH", 2)
    journey(directly)
    journey(office)
    assert office.outcome is JOURNEYS[journey]
    assert left_behind(office) == left_behind(directly)
    recorder = directly.runner.driver
    assert isinstance(recorder, Recorder)
    expected = sorted(recorder.performed.elements())
    eventually(lambda: sorted(task.name for task in task_runs(client, office)) == expected, "a task run for each act")
    eventually(lambda: {task.state_name for task in task_runs(client, office)} == {"Completed"}, "them to be completed")
    assert_knows_nobody(server, office)


def task_runs(client: SyncPrefectClient, office: Office) -> list[TaskRun]:
    """What Prefect shows of all cases of the office. It shows up, and gets its names, a little after the fact."""
    with office.house.read() as session:
        ids = session.exec(select(Run.flow_run_id).where(col(Run.flow_run_id).is_not(None))).all()
    runs = FlowRunFilter(id=FlowRunFilterId(any_=list(ids)))
    found: list[TaskRun] = []
    while page := client.read_task_runs(flow_run_filter=runs, limit=200, offset=len(found)):
        found += page
    return found


# Everybody and everything said in these journeys is Chinese, however the characters are written down.
CHINESE = re.compile(r"[\u4e00-\u9fff]|\\u[4-9][0-9a-f]{3}")


def assert_knows_nobody(server: Settings, office: Office) -> None:
    """Nothing that was said, no name, no address, no telephone is in Prefect's database; the case is."""
    with sqlite3.connect(server.prefect_home / "prefect.db") as prefect:
        everything = "\n".join(prefect.iterdump())
    prefect.close()
    assert office.ref in everything
    assert CHINESE.findall(everything) == []
    for word in personal(office):
        assert word not in everything, word


def personal(office: Office) -> set[str]:
    """What must not be known: ids and addresses of staff, customers, people outside; what was owed."""
    rows: list[object] = [row for table in (Person, Customer, OutsideParty) for row in office.all(table)]
    values = [getattr(row, name, None) for row in rows for name in ("name", "contact", "email", "phone")]
    words = {str(value) for value in values if value}
    words |= {person.id for person in rows if isinstance(person, Person)}
    words |= {case.title for case in office.all(Case)}
    return {*words, "1240000.00", "620000.00"}
