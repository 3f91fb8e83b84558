"""Runs of routines whose worker died: found, and carried by another. Cases have a lease for this; routines do not.

Prefect notes which worker of ours took a run; the worker's heartbeat names the routines it is carrying. A run that no
living worker names is nobody's. Runs carried by other kinds of Prefect worker are theirs to look after.
"""

from __future__ import annotations

from datetime import timedelta

from prefect.client.schemas.objects import FlowRun, StateType

from flows.runs import Runs
from models.house import SYSTEM, House
from models.processes import ROUTINES
from models.tables import Heartbeat

ROUTINES_CARRIED = "routines"
"""The fact of a worker's heartbeat that lists the routine runs it is carrying."""


def lost_routines(house: House, runs: Runs, work_pool: str, silent_after: timedelta) -> list[FlowRun]:
    """Routine runs of the pool, taken by a worker of ours that has been silent about them for ``silent_after``."""
    return [
        run
        for run in runs.under_way(work_pool)
        if "case_ref" not in run.parameters
        and _settled(house, run, silent_after)
        and runs.flow_name(run) in ROUTINES
        and (worker := runs.claimed_by(run)) is not None
        and not _carries(house, worker, run, silent_after)
    ]


def take_over(house: House, runs: Runs, run: FlowRun, worker: str) -> bool:
    """Claim a lost routine run to run it again; one that was asked to cancel is cancelled. Whether it is ours now."""
    if run.state is not None and run.state.type is StateType.CANCELLING:
        runs.cancelled(run)
        return False
    if not (runs.recover(run) and runs.claim(run, worker)):
        return False
    with house.work(SYSTEM) as work:
        work.record("routine.recovered", flow_run=str(run.id))
    return True


def _settled(house: House, run: FlowRun, silent_after: timedelta) -> bool:
    """Whether the run has been in its state for longer than it takes to show up in a heartbeat."""
    if run.state is None or run.state.timestamp is None:
        return True
    return house.clock() - run.state.timestamp > silent_after


def _carries(house: House, worker: str, run: FlowRun, silent_after: timedelta) -> bool:
    with house.read() as session:
        beat = session.get(Heartbeat, worker)
    if beat is None or house.clock() - beat.at > silent_after:
        return False
    return str(run.id) in beat.facts.get(ROUTINES_CARRIED, [])
