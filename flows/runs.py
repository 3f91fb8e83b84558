"""The one place that talks to Prefect about flow runs: start, resume, claim, recover.

Only public client calls; nothing but a run's id, its deployment and the case's reference ever goes there.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterEndTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.responses import SetStateStatus
from prefect.exceptions import ObjectNotFound
from prefect.states import AwaitingRetry, Cancelled, Failed, Pending, Scheduled

DEPLOYMENT = "clientrisk"
CLAIMED = "taken by "
LIMITS_KNOWN_FOR = 60.0
"""Seconds until a deployment is asked again whether it has a limit."""

PAGE = 200  # as many runs as Prefect returns at once
ENDED = {StateType.COMPLETED, StateType.FAILED, StateType.CRASHED, StateType.CANCELLED}


def _in_state(*types: StateType) -> FlowRunFilterState:
    return FlowRunFilterState(type=FlowRunFilterStateType(any_=list(types)))


@dataclass
class Runs:
    """Flow runs as the dispatcher needs them."""

    client: SyncPrefectClient
    _unlimited: dict[UUID, tuple[bool, float]] = field(default_factory=dict, repr=False)

    def start(self, process: str, case_ref: str, attempt: int, installation: str) -> FlowRun:
        """Start the run of a case; the same attempt again gives the same run, in the same installation.

        A database that was restored beside an older Prefect begins with another ``installation``: the runs that Prefect
        still has of cases and attempts that the database no longer knows of are not taken for its own.
        """
        deployment = self.client.read_deployment_by_name(f"{process}/{DEPLOYMENT}")
        return self.client.create_flow_run_from_deployment(
            deployment.id,
            parameters={"case_ref": case_ref},
            name=case_ref,
            tags=[case_ref, process],
            idempotency_key=f"{installation}:{case_ref}:{attempt}",
        )

    def read(self, flow_run_id: str) -> FlowRun | None:
        """The run as Prefect has it; none if Prefect does not know it (any more)."""
        try:
            return self.client.read_flow_run(UUID(flow_run_id))
        except ObjectNotFound:
            return None

    def resume(self, run: FlowRun) -> bool:
        """Let a suspended run go on. A bare resume: no input, no personal data.

        A run that somebody cancels in this very moment stays cancelled.
        """
        return self._set(run, Scheduled(name="Resuming")) and not self.overtook_cancelling(run)

    def may_go_on_at_once(self, run: FlowRun) -> bool:
        """Whether a suspended run can be carried without being scheduled and claimed first.

        That it is carried once is seen to by the case's lease; Prefect's own way there is for limits that operations
        have set on the deployment. It costs two changes of state, a third of what a segment costs the server.
        """
        if run.deployment_id is None:
            return False
        now = time.monotonic()
        known, until = self._unlimited.get(run.deployment_id, (False, 0.0))
        if now >= until:
            deployment = self.client.read_deployment(run.deployment_id)
            known = deployment.global_concurrency_limit is None
            self._unlimited[run.deployment_id] = known, now + LIMITS_KNOWN_FOR
        return known

    def claim(self, run: FlowRun, worker: str = "") -> bool:
        """Take a scheduled run for this worker. Exactly one of several claimants gets it, and Prefect notes which."""
        return self._set(run, Pending(message=f"{CLAIMED}{worker}" if worker else None))

    def claimed_by(self, run: FlowRun) -> str | None:
        """The worker of ours that took the run last; none if a worker of another kind carries it."""
        pending = [state for state in self.client.read_flow_run_states(run.id) if state.type is StateType.PENDING]
        message = max(pending, key=lambda state: state.timestamp).message if pending else None
        return message.removeprefix(CLAIMED) if message and message.startswith(CLAIMED) else None

    def flow_name(self, run: FlowRun) -> str:
        """What flow it is a run of."""
        return self.client.read_flow(run.flow_id).name

    def recover(self, run: FlowRun) -> bool:
        """Let a run whose worker died be carried by another; again, one that is just being cancelled stays so."""
        return self._set(run, AwaitingRetry()) and not self.overtook_cancelling(run)

    def cancelled(self, run: FlowRun) -> bool:
        """Say that a run asked to cancel has done so."""
        return self._set(run, Cancelled())

    def refuse(self, run: FlowRun, why: str) -> bool:
        """End a run that is neither a case nor a routine of ours."""
        return self._set(run, Failed(message=why))

    def overtook_cancelling(self, run: FlowRun) -> bool:
        """Whether the run was cancelled after it was read here; then it is cancelled again.

        Prefect lets a cancelled run be scheduled, for whoever means to run it again; we read it before and did not.
        """
        seen = run.state.id if run.state else None
        states = sorted(self.client.read_flow_run_states(run.id), key=lambda state: state.timestamp)
        ids = [state.id for state in states]
        since = states[ids.index(seen) + 1 :] if seen in ids else []
        if not any(state.type in (StateType.CANCELLED, StateType.CANCELLING) for state in since):
            return False
        self.cancelled(run)
        return True

    def _set(self, run: FlowRun, state: State) -> bool:
        # A refusal comes back as an ordinary answer: the body says so, and what the state is.
        answer = self.client.set_flow_run_state(run.id, state)
        return answer.status is SetStateStatus.ACCEPT

    def under_way(self, work_pool: str) -> list[FlowRun]:
        """Runs of the pool that somebody should be carrying."""
        states = _in_state(StateType.RUNNING, StateType.PENDING, StateType.CANCELLING)
        return self._of_pool(work_pool, FlowRunFilter(state=states))

    def broken_off(self, work_pool: str, since: datetime) -> list[str]:
        """Runs of the pool that ended after ``since`` otherwise than by completing."""
        states = _in_state(StateType.FAILED, StateType.CRASHED, StateType.CANCELLED)
        ended = FlowRunFilter(state=states, end_time=FlowRunFilterEndTime(after_=since))
        return [str(run.id) for run in self._of_pool(work_pool, ended)]

    def _of_pool(self, work_pool: str, wanted: FlowRunFilter) -> list[FlowRun]:
        pool = WorkPoolFilter(name=WorkPoolFilterName(any_=[work_pool]))
        found: list[FlowRun] = []
        while page := self.client.read_flow_runs(
            flow_run_filter=wanted, work_pool_filter=pool, limit=PAGE, offset=len(found)
        ):
            found += page
        return found

    def scheduled(self, work_pool: str) -> list[FlowRun]:
        """Runs of the pool that are due: scheduled by operations, or resumed in Prefect's own pages."""
        now = datetime.now(UTC)
        return [r.flow_run for r in self.client.get_scheduled_flow_runs_for_work_pool(work_pool, scheduled_before=now)]

    def heartbeat(self, work_pool: str, worker: str, every: float) -> None:
        """Tell Prefect that a worker serves the pool."""
        self.client.send_worker_heartbeat(work_pool, worker, heartbeat_interval_seconds=every)
