"""The same two-step approval under our worker and under Prefect's stock ``serve()``, on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bench.burst import burst
from bench.figures import Figure, middle, p95
from bench.next_step import ROUND, next_step_seconds
from bench.staff import staff_of
from bench.stock import stock_of
from bench.two_databases import MB, Measured, on_postgresql, on_sqlite

BURST, QUICK = 40, 8
PATIENCE = 600.0


@dataclass(frozen=True)
class Side:
    """What one way of carrying a flow came to: seconds, seconds, and MB at its largest."""

    waits: list[float]
    burst: float
    memory: float


def measure(home: Path, quick: bool) -> Iterator[Figure]:
    """One database after the other; both ways in the same minutes, with the same Prefect server."""
    for database, run in (("SQLite", on_sqlite), ("PostgreSQL", on_postgresql)):
        (home / database).mkdir(parents=True)
        with run(home / database) as measured:
            ours, stock = _ours(measured, quick), _stock(measured, quick)
        yield from _compared(database, ours, stock, QUICK if quick else BURST)


def _ours(measured: Measured, quick: bool) -> Side:
    worker = psutil.Process(measured.product.pid("worker"))
    with staff_of(measured.product.settings, measured.product.api_url) as staff, Largest(worker).watched() as largest:
        waits = next_step_seconds(measured.product, staff, 6 if quick else 18)[len(ROUND) :]
        seconds, errors = burst(staff, QUICK if quick else BURST)
    if errors:
        raise RuntimeError(f"{errors} errors were shown")
    return Side(waits, seconds, largest.megabytes)


def _stock(measured: Measured, quick: bool) -> Side:
    url = None
    if measured.server is not None:
        measured.server.execute("CREATE DATABASE stock")
        url = measured.server.url("stock")
    with (
        stock_of(measured.product, url) as stock,
        Largest(psutil.Process(stock.process.pid)).watched() as largest,
    ):
        waits = stock.seconds(2 if quick else 5)
        seconds = stock.burst(QUICK if quick else BURST, PATIENCE)
    return Side(waits, seconds, largest.megabytes)


def _compared(database: str, ours: Side, stock: Side, cases: int) -> Iterator[Figure]:
    pairs = [
        ("decision → next step, median", middle(ours.waits), middle(stock.waits), "s"),
        ("decision → next step, p95", p95(ours.waits), p95(stock.waits), "s"),
        (f"burst of {cases}: all next steps open", ours.burst, stock.burst, "s"),
        ("memory of what carries the runs, at its largest", ours.memory, stock.memory, "MB"),
    ]
    for name, our, their, unit in pairs:
        yield Figure(f"{database}: {name}, our worker", our, unit)
        yield Figure(f"{database}: {name}, stock serve()", their, unit)
        yield Figure(f"{database}: {name}, stock to ours", their / our, "×")


@dataclass
class Largest:
    """The most memory that a process and all it has started took together, shared pages divided among them."""

    process: psutil.Process
    megabytes: float = 0.0
    _over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def watched(self) -> Iterator[Largest]:
        """Look twice a second while the context lasts."""
        looking = threading.Thread(target=self._look, daemon=True)
        looking.start()
        try:
            yield self
        finally:
            self._over.set()
            looking.join()

    def _look(self) -> None:
        while not self._over.wait(0.5):
            self.megabytes = max(self.megabytes, self._now())

    def _now(self) -> float:
        total = 0.0
        try:
            for each in (self.process, *self.process.children(recursive=True)):
                total += each.memory_full_info().pss / MB
        except psutil.NoSuchProcess:
            pass  # one has just ended
        return total
