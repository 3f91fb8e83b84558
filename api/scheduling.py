"""Changing when routines run, for pages and programs alike: check, put on record, ask Prefect, settle."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, TypeVar

from fastapi import Request

from api.caller import Caller, house_of
from api.prefect_client import Deployment, PrefectAway, PrefectClient, PrefectRefused
from api.schedule_preview import wanted_of
from config.languages import N_
from models.errors import Conflict, Invalid, NotFound, Problem, Refused
from models.house import House
from models.operations.schedules import OVERTAKEN, ask, fail, look, settle
from models.processes import ROUTINES, RoutineKind
from models.queries.rights import must_operate
from models.queries.schedules import changes
from models.rules import parameters as rules
from models.rules.recurrence import Rule
from models.rules.recurrence_checks import Unforeseeable, occurrences
from models.schedules import RoutineSeen, ScheduleAct, ScheduleSeen

T = TypeVar("T")

NOT_REGISTERED = N_("Prefect does not know this routine. Register it: clientrisk deployments register")
_MARKED = N_("Please look at the marked fields.")


def prefect_of(request: Request) -> PrefectClient:
    """The client of the installation's Prefect; made when it is first needed."""
    state = request.app.state
    if getattr(state, "prefect", None) is None:
        state.prefect = PrefectClient(house_of(request).settings)
    client: PrefectClient = state.prefect
    return client


def routine_named(name: str) -> RoutineKind:
    """The routine called ``name``.

    Raises:
        NotFound: there is none.
    """
    if name not in ROUTINES:
        raise NotFound(N_("There is no routine {name}."), name=name[:64])
    return ROUTINES[name]


class Scheduling:
    """Changes to one routine, in the name of ``caller``."""

    def __init__(self, house: House, prefect: PrefectClient, caller: Caller, name: str) -> None:
        """
        Raises:
            NotFound: there is no such routine.
            NotAllowed: for anybody but operations.
        """
        self.house, self.prefect, self.caller = house, prefect, caller
        self.kind = routine_named(name)
        must_operate(caller.person)

    def deployment(self) -> Deployment:
        """How the routine stands in Prefect.

        Raises:
            Conflict: it is not registered there.
            PrefectAway: Prefect does not answer.
        """
        deployment = self.prefect.routine(self.kind.name)
        if deployment is None:
            raise Conflict(NOT_REGISTERED)
        return deployment

    def schema(self) -> Mapping[str, Any]:
        """The schema of its flow's parameters."""
        return self.deployment().schema

    # -- schedules -----------------------------------------------------------------------------------------------------

    def create(self, version: int, rule: Rule, given: Mapping[str, Any], *, active: bool = True) -> str:
        """Add a schedule; its number.

        Raises:
            Invalid: rule or parameters, at their fields.
            Conflict: the schedules were changed since ``version``.
            PrefectAway, PrefectRefused: nothing was changed, or it will be found out.
        """
        deployment = self._seen(version)
        after = wanted_of(self.house, deployment, rule, given, active)

        def do() -> tuple[str, RoutineSeen]:
            made = self.prefect.create_schedule(deployment.id, after)
            return made, _with(deployment.seen, made, after)

        return self._change(deployment, version, ScheduleAct.CREATED, None, None, after, do)

    def update(self, version: int, schedule_id: str, rule: Rule, given: Mapping[str, Any], *, active: bool) -> None:
        """Change all of a schedule. Raises as ``create`` does, and ``NotFound``."""
        deployment = self._seen(version)
        before = self._schedule(deployment, schedule_id)
        self._put(deployment, version, schedule_id, before, wanted_of(self.house, deployment, rule, given, active))

    def set_active(self, version: int, schedule_id: str, active: bool) -> None:
        """Pause or resume one schedule. Raises as ``update`` does."""
        deployment = self._seen(version)
        before = self._schedule(deployment, schedule_id)
        self._put(deployment, version, schedule_id, before, before.model_copy(update={"active": active}))

    def delete(self, version: int, schedule_id: str) -> None:
        """Take a schedule away. Raises as ``update`` does."""
        deployment = self._seen(version)
        before = self._schedule(deployment, schedule_id)

        def do() -> tuple[str, RoutineSeen]:
            self.prefect.delete_schedule(deployment.id, schedule_id)
            return schedule_id, _with(deployment.seen, schedule_id, None)

        self._change(deployment, version, ScheduleAct.DELETED, schedule_id, before, None, do)

    def set_paused(self, version: int, paused: bool) -> None:
        """Pause or resume every schedule of the routine. Raises as ``update`` does."""
        deployment = self._seen(version)
        if deployment.seen.paused is paused:
            return

        def do() -> tuple[str, RoutineSeen]:
            self.prefect.pause(deployment.id, paused)
            return "", deployment.seen.model_copy(update={"paused": paused})

        act = ScheduleAct.ALL_PAUSED if paused else ScheduleAct.ALL_RESUMED
        self._change(deployment, version, act, None, {"paused": not paused}, {"paused": paused}, do)

    # -- single runs ---------------------------------------------------------------------------------------------------

    def run(self, given: Mapping[str, Any], key: str) -> str:
        """Start the routine now; the same ``key`` again starts nothing more. The run's number.

        Raises:
            Invalid: parameters, at their fields.
        """
        deployment = self.deployment()
        wanted = rules.checked(deployment.schema, given)
        mark = hashlib.sha256(f"{self.caller.person.id}:{self.kind.name}:{key}".encode()).hexdigest()[:32]
        with self.house.read() as session:
            done = [one.after or {} for one in changes(session, self.kind.name) if one.act is ScheduleAct.RUN]
        again = next((str(after["run"]) for after in done if after.get("key") == mark and "run" in after), None)
        if again is not None:
            return again

        def do() -> dict[str, Any]:
            return {"run": self.prefect.run_now(deployment.id, wanted, f"by-hand:{mark}")}

        return str(self._one_run(ScheduleAct.RUN, None, {"parameters": wanted, "key": mark}, do)["run"])

    def skip(self, schedule_id: str, at: datetime) -> None:
        """Let the one run that a schedule has for ``at`` not take place; later ones do.

        Raises:
            NotFound, Invalid: there is no such schedule, or no run at that time.
            Conflict: it has begun.
        """
        deployment = self.deployment()
        schedule = self._schedule(deployment, schedule_id)
        if not self._comes(deployment, schedule, schedule_id, at):
            raise Invalid(_MARKED, [Problem("at", N_("This schedule has no run to come at that time."))])

        def do() -> dict[str, Any]:
            run = self.prefect.due_at(deployment.id, schedule_id, at)
            if run is None:  # Prefect makes runs a few ahead only
                self.prefect.make_runs(deployment.id, at)
                run = self.prefect.due_at(deployment.id, schedule_id, at)
            if run is None:
                raise PrefectRefused("no such run")
            if run.state not in ("SCHEDULED", "CANCELLED"):
                raise Conflict(N_("This run has begun already."))
            if run.state == "SCHEDULED":
                self.prefect.skip(run.id)
            return {"run": run.id}

        self._one_run(ScheduleAct.SKIPPED, schedule_id, {"at": at.isoformat()}, do)

    def restore(self, schedule_id: str, at: datetime) -> None:
        """Let a run that was skipped take place after all. Raises as ``skip`` does."""
        deployment = self.deployment()
        self._schedule(deployment, schedule_id)
        run = self.prefect.due_at(deployment.id, schedule_id, at)
        if run is None or run.state != "CANCELLED" or at <= self.house.clock():
            raise Invalid(_MARKED, [Problem("at", N_("No skipped run is to come at that time."))])

        def do() -> dict[str, Any]:
            # Set back to “scheduled”, runs far ahead would keep Prefect from making those that come before them.
            self.prefect.forget(run.id)
            self._make_runs(deployment.id, deployment.seen)
            return {}

        self._one_run(ScheduleAct.RESTORED, schedule_id, {"at": at.isoformat()}, do)

    # -- inside --------------------------------------------------------------------------------------------------------

    def _seen(self, version: int) -> Deployment:
        """How the routine stands, if that is what the caller saw. What was changed in Prefect meanwhile counts, too."""
        deployment = self.deployment()
        if look(self.house, self.kind.name, deployment.seen) != version:
            raise Conflict(OVERTAKEN)
        return deployment

    def _schedule(self, deployment: Deployment, schedule_id: str) -> ScheduleSeen:
        if schedule_id not in deployment.seen.schedules:
            raise NotFound(N_("There is no such schedule (any more)."))
        return deployment.seen.schedules[schedule_id]

    def _comes(self, deployment: Deployment, schedule: ScheduleSeen, schedule_id: str, at: datetime) -> bool:
        if at <= self.house.clock() or not schedule.active or deployment.seen.paused:
            return False
        try:
            return at in occurrences(schedule.schedule, at - timedelta(seconds=1), 1)
        except Unforeseeable:
            return self.prefect.due_at(deployment.id, schedule_id, at) is not None

    def _put(
        self, deployment: Deployment, version: int, schedule_id: str, before: ScheduleSeen, after: ScheduleSeen
    ) -> None:
        if before == after:
            return

        def do() -> tuple[str, RoutineSeen]:
            self.prefect.update_schedule(deployment.id, schedule_id, after)
            return schedule_id, _with(deployment.seen, schedule_id, after)

        act = ScheduleAct.UPDATED
        if before.model_copy(update={"active": after.active}) == after:
            act = ScheduleAct.RESUMED if after.active else ScheduleAct.PAUSED
        self._change(deployment, version, act, schedule_id, before, after, do)

    def _change(
        self,
        deployment: Deployment,
        version: int,
        act: ScheduleAct,
        schedule_id: str | None,
        before: ScheduleSeen | Mapping[str, Any] | None,
        after: ScheduleSeen | Mapping[str, Any] | None,
        do: Callable[[], tuple[str, RoutineSeen]],
    ) -> str:
        with self.house.work(self.caller.actor) as work:
            change = ask(
                work,
                self.caller.person,
                self.kind.name,
                act,
                version=version,
                schedule_id=schedule_id,
                before=_dumped(before),
                after=_dumped(after),
            )
        made, expected = self._asking(change, do)
        seen = self._read_back(expected)
        with self.house.work(self.caller.actor) as work:
            settle(work, change, seen, schedule_id=made or None)
        self._make_runs(deployment.id, seen)
        return made

    def _one_run(
        self, act: ScheduleAct, schedule_id: str | None, after: Mapping[str, Any], do: Callable[[], dict[str, Any]]
    ) -> dict[str, Any]:
        with self.house.work(self.caller.actor) as work:
            change = ask(work, self.caller.person, self.kind.name, act, schedule_id=schedule_id, after=after)
        result = self._asking(change, do)
        with self.house.work(self.caller.actor) as work:
            settle(work, change, result=result)
        return result

    def _asking(self, change: int, do: Callable[[], T]) -> T:
        try:
            return do()
        except Refused as refusal:
            answered = not (isinstance(refusal, PrefectAway) and refusal.asked)
            with self.house.work(self.caller.actor) as work:
                fail(work, change, str(refusal), answered=answered)
            raise

    def _make_runs(self, deployment: str, seen: RoutineSeen) -> None:
        """Let the next runs show up in Prefect at once. It makes them by itself within a minute."""
        if not seen.paused:
            with suppress(PrefectAway, PrefectRefused):
                self.prefect.make_runs(deployment)

    def _read_back(self, expected: RoutineSeen) -> RoutineSeen:
        try:
            now = self.prefect.routine(self.kind.name)
        except (PrefectAway, PrefectRefused):
            return expected
        return now.seen if now is not None else expected


def _with(seen: RoutineSeen, schedule_id: str, schedule: ScheduleSeen | None) -> RoutineSeen:
    others = {one: kept for one, kept in seen.schedules.items() if one != schedule_id}
    if schedule is not None:
        others[schedule_id] = schedule
    return seen.model_copy(update={"schedules": dict(sorted(others.items()))})


def _dumped(one: ScheduleSeen | Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    return one.model_dump(mode="json") if isinstance(one, ScheduleSeen) else one
