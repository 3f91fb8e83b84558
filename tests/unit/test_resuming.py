"""A run that is cancelled in the very moment in which it is resumed or recovered stays cancelled."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.responses import SetStateStatus
from prefect.states import Cancelled, Cancelling, Paused, Running, Scheduled

from flows.runs import Runs
from tests.conftest import TUESDAY


class Prefect:
    """A server that lets a cancelled run be scheduled again, as the real one does; ``meanwhile`` happens in between."""

    def __init__(self, *history: State, meanwhile: State | None = None) -> None:
        self.history = [_at(state, number) for number, state in enumerate(history)]
        self._meanwhile = meanwhile

    def run(self) -> FlowRun:
        return FlowRun(id=uuid4(), flow_id=uuid4(), state=self.history[-1])

    def set_flow_run_state(self, _run: Any, state: State) -> Any:
        if self._meanwhile is not None:
            self.history.append(_at(self._meanwhile, len(self.history)))
            self._meanwhile = None
        self.history.append(_at(state, len(self.history)))
        return SimpleNamespace(status=SetStateStatus.ACCEPT)

    def read_flow_run_states(self, _run: Any) -> list[State]:
        return list(reversed(self.history))

    @property
    def now(self) -> StateType:
        return self.history[-1].type


def _at(state: State, second: int) -> State:
    return state.model_copy(update={"timestamp": TUESDAY + timedelta(seconds=second)})


@pytest.mark.parametrize("cancelled", [Cancelled(), Cancelling()], ids=["cancelled", "being cancelled"])
def test_a_resume_does_not_overtake_it(cancelled: State) -> None:
    prefect = Prefect(Scheduled(), Running(), Paused(), meanwhile=cancelled)
    assert not Runs(prefect).resume(prefect.run())  # type: ignore[arg-type]
    assert prefect.now is StateType.CANCELLED


def test_nor_does_a_recovery_after_its_worker_died() -> None:
    prefect = Prefect(Scheduled(), Running(), meanwhile=Cancelling())
    assert not Runs(prefect).recover(prefect.run())  # type: ignore[arg-type]
    assert prefect.now is StateType.CANCELLED


def test_one_that_nobody_cancels_goes_on() -> None:
    prefect = Prefect(Scheduled(), Running(), Paused())
    assert Runs(prefect).resume(prefect.run())  # type: ignore[arg-type]
    assert prefect.now is StateType.SCHEDULED


def test_a_cancel_of_long_ago_after_which_it_was_run_again_does_not_count() -> None:
    prefect = Prefect(Running(), Cancelled(), Scheduled(), Running(), Paused())
    assert Runs(prefect).resume(prefect.run())  # type: ignore[arg-type]
    assert prefect.now is StateType.SCHEDULED
