"""Where a campaign takes place: the whole product in a folder of its own, on the database wanted."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.postgresql import NotInstalled, Server, postgresql
from cli.product import Product, running_product
from cli.supervisor import Backoff
from config.settings import Settings
from tests.faults.company import PATIENCE, Company, company_of

SOON = Backoff(first=0.2, ceiling=1.0)
"""Children that die come back sooner than in real life: more can then be killed in the same time."""

LEASE_SECONDS = 5
TO_START = 600.0  # seconds; quiet, it takes 10
SQLITE, POSTGRESQL = "sqlite", "postgresql"


class NotHere(Exception):
    """This machine cannot do this; says why."""


@dataclass(frozen=True)
class Ground:
    """The product that is disturbed, the company that works with it, and its database server if it has one."""

    product: Product
    company: Company
    server: Server | None


@contextmanager
def running_ground(database: str = SQLITE, *, patience: float = PATIENCE, **settings: Any) -> Iterator[Ground]:
    """Run it, and clear everything away at the end. ``settings`` are the product's; ``home`` may be among them.

    Raises:
        NotHere: PostgreSQL is wanted and not installed.
    """
    with ExitStack() as stack:
        server = None
        given: dict[str, Any] = {"lease_seconds": LEASE_SECONDS, "rate_limit_per_minute": 0, **settings}
        if "home" not in given:
            given["home"] = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="clientrisk-faults-")))
        if database == POSTGRESQL:
            server = stack.enter_context(database_server())
            given.setdefault("database_url", server.url("clientrisk"))
        product = stack.enter_context(running_product(Settings(**given), backoff=SOON, start_seconds=TO_START))
        company = stack.enter_context(company_of(product, patience))
        yield Ground(product, company, server)


@contextmanager
def database_server() -> Iterator[Server]:
    """A PostgreSQL server with an empty database ``clientrisk``.

    Raises:
        NotHere: PostgreSQL is not installed.
    """
    with ExitStack() as stack:
        try:
            # Commits are on disk before they are answered: what a kill may take away is what is tested.
            server = stack.enter_context(postgresql(durable=True))
        except NotInstalled as missing:
            raise NotHere(str(missing)) from None
        server.execute("CREATE DATABASE clientrisk")
        yield server
