"""A small client of Prefect's REST API: what the pages of operations need, and no more.

Programs that carry flows use Prefect's own client; the web application only looks at schedules and runs, and changes
schedules, without carrying Prefect itself in memory. Nothing of a customer or a person is ever sent.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from config.languages import N_
from config.settings import Settings
from models.errors import Refused
from models.processes import ROUTINES
from models.schedules import RoutineSeen, RunResult, ScheduleSeen

DEPLOYMENT = "clientrisk"
CREDENTIALS = "PREFECT_API_AUTH_STRING"
"""Prefect's own variable: ``user:password`` of a server that asks for one."""
TIMES = httpx.Timeout(5.0, connect=1.0)
MOST = 200
"""As many runs as Prefect returns at once."""
SKIPPED = "Skipped"
"""The name of the cancelled state of a run that operations skipped. Prefect makes no second run for its time."""


class PrefectAway(Refused):
    """Prefect does not answer, or not as expected. ``asked`` says whether it may have done what it was asked for."""

    status = 503
    code = "prefect-away"

    def __init__(
        self, message: str = N_("Prefect is not answering just now. Nothing was lost."), *, asked: bool
    ) -> None:
        super().__init__(message)
        self.asked = asked


class PrefectRefused(Refused):
    """Prefect has answered that it will not do it."""

    status = 409
    code = "prefect-refused"

    def __init__(self, why: str) -> None:
        super().__init__(N_("Prefect refused it: {why}"), why=why)


_RESULTS = {
    "SCHEDULED": RunResult.WAITING,
    "COMPLETED": RunResult.COMPLETED,
    "FAILED": RunResult.FAILED,
    "CRASHED": RunResult.FAILED,
}


@dataclass(frozen=True)
class Deployment:
    """A routine as Prefect has it."""

    id: str
    seen: RoutineSeen
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class FlowRun:
    """One run of a routine. ``schedule_id`` names the schedule that made it; none if it was started by hand."""

    id: str
    deployment_id: str
    state: str
    """Prefect's type of state: SCHEDULED, RUNNING, COMPLETED, FAILED, CRASHED, CANCELLED …"""
    state_name: str
    message: str
    due_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    schedule_id: str | None
    parameters: Mapping[str, Any]

    @property
    def result(self) -> RunResult:
        """How far it has come, or how it ended."""
        if self.state == "CANCELLED":
            return RunResult.SKIPPED if self.state_name == SKIPPED else RunResult.CANCELLED
        return _RESULTS.get(self.state, RunResult.RUNNING)

    @property
    def lasted(self) -> timedelta | None:
        """How long it ran."""
        return self.ended_at - self.started_at if self.started_at and self.ended_at else None


class PrefectClient:
    """Prefect's API at one address. Threads may share it."""

    page = 100

    def __init__(self, settings: Settings, transport: httpx.BaseTransport | None = None) -> None:
        credentials = os.environ.get(CREDENTIALS, "")
        headers = {"authorization": f"Basic {b64encode(credentials.encode()).decode()}"} if credentials else {}
        self._http = httpx.Client(
            base_url=f"{settings.prefect_api_url}/",
            headers=headers,
            timeout=TIMES,
            transport=transport,
            trust_env=False,
        )

    def close(self) -> None:
        """End the connections."""
        self._http.close()

    # -- looking -------------------------------------------------------------------------------------------------------

    def routines(self) -> dict[str, Deployment]:
        """Every routine that is registered, by name."""
        named = {"flows": {"name": {"any_": sorted(ROUTINES)}}, "limit": MOST}
        names = {flow["id"]: flow["name"] for flow in self._list("flows/filter", named)}
        wanted = {**named, "deployments": {"name": {"any_": [DEPLOYMENT]}}}
        return {names[one["flow_id"]]: _deployment(one) for one in self._list("deployments/filter", wanted)}

    def routine(self, name: str) -> Deployment | None:
        """One routine; none if it is not registered."""
        answer = self._send("GET", f"deployments/name/{name}/{DEPLOYMENT}", missing=True)
        return _deployment(answer.json()) if answer is not None else None

    def ahead(self, deployments: Sequence[str], now: datetime) -> list[FlowRun]:
        """Runs that are to come, and those of them that were skipped, the earliest first."""
        states = {"type": {"any_": ["SCHEDULED", "CANCELLED"]}}
        wanted = {"state": states, "expected_start_time": {"after_": now.isoformat()}}
        return self._runs(deployments, wanted, "EXPECTED_START_TIME_ASC", MOST)

    def so_far(self, deployment: str, now: datetime, limit: int = 10) -> list[FlowRun]:
        """Runs that were due, the latest first."""
        wanted = {"expected_start_time": {"before_": now.isoformat()}}
        return self._runs([deployment], wanted, "EXPECTED_START_TIME_DESC", limit)

    def so_far_of(self, deployments: Sequence[str], now: datetime) -> list[FlowRun]:
        """The latest runs of several routines, those due last first; at most ``page`` of them."""
        wanted = {"expected_start_time": {"before_": now.isoformat()}}
        return self._runs(deployments, wanted, "EXPECTED_START_TIME_DESC", self.page)

    def due_at(self, deployment: str, schedule_id: str, at: datetime) -> FlowRun | None:
        """The run that a schedule made, or is to make, for an instant."""
        span = {"after_": (at - timedelta(seconds=1)).isoformat(), "before_": (at + timedelta(seconds=1)).isoformat()}
        found = self._runs([deployment], {"expected_start_time": span}, "EXPECTED_START_TIME_ASC", MOST)
        return next((run for run in found if run.schedule_id == schedule_id), None)

    # -- changing ------------------------------------------------------------------------------------------------------

    def create_schedule(self, deployment: str, schedule: ScheduleSeen) -> str:
        """Add a schedule; its number."""
        created = self._send("POST", f"deployments/{deployment}/schedules", [schedule.model_dump(mode="json")])
        assert created is not None
        return str(created.json()[0]["id"])

    def update_schedule(self, deployment: str, schedule_id: str, schedule: ScheduleSeen) -> None:
        """Change a schedule. All of it is sent: what is left out of its parameters would be gone."""
        self._send("PATCH", f"deployments/{deployment}/schedules/{schedule_id}", schedule.model_dump(mode="json"))

    def delete_schedule(self, deployment: str, schedule_id: str) -> None:
        """Take a schedule away, with the runs it has made for later."""
        self._send("DELETE", f"deployments/{deployment}/schedules/{schedule_id}")

    def pause(self, deployment: str, paused: bool) -> None:
        """Let no schedule of a routine start a run, or let them again. Runs by hand go on."""
        self._send("POST", f"deployments/{deployment}/{'pause' if paused else 'resume'}_deployment")

    def make_runs(self, deployment: str, at: datetime | None = None) -> None:
        """Let Prefect make the runs to come now rather than within a minute; or those due ``at`` one instant."""
        span = {"start_time": at.isoformat(), "end_time": at.isoformat(), "min_runs": 1, "max_runs": 1} if at else {}
        self._send("POST", f"deployments/{deployment}/schedule", span)

    def run_now(self, deployment: str, parameters: Mapping[str, Any], key: str) -> str:
        """Start a run; the same key again gives the same run. Its number."""
        body = {"parameters": dict(parameters), "idempotency_key": key, "state": {"type": "SCHEDULED"}}
        created = self._send("POST", f"deployments/{deployment}/create_flow_run", body)
        assert created is not None
        return str(created.json()["id"])

    def skip(self, run_id: str) -> None:
        """Let a run that is to come not take place."""
        self._set(run_id, {"type": "CANCELLED", "name": SKIPPED, "message": "Skipped by operations."})

    def forget(self, run_id: str) -> None:
        """Take a run away; Prefect makes it again if its time is still to come and its schedule says so."""
        self._send("DELETE", f"flow_runs/{run_id}")

    # -- inside --------------------------------------------------------------------------------------------------------

    def _set(self, run_id: str, state: Mapping[str, Any]) -> None:
        answer = self._send("POST", f"flow_runs/{run_id}/set_state", {"state": state})
        assert answer is not None
        said = answer.json()  # a refusal comes back as an ordinary answer
        if said["status"] != "ACCEPT":
            raise PrefectRefused(str(said.get("details", {}).get("reason") or said["status"])[:300])

    def _runs(self, deployments: Sequence[str], wanted: Mapping[str, Any], sort: str, limit: int) -> list[FlowRun]:
        body = {"deployments": {"id": {"any_": list(deployments)}}, "flow_runs": wanted, "sort": sort, "limit": limit}
        return [_run(one) for one in self._list("flow_runs/filter", body)] if deployments else []

    def _list(self, path: str, body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        answer = self._send("POST", path, body)
        assert answer is not None
        try:
            found: list[Mapping[str, Any]] = answer.json()
        except ValueError:  # something else listens at Prefect's address
            raise PrefectAway(asked=False) from None
        return found

    def _send(self, method: str, path: str, body: Any = None, *, missing: bool = False) -> httpx.Response | None:
        try:
            answer = self._http.request(method, path, json=body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            raise PrefectAway(asked=False) from None
        except httpx.HTTPError:
            raise PrefectAway(asked=True) from None
        if answer.status_code == 404 and missing:
            return None
        if answer.status_code in (401, 403):
            raise PrefectAway(N_("Prefect does not let us in. PREFECT_API_AUTH_STRING is to be checked."), asked=False)
        if answer.status_code >= 500:
            raise PrefectAway(asked=True)
        if answer.status_code >= 400:
            raise PrefectRefused(_reason(answer))
        return answer


def _reason(answer: httpx.Response) -> str:
    try:
        said = answer.json()
        return str(said.get("detail") or said.get("exception_message") or answer.status_code)[:300]
    except (ValueError, AttributeError):
        return str(answer.status_code)


def _deployment(given: Mapping[str, Any]) -> Deployment:
    return Deployment(str(given["id"]), RoutineSeen.from_prefect(given), given.get("parameter_openapi_schema") or {})


def _run(given: Mapping[str, Any]) -> FlowRun:
    by = given.get("created_by") or {}
    due = given.get("expected_start_time") or given.get("next_scheduled_start_time") or given["created"]
    return FlowRun(
        id=str(given["id"]),
        deployment_id=str(given.get("deployment_id") or ""),
        state=str(given.get("state_type") or ""),
        state_name=str(given.get("state_name") or ""),
        message=str((given.get("state") or {}).get("message") or ""),
        due_at=_instant(due),
        started_at=_instant(given["start_time"]) if given.get("start_time") else None,
        ended_at=_instant(given["end_time"]) if given.get("end_time") else None,
        schedule_id=str(by["id"]) if by.get("type") == "SCHEDULE" and by.get("id") else None,
        parameters=given.get("parameters") or {},
    )


def _instant(text: Any) -> datetime:
    return datetime.fromisoformat(str(text).replace("Z", "+00:00")).astimezone(UTC)
