"""The disk is full, or can only be read."""

from __future__ import annotations

import threading
import time

from tests.faults.disks import small_disk
from tests.faults.disturbances.plan import Plan, disturbed
from tests.faults.figures import Row, row_of
from tests.faults.ground import Ground, running_ground

MEGABYTES = 96


def full_disk(plan: Plan) -> Row:
    """The home's disk is full to the last byte, with Prefect's database and the logs on it."""
    with small_disk(MEGABYTES) as disk, running_ground(home=disk.folder) as ground:

        def full(_ground: Ground) -> list[float]:
            end = time.monotonic() + plan.seconds
            while time.monotonic() < end:
                disk.fill()
                time.sleep(0.2)
            disk.clear()
            return [plan.seconds]

        away, problems = disturbed("full disk", ground, plan, full)
        return row_of("full disk", 1, ground.company, away, problems)


def read_only_disk(plan: Plan) -> Row:
    """The database's disk is read-only: whoever has it open is killed first, for Linux asks for that."""
    with small_disk(MEGABYTES) as disk:
        url = f"sqlite:///{disk.folder}/clientrisk.db"
        with running_ground(database_url=url) as ground:

            def read_only(_ground: Ground) -> list[float]:
                stop = threading.Event()
                killing = threading.Thread(target=keep_down, args=(ground, stop), daemon=True)
                killing.start()
                ground.company.eyes_shut.set()
                try:
                    disk.remount("ro")
                finally:
                    ground.company.eyes_shut.clear()
                    stop.set()
                    killing.join()
                time.sleep(plan.seconds)
                disk.remount("rw")
                return [plan.seconds]

            away, problems = disturbed("read-only disk", ground, plan, read_only)
            return row_of("read-only disk", 1, ground.company, away, problems)


def keep_down(ground: Ground, stop: threading.Event) -> None:
    """Let nobody hold the database open, ourselves neither."""
    while not stop.is_set():
        ground.company.house.engine.dispose()
        for name in ("api", "worker"):
            if ground.product.pid(name) is not None:
                ground.product.kill(name)
        time.sleep(0.05)
