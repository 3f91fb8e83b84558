"""The record on its way out of an archive into a database whose tables are those of the archive's revision."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from models.backup.errors import Damaged
from models.backup.manifest import Kind, TableOut


def take_in(connection: Connection, table: TableOut, lines: Iterable[bytes]) -> Iterator[int]:
    """Fill a table with the rows of an archive; yields how many are in it, now and then.

    Raises:
        Damaged: the archive's columns are not the table's, or a row does not fit into it.
    """
    _refuse_strange(connection, table)
    # What migrations put there (the installation's name) is the archive's to say.
    connection.execute(text(f"DELETE FROM {_quoted(connection, table.name)}"))  # noqa: S608  # nosec B608  (a known table)
    rows = _rows(connection, table, lines)
    taken = _on_postgresql if connection.dialect.name == "postgresql" else _on_sqlite
    try:
        yield from taken(connection, table, rows)
    except (SQLAlchemyError, _driver_error(connection)) as error:
        why = str(error).splitlines()[0]
        raise Damaged(f"A row of the table {table.name} does not fit: {why}. Nothing was changed.") from None


def count_on(connection: Connection, names: Iterable[str]) -> None:
    """Let PostgreSQL give the next rows the numbers after those that were taken in; SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    for name in names:
        key = inspect(connection).get_pk_constraint(name)["constrained_columns"]
        if len(key) != 1:
            continue
        asked = text("SELECT pg_get_serial_sequence(:table, :column)")
        sequence = connection.execute(asked, {"table": _quoted(connection, name), "column": key[0]}).scalar()
        if sequence:
            last = f"(SELECT max({_quoted(connection, key[0])}) FROM {_quoted(connection, name)})"  # noqa: S608  # nosec B608
            connection.execute(text(f"SELECT setval('{sequence}', coalesce({last}, 1), {last} IS NOT NULL)"))


def _refuse_strange(connection: Connection, table: TableOut) -> None:
    there = {column["name"] for column in inspect(connection).get_columns(table.name)}
    given = [column.name for column in table.columns]
    if set(given) != there or len(given) != len(there):
        raise Damaged(f"The columns of the table {table.name} are not those of its revision. Nothing was changed.")


def _rows(connection: Connection, table: TableOut, lines: Iterable[bytes]) -> Iterator[tuple[Any, ...]]:
    readers = [_reader(column.kind, connection.dialect.name) for column in table.columns]
    for number, line in enumerate(lines, start=1):
        try:
            values = json.loads(line)
            if not isinstance(values, list):
                raise ValueError("not a list")
            yield tuple(
                value if value is None or read is None else read(value)
                for value, read in zip(values, readers, strict=True)
            )
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            raise Damaged(f"Row {number} of the table {table.name} cannot be read: {error}.") from None


def _on_sqlite(connection: Connection, table: TableOut, rows: Iterator[tuple[Any, ...]]) -> Iterator[int]:
    cursor: Any = connection.connection.cursor()
    columns = ", ".join(_quoted(connection, column.name) for column in table.columns)
    places = ", ".join("?" for _ in table.columns)
    insert = f"INSERT INTO {_quoted(connection, table.name)} ({columns}) VALUES ({places})"  # noqa: S608  # nosec B608
    done = 0
    for batch in _batches(rows):
        cursor.executemany(insert, batch)
        done += len(batch)
        yield done


def _on_postgresql(connection: Connection, table: TableOut, rows: Iterator[tuple[Any, ...]]) -> Iterator[int]:
    columns = ", ".join(_quoted(connection, column.name) for column in table.columns)
    cursor: Any = connection.connection.cursor()
    done = 0
    with cursor.copy(f"COPY {_quoted(connection, table.name)} ({columns}) FROM STDIN") as copy:
        for batch in _batches(rows):
            for row in batch:
                copy.write_row(row)
            done += len(batch)
            yield done


def _batches(rows: Iterator[tuple[Any, ...]], size: int = 2000) -> Iterator[list[tuple[Any, ...]]]:
    batch: list[tuple[Any, ...]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _reader(kind: Kind, dialect: str) -> Callable[[Any], Any] | None:
    if kind is Kind.BYTES:
        return lambda value: base64.b64decode(value, validate=True)
    if kind is Kind.INSTANT and dialect == "postgresql":
        return lambda value: f"{_text(value)}+00"
    if kind is Kind.BOOLEAN:
        return _boolean
    return _integer if kind is Kind.INTEGER else _text


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a text was expected")
    return value


def _integer(value: Any) -> int:
    if type(value) is not int:
        raise ValueError("a whole number was expected")
    return value


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false was expected")
    return value


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)


def _driver_error(connection: Connection) -> type[Exception]:
    error: type[Exception] = connection.dialect.loaded_dbapi.Error
    return error


__all__: Sequence[str] = ("count_on", "take_in")
