"""An installation as an operator finds it: a home with a migrated database, and the command that looks into it."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from cli.main import run
from config.settings import Settings, get_settings
from models.house import House
from models.migrate import latest


@dataclass(frozen=True)
class Told:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


Command = Callable[..., Told]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> Iterator[None]:
    """Nothing of the machine's own settings; commands work on this test's home."""
    for name in [name for name in os.environ if name.startswith(("CLIENTRISK_", "PREFECT_API"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CLIENTRISK_HOME", str(settings.home))
    monkeypatch.chdir(tmp_path)
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


@pytest.fixture
def command(environment: None, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs ``clientrisk`` with these arguments."""

    def give(*arguments: object) -> Told:
        capsys.readouterr()
        try:
            run([str(one) for one in arguments])
            code: object = 0
        except SystemExit as end:
            code = end.code or 0
        said = capsys.readouterr()
        assert isinstance(code, int), code
        return Told(code, said.out, said.err)

    return give


@pytest.fixture
def installed(house: House, environment: None) -> House:
    """The house with the mark that migrations leave."""
    with house.engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:at)"), {"at": latest()})
    return house
