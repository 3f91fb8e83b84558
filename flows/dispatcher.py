"""The dispatcher: whatever a case's run should be doing, it sees to it.

It is driven by what is, not by what happened: ``run.act_at`` says when somebody should look at a case, a lease that
ran out says that its worker died, and Prefect says what the run is doing. So a crash at any point leaves nothing to
remember; the reconciler is this same look, taken again. Each repair is an audit event.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from prefect.client.schemas.objects import FlowRun, StateType
from sqlalchemy import update
from sqlmodel import col, select

from config.words import CaseState
from flows.leases import Lease, Leases
from flows.runs import ENDED, Runs
from models.errors import Conflict
from models.house import SYSTEM, House
from models.installation import installation_key
from models.operations.cases import cancel
from models.tables import Case, Run

log = logging.getLogger("clientrisk.dispatcher")

BUSY = timedelta(seconds=0.25)  # a segment is under way here: look again when it has ended
LOOK_AGAIN = timedelta(seconds=10)  # whoever took the look may die before anything comes of it


@dataclass(frozen=True)
class Due:
    """A case that somebody should look at, as it was when it was found."""

    case_ref: str
    process: str
    flow_run_id: str | None
    attempt: int
    act_at: datetime


class Dispatcher:
    """Looks after runs. ``carry(run)`` carries a claimed one; ``carrying(id)`` says whether it is under way here."""

    def __init__(
        self,
        house: House,
        runs: Runs,
        carry: Callable[[FlowRun], None],
        carrying: Callable[[str], bool],
        leases: Leases | None = None,
    ) -> None:
        self.house = house
        self.runs = runs
        self._carry = carry
        self._carrying = carrying
        self._leases = leases or Leases(house.settings.lease_seconds)

    def look(self, limit: int) -> int:
        """Look after at most ``limit`` cases that are due. Returns how many there were."""
        due = self._due(limit)
        for case in due:
            if self._take(case):
                self._look_after(case)
        return len(due)

    def find_dead(self) -> int:
        """Make cases due whose worker let its lease run out. Returns how many.

        A case that is carried here is not given away: its lease is late because the database was.
        """
        table = Run.__table__  # type: ignore[attr-defined]
        with self.house.read() as session:
            held = session.exec(select(Run).where(col(Run.lease_owner).is_not(None))).all()
        now = self.house.clock()
        leases = [Lease(run.case_ref, run.fence, run.lease_until) for run in held if run.lease_until is not None]
        silent = self._leases.silent(leases, now)
        dead = [run for run in held if run.case_ref in silent and not self._carrying(run.flow_run_id or "")]
        if not dead:
            return 0
        with self.house.work(SYSTEM) as work:
            for run in dead:
                same = (table.c.fence == run.fence) & (table.c.lease_until == run.lease_until)
                still = update(table).where((table.c.case_ref == run.case_ref) & same)
                if work.change(still.values(lease_owner=None, lease_until=None, act_at=now)) == 1:
                    work.record("run.worker-lost", run.case_ref, worker=run.lease_owner)
        return len(dead)

    def reconcile(self, work_pool: str, since: datetime) -> int:
        """Make cases due whose run is under way without anybody carrying it, or was broken off after ``since``.

        Our own record tells of workers that died; this tells of what was done in Prefect itself (a run cancelled or
        crashed there) and of workers that died between the end of a case and the end of its run. Returns how many
        cases were made due.
        """
        under_way = [str(run.id) for run in self.runs.under_way(work_pool)]
        broken_off = self.runs.broken_off(work_pool, since)
        table = Run.__table__  # type: ignore[attr-defined]
        quiet = table.c.act_at.is_(None) & table.c.lease_owner.is_(None)
        still_open = table.c.case_ref.in_(select(Case.ref).where(Case.state == CaseState.RUNNING))
        with self.house.work(SYSTEM) as work:
            mine = table.c.flow_run_id.in_(under_way) | (table.c.flow_run_id.in_(broken_off) & still_open)
            return work.change(update(table).where(mine, quiet).values(act_at=work.now))

    # -- inside ------------------------------------------------------------------------------------------------

    def _due(self, limit: int) -> Sequence[Due]:
        with self.house.read() as session:
            statement = select(Run).where(col(Run.act_at) <= self.house.clock()).order_by(col(Run.act_at)).limit(limit)
            return [
                Due(run.case_ref, run.process, run.flow_run_id, run.attempt, run.act_at)
                for run in session.exec(statement)
                if run.act_at is not None
            ]

    def _take(self, due: Due) -> bool:
        """Several workers may see the same case: one takes the look."""
        return self._again(due, self.house.clock() + LOOK_AGAIN, seen=due.act_at)

    def _again(self, due: Due, at: datetime | None, *, seen: datetime | None = None) -> bool:
        table = Run.__table__  # type: ignore[attr-defined]
        mine = table.c.case_ref == due.case_ref
        if seen is not None:
            mine &= table.c.act_at == seen
        with self.house.work(SYSTEM) as work:
            return work.change(update(table).where(mine).values(act_at=at)) == 1

    def _look_after(self, due: Due) -> None:
        if self._leased(due.case_ref) or (due.flow_run_id and self._carrying(due.flow_run_id)):
            self._again(due, self.house.clock() + BUSY)
            return
        flow_run = self.runs.read(due.flow_run_id) if due.flow_run_id else None
        if flow_run is None or flow_run.state is None:
            self._start(due)
            return
        kind = flow_run.state.type
        if kind is StateType.PAUSED and self.runs.may_go_on_at_once(flow_run):
            self._carry(flow_run)
        elif kind is StateType.PAUSED:
            self._go_on(flow_run, self.runs.resume(flow_run))
        elif kind is StateType.SCHEDULED:
            self._go_on(flow_run, True)
        elif kind in (StateType.RUNNING, StateType.PENDING):
            self._recover(due, flow_run)
        elif kind is StateType.CANCELLING:
            self.runs.cancelled(flow_run)
            self._cancel(due)
        elif kind in ENDED:
            self._after_the_end(due, flow_run)

    def _go_on(self, flow_run: FlowRun, resumed: bool) -> None:
        if resumed and self.runs.claim(flow_run):
            self._carry(flow_run)

    def _recover(self, due: Due, flow_run: FlowRun) -> None:
        """Running or pending in Prefect, and nobody holds the case: just claimed by somebody, or left by a dead one."""
        if not _stale(flow_run, self.house):
            self._again(due, self.house.clock() + BUSY * 2)
            return
        self._record("run.recovered", due, state=flow_run.state_name)
        if self.runs.recover(flow_run):
            self._go_on(flow_run, True)

    def _after_the_end(self, due: Due, flow_run: FlowRun) -> None:
        with self.house.read() as session:
            state = session.get_one(Case, due.case_ref).state
        if state is not CaseState.RUNNING:
            self._again(due, None)
        elif flow_run.state is not None and flow_run.state.type is StateType.CANCELLED:
            self._cancel(due)
        else:
            self._record("run.ended-early", due, state=flow_run.state_name)
            self._start(due)

    def _start(self, due: Due) -> None:
        with self.house.read() as session:
            if session.get_one(Case, due.case_ref).state is not CaseState.RUNNING:
                self._again(due, None)
                return
            installation = installation_key(session)
        attempt = due.attempt + 1
        flow_run = self.runs.start(due.process, due.case_ref, attempt, installation)
        table = Run.__table__  # type: ignore[attr-defined]
        with self.house.work(SYSTEM) as work:
            values = {"flow_run_id": str(flow_run.id), "attempt": attempt}
            work.change(update(table).where(table.c.case_ref == due.case_ref).values(**values))
            work.record("run.started", due.case_ref, flow_run=str(flow_run.id), attempt=attempt)
        self._go_on(flow_run, True)

    def _cancel(self, due: Due) -> None:
        """Operations cancelled the run in Prefect: that is a decision about the case."""
        try:
            with self.house.work(SYSTEM) as work:
                cancel(work, due.case_ref, "the run was cancelled in Prefect")
        except Conflict:
            log.info("%s had ended already when its run was cancelled", due.case_ref)
        self._again(due, None)

    def _leased(self, case_ref: str) -> bool:
        """Whether anybody holds the case. Only ``find_dead`` says that a holder is dead."""
        with self.house.read() as session:
            return session.get_one(Run, case_ref).lease_owner is not None

    def _record(self, event: str, due: Due, **data: object) -> None:
        with self.house.work(SYSTEM) as work:
            work.record(event, due.case_ref, flow_run=due.flow_run_id, **data)


def _stale(flow_run: FlowRun, house: House) -> bool:
    """Whether the run has been in its state for longer than any claim takes to become a lease."""
    if flow_run.state is None or flow_run.state.timestamp is None:
        return True
    # Of a state from the future nobody can say how old it is: a clock was put back.
    return abs(house.clock() - flow_run.state.timestamp) > timedelta(seconds=house.settings.lease_seconds)
