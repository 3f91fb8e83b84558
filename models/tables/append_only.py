"""What the database itself refuses: to change or take away what is on record, whoever asks.

The rules stand in the database as triggers, so that they bind every program that reaches it. They are made with the
tables, by ``create_all`` as by the migrations (a test compares both). A later migration that makes one of these tables
anew has to make its triggers again.

- ``audit_event``, ``policy_version``: nothing is changed, nothing is deleted.
- ``chain_head``: goes forward only, and stays.
- ``look``, ``paper_signature``: who, whom, what and when stand as they were written. What was said in free words may be
  blanked, and a row may go when its time is over: retention and erasure are the company's duty.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Table, event
from sqlmodel import SQLModel

WHOLE = ("audit_event", "policy_version")
FROZEN = {
    "look": ("customer_id", "person_id", "what", "at"),
    "paper_signature": ("paper_id", "content_hash", "person_id", "outside_id", "capacity", "via", "signed_at"),
}
FUNCTION = """CREATE OR REPLACE FUNCTION clientrisk_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = '23000', MESSAGE = TG_TABLE_NAME || ' is append-only: ' || TG_OP || ' refused';
END $$"""
"""What every trigger on PostgreSQL calls. The code is that of a broken constraint."""


def rules(table: str, dialect: str) -> Iterator[str]:
    """The statements that make the triggers of ``table``, in the words of ``dialect``; none for a table without."""
    words = _on_postgresql if dialect == "postgresql" else _on_sqlite
    if table in WHOLE:
        yield from words(table, "update", "UPDATE")
        yield from words(table, "delete", "DELETE")
    elif table in FROZEN:
        yield from words(table, "update", f"UPDATE OF {', '.join(FROZEN[table])}")
    elif table == "chain_head":
        yield from words(table, "update", "UPDATE", "NEW.seq < OLD.seq OR NEW.id <> OLD.id")
        yield from words(table, "delete", "DELETE")
    else:
        return
    if dialect == "postgresql" and table not in FROZEN:
        yield (
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION clientrisk_refuse()"
        )


def _on_postgresql(table: str, name: str, when: str, only: str = "") -> Iterator[str]:
    condition = f"WHEN ({only}) " if only else ""
    yield (
        f"CREATE TRIGGER {table}_no_{name} BEFORE {when} ON {table} "
        f"FOR EACH ROW {condition}EXECUTE FUNCTION clientrisk_refuse()"
    )


def _on_sqlite(table: str, name: str, when: str, only: str = "") -> Iterator[str]:
    condition = f"WHEN {only} " if only else ""
    yield (
        f"CREATE TRIGGER {table}_no_{name} BEFORE {when} ON {table} {condition}"
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: {name.upper()} refused'); END"
    )


def _guard(table: Table, connection: Connection, **_: Any) -> None:
    dialect = connection.dialect.name
    if dialect == "postgresql":
        connection.exec_driver_sql(FUNCTION)
    for statement in rules(table.name, dialect):
        connection.exec_driver_sql(statement)


def keep_append_only() -> None:
    """Let the triggers be made wherever the tables are."""
    for name in (*WHOLE, *FROZEN, "chain_head"):
        event.listen(SQLModel.metadata.tables[name], "after_create", _guard)
