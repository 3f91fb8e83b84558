"""What our worker leaves out around a segment, and where it does not."""

from importlib import import_module
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from flows import runs
from flows.observers import ENGINE, OBSERVER, unobserved
from flows.runs import Runs


class Deployments:
    """Stands where Prefect's client does. ``asked`` counts how often a deployment was read."""

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self.asked = 0

    def read_deployment(self, _deployment_id: Any) -> Any:
        self.asked += 1
        return SimpleNamespace(global_concurrency_limit=self.limit)


def suspended(**facts: Any) -> Any:
    return SimpleNamespace(**{"deployment_id": uuid4(), **facts})


def test_this_prefect_observes_runs_as_the_one_that_our_worker_was_written_for() -> None:
    assert callable(getattr(import_module(ENGINE), OBSERVER))


def test_runs_go_unobserved_for_as_long_as_the_worker_serves() -> None:
    engine = import_module(ENGINE)
    before = getattr(engine, OBSERVER)
    with unobserved():
        inside = getattr(engine, OBSERVER)
        with inside("a run", "a request"):
            assert inside is not before
    assert getattr(engine, OBSERVER) is before


def test_a_prefect_without_an_observer_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(f"{ENGINE}.{OBSERVER}")
    with unobserved():
        assert not hasattr(import_module(ENGINE), OBSERVER)


def test_a_suspended_run_goes_on_at_once_where_nobody_has_set_a_limit() -> None:
    assert Runs(Deployments(limit=None)).may_go_on_at_once(suspended())  # type: ignore[arg-type]


@pytest.mark.parametrize("limit", [1, 20])
def test_where_operations_have_set_a_limit_a_run_is_claimed_as_ever(limit: int) -> None:
    assert not Runs(Deployments(limit)).may_go_on_at_once(suspended())  # type: ignore[arg-type]


def test_a_run_of_no_deployment_is_claimed_as_ever() -> None:
    assert not Runs(Deployments(None)).may_go_on_at_once(suspended(deployment_id=None))  # type: ignore[arg-type]


def test_the_limit_is_asked_for_once_a_minute_for_all_runs_of_a_deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(runs.time, "monotonic", lambda: now[0])
    deployments, run = Deployments(limit=None), suspended()
    asking = Runs(deployments)  # type: ignore[arg-type]
    assert [asking.may_go_on_at_once(run) for _ in range(50)] == [True] * 50
    assert deployments.asked == 1
    deployments.limit, now[0] = 1, now[0] + runs.LIMITS_KNOWN_FOR
    assert not asking.may_go_on_at_once(run)
