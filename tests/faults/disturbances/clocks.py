"""The clock of the product jumps."""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlmodel import select

from models.tables import AuditEvent
from tests.faults.disturbances.plan import Plan, disturbed
from tests.faults.figures import Row, row_of
from tests.faults.ground import Ground, running_ground

LONG_LEASE = 30
"""Seconds: longer than a machine that others keep busy lets a living worker wait, much shorter than a jump."""


def clock_jumps(plan: Plan) -> Row:
    """The clock jumps forwards and back by up to two hours, again and again."""
    with clock_of_its_own() as file, running_ground(lease_seconds=LONG_LEASE) as ground:
        away, problems = disturbed("clock", ground, plan, lambda _: jumps(file, plan.seconds, plan.seed))
        problems += leases_robbed(ground)
        return row_of("the clock jumps by ±2 h", len(away), ground.company, (), problems)


@contextmanager
def clock_of_its_own() -> Iterator[Path]:
    """A clock for the product that starts meanwhile: the file says by how many seconds it is wrong."""
    with tempfile.TemporaryDirectory(prefix="clientrisk-clock-") as folder:
        file = Path(folder) / "seconds"
        file.write_text("0")
        os.environ["CLIENTRISK_TEST_CLOCK_FILE"] = str(file)
        try:
            yield file
        finally:
            del os.environ["CLIENTRISK_TEST_CLOCK_FILE"]


def jumps(file: Path, seconds: float, seed: int) -> list[float]:
    """Every few seconds somewhere else within two hours; then it is right again."""
    luck = random.Random(seed)
    number = max(4, int(seconds / 6))
    for _ in range(number):
        set_clock(file, luck.uniform(-7200, 7200))
        time.sleep(seconds / number)
    set_clock(file, 0)
    return [0.0] * number


def leases_robbed(ground: Ground) -> list[str]:
    """No worker has died: whoever was said to have was robbed."""
    with ground.company.house.read() as session:
        robbed = session.exec(select(AuditEvent).where(AuditEvent.event == "run.worker-lost")).all()
    return [f"{len(robbed)} leases were taken from a living worker"] if robbed else []


def set_clock(file: Path, seconds: float) -> None:
    """In one step, so that nobody reads half of it."""
    new = file.with_suffix(".new")
    new.write_text(f"{seconds:.0f}")
    new.replace(file)
