"""The same flow as Prefect's stock ``serve()`` carries it: an interpreter for every segment.

It gets an installation of its own beside the product's, and the product's Prefect server. In place of our dispatcher we
start and resume its run by the same client calls. Only the opening of the next step is waited for, not its message:
the comparison is in the stock's favour.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from typing import Any

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import FlowRun
from prefect.exceptions import ObjectNotFound
from prefect.settings import PREFECT_API_URL, temporary_settings

from bench.staff import Staff, Turn, application, furnish, staff_of, wait_for
from cli.product import Product, child_environment
from config.settings import Settings
from flows.runs import Runs
from models.house import House, person
from models.onboarding import Application
from models.operations.applications import open_application
from models.operations.decide import decide
from models.tables import Person

DEPLOYMENT = "onboarding-review/stock"
ANSWERS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("li.na", "confirm", {}),
    ("chen.yu", "confirm", {}),
    ("wang.jun", "return", {"target": "first-rating", "reason": "measured once more"}),
)


@dataclass(frozen=True)
class Stock:
    """A stock runner at work: its people, the client by which its runs are resumed, and the process it is."""

    client: SyncPrefectClient
    staff: Staff
    process: subprocess.Popen[bytes]

    def seconds(self, samples: int) -> list[float]:
        """Seconds from each decision recorded to the next step open, one at a time."""
        return list(_one_after_the_other(self.client, self.staff, samples))

    def burst(self, cases: int, patience: float) -> float:
        """Seconds from the first of so many decisions to the last next step open; the runs are resumed at once."""
        deployment = self.client.read_deployment_by_name(DEPLOYMENT).id
        runs = {}
        for number in range(cases):
            ref = _open_case(self.staff.house, 100 + number)
            runs[ref] = self.client.create_flow_run_from_deployment(deployment, parameters={"case_ref": ref})
        waiting = [
            wait_for(partial(_suspended, self.client, run), "the runs to be suspended", every=0.5, patience=patience)
            for run in runs.values()
        ]
        turns = [turn for turn in self.staff.turns() if turn.case_ref in runs]
        began = time.perf_counter()
        for turn in turns:
            _decide(self.staff.house, turn, "confirm", {})
        for run in waiting:
            if not Runs(self.client).resume(run):
                raise RuntimeError("a run was not resumed")
        wait_for(lambda: _reopened(self.staff, set(runs)) == cases, "the next steps", every=0.1, patience=patience)
        return time.perf_counter() - began


@contextmanager
def stock_of(product: Product, database_url: str | None = None) -> Iterator[Stock]:
    """The stock runner beside ``product``, with an installation of its own and the product's Prefect server."""
    given: dict[str, Any] = {} if database_url is None else {"database_url": database_url}
    settings = Settings(
        home=product.settings.home / "stock",
        prefect_port=product.settings.prefect_port,
        prefect_api_url=product.settings.prefect_api_url,
        **given,
    )
    furnish(settings)
    with (
        temporary_settings({PREFECT_API_URL: settings.prefect_api_url}),
        get_client(sync_client=True) as client,
        _served(settings) as process,
        staff_of(settings, "") as staff,
    ):
        wait_for(lambda: _is_served(client), "the stock deployment", every=0.2)
        yield Stock(client, staff, process)


def _reopened(staff: Staff, refs: set[str]) -> int:
    return len({turn.case_ref for turn in staff.turns() if turn.case_ref in refs and "risk-rerating" in turn.step})


def _one_after_the_other(client: SyncPrefectClient, staff: Staff, samples: int) -> Iterator[float]:
    case_ref = _open_case(staff.house)
    run = client.create_flow_run_from_deployment(
        client.read_deployment_by_name(DEPLOYMENT).id, parameters={"case_ref": case_ref}
    )
    wait_for(lambda: staff.turns(case_ref), "the first step", every=0.05)
    for who, action, form in islice(cycle(ANSWERS), samples):
        suspended = wait_for(lambda: _suspended(client, run), "the run to be suspended", every=0.05)
        turn = next(turn for turn in staff.turns(case_ref) if turn.person_id == who)
        _decide(staff.house, turn, action, form)
        decided = time.perf_counter()
        if not Runs(client).resume(suspended):
            raise RuntimeError("the run was not resumed")
        wait_for(partial(_next, staff, turn), "the next step", every=0.02)
        yield time.perf_counter() - decided


def _open_case(house: House, number: int = 1) -> str:
    with house.work(person("li.na")) as work:
        handler = work.session.get_one(Person, "li.na")
        given = Application.model_validate(application(number))
        return open_application(work, given, handler, handler, origin="page").ref


def _decide(house: House, turn: Turn, action: str, form: dict[str, Any]) -> None:
    with house.work(person(turn.person_id)) as work:
        decide(work, turn.signer_id, action, form, shown_hash=turn.content_hash, via="session")


def _next(staff: Staff, answered: Turn) -> bool:
    return any(turn.step != answered.step for turn in staff.turns(answered.case_ref))


def _suspended(client: SyncPrefectClient, run: FlowRun) -> FlowRun | None:
    now = client.read_flow_run(run.id)
    return now if now.state is not None and now.state.is_paused() else None


def _is_served(client: SyncPrefectClient) -> bool:
    try:
        return bool(client.read_deployment_by_name(DEPLOYMENT))
    except ObjectNotFound:
        return False


@contextmanager
def _served(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """``serve()`` in a process of its own, as its documentation has it."""
    with (settings.logs / "stock.log").open("wb") as log:
        command = [sys.executable, "-m", "bench.stock"]
        environment = child_environment(settings)
        process = subprocess.Popen(command, env=environment, cwd=settings.home, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def serve() -> None:
    """Serve the flow until told to stop."""
    from prefect.types.entrypoint import EntrypointType

    from flows.onboarding_review import onboarding_review

    onboarding_review.serve(name=DEPLOYMENT.partition("/")[2], entrypoint_type=EntrypointType.MODULE_PATH)


if __name__ == "__main__":
    serve()
