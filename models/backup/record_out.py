"""The record on its way into an archive: every row of every table, as of one instant, in no database's own words.

Values are written so that SQLite and PostgreSQL can both take them in: an installation that has outgrown the one is
restored into the other.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Boolean, Connection, Date, DateTime, Integer, LargeBinary, String, Table, func, select
from sqlalchemy.types import JSON, TypeDecorator, TypeEngine
from sqlmodel import Session, SQLModel

from models.backup.manifest import ColumnOut, Kind
from models.house import House

BATCH = 2000
"""Rows in memory at a time."""

_KINDS: tuple[tuple[type[TypeEngine[Any]], Kind], ...] = (
    (Boolean, Kind.BOOLEAN),
    (Integer, Kind.INTEGER),
    (DateTime, Kind.INSTANT),
    (Date, Kind.DATE),
    (JSON, Kind.JSON),
    (LargeBinary, Kind.BYTES),
    (String, Kind.TEXT),
)


@contextmanager
def snapshot(house: House) -> Iterator[Session]:
    """A session that sees the record as it is now, however long it reads, while others write."""
    with Session(house.engine) as session:
        if house.engine.dialect.name == "postgresql":
            session.connection(execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True})
        session.execute(select(1))  # SQLite's snapshot, too, begins with what is read first
        yield session


def tables() -> list[Table]:
    """Every table, those first that others refer to."""
    return SQLModel.metadata.sorted_tables


def columns_of(table: Table) -> tuple[ColumnOut, ...]:
    """What each column of a table holds."""
    return tuple(ColumnOut(name=column.name, kind=_kind(column.type)) for column in table.columns)


def count_of(session: Session, table: Table) -> int:
    """How many rows there are."""
    return int(session.execute(select(func.count()).select_from(table)).scalar_one())


def lines_of(session: Session, table: Table) -> Iterator[tuple[int, bytes]]:
    """The rows as lines, many at a time with how many they are; in the order of the primary key."""
    connection = session.connection()
    columns = columns_of(table)
    writers = [_writers(connection)[column.kind] for column in columns]
    asked = _question(connection, table, columns)
    with connection.exec_driver_sql(asked, execution_options={"yield_per": BATCH}) as rows:
        for batch in rows.partitions():
            yield len(batch), "".join(_line(row, writers) for row in batch).encode()


def _line(row: Sequence[Any], writers: Sequence[Callable[[Any], Any] | None]) -> str:
    values = [
        value if value is None or write is None else write(value) for value, write in zip(row, writers, strict=True)
    ]
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")) + "\n"


def _question(connection: Connection, table: Table, columns: Sequence[ColumnOut]) -> str:
    quoted = connection.dialect.identifier_preparer.quote
    # A document is taken as the text it was stored as: read and written again, it would not be the same bytes.
    as_text = "::text" if connection.dialect.name == "postgresql" else ""
    wanted = [quoted(column.name) + (as_text if column.kind is Kind.JSON else "") for column in columns]
    order = ", ".join(quoted(column.name) for column in table.primary_key.columns)
    return f"SELECT {', '.join(wanted)} FROM {quoted(table.name)} ORDER BY {order}"  # noqa: S608  # nosec B608  (our own names)


def _kind(type_: TypeEngine[Any]) -> Kind:
    plain = type_.impl_instance if isinstance(type_, TypeDecorator) else type_
    for known, kind in _KINDS:
        if isinstance(plain, known):
            return kind
    raise TypeError(f"no way into an archive for a column of {plain!r}")


def _writers(connection: Connection) -> dict[Kind, Callable[[Any], Any] | None]:
    """How a value of each kind is written down; none where it stands as it is."""
    on_sqlite = connection.dialect.name == "sqlite"  # which keeps dates and instants as the texts that we write
    return {
        Kind.INTEGER: None,
        Kind.TEXT: None,
        Kind.JSON: None,
        Kind.BOOLEAN: bool,
        Kind.INSTANT: None if on_sqlite else _instant,
        Kind.DATE: None if on_sqlite else date.isoformat,
        Kind.BYTES: lambda value: base64.b64encode(value).decode(),
    }


def _instant(value: datetime) -> str:
    """UTC, to the microsecond, without a zone: the text SQLite keeps."""
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
