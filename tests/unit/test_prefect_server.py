"""Prefect's SQLite database is used over one connection; every other database as it is."""

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.dialects import plugins
from sqlalchemy.pool import QueuePool

from cli.prefect_server import PLUGIN, OneConnection, use_one_connection


def test_the_default_database_is_marked() -> None:
    environment = {"PREFECT_HOME": "/srv/prefect"}
    use_one_connection(environment)
    marked = make_url(environment["PREFECT_SERVER_DATABASE_CONNECTION_URL"])
    assert (marked.drivername, marked.database) == ("sqlite+aiosqlite", "/srv/prefect/prefect.db")
    assert marked.query == {"plugin": PLUGIN}


@pytest.mark.parametrize(
    "environment",
    [
        {"PREFECT_API_DATABASE_CONNECTION_URL": "postgresql+asyncpg://p:secret@db/prefect"},
        {"PREFECT_API_DATABASE_CONNECTION_URL": "sqlite+aiosqlite:///file::memory:?cache=shared&uri=true"},
        {"PREFECT_SERVER_DATABASE_DRIVER": "postgresql+asyncpg", "PREFECT_SERVER_DATABASE_HOST": "db"},
    ],
)
def test_another_database_is_left_as_it_is(environment: dict[str, str]) -> None:
    before = dict(environment)
    use_one_connection(environment)
    assert environment == before


def test_the_mark_gives_a_pool_of_one_connection_and_is_taken_off(tmp_path: object) -> None:
    plugins.register(PLUGIN, "cli.prefect_server", OneConnection.__name__)
    engine = create_engine(f"sqlite:///{tmp_path}/p.db?plugin={PLUGIN}", poolclass=QueuePool)
    try:
        assert engine.url.query == {}
        assert isinstance(engine.pool, QueuePool)
        assert (engine.pool.size(), engine.pool._max_overflow) == (1, 0)
        with engine.connect() as connection:
            assert connection.execute(text("SELECT 1")).scalar() == 1
    finally:
        engine.dispose()
