"""A clock that was wrong and is put right: nothing waits for the time to come again."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from config.words import MessageState
from flows.direct_driver import VirtualClock
from flows.worker import Worker
from models.doorbell import Doorbell
from models.house import House
from models.operations.clock import bring_back_to_now
from models.tables import OutboxMessage, Run
from tests.processes.conftest import Office, steel_trader

AHEAD = timedelta(hours=2)


def run_of(session: Session, office: Office) -> Run:
    return session.get_one(Run, office.ref)


def applies_while_the_clock_is_ahead(office: Office, clock: VirtualClock) -> None:
    right = clock.now
    clock.now = right + AHEAD
    office.applies()
    office.answers_without_running("li.na", "confirm")
    clock.now = right


def test_what_was_answered_under_a_clock_that_was_ahead_goes_on_at_once(office: Office, clock: VirtualClock) -> None:
    applies_while_the_clock_is_ahead(office, clock)
    office.runner.run_ready()
    assert office.waits_for() == {}
    assert bring_back_to_now(office.house) > 0
    office.runner.run_ready()
    assert list(office.waits_for()) == ["risk-rerating#1.1"]


def test_messages_written_under_it_are_sent_at_once(office: Office, clock: VirtualClock) -> None:
    applies_while_the_clock_is_ahead(office, clock)
    bring_back_to_now(office.house)
    waiting = [row for row in office.messages() if row.state is MessageState.PENDING]
    assert waiting
    assert all(row.next_at <= clock.now for row in waiting)


def test_where_no_clock_was_wrong_nothing_is_touched(office: Office) -> None:
    office.applies()
    office.answers_without_running("li.na", "confirm")
    with office.house.read() as session:
        before = (run_of(session, office), session.exec(select(OutboxMessage)).all())
    assert bring_back_to_now(office.house) == 0
    with office.house.read() as session:
        assert (run_of(session, office), session.exec(select(OutboxMessage)).all()) == before


def test_a_message_that_is_to_wait_is_not_sent_before_its_time(office: Office, clock: VirtualClock) -> None:
    office.applies(steel_trader())
    with office.house.work() as work:
        row = work.session.exec(select(OutboxMessage)).first()
        assert row is not None
        row.next_at = clock.now + timedelta(hours=8)  # quiet hours
        work.add(row)
    assert bring_back_to_now(office.house) == 0


@pytest.fixture
def worker(house: House) -> Worker:
    return Worker(house, Doorbell(house.engine))


def test_a_worker_s_own_duties_come_round_though_the_clock_is_put_back(
    worker: Worker, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = [0.0]
    tick: Callable[[], float] = lambda: watch[0]  # noqa: E731
    monkeypatch.setattr("flows.worker.time.monotonic", tick)
    every = timedelta(seconds=30)
    assert worker._time_for("reconcile", every)
    clock.now -= timedelta(days=1)
    watch[0] = 29.0
    assert not worker._time_for("reconcile", every)
    watch[0] = 30.0
    assert worker._time_for("reconcile", every)
