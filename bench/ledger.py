"""The receivables ledger at size: a file of invoices entered, and a million invoices scanned, by the real commands."""

from __future__ import annotations

import csv
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

from bench.figures import Figure
from bench.staff import furnish
from cli.product import child_environment
from config.policy import load_policy
from config.settings import Settings
from models.house import open_house

CUSTOMERS, ROWS, TIMES = 100_000, 100_000, 10
"""Customers, invoices in the file, and how many times as many invoices the scan looks at."""
QUICK = 10
OWES = 100
"""One customer of so many has overdue invoices, and no case yet: far more than any single morning brings."""
FIRST_ID = 1_000_001
IMPORT_SECONDS, SCAN_SECONDS, MEGABYTES = 30, 20, 250
STAMP = "2026-01-05 09:00:00.000000"


def measure(home: Path, quick: bool) -> Iterator[Figure]:
    """Import a file of invoices twice, multiply them in SQL, scan twice."""
    less = QUICK if quick else 1
    customers, rows = CUSTOMERS // less, ROWS // less
    settings = Settings(home=home)
    furnish(settings)
    house = open_house(settings, load_policy(settings.policy_folder))
    today = house.calendar.day_of(house.clock())
    house.engine.dispose()
    _customers(settings, customers)
    file = home / "invoices.csv"
    _write(file, customers, rows, today)
    yield Figure(f"import of {rows:,} invoices", _timed(settings, "import-invoices", file), "s", most=IMPORT_SECONDS)
    yield Figure("the same file again", _timed(settings, "import-invoices", file), "s")
    megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    yield Figure("most memory of an import", megabytes, "MB", most=MEGABYTES)
    _multiply(settings)
    invoices, overdue = _count(settings, today)
    first = _timed(settings, "scan", "--anyway")
    opened = _cases(settings)
    yield Figure(f"scan of {invoices:,} invoices, {opened:,} cases opened", first, "s", most=SCAN_SECONDS)
    yield Figure("the same scan again", _timed(settings, "scan", "--anyway"), "s", most=SCAN_SECONDS)
    yield Figure("customers overdue without a case, or with two", abs(overdue - opened), "", most=0)
    yield Figure("cases opened by the second scan", _cases(settings) - opened, "", most=0)


def _timed(settings: Settings, *arguments: object) -> float:
    """Seconds that ``clientrisk ledger …`` takes, the start of its interpreter included."""
    command = [sys.executable, "-m", "cli", "ledger", *map(str, arguments)]
    began = time.perf_counter()
    subprocess.run(command, env=child_environment(settings), check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def _customers(settings: Settings, number: int) -> None:
    rows = (
        (FIRST_ID + n, "medium_enterprise", f"测试客户{n:06d}有限公司", "business", "li.na", "admitted", False, STAMP)
        for n in range(number)
    )
    columns = "id, type, name, department, handler_id, status, prepays, created_at"
    with closing(_database(settings)) as database:
        database.executemany(f"INSERT INTO customer ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        database.commit()


def _write(file: Path, customers: int, rows: int, today: date) -> None:
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(["number", "customer", "amount", "currency", "issued_on", "due_on"])
        for n in range(rows):
            customer = n % customers
            due = today + timedelta(days=n % 60 - (90 if customer % OWES == 0 else 0))
            amount = f"{n * 37 % 900_000 + 1}.{n % 100:02d}"
            row = [f"FP-{n:07d}", f"K-{FIRST_ID + customer}", amount, "CNY", due - timedelta(days=45), due]
            writer.writerow(row)


def _multiply(settings: Settings) -> None:
    """Ten times as many invoices; the half of them paid."""
    with closing(_database(settings)) as database:
        for copy in range(1, TIMES):
            paid = copy % 2
            database.execute(
                "INSERT INTO invoice (number, customer_id, amount, outstanding, currency, issued_on, due_on, open, "
                "disputed, settled_on, recorded_at) SELECT number || ?, customer_id, amount, "
                "CASE WHEN ? THEN 0 ELSE amount END, currency, issued_on, due_on, NOT ?, disputed, "
                "CASE WHEN ? THEN due_on END, recorded_at FROM invoice WHERE number NOT LIKE '%/%'",
                (f"/{copy}", paid, paid, paid),
            )
        database.execute("ANALYZE")
        database.commit()


def _count(settings: Settings, today: date) -> tuple[int, int]:
    with closing(_database(settings)) as database:
        (invoices,) = database.execute("SELECT count(*) FROM invoice").fetchone()
        statement = "SELECT count(DISTINCT customer_id) FROM invoice WHERE open AND due_on < ?"
        (customers,) = database.execute(statement, (today.isoformat(),)).fetchone()
    return invoices, customers


def _cases(settings: Settings) -> int:
    with closing(_database(settings)) as database:
        statement = "SELECT count(*) FROM \"case\" WHERE process = 'collections-escalation'"
        (cases,) = database.execute(statement).fetchone()
    return int(cases)


def _database(settings: Settings) -> sqlite3.Connection:
    database = sqlite3.connect(settings.home / "clientrisk.db")
    database.execute("PRAGMA synchronous=OFF")
    return database
