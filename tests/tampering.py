"""What somebody does who reaches the database itself and means to change what is on record."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text

from models.tables.append_only import FROZEN, WHOLE, rules

GUARDED = (*WHOLE, *FROZEN, "chain_head")


@contextmanager
def unguarded(engine: Engine) -> Iterator[Connection]:
    """The database without its triggers, as its owner can have it; they are there again afterwards."""
    with engine.execution_options(clientrisk_writes=True).begin() as connection:
        for name, table in triggers(connection):
            on = f" ON {table}" if engine.dialect.name == "postgresql" else ""
            connection.execute(text(f"DROP TRIGGER {name}{on}"))
        yield connection
        for table in GUARDED:
            for rule in rules(table, engine.dialect.name):
                connection.exec_driver_sql(rule)


def triggers(connection: Connection) -> list[tuple[str, str]]:
    """Every trigger of ours with its table."""
    if connection.dialect.name == "postgresql":
        asked = (
            "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
            "WHERE NOT tgisinternal ORDER BY tgname"
        )
    else:
        asked = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
    return [(name, table) for name, table in connection.execute(text(asked))]
