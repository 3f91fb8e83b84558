"""Operations run a routine by hand: a run of its deployment, as Prefect's own pages start one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from cli.demo.stage import Stage
from flows.runs import DEPLOYMENT
from models.processes import RoutineKind

OVER = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


@contextmanager
def run_of(
    stage: Stage, prefect_url: str, kind: RoutineKind, parameters: Mapping[str, Any]
) -> Iterator[Callable[[], None]]:
    """A run of the routine is started; the product's worker carries it. What is given waits for its end.

    Calling that raises ``Unmet`` if the run did not complete.
    """
    with httpx.Client(base_url=f"{prefect_url}/api", timeout=30.0, trust_env=False) as prefect:
        deployment = prefect.get(f"/deployments/name/{kind.name}/{DEPLOYMENT}").raise_for_status().json()
        asked = {"state": {"type": "SCHEDULED"}, "parameters": dict(parameters)}
        run = prefect.post(f"/deployments/{deployment['id']}/create_flow_run", json=asked).raise_for_status().json()

        def ended() -> str | None:
            state = prefect.get(f"/flow_runs/{run['id']}").raise_for_status().json()["state_type"]
            return state if state in OVER else None

        def completed() -> None:
            state = stage.until(ended, f"the run of {kind.name} to end")
            stage.account.expect(state == "COMPLETED", f"the run of {kind.name} to complete, not {state}")

        yield completed
