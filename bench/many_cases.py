"""A database with as many open cases as one likes: one case is played for real, then multiplied in SQL."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, inspect, text
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


@dataclass(frozen=True)
class Dialect:
    """How the two databases write a number with leading zeros. ``n`` counts the copies from 1."""

    padded: str

    def number(self, expression: str, width: int) -> str:
        return self.padded.format(expression=expression, width=width)

    @property
    def clerk(self) -> str:
        return f"'{CLERKS}.' || {self.number(f'(n % {CLERKS_ON_STAFF})', 3)}"

    @property
    def reference(self) -> str:
        # Of a year before any that the sample company has cases of.
        return f"'ONB-2001-' || {self.number('n', 6)}"

    @property
    def unknown_run(self) -> str:
        return f"'00000000-0000-4000-8000-' || {self.number('n', 12)}"

    def differences(self) -> dict[str, dict[str, str]]:
        """What differs from row to row; the rest is as it was in the case that was played."""
        clerk, reference = self.clerk, self.reference
        return {
            "customer": {"id": "id + n", "name": "name || n"},
            "case": {"ref": reference, "customer_id": "customer_id + n", "initiator_id": clerk, "handler_id": clerk},
            # A run that Prefect does not know; of the cases nothing is left to tell it.
            "run": {"case_ref": reference, "flow_run_id": self.unknown_run, "told_fence": "fence"},
            "journal_entry": {"case_ref": reference},
            "document": {"case_ref": reference},
            "step": {"id": "id + n", "case_ref": reference},
            "signer": {"step_id": "step_id + n", "case_ref": reference, "person_id": clerk},
            "timer": {"step_id": "step_id + n", "case_ref": reference},
            "outbox_message": {
                "case_ref": reference,
                "step_id": "step_id + n",
                "signer_id": "signer_id + n",
                "person_id": clerk,
                "dedupe_key": f"{reference} || substr(dedupe_key, {len('ONB-2001-000001') + 1})",
                "state": "'sent'",
            },
        }


DIALECTS = {
    "sqlite": Dialect("printf('%0{width}d', {expression})"),
    "postgresql": Dialect("lpad(CAST({expression} AS text), {width}, '0')"),
}
COUNTED_BY_US = ("customer", "step")
"""Tables whose numbers are told and not counted by the database."""


def multiply(settings: Settings, cases: int) -> None:
    """Fill the database of ``settings`` with ``cases`` cases that wait for their first rating."""
    house = open_house(settings, load_policy(settings.policy_folder))
    try:
        _play(house)
        dialect = DIALECTS[house.engine.dialect.name]
        with house.writing.begin() as database:
            _number(database, cases)
            _hire(database, dialect)
            for table, differences in dialect.differences().items():
                _copy(database, table, differences)
            _count_on(database)
            database.exec_driver_sql("ANALYZE")
    finally:
        house.engine.dispose()


def _play(house: House) -> None:
    with house.work(person("li.na")) as work:
        handler = work.session.get_one(Person, "li.na")
        given = Application.model_validate(application(0))
        open_application(work, given, handler, handler, origin="page")
    DirectRunner(house, VirtualClock(system_clock())).run_ready()
    with house.read() as session:
        if len(session.exec(select(Step.id)).all()) != 1:
            raise RuntimeError("the case that is to be multiplied should wait at one step")


def _number(database: Connection, cases: int) -> None:
    database.exec_driver_sql("CREATE TEMP TABLE number (n INTEGER PRIMARY KEY)")
    database.exec_driver_sql(
        "INSERT INTO number WITH RECURSIVE counted(n) AS "
        f"(SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {cases}) SELECT n FROM counted"
    )


def _hire(database: Connection, dialect: Dialect) -> None:
    """Clerks enough that none has more before them than a person could."""
    changed = {"id": dialect.clerk, "name": "name || n", "email": "'clerk' || n || '@hengyuan.example'"}
    rows = f"person AS original ON original.id = 'li.na' AND n <= {CLERKS_ON_STAFF}"
    _insert(database, "person", changed, rows)


def _copy(database: Connection, table: str, differences: dict[str, str]) -> None:
    number = database.exec_driver_sql("SELECT min(case_ref) FROM run WHERE flow_run_id IS NULL").scalar_one()
    mine = {"case": f"ref = '{number}'", "customer": "id = (SELECT max(id) FROM customer)"}
    where = mine.get(table, f"case_ref = '{number}'")
    _insert(database, table, differences, f'(SELECT * FROM "{table}" WHERE {where}) AS original ON true')


def _insert(database: Connection, table: str, differences: dict[str, str], rows: str) -> None:
    counted = "id" if table not in ("person", "case", "run") and "id" not in differences else None
    columns = [column["name"] for column in inspect(database).get_columns(table) if column["name"] != counted]
    names = ", ".join(f'"{column}"' for column in columns)
    values = ", ".join(differences.get(column, f'original."{column}"') for column in columns)
    database.execute(text(f'INSERT INTO "{table}" ({names}) SELECT {values} FROM number JOIN {rows} ORDER BY n'))


def _count_on(database: Connection) -> None:
    """Let PostgreSQL count on from where we have come to."""
    if database.dialect.name != "postgresql":
        return
    for table in COUNTED_BY_US:
        last = f'(SELECT max(id) FROM "{table}")'
        database.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('\"{table}\"', 'id'), {last})")
