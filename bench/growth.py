"""Two years of business, month by month: what the database grows by for each case, and whether that stays the same."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from statistics import correlation
from typing import Any

from sqlalchemy import func, text
from sqlmodel import col, select

import flows.onboarding_review  # noqa: F401  # puts itself into the register
from bench.figures import Figure
from bench.postgresql import postgresql
from bench.staff import application, furnish
from config.policy import load_policy
from config.settings import Settings
from config.words import CaseState, SignerState
from flows.direct_driver import DirectRunner, VirtualClock
from models.audit import verify
from models.errors import Refused
from models.house import House, open_house, person, system_clock
from models.installation import store_policy
from models.onboarding import Application
from models.operations.applications import open_application
from models.operations.decide import decide
from models.tables import AuditEvent, Case, OutboxMessage, Person, Signer, Step
from notifications.channels import Envelope
from notifications.sender import Sender

MONTHS = 24
EACH_MONTH, QUICK = 15, 5
MONTH = timedelta(days=30, hours=12)
RETURNED, REJECTED = 4, 10
"""One case in so many is returned once; one in so many is rejected."""
R_SQUARED, DEVIATION = 0.99, 10.0
KB = 1024


def measure(home: Path, quick: bool) -> Iterator[Figure]:
    """Play the same two years on both databases."""
    cases = QUICK if quick else EACH_MONTH
    (home / "sqlite").mkdir(parents=True)
    most = None if quick else DEVIATION
    yield from _two_years(Settings(home=home / "sqlite"), cases, "SQLite", most)
    (home / "postgresql").mkdir()
    with postgresql(durable=False) as server:  # how large it is does not depend on when it reaches the disk
        server.execute("CREATE DATABASE clientrisk")
        settings = Settings(home=home / "postgresql", database_url=server.url("clientrisk"))
        yield from _two_years(settings, cases, "PostgreSQL", most)


def _two_years(settings: Settings, cases: int, name: str, most: float | None) -> Iterator[Figure]:
    furnish(settings)
    clock = VirtualClock(system_clock())
    house = open_house(settings, load_policy(settings.policy_folder), clock)
    with closing(Years(house, clock)) as years:
        store_policy(house)
        began, sizes = time.process_time(), [years.size()]
        for month in range(MONTHS):
            years.month(range(month * cases, (month + 1) * cases))
            sizes.append(years.size())
        seconds = time.process_time() - began
        ended, events, messages, whole = years.figures()
    grown = [after - before for before, after in pairwise(sizes)]
    each = (sizes[-1] - sizes[0]) / (MONTHS * cases)
    line = correlation(list(range(MONTHS + 1)), sizes) ** 2
    # A table or index grows by whole pages, a hundred of them at once, so a single month says little, and a few cases
    # a month say little about half a year.
    halves = [sum(grown[start : start + 6]) / 6 / cases for start in range(0, MONTHS, 6)]
    yield Figure(f"{name}: cases in {MONTHS} months, all ended", ended, "", least=MONTHS * cases)
    yield Figure(f"{name}: database for each case", each / KB, "KB")
    yield Figure(f"{name}: how straight the line is (R²)", line, "", least=R_SQUARED)
    name_of_deviation = f"{name}: half a year's growth per case, furthest from the whole"
    yield Figure(name_of_deviation, max(abs(half / each - 1) for half in halves) * 100, "%", most=most)
    yield Figure(f"{name}: audit events for each case", events / ended, "")
    yield Figure(f"{name}: messages for each case", messages / ended, "")
    yield Figure(f"{name}: processor time for each case, people's answers included", 1000 * seconds / ended, "ms")
    yield Figure(f"{name}: breaks of the audit chain", 0 if whole else 1, "", most=0)


class Nowhere:
    """A channel that takes every message and keeps none."""

    name = "console"
    deduplicates = True

    def send(self, _envelope: Envelope) -> None:
        """Taken."""

    def remembers(self, _message_id: str) -> bool | None:
        """Nothing is."""
        return None


@dataclass
class Years:
    """A house whose people answer whatever they are asked, on a clock that is moved."""

    house: House
    clock: VirtualClock
    _first: int = field(default=0)

    def __post_init__(self) -> None:
        self._runner = DirectRunner(self.house, self.clock)
        self._sender = Sender(self.house, {"console": Nowhere()}, threads=1)
        with self.house.read() as session:
            self._before = int(session.exec(select(func.count()).select_from(Case)).one())
            self._events = int(session.exec(select(func.count()).select_from(AuditEvent)).one())

    def close(self) -> None:
        self.house.engine.dispose()

    def month(self, numbers: range) -> None:
        """Customers apply over the month; everybody answers within days, and all is told."""
        for number in numbers:
            with self.house.work(person("li.na")) as work:
                handler = work.session.get_one(Person, "li.na")
                given = Application.model_validate(application(number))
                open_application(work, given, handler, handler, origin="page")
            self._runner.run_ready()
            while self._answer():
                self._runner.run_ready()
            self._runner.advance(MONTH / len(numbers))
            self._sender.send_due()

    def _answer(self) -> bool:
        """Everybody who is asked looks at the step and answers. Whether anybody was."""
        with self.house.read() as session:
            asked = session.exec(
                select(Signer, Step)
                .join(Step, col(Step.id) == Signer.step_id)
                .where(Signer.state == SignerState.ASKED)
                .order_by(col(Signer.id))
            ).all()
        self._sender.send_due()
        for signer, step in asked:
            with self.house.work(person(signer.person_id)) as work:
                work.record("step.looked", step.case_ref, step=step.key, via="link")
            with suppress(Refused), self.house.work(person(signer.person_id)) as work:  # any one of several may sign
                action, form = _decision(step)
                decide(work, signer.id or 0, action, form, shown_hash=step.content_hash, via="link")
        return bool(asked)

    def size(self) -> int:
        """Bytes that the database takes, what was freed by deleting and changing left out."""
        if self.house.engine.dialect.name == "sqlite":
            with self.house.engine.connect() as connection:
                connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
                facts = [connection.exec_driver_sql(f"PRAGMA {one}").scalar_one() for one in _PAGES]
            return int((facts[0] - facts[1]) * facts[2])
        with self.house.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))  # as PostgreSQL does by itself, now and then
            return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())

    def figures(self) -> tuple[int, int, int, bool]:
        """Cases that ended, audit events and messages of theirs, and whether the chain holds."""
        with self.house.read() as session:
            closed = select(func.count()).select_from(Case).where(Case.state == CaseState.CLOSED)
            ended = int(session.exec(closed).one()) - self._before
            events = int(session.exec(select(func.count()).select_from(AuditEvent)).one()) - self._events
            messages = int(session.exec(select(func.count()).select_from(OutboxMessage)).one())
            return ended, events, messages, verify(session).broken_at is None


_PAGES = ("page_count", "freelist_count", "page_size")


def _decision(step: Step) -> tuple[str, dict[str, Any]]:
    number = int(step.case_ref.rpartition("-")[2])
    first_round = "#" not in step.key or step.key.endswith("#1")
    if step.name == "matrix-approval" and number % REJECTED == 0:
        return "reject", {"reason": "现金流不足以支持所申请额度"}
    if step.name == "matrix-approval" and number % RETURNED == 1 and first_round:
        return "return", {"target": "risk-rerating", "reason": "请补充诉讼情况的说明"}
    if step.name == "record-line":
        return "record", {"limit": "800000", "term_days": 45, "ledger_number": f"L-{number}"}
    return ("confirm", {}) if any(action["name"] == "confirm" for action in step.actions) else ("approve", {})
