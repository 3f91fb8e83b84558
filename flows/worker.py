"""The worker: carries cases and routines in one long-lived process, from an ordinary Prefect work pool.

A stock worker starts an interpreter for every segment; here a segment is a function call in a thread. It is told at
once of new work by the doorbell, claims each run through Prefect's public client, and never carries two segments of
one run at the same time.
"""

from __future__ import annotations

import logging
import os
import queue
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

import httpx
from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.context import SyncClientContext
from prefect.exceptions import PrefectException, PrefectSignal
from prefect.flow_engine import run_flow
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select

from config.logging import about, about_case
from flows.case_flow import process_named
from flows.dispatcher import Dispatcher
from flows.leases import Leases
from flows.observers import unobserved
from flows.routine_flow import routine_named
from flows.routine_runs import ROUTINES_CARRIED, lost_routines, take_over
from flows.routine_schedules import look_at_schedules
from flows.runs import Runs
from flows.storyteller import Storyteller
from models.doorbell import Doorbell
from models.house import House
from models.operations.clock import bring_back_to_now
from models.operations.heartbeat import BEAT, beat
from models.operations.sessions import warn_of_ending
from models.operations.waits import fire_due, next_times
from models.processes import ROUTINES
from models.tables import Run

log = logging.getLogger("clientrisk.worker")

LOOK_AT_TOKENS = timedelta(hours=1)
LOOK_AT_POOL = timedelta(seconds=10)  # work that our doorbell does not announce: schedules, Prefect's own pages
LOOK_AT_LEASES = timedelta(seconds=5)
RECONCILE = timedelta(seconds=30)
LOOK_AT_SCHEDULES = timedelta(minutes=2)  # what was changed in Prefect's own pages is put on record
OVERLAP = timedelta(seconds=60)  # a state set in Prefect bears the time it was asked for, not that of its arrival
LOOK_BACK = timedelta(days=7)  # at start-up: what was done in Prefect while no worker ran
SAY_ALIVE = timedelta(seconds=15)  # to whoever looks from outside whether this process is to be started anew
SILENT_AFTER = 3 * BEAT  # a worker that has not been heard for so long is dead
LONGEST_PAUSE = timedelta(seconds=30)
AWAY = 2.0  # seconds to leave Prefect or the database alone when they do not answer


class Worker:
    """One process that carries cases. ``run`` returns after ``stop`` has been set and the segments under way ended."""

    def __init__(self, house: House, bell: Doorbell, threads: int | None = None) -> None:
        self.house = house
        self.bell = bell
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.since = house.clock()
        self._threads = threads or house.settings.worker_threads
        self._jobs: queue.SimpleQueue[FlowRun | None] = queue.SimpleQueue()
        self._active: set[str] = set()
        self._routines: set[str] = set()
        self._lock = threading.Lock()
        self._alive = house.settings.home / "alive" / f"worker-{socket.gethostname()}"
        self._next: dict[str, float] = {}
        self._leases = Leases(house.settings.lease_seconds)
        self._timer_at: datetime | None = None
        self._case_at: datetime | None = None
        self._reconciled = self.since - LOOK_BACK
        self._storyteller = Storyteller(house, lambda: bool(self._active))

    def run(self, stop: threading.Event) -> None:
        """Carry cases until told to stop."""
        with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}), unobserved(), self._carriers():
            while not stop.is_set():
                self._say_alive()
                try:
                    with get_client(sync_client=True) as client:
                        self._serve(stop, Runs(client))
                except (httpx.HTTPError, PrefectException, SQLAlchemyError) as error:
                    log.warning("not reachable just now, trying again: %s", error)
                    stop.wait(AWAY)
                except Exception:
                    log.exception("the worker stumbled and goes on")
                    stop.wait(AWAY)

    # -- the loop ----------------------------------------------------------------------------------------------

    def _serve(self, stop: threading.Event, runs: Runs) -> None:
        dispatcher = Dispatcher(self.house, runs, self._carry, self._is_active, self._leases)
        while not stop.is_set():
            seen = self.bell.rings
            self._say_alive()
            if self._time_for("reconcile", RECONCILE):
                self._reconcile(dispatcher, runs)
            if self._time_for("leases", LOOK_AT_LEASES):
                dispatcher.find_dead()
            if self._time_for("schedules", LOOK_AT_SCHEDULES):
                look_at_schedules(self.house, runs.client)
            if self._time_for("beat", BEAT):
                facts = {"threads": self._threads, ROUTINES_CARRIED: self._routines_carried()}
                beat(self.house, self.name, "worker", self.since, facts)
                runs.heartbeat(self.house.settings.work_pool, self.name, BEAT.total_seconds())
            if self._time_for("tokens", LOOK_AT_TOKENS):
                warn_of_ending(self.house)
            if self._free() > 0 and self._time_for("pool", LOOK_AT_POOL):
                self._look_at_pool(runs)
            free = self._free()
            if not self._look_at_what_is_due(dispatcher, free):
                self._pause(stop, seen, free > 0)

    def _look_at_what_is_due(self, dispatcher: Dispatcher, free: int) -> bool:
        """Fire timers and look after cases. Whether there was anything to do, and so may be again."""
        self._timer_at, self._case_at = next_times(self.house)
        now = self.house.clock()
        fired = self._timer_at is not None and self._timer_at <= now and fire_due(self.house) > 0
        looked = free > 0 and self._case_at is not None and self._case_at <= now and dispatcher.look(free) > 0
        return fired or looked

    def _say_alive(self) -> None:
        """Touch a file: this loop goes round, whether or not Prefect and the database answer just now."""
        if self._time_for("alive", SAY_ALIVE):
            with suppress(OSError):
                self._alive.parent.mkdir(mode=0o700, exist_ok=True)
                self._alive.touch()

    def _reconcile(self, dispatcher: Dispatcher, runs: Runs) -> None:
        started = self.house.clock()
        bring_back_to_now(self.house)
        dispatcher.reconcile(self.house.settings.work_pool, self._reconciled - OVERLAP)
        for flow_run in lost_routines(self.house, runs, self.house.settings.work_pool, SILENT_AFTER):
            if not self._is_active(str(flow_run.id)) and take_over(self.house, runs, flow_run, self.name):
                self._carry(flow_run)
        self._reconciled = started

    def _pause(self, stop: threading.Event, seen: int, free: bool) -> None:
        """Sleep until the bell rings or the next thing is due."""
        if stop.is_set():
            return
        now, tick = self.house.clock(), time.monotonic()
        at = [self._timer_at, self._case_at if free else None]
        pauses = [(one - now).total_seconds() for one in at if one is not None]
        # With all threads busy neither cases nor the pool are looked at: the bell rings when one is free again.
        pauses += [one - tick for what, one in self._next.items() if free or what != "pool"]
        pause = min([*pauses, LONGEST_PAUSE.total_seconds()])
        if pause > 0:
            self.bell.wait(seen, pause)

    def _time_for(self, what: str, every: timedelta) -> bool:
        """Whether it is time for a duty of the worker's own, which a clock put back must not hold up for hours."""
        now = time.monotonic()
        if what in self._next and now < self._next[what]:
            return False
        self._next[what] = now + every.total_seconds()
        return True

    def _look_at_pool(self, runs: Runs) -> None:
        for flow_run in runs.scheduled(self.house.settings.work_pool):
            if not self._is_active(str(flow_run.id)) and runs.claim(flow_run, self.name):
                self._carry(flow_run)

    def _free(self) -> int:
        return self._threads - len(self._active)

    # -- carrying ----------------------------------------------------------------------------------------------

    def _is_active(self, flow_run_id: str) -> bool:
        with self._lock:
            return flow_run_id in self._active

    def _routines_carried(self) -> list[str]:
        with self._lock:
            return sorted(self._routines)

    def _carry(self, flow_run: FlowRun) -> None:
        with self._lock:
            self._active.add(str(flow_run.id))
            if "case_ref" not in flow_run.parameters:
                self._routines.add(str(flow_run.id))
        self._jobs.put(flow_run)

    @contextmanager
    def _carriers(self) -> Iterator[None]:
        """The threads that carry segments; they finish what they have begun."""
        carriers = [threading.Thread(target=self._work_off, name=f"carrier-{n}") for n in range(self._threads)]
        self._storyteller.start()
        for carrier in carriers:
            carrier.start()
        try:
            yield
        finally:
            for _ in carriers:
                self._jobs.put(None)
            for carrier in carriers:
                carrier.join()
            self._storyteller.stop()

    def _work_off(self) -> None:
        # One client for the life of the thread: a new one for each segment would cost a TLS set-up every time.
        with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}), SyncClientContext.get_or_create():
            while (flow_run := self._jobs.get()) is not None:
                try:
                    with about(about_case(flow_run.parameters.get("case_ref"))):
                        seen = flow_run.state
                        self._segment(flow_run)
                        self._mind_cancelling(flow_run, seen)
                finally:
                    with self._lock:
                        self._active.discard(str(flow_run.id))
                        self._routines.discard(str(flow_run.id))
                    self.bell.ring()
                if case_ref := flow_run.parameters.get("case_ref"):
                    self._storyteller.tell(str(case_ref))

    def _mind_cancelling(self, flow_run: FlowRun, seen: State | None) -> None:
        """A run that went on at once may have overtaken somebody's cancelling it: then that counts, now."""
        if seen is None or seen.type is not StateType.PAUSED:
            return
        try:
            with get_client(sync_client=True) as client:
                overtook = Runs(client).overtook_cancelling(flow_run.model_copy(update={"state": seen}))
        except (httpx.HTTPError, PrefectException) as error:
            log.warning("whether %s was cancelled could not be asked: %s", flow_run.name, error)
            return
        if overtook:
            table = Run.__table__  # type: ignore[attr-defined]
            with self.house.work() as work:
                mine = table.c.flow_run_id == str(flow_run.id)
                work.change(update(table).where(mine).values(act_at=work.now))

    def _segment(self, flow_run: FlowRun) -> None:
        named = flow_run.parameters.get("case_ref") or flow_run.name
        try:
            found = self._flow_of(flow_run)
            if found is None:
                log.error("flow run %s names neither a case nor a routine of this product", flow_run.id)
                with get_client(sync_client=True) as client:
                    Runs(client).refuse(flow_run, "There is no such case. Cases are opened by the product itself.")
                return
            run_flow(found, flow_run=flow_run, parameters=flow_run.parameters, return_type="state")
        except PrefectSignal:
            return  # suspended, or somebody else's by now
        except Exception:  # the case's own record of it is made by CaseRun; Prefect may not have been there
            log.exception("a segment of %s ended in an error", named)

    def _flow_of(self, flow_run: FlowRun) -> Flow[..., Any] | None:
        """The flow that carries this run: that of its case's process, or the routine's it is a run of."""
        if "case_ref" in flow_run.parameters:
            process = self._process_of(flow_run)
            return process_named(process).flow if process else None
        with get_client(sync_client=True) as client:
            name = Runs(client).flow_name(flow_run)
        return routine_named(name).flow if name in ROUTINES else None

    def _process_of(self, flow_run: FlowRun) -> str | None:
        with self.house.read() as session:
            case_ref = flow_run.parameters.get("case_ref")
            return session.exec(select(Run.process).where(col(Run.case_ref) == case_ref)).first()
