"""May this customer trade now, asked of a house with 100,000 customers and a million invoices."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from bench.figures import Figure, p95
from bench.staff import furnish
from config.policy import load_policy
from config.settings import Settings
from models.house import House, open_house
from models.queries.trading import may_trade

CUSTOMERS, INVOICES_EACH = 100_000, 10
QUICK = 10
ASKED = 2_000
LISTED, MEASURED = 100, 10
"""One customer of so many is on a list, and one of so many has a measure in force."""
MILLISECONDS = 5
FIRST_ID = 1_000_001
STAMP = "2026-01-05 09:00:00.000000"
REF = "LST-2026-000001"
AMOUNT = Decimal("50000")


def measure(home: Path, quick: bool) -> Iterator[Figure]:
    """Fill the house, then ask about customers here and there, with and without an amount."""
    customers = CUSTOMERS // (QUICK if quick else 1)
    settings = Settings(home=home)
    furnish(settings)
    house = open_house(settings, load_policy(settings.policy_folder))
    today = house.calendar.day_of(house.clock())
    _fill(settings, customers, today)
    chosen = random.Random(7)
    asked = [FIRST_ID + chosen.randrange(customers) for _ in range(ASKED)]
    busy = time.process_time()
    seconds = [_ask(house, customer_id, today) for customer_id in asked]
    busy = time.process_time() - busy
    house.engine.dispose()
    name = f"may this customer trade ({customers:,} customers, {customers * INVOICES_EACH:,} invoices), p95"
    yield Figure(name, p95(seconds) * 1000, "ms", most=MILLISECONDS)
    yield Figure("processor time of an answer, mean", busy / len(asked) * 1000, "ms")


def _ask(house: House, customer_id: int, today: date) -> float:
    began = time.perf_counter()
    with house.read() as session:
        may_trade(session, house, customer_id, today, AMOUNT if customer_id % 2 else None)
    return time.perf_counter() - began


def _fill(settings: Settings, customers: int, today: date) -> None:
    path = settings.database_url.removeprefix("sqlite:///")
    ids = range(FIRST_ID, FIRST_ID + customers)
    since = (today - timedelta(days=90)).isoformat()
    with closing(sqlite3.connect(path)) as database:
        database.executemany(
            "INSERT INTO customer (id, type, name, identifier_digest, department, handler_id, status, customer_class,"
            " prepays, created_at) VALUES (?, 'medium_enterprise', ?, ?, 'business', 'li.na', 'admitted', 'B', 0, ?)",
            ((n, f"测试客户{n}有限公司", f"{n:064x}", STAMP) for n in ids),
        )
        database.executemany(
            'INSERT INTO credit_line (customer_id, case_ref, "limit", term_days, securities, note, recorded_by,'
            " effective_from) VALUES (?, ?, 80000000, 45, '[]', '', 'he.jing', ?)",
            ((n, REF, STAMP) for n in ids),
        )
        database.executemany(
            "INSERT INTO invoice (number, customer_id, amount, outstanding, currency, issued_on, due_on, open,"
            " disputed, recorded_at) VALUES (?, ?, 1000000, ?, 'CNY', ?, ?, ?, 0, ?)",
            (
                (f"FP-{n}-{k}", n, 500000 if k % 2 else 0, since, today.isoformat(), k % 2, STAMP)
                for n in ids
                for k in range(INVOICES_EACH)
            ),
        )
        database.executemany(
            "INSERT INTO listing (kind, criterion, name, identifier_digest, customer_id, reason, since, evidence,"
            " case_ref, ended_because) VALUES ('grey', 'fraud', ?, ?, ?, '', ?, '[]', ?, '')",
            ((f"测试客户{n}有限公司", f"{n:064x}", n, since, REF) for n in ids if n % LISTED == 0),
        )
        database.executemany(
            "INSERT INTO measure (customer_id, kind, scope, terms, reason, since, case_ref, set_at, lifted_because)"
            " VALUES (?, 'limit_trading', '', '{\"limit\": \"300000\"}', '', ?, ?, ?, '')",
            ((n, since, REF, STAMP) for n in ids if n % MEASURED == 0),
        )
        database.commit()
