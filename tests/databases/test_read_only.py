"""A disk that was read-only for a while: what was opened meanwhile is not used any longer."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from models.house import open_engine


def test_connections_made_while_the_disk_was_read_only_are_given_up(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/house.db")
    writing = engine.execution_options(clientrisk_writes=True)
    with writing.begin() as connection:
        connection.execute(text("CREATE TABLE note (words TEXT)"))
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")  # as SQLite opens a file that it may not write
    with pytest.raises(OperationalError, match="readonly database"), writing.begin() as connection:
        connection.execute(text("INSERT INTO note VALUES ('lost')"))
    with writing.begin() as connection:
        connection.execute(text("INSERT INTO note VALUES ('kept')"))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT words FROM note")).scalars().all() == ["kept"]
    engine.dispose()
