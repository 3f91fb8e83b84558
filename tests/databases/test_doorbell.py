"""Whoever waits for the next change is told at once, by either database."""

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from models.doorbell import Doorbell
from models.house import House

LONG = 30.0  # seconds that nobody waits when the bell rings


@pytest.fixture
def bell(house: House) -> Iterator[Doorbell]:
    with Doorbell(house.engine).listening() as listening:
        listening.wait(0, LONG)  # it rings once when it begins to listen
        yield listening


def test_a_change_rings_at_once(house: House, bell: Doorbell) -> None:
    seen, began = bell.rings, time.monotonic()
    with house.work() as work:
        work.record("somebody.answered")
    assert bell.wait(seen, LONG) > seen
    assert time.monotonic() - began < 1.0


def test_a_change_that_was_thrown_away_does_not_ring(house: House, bell: Doorbell) -> None:
    seen = bell.rings
    with pytest.raises(ZeroDivisionError), house.work() as work:  # noqa: PT012
        work.record("somebody.answered")
        work.session.flush()
        raise ZeroDivisionError
    assert bell.wait(seen, 0.3) == seen


def test_a_ring_between_two_waits_is_not_missed(house: House, bell: Doorbell) -> None:
    seen = bell.rings
    with house.work() as work:
        work.record("somebody.answered")
    bell.wait(seen, LONG)
    assert bell.wait(seen, LONG) != seen


def test_it_stops_when_nobody_listens_any_more(house: House) -> None:
    began = time.monotonic()
    with Doorbell(house.engine).listening() as bell:
        bell.wait(0, LONG)
    assert time.monotonic() - began < 4.0


def test_it_goes_on_listening_after_the_database_was_away(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    bell = Doorbell(house.engine)
    connect, failures = house.engine.connect, [OperationalError("", {}, Exception("disk I/O error"))]

    def fail_first() -> Connection:
        if failures:
            raise failures.pop()
        return connect()

    monkeypatch.setattr(house.engine, "connect", fail_first)
    with bell.listening():
        assert bell.wait(0, LONG) > 0
    assert failures == []
