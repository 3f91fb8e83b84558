"""The Prefect driver: every verb is a task run, and waiting is a suspended flow run."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from typing import Any, TypeVar, cast

from prefect import task
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import State
from prefect.client.schemas.responses import SetStateStatus
from prefect.context import FlowRunContext
from prefect.exceptions import Abort, Pause
from prefect.states import Suspended
from sqlalchemy.exc import OperationalError

from config.words import Outcome
from flows.case_flow import Story
from flows.case_run import CaseRun, Ended
from flows.storyteller import tell_if_alone
from models.house import House
from models.installation import installed_house
from models.operations.journal import Fenced, LeaseHeld
from models.tables import Run

R = TypeVar("R")


def _may_pass(_task: Any, _run: Any, state: Any) -> bool:
    """Only a database that was busy or away is worth asking again at once."""
    return isinstance(state.result(raise_on_failure=False), OperationalError)


@task(
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=3,
    retry_delay_seconds=[0.2, 1, 3],
    retry_condition_fn=_may_pass,
    log_prints=False,
)
def _carry_out(act: Callable[[], Any]) -> Any:
    try:
        return act()
    except Ended as ended:
        return ended


class PrefectDriver:
    """One segment of a Prefect flow run. Prefect sees names and states; no form, no person, no customer."""

    real_time = True

    def __init__(self) -> None:
        self._artifact: Any = None
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"

    def perform(self, name: str, act: Callable[[], R]) -> R:
        result: Any = _carry_out.with_options(name=name, task_run_name=name)(act)
        if isinstance(result, Ended):
            raise result
        return cast(R, result)

    def suspend(self, key: str) -> None:
        """End this segment: the run is suspended, without a time after which it would fail.

        What ``suspend_flow_run`` does, by the client that the segment has already: that one opens another, with a
        thread, an event loop and a connection of its own, for a single call.

        Raises:
            RuntimeError: Prefect does not let this run be suspended.
        """
        context = FlowRunContext.get()
        if context is None or context.flow_run is None:
            raise RuntimeError("only a flow run can be suspended")
        # A key used twice is refused and the run goes on, so ours carry the segment's number.
        wanted: State[Any] = Suspended(timeout_seconds=None, pause_key=key)
        told = cast(SyncPrefectClient, context.client).set_flow_run_state(context.flow_run.id, wanted)
        state = told.state
        if told.status is SetStateStatus.ACCEPT and state is not None and state.is_paused():
            raise Pause(state=state)
        if state is None or not state.is_running():
            raise RuntimeError(f"the run could not be suspended: {told.status}, {state}")

    def progress(self, case_ref: str, done: int, total: int, what: str) -> None:
        percent = 100.0 * done / total if total else 100.0
        if self._artifact is None:
            self._artifact = create_progress_artifact(percent, key=f"{case_ref.lower()}-progress", description=what)
        else:
            update_progress_artifact(self._artifact, percent)


def carry_case(story: Story, case_ref: str, house: House | None = None) -> Outcome:
    """Run one segment of ``case_ref`` in the current Prefect flow run.

    A run that lost its case to another ends without a word: its state is the other's to set.
    """
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        raise RuntimeError("a case is carried by a Prefect flow run")
    house = house or installed_house()
    _refuse_second_run(house, case_ref, str(context.flow_run.id))
    try:
        with CaseRun(house, case_ref, PrefectDriver()) as case:
            return case.play(story)
    except (LeaseHeld, Fenced) as lost:
        raise Abort(str(lost)) from lost
    finally:
        tell_if_alone(house, case_ref)


def _refuse_second_run(house: House, case_ref: str, flow_run_id: str) -> None:
    """A case has one run. One started by hand beside it ends at once and harms nothing.

    Raises:
        RuntimeError: the case is carried by another run, or there is no such case.
    """
    with house.read() as session:
        run = session.get(Run, case_ref)
    if run is None:
        raise RuntimeError(f"There is no case {case_ref}. Cases are opened by the product itself.")
    if run.flow_run_id not in (None, flow_run_id):
        raise RuntimeError(f"{case_ref} is carried by the flow run {run.flow_run_id}; resume that one.")
