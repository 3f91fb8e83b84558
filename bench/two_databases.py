"""The product under measurement, on either database: everything it consists of, and what each part costs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bench.postgresql import Server, postgresql
from cli.product import ONE_OF_EACH, Product, Size, running_product
from config.settings import Settings

MB = 1024 * 1024
PATIENCE = 600.0  # seconds for a start beside whatever else the machine does
OURS, PREFECTS = "clientrisk", "prefect"


@dataclass(frozen=True)
class Measured:
    """A running product, and its PostgreSQL server if it has one."""

    product: Product
    server: Server | None = None

    def parts(self) -> dict[str, list[psutil.Process]]:
        """Its processes by what they are: ``prefect``, ``api``, ``worker``, ``postgresql``."""
        found: dict[str, list[psutil.Process]] = {}
        for name in self.product.supervisor.names():
            pid = self.product.pid(name)
            if pid is not None:
                found.setdefault(name.partition("-")[0], []).append(psutil.Process(pid))
        if self.server is not None:
            postmaster = psutil.Process(self.server.pid)
            found["postgresql"] = [postmaster, *postmaster.children(recursive=True)]
        return found


@dataclass
class Costs:
    """Processor seconds of each part since it was made. A PostgreSQL connection that has ended is counted as well."""

    measured: Measured
    _before: dict[str, float] = field(init=False)

    def __post_init__(self) -> None:
        self._before = self._now()

    def seconds(self) -> dict[str, float]:
        """What each part has used, in processor seconds."""
        return {name: used - self._before.get(name, 0.0) for name, used in self._now().items()}

    def _now(self) -> dict[str, float]:
        return {name: sum(_used(each) for each in parts) for name, parts in self.measured.parts().items()}


def memory(measured: Measured) -> dict[str, float]:
    """Memory of each part in MB, shared pages divided among those who share them."""
    found: dict[str, float] = {}
    for name, parts in measured.parts().items():
        found[name] = sum(each.memory_full_info().pss for each in parts) / MB
    return found


def _used(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    ended = times.children_user + times.children_system if process.name().startswith("postgres") else 0.0
    return float(times.user + times.system + ended)


@contextmanager
def on_sqlite(home: Path, size: Size = ONE_OF_EACH) -> Iterator[Measured]:
    """The product as it comes."""
    with running_product(Settings(home=home), size=size, start_seconds=PATIENCE) as product:
        yield Measured(product)


@contextmanager
def on_postgresql(home: Path, size: Size = ONE_OF_EACH) -> Iterator[Measured]:
    """The product and its Prefect server on one PostgreSQL server, each with a database of its own."""
    with postgresql() as server:
        for name in (OURS, PREFECTS):
            server.execute(f"CREATE DATABASE {name}")
        settings = Settings(home=home, database_url=server.url(OURS), prefect_database_url=server.url(PREFECTS))
        with running_product(settings, size=size, start_seconds=PATIENCE) as product:
            yield Measured(product, server)
