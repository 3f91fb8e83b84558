"""Every disturbance that is not a kill: each is done to a company at work, and then all promises are looked at."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select

from cli.ports import answers, free_port
from config.prefect import server_arguments, server_environment
from config.settings import Settings
from config.words import MessageState
from models.house import SYSTEM
from models.operations.outbox import message_id
from models.tables import AuditEvent, OutboxMessage
from tests.faults.campaign import plays
from tests.faults.company import Journey
from tests.faults.disks import small_disk
from tests.faults.endings import Ending
from tests.faults.figures import Row, row_of
from tests.faults.ground import POSTGRESQL, Ground, NotHere, postgresql, running_ground
from tests.faults.journeys.onboarding import ONBOARDING
from tests.faults.load import ROUND, journeys
from tests.faults.mail_server import HANGS, Postmaster
from tests.faults.wire import Wire
from tests.postgresql import USER

DISK_MEGABYTES = 96
BUSY = 5.0  # seconds of work before anything is done to it
REFUSED = {"wang.jun"}


@dataclass(frozen=True)
class Plan:
    """How much is to be played, for how many seconds each disturbance lasts, what draws the lots."""

    seconds: float = 60.0
    cases: int = ROUND
    at_once: int = 8
    seed: int = 1

    def journeys(self) -> list[Journey]:
        """The cases of every disturbance; the undisturbed run has the same."""
        return list(islice(journeys(self.seed), self.cases))


Disturb = Callable[[Ground], list[float]]
"""Does it, and undoes it. Returns how many seconds each blow kept the product from working."""


def disturbed(
    fault: str, ground: Ground, plan: Plan, disturb: Disturb, wanted: list[Journey] | None = None
) -> tuple[list[float], list[str]]:
    """Let the company play while ``disturb`` is done to it. Returns the seconds away, and what went wrong."""
    blows: list[float] = []
    problems: list[str] = []

    def strike() -> None:
        try:
            time.sleep(min(BUSY, plan.seconds / 2))
            blows.extend(disturb(ground))
        except Exception as error:  # told with the figures
            problems.append(f"{fault}: {type(error).__name__}: {error}")

    striking = threading.Thread(target=strike, name=fault, daemon=True)
    striking.start()
    coming = wanted if wanted is not None else plan.journeys()
    plays(ground, iter(coming), coming, plan.at_once, until=striking)
    return blows, problems


Compared = Mapping[str, Ending] | None


def mail_server(plan: Plan, compared: Compared) -> Row:
    """The mail server hangs, then closes the door (421), then is busy (451); one mailbox does not exist (550)."""
    post = Postmaster()
    post.refuses = {f"{who}@hengyuan.example" for who in REFUSED}
    moods = (HANGS, "421 closing down", "451 try again later")

    def bad_day(_ground: Ground) -> list[float]:
        for mood in moods:
            post.mood = mood
            time.sleep(plan.seconds / len(moods))
        post.mood = ""
        return [plan.seconds]

    # Whoever is outside reads their mail in the console's file, which this company has switched off.
    inside = [Journey(100 + number, ONBOARDING[number % len(ONBOARDING)]) for number in range(plan.cases)]
    url = f"mailto://127.0.0.1:{post.port}?from=risk@hengyuan.example&cto=2"
    with post.serving(), tempfile.TemporaryDirectory(prefix="clientrisk-policy-") as folder:
        policy = always_awake(Path(folder))
        with running_ground(mail_url=url, console_channel=False, policy_folder=policy) as ground:
            away, problems = disturbed("mail server", ground, plan, bad_day, inside)
            tries_again(ground)
            row = row_of("mail server hangs, 421, 451, 550", len(moods) + 1, ground.company, None, away, problems)
            return judged_by(post, row, ground)


def always_awake(folder: Path) -> Path:
    """The policy with its quiet hours at another time of the day: tests are run at night, too."""
    hour = (datetime.now(UTC).hour + 8 + 12) % 24
    for file in resources.files("config.policy").iterdir():
        if file.name.endswith(".yaml"):
            text = file.read_text(encoding="utf-8")
            quiet = f'quiet_hours: {{start: "{hour:02d}:00", end: "{hour:02d}:30"}}'
            text = re.sub(r"^quiet_hours:.*$", quiet, text, flags=re.MULTILINE)
            (folder / file.name).write_text(text, encoding="utf-8")
    return folder


def tries_again(ground: Ground) -> None:
    """The hours until a message is tried again are not waited for: its time is moved, in the test's own database."""
    company = ground.company
    end = time.monotonic() + company.patience
    left = True
    while left and time.monotonic() < end:
        with company.house.work(SYSTEM) as work:
            late = (col(OutboxMessage.state) == MessageState.PENDING) & (col(OutboxMessage.next_at) > work.now)
            if work.change(update(OutboxMessage).where(late).values(next_at=work.now)):
                work.record("test.messages-moved")
            under_way = col(OutboxMessage.state).in_([MessageState.PENDING, MessageState.SENDING])
            left = work.session.exec(select(OutboxMessage.id).where(under_way)).first() is not None
        time.sleep(0.5)


def judged_by(post: Postmaster, row: Row, ground: Ground) -> Row:
    """By what has arrived: everything but what the server refused for good (550) and what is said to be in doubt."""
    with ground.company.house.read() as session:
        rows = session.exec(select(OutboxMessage).where(col(OutboxMessage.channel) == "mail")).all()
    told: list[str] = []
    for one in rows:
        came = post.taken[message_id(one)]
        refused = one.person_id in REFUSED
        if one.state is MessageState.DEAD and not refused:
            told.append(f"{one.kind} {one.id} was given up: {one.note}")
        if one.state is MessageState.SENT and came == 0:
            told.append(f"{one.kind} {one.id} is marked sent and never came")
        if one.state in (MessageState.PENDING, MessageState.SENDING):
            told.append(f"{one.kind} {one.id} still waits")
    if not all(post.turned_away[answer] for answer in (HANGS, "421", "451", "550")):
        told.append(f"the server was not as bad as it should have been: {dict(post.turned_away)}")
    twice = sum(number - 1 for number in post.taken.values())
    return replace(row, delivered=len(post.taken), duplicates=twice, undelivered=told)


# -- Prefect, the network ---------------------------------------------------------------------------------------------


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


def prefect_unavailable(plan: Plan, compared: Compared) -> Row:
    """Prefect answers 503, first to every second request, then to all."""
    with behind_a_wire() as (wire, given), running_ground(**given) as ground:

        def unavailable(_ground: Ground) -> list[float]:
            for share in (0.5, 1.0):
                wire.unavailable = share
                time.sleep(plan.seconds / 2)
            wire.unavailable = 0.0
            return [plan.seconds]

        away, problems = disturbed("503", ground, plan, unavailable)
        if not wire.refused:
            problems.append("nobody was answered 503")
        return row_of("Prefect answers 503", wire.refused, ground.company, compared, away, problems)


def slow_network(plan: Plan, compared: Compared) -> Row:
    """Everything between the worker and Prefect is late, by up to half a second each way."""
    with behind_a_wire() as (wire, given), running_ground(**given) as ground:

        def slow(_ground: Ground) -> list[float]:
            wire.delay = (0.05, 0.5)
            time.sleep(plan.seconds)
            wire.delay = (0.0, 0.0)
            return []

        away, problems = disturbed("slow network", ground, plan, slow)
        return row_of("slow network to Prefect", 1, ground.company, compared, away, problems)


# -- the clock --------------------------------------------------------------------------------------------------------


def clock_jumps(plan: Plan, compared: Compared) -> Row:
    """The clock jumps forwards and back by up to two hours, again and again."""
    luck = random.Random(plan.seed)
    with tempfile.TemporaryDirectory(prefix="clientrisk-clock-") as folder:
        file = Path(folder) / "seconds"
        file.write_text("0")
        os.environ["CLIENTRISK_TEST_CLOCK_FILE"] = str(file)
        try:
            with running_ground() as ground:

                def jumps(_ground: Ground) -> list[float]:
                    number = max(4, int(plan.seconds / 6))
                    for _ in range(number):
                        set_clock(file, luck.uniform(-7200, 7200))
                        time.sleep(plan.seconds / number)
                    set_clock(file, 0)
                    return [0.0] * number

                away, problems = disturbed("clock", ground, plan, jumps)
                with ground.company.house.read() as session:
                    robbed = session.exec(select(AuditEvent).where(AuditEvent.event == "run.worker-lost")).all()
                problems += [f"{len(robbed)} leases were taken from a living worker"] if robbed else []
                return row_of("the clock jumps by ±2 h", len(away), ground.company, compared, (), problems)
        finally:
            del os.environ["CLIENTRISK_TEST_CLOCK_FILE"]


def set_clock(file: Path, seconds: float) -> None:
    """In one step, so that nobody reads half of it."""
    new = file.with_suffix(".new")
    new.write_text(f"{seconds:.0f}")
    new.replace(file)


# -- disks ------------------------------------------------------------------------------------------------------------


def full_disk(plan: Plan, compared: Compared) -> Row:
    """The home's disk is full to the last byte, with Prefect's database and the logs on it."""
    with small_disk(DISK_MEGABYTES) as disk, running_ground(home=disk.folder) as ground:

        def full(_ground: Ground) -> list[float]:
            end = time.monotonic() + plan.seconds
            while time.monotonic() < end:
                disk.fill()
                time.sleep(0.2)
            disk.clear()
            return [plan.seconds]

        away, problems = disturbed("full disk", ground, plan, full)
        return row_of("full disk", 1, ground.company, compared, away, problems)


def read_only_disk(plan: Plan, compared: Compared) -> Row:
    """The database's disk is read-only: whoever has it open is killed first, for Linux asks for that."""
    with small_disk(DISK_MEGABYTES) as disk:
        url = f"sqlite:///{disk.folder}/clientrisk.db"
        with running_ground(database_url=url) as ground:

            def read_only(_ground: Ground) -> list[float]:
                stop = threading.Event()
                killing = threading.Thread(target=keep_down, args=(ground, stop), daemon=True)
                killing.start()
                try:
                    disk.remount("ro")
                finally:
                    stop.set()
                    killing.join()
                time.sleep(plan.seconds)
                disk.remount("rw")
                return [plan.seconds]

            away, problems = disturbed("read-only disk", ground, plan, read_only)
            return row_of("read-only disk", 1, ground.company, compared, away, problems)


def keep_down(ground: Ground, stop: threading.Event) -> None:
    """Let nobody hold the database open, ourselves neither."""
    while not stop.is_set():
        ground.company.house.engine.dispose()
        for name in ("api", "worker"):
            if ground.product.pid(name) is not None:
                ground.product.kill(name)
        time.sleep(0.05)


# -- the database -----------------------------------------------------------------------------------------------------


def database_gone(plan: Plan, compared: Compared) -> Row:
    """PostgreSQL stands still, connections and all; later it is killed and stays away as long."""
    with running_ground(POSTGRESQL) as ground:
        server = ground.server
        assert server is not None

        def gone(_ground: Ground) -> list[float]:
            server.freeze()
            time.sleep(plan.seconds)
            server.thaw()
            time.sleep(BUSY)
            server.kill()
            time.sleep(plan.seconds)
            server.start_again()
            return [plan.seconds, plan.seconds]

        away, problems = disturbed("database gone", ground, plan, gone)
        return row_of("database silent, then gone", 2, ground.company, compared, away, problems)


def slow_database(plan: Plan, compared: Compared) -> Row:
    """Every piece between the product and PostgreSQL is late by up to a twentieth of a second."""
    with postgresql() as server, Wire(server.port).laid() as wire:
        url = f"postgresql://{USER}@127.0.0.1:{wire.port}/clientrisk"
        with running_ground(database_url=url) as ground:

            def slow(_ground: Ground) -> list[float]:
                wire.delay = (0.005, 0.05)
                time.sleep(plan.seconds)
                wire.delay = (0.0, 0.0)
                return []

            away, problems = disturbed("slow database", ground, plan, slow)
            return row_of("slow network to the database", 1, ground.company, compared, away, problems)


def wait_until(holds: Callable[[], bool], what: str, patience: float = 180.0) -> None:
    """Look until it is so.

    Raises:
        NotHere: it does not come to be.
    """
    end = time.monotonic() + patience
    while not holds():
        if time.monotonic() > end:
            raise NotHere(f"waited in vain for {what}")
        time.sleep(0.1)


DISTURBANCES: Mapping[str, Callable[[Plan, Compared], Row]] = {
    "mail": mail_server,
    "prefect-503": prefect_unavailable,
    "slow-network": slow_network,
    "clock": clock_jumps,
    "full-disk": full_disk,
    "read-only-disk": read_only_disk,
    "database-gone": database_gone,
    "slow-database": slow_database,
}
