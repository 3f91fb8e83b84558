"""A database with as many open cases as one likes: one case is played for real, then multiplied in SQL."""

from __future__ import annotations

import sqlite3

from sqlmodel import select

import flows.onboarding_review  # noqa: F401  # puts itself into the register
from bench.staff import application
from config.policy import load_policy
from config.settings import Settings
from flows.direct_driver import DirectRunner, VirtualClock
from models.house import House, open_house, person, system_clock
from models.onboarding import Application
from models.operations.applications import open_application
from models.tables import Person, Step

CLERKS = "clerk"
CLERKS_ON_STAFF = 500

CLERK = f"printf('{CLERKS}.%03d', n % {CLERKS_ON_STAFF})"
# Prefixed by a year before any that the case played can have.
REFERENCE = "printf('ONB-2019-%06d', n)"

# What differs from row to row; the rest is as it was in the case that was played. ``n`` counts from 1.
DIFFERENCES: dict[str, dict[str, str]] = {
    "customer": {"id": "id + n", "name": "name || n"},
    "case": {"ref": REFERENCE, "customer_id": "customer_id + n", "initiator_id": CLERK, "handler_id": CLERK},
    "run": {"case_ref": REFERENCE, "flow_run_id": "printf('%036d', n)"},
    "journal_entry": {"case_ref": REFERENCE},
    "document": {"case_ref": REFERENCE},
    "step": {"id": "id + n", "case_ref": REFERENCE},
    "signer": {"step_id": "step_id + n", "case_ref": REFERENCE, "person_id": CLERK},
    "timer": {"step_id": "step_id + n", "case_ref": REFERENCE},
    "outbox_message": {
        "case_ref": REFERENCE,
        "step_id": "step_id + n",
        "signer_id": "signer_id + n",
        "person_id": CLERK,
        "dedupe_key": f"{REFERENCE} || substr(dedupe_key, {len('ONB-2019-000001') + 1})",
        "state": "'sent'",
    },
}


def multiply(settings: Settings, cases: int) -> None:
    """Fill the SQLite database of ``settings`` with ``cases`` cases that wait for their first rating."""
    house = open_house(settings, load_policy(settings.policy_folder))
    try:
        _play(house)
    finally:
        house.engine.dispose()
    with sqlite3.connect(settings.home / "clientrisk.db") as database:
        database.execute("PRAGMA synchronous=OFF")
        _number(database, cases)
        _hire(database)
        for table, differences in DIFFERENCES.items():
            _copy(database, table, differences)
        database.execute("ANALYZE")
        database.commit()
    database.close()


def _play(house: House) -> None:
    with house.work(person("li.na")) as work:
        handler = work.session.get_one(Person, "li.na")
        given = Application.model_validate(application(0))
        open_application(work, given, handler, handler, origin="page")
    DirectRunner(house, VirtualClock(system_clock())).run_ready()
    with house.read() as session:
        if len(session.exec(select(Step.id)).all()) != 1:
            raise RuntimeError("the case that is to be multiplied should wait at one step")


def _number(database: sqlite3.Connection, cases: int) -> None:
    database.execute("CREATE TEMP TABLE number (n INTEGER PRIMARY KEY)")
    database.execute(
        "INSERT INTO number WITH RECURSIVE counted(n) AS "
        "(SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < ?) SELECT n FROM counted",
        (cases,),
    )


def _hire(database: sqlite3.Connection) -> None:
    """Clerks enough that none has more before them than a person could."""
    changed = {"id": CLERK, "name": "name || n", "email": "'clerk' || n || '@hengyuan.example'"}
    rows = f"person AS original ON original.id = 'li.na' AND n <= {CLERKS_ON_STAFF}"
    _insert(database, "person", changed, rows)


def _copy(database: sqlite3.Connection, table: str, differences: dict[str, str]) -> None:
    (number,) = database.execute("SELECT min(case_ref) FROM run WHERE flow_run_id IS NULL").fetchone()
    mine = {"case": f"ref = '{number}'", "customer": "id = (SELECT max(id) FROM customer)"}
    where = mine.get(table, f"case_ref = '{number}'")
    _insert(database, table, differences, f'(SELECT * FROM "{table}" WHERE {where}) AS original')


def _insert(database: sqlite3.Connection, table: str, differences: dict[str, str], rows: str) -> None:
    counted = "id" if table not in ("person", "case", "run") and "id" not in differences else None
    columns = [row[1] for row in database.execute(f'PRAGMA table_info("{table}")') if row[1] != counted]
    names = ", ".join(f'"{column}"' for column in columns)
    values = ", ".join(differences.get(column, f'original."{column}"') for column in columns)
    database.execute(f'INSERT INTO "{table}" ({names}) SELECT {values} FROM number JOIN {rows} ORDER BY n')
