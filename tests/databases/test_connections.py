"""Connections that outlived their database are found before they are used, and cost nothing while they do not."""

import pytest
from sqlalchemy import event, text

from config.settings import Settings
from models import house as house_module
from models.house import House, open_engine
from tests.databases.conftest import Server


def test_a_connection_cut_while_nobody_used_it_is_replaced_unseen(
    server: Server, template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_engine(Settings(database_url=server.url(template)).database_url)
    try:
        with engine.connect() as one, engine.connect() as other:
            cut = [c.execute(text("SELECT pg_backend_pid()")).scalar_one() for c in (one, other)]
        for pid in cut:
            server.execute(f"SELECT pg_terminate_backend({pid})")
        monkeypatch.setattr(house_module, "IDLE", 0.0)
        with engine.connect() as one, engine.connect() as other:
            now = [c.execute(text("SELECT pg_backend_pid()")).scalar_one() for c in (one, other)]
        assert not set(cut) & set(now)
    finally:
        engine.dispose()


@pytest.mark.parametrize("database", ["postgresql"])
def test_a_connection_just_used_is_not_asked_whether_it_stands(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    with house.read() as session:
        session.execute(text("SELECT 1"))
    monkeypatch.setattr(house.engine.dialect, "do_ping", asked.append)
    statements: list[str] = []
    event.listen(house.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    with house.read() as session:
        session.execute(text("SELECT 2"))
    assert statements == ["SELECT 2"]
    assert asked == []
