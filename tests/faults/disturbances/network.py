"""Prefect answers 503; the network to Prefect or to the database is slow."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.postgresql import USER
from cli.ports import answers, free_port
from config.prefect import server_arguments, server_environment
from config.settings import Settings
from tests.faults.disturbances.plan import Plan, disturbed, lasts, wait_until
from tests.faults.figures import Row, row_of
from tests.faults.ground import Ground, database_server, running_ground
from tests.faults.wire import Wire


@contextmanager
def behind_a_wire() -> Iterator[tuple[Wire, dict[str, Any]]]:
    """A Prefect server at the far end of a wire, and the settings that lead to it."""
    with tempfile.TemporaryDirectory(prefix="clientrisk-prefect-") as folder:
        settings = Settings(home=Path(folder), prefect_port=free_port())
        settings.ensure_home()
        with (Path(folder) / "server.log").open("wb") as log:
            server = subprocess.Popen(
                [sys.executable, *server_arguments(settings)],
                env=server_environment(settings),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            wait_until(lambda: answers(f"{settings.prefect_api_url}/health"), "Prefect to answer")
            with Wire(settings.prefect_port).laid() as wire:
                yield wire, {"prefect_api_url": f"http://127.0.0.1:{wire.port}/api"}
        finally:
            server.terminate()
            server.wait(timeout=20)


def prefect_unavailable(plan: Plan) -> Row:
    """Prefect answers 503, first to every second request, then to all."""
    with behind_a_wire() as (wire, given), running_ground(**given) as ground:
        away, problems = disturbed("503", ground, plan, lambda _: unavailable(wire, plan.seconds))
        if not wire.refused:
            problems.append("nobody was answered 503")
        return row_of("Prefect answers 503", wire.refused, ground.company, away, problems)


def unavailable(wire: Wire, seconds: float) -> list[float]:
    """Half of what is asked is answered 503, then all of it; then none."""
    for share in (0.5, 1.0):
        wire.unavailable, before = share, wire.refused
        lasts(seconds / 2, lambda before=before: wire.refused > before)  # type: ignore[misc]
    wire.unavailable = 0.0
    return [seconds]


def slow_network(plan: Plan) -> Row:
    """Everything between the worker and Prefect is late, by up to half a second each way."""
    with behind_a_wire() as (wire, given), running_ground(**given) as ground:

        def slow(_ground: Ground) -> list[float]:
            wire.delay = (0.05, 0.5)
            time.sleep(plan.seconds)
            wire.delay = (0.0, 0.0)
            return []

        away, problems = disturbed("slow network", ground, plan, slow)
        return row_of("slow network to Prefect", 1, ground.company, away, problems)


def slow_database(plan: Plan) -> Row:
    """Every piece between the product and PostgreSQL is late by up to a twentieth of a second."""
    with database_server() as server, Wire(server.port).laid() as wire:
        url = f"postgresql://{USER}@127.0.0.1:{wire.port}/clientrisk"
        with running_ground(database_url=url) as ground:

            def slow(_ground: Ground) -> list[float]:
                wire.delay = (0.005, 0.05)
                time.sleep(plan.seconds)
                wire.delay = (0.0, 0.0)
                return []

            away, problems = disturbed("slow database", ground, plan, slow)
            return row_of("slow network to the database", 1, ground.company, away, problems)
