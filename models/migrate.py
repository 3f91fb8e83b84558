"""Bringing a database to this version's tables: forward only, in one transaction, with its data in place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect
from sqlmodel import Session

from models.tables import ChainHead


class MigrationRefused(Exception):
    """The database is not one that this version can bring forward; says what to do."""


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.files("models") / "migrations"))
    config.attributes["connection"] = connection
    return config


def latest() -> str:
    """The revision of this version's tables."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def known_revisions() -> set[str]:
    """Every revision that this version can bring forward."""
    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def bring_to(connection: Connection, revision: str) -> None:
    """Bring the tables to ``revision``; committed by whoever has begun the transaction."""
    command.upgrade(_config(connection), revision)


def current(engine: Engine) -> str | None:
    """The revision a database is at; none if it has never been migrated."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def migrate(engine: Engine) -> str:
    """Bring the database to ``latest`` and return that. Nothing is changed if it cannot be done whole.

    Raises:
        MigrationRefused: it comes from a later version, or was left half made.
    """
    with engine.execution_options(clientrisk_writes=True).connect() as connection, tables_may_be_rebuilt(connection):
        _refuse_strange(connection)
        bring_to(connection, "head")
        refuse_dangling(connection)
        connection.commit()
    with Session(engine.execution_options(clientrisk_writes=True)) as session:
        if session.get(ChainHead, 1) is None:
            session.add(ChainHead(id=1))
            session.commit()
    return latest()


@contextmanager
def tables_may_be_rebuilt(connection: Connection) -> Iterator[None]:
    """SQLite alters a table by making it anew; what refers to it must not be looked at meanwhile."""
    raw = connection.connection.driver_connection
    if connection.dialect.name != "sqlite" or raw is None:
        yield
        return
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        connection.rollback()
        raw.execute("PRAGMA foreign_keys=ON")


def refuse_dangling(connection: Connection) -> None:
    """No row may refer to one that is not there. PostgreSQL sees to it by itself.

    Raises:
        MigrationRefused: one does.
    """
    if connection.dialect.name != "sqlite":
        return
    dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if dangling:
        raise MigrationRefused(
            f"{len(dangling)} rows refer to rows that are not there (the first is in the table {dangling[0][0]}). "
            "The database was damaged before; nothing was changed. Restore a backup."
        )


def _refuse_strange(connection: Connection) -> None:
    at = MigrationContext.configure(connection).get_current_revision()
    if at is not None and at not in known_revisions():
        raise MigrationRefused(
            f"The database was made by a later version of clientrisk (revision {at}). "
            "Install that version or a newer one, or restore a backup made with this one."
        )
    ours = {"case", "step", "signer", "audit_event"} & set(inspect(connection).get_table_names())
    if at is None and ours:
        raise MigrationRefused(
            "The database holds tables of clientrisk but no note of their version: an earlier set-up was broken off. "
            "Restore a backup; if it never held anything, delete the database and start again."
        )
    connection.rollback()
