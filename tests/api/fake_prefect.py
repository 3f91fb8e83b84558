"""Prefect's API as far as the pages of operations use it: its few routes, with what it keeps in lists to look at."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import httpx

from models.processes import ROUTINES
from models.rules.recurrence_checks import occurrences

SCHEMAS = {
    "overdue-scan": {"properties": {"anyway": {"type": "boolean", "default": False, "position": 0}}},
    "evaluation-round": {
        "properties": {"period": {"type": "string", "default": "", "pattern": "^([0-9]{4}Q[1-4])?$", "position": 0}}
    },
}
MADE_AHEAD = 3


class FakePrefect:
    """One Prefect server. ``asked`` lists what was sent; ``away`` makes it unreachable, ``mute`` silent after doing."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._numbers = count(1)
        self.away = False
        self.mute: str = ""
        self.asked: list[tuple[str, str, Any]] = []
        self.flows = {name: self._id() for name in ROUTINES}
        self.deployments: dict[str, dict[str, Any]] = {}
        self.runs: list[dict[str, Any]] = []
        for name, kind in ROUTINES.items():
            self.deployments[name] = {
                "id": self._id(),
                "flow_id": self.flows[name],
                "name": "clientrisk",
                "paused": False,
                "parameter_openapi_schema": SCHEMAS.get(name, {"properties": {}}),
                "schedules": [self._schedule({"schedule": {"cron": kind.cron, "timezone": "Asia/Shanghai"}})],
            }

    def transport(self) -> httpx.MockTransport:
        """What a client is given to reach it."""
        return httpx.MockTransport(self._answer)

    # -- as somebody finds or leaves it in Prefect's own pages ---------------------------------------------------------

    def schedules(self, name: str = "overdue-scan") -> list[dict[str, Any]]:
        return self.deployments[name]["schedules"]

    def ran(self, name: str, state: str = "COMPLETED", hours_ago: float = 1, message: str = "") -> dict[str, Any]:
        """A run that took place."""
        began = self._clock() - timedelta(hours=hours_ago)
        run = self._run(self.deployments[name], began, self.schedules(name)[0]["id"])
        run |= {"state_type": state, "state_name": state.title(), "start_time": _text(began)}
        run |= {"end_time": _text(began + timedelta(seconds=42)), "state": {"message": message}}
        return run

    def writes(self) -> list[tuple[str, str]]:
        """What was asked of it besides looking, in order."""
        return [
            (method, re.sub(r"[0-9a-f-]{36}", "…", path))
            for method, path, _ in self.asked
            if method != "GET" and not path.endswith("/filter")
        ]

    # -- its routes ----------------------------------------------------------------------------------------------------

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            raise httpx.ConnectError("nobody listens", request=request)
        path = request.url.path.removeprefix("/api/")
        body = json.loads(request.content or b"null")
        self.asked.append((request.method, path, body))
        answer = self._route(request.method, path.split("/"), body)
        if self.mute and path.endswith(self.mute):
            raise httpx.ReadTimeout("no answer", request=request)
        return answer

    def _route(self, method: str, path: list[str], body: Any) -> httpx.Response:
        match method, path:
            case "POST", ["flows", "filter"]:
                return _json([{"id": one, "name": name} for name, one in self.flows.items()])
            case "POST", ["deployments", "filter"]:
                return _json(list(self.deployments.values()))
            case "GET", ["deployments", "name", name, _]:
                found = self.deployments.get(name)
                return _json(found) if found else _json({"detail": "Deployment not found"}, 404)
            case "POST", ["deployments", number, "schedules"]:
                made = self._schedule(body[0])
                self._deployment(number)["schedules"].append(made)
                return _json([made], 201)
            case (("PATCH" | "DELETE"), ["deployments", number, "schedules", schedule]):
                return self._change(method, self._deployment(number), schedule, body)
            case "POST", ["deployments", number, ("pause_deployment" | "resume_deployment") as what]:
                self._deployment(number)["paused"] = what.startswith("pause")
                return _json(None)
            case "POST", ["deployments", number, "schedule"]:
                self._make(self._deployment(number), body)
                return _json(None)
            case "POST", ["deployments", number, "create_flow_run"]:
                return _json(self._by_hand(self._deployment(number), body), 201)
            case "POST", ["flow_runs", "filter"]:
                return _json(self._found(body))
            case "POST", ["flow_runs", number, "set_state"]:
                self._of(number).update(state_type=body["state"]["type"], state_name=body["state"]["name"])
                return _json({"status": "ACCEPT"})
            case "DELETE", ["flow_runs", number]:
                self.runs.remove(self._of(number))
                return httpx.Response(204)
        return _json({"detail": f"no route {method} {path}"}, 405)

    def _change(self, method: str, deployment: dict[str, Any], number: str, body: Any) -> httpx.Response:
        found = next((one for one in deployment["schedules"] if one["id"] == number), None)
        if found is None:
            return _json({"detail": "Schedule not found."}, 404)
        if method == "DELETE":
            deployment["schedules"].remove(found)
        else:
            found.update({"parameters": {}, **body})  # what is not sent of the parameters is gone
        self.runs = [run for run in self.runs if run["state_type"] != "SCHEDULED" or not run["auto_scheduled"]]
        return httpx.Response(204)

    def _make(self, deployment: dict[str, Any], body: dict[str, Any]) -> None:
        for one in deployment["schedules"]:
            if one["active"]:
                span = {"after": self._clock(), "count": MADE_AHEAD}
                if body:
                    span = {"after": datetime.fromisoformat(body["start_time"]) - timedelta(seconds=1), "count": 1}
                for at in occurrences(one["schedule"], **span):  # type: ignore[arg-type]
                    if not any(
                        (run["created_by"], run["expected_start_time"]) == (_by(one), _text(at)) for run in self.runs
                    ):
                        self._run(deployment, at, one["id"])

    def _run(self, deployment: dict[str, Any], at: datetime, schedule: str | None) -> dict[str, Any]:
        run = {
            "id": self._id(),
            "deployment_id": deployment["id"],
            "state_type": "SCHEDULED",
            "state_name": "Scheduled",
            "state": {"message": None},
            "expected_start_time": _text(at),
            "start_time": None,
            "end_time": None,
            "created_by": {"id": schedule, "type": "SCHEDULE"} if schedule else None,
            "auto_scheduled": schedule is not None,
            "parameters": {},
        }
        self.runs.append(run)
        return run

    def _by_hand(self, deployment: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
        again = next((run for run in self.runs if run.get("idempotency_key") == body["idempotency_key"]), None)
        if again is None:
            again = self._run(deployment, self._clock(), None)
            again |= {"parameters": body["parameters"], "idempotency_key": body["idempotency_key"]}
        return again

    def _found(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        wanted, of = body["flow_runs"], body["deployments"]["id"]["any_"]
        span, states = wanted["expected_start_time"], wanted.get("state", {}).get("type", {}).get("any_")
        found = [
            run
            for run in self.runs
            if run["deployment_id"] in of
            and (states is None or run["state_type"] in states)
            and _within(datetime.fromisoformat(run["expected_start_time"]), span)
        ]
        found.sort(key=lambda run: run["expected_start_time"], reverse=body["sort"].endswith("DESC"))
        return found[: body["limit"]]

    def _schedule(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"active": True, "parameters": {}, **body, "id": self._id()}

    def _deployment(self, number: str) -> dict[str, Any]:
        return next(one for one in self.deployments.values() if one["id"] == number)

    def _of(self, number: str) -> dict[str, Any]:
        return next(run for run in self.runs if run["id"] == number)

    def _id(self) -> str:
        return str(UUID(int=next(self._numbers)))


def _by(schedule: dict[str, Any]) -> dict[str, str]:
    return {"id": schedule["id"], "type": "SCHEDULE"}


def _within(at: datetime, span: dict[str, str]) -> bool:
    after, before = (datetime.fromisoformat(span[edge]) if edge in span else None for edge in ("after_", "before_"))
    return (after is None or at >= after) and (before is None or at <= before)


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _json(body: Any, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json=body)
