"""Both databases, for real: SQLite in a file, and a PostgreSQL server of our own. Tables come from migrations."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from cli.ports import free_port
from config.policy import Policy
from config.settings import Settings
from config.words import Language
from flows.direct_driver import DirectRunner, VirtualClock
from models.house import House, open_engine, open_house
from models.installation import store_policy
from models.migrate import migrate
from models.tables import Person
from tests.conftest import STAFF, TUESDAY, in_ci
from tests.processes.conftest import Office

UNPRIVILEGED = ("postgres", "nobody")  # PostgreSQL refuses to run as root
USER = "clientrisk"


def binaries() -> Path | None:
    """The folder with ``initdb`` and ``postgres``; none where PostgreSQL is not installed."""
    found: list[Path] = []
    if pg_config := shutil.which("pg_config"):
        said = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        found.append(Path(said.stdout.strip()))
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found += [Path(on_path).resolve().parent for on_path in [shutil.which("initdb")] if on_path]
    return next((folder for folder in found if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


class Server:
    """One PostgreSQL server in a folder of its own, on loopback, run by an unprivileged user."""

    def __init__(self, bin_folder: Path, folder: Path) -> None:
        self.bin = bin_folder
        self.folder = folder
        self.port = free_port()
        self._as: list[str] = []
        if os.geteuid() == 0:
            name = next(user for user in UNPRIVILEGED if _exists(user))
            self._as = ["setpriv", f"--reuid={name}", f"--regid={name}", "--clear-groups", "--"]
            shutil.chown(folder, name)

    def start(self) -> None:
        self._run("initdb", "-D", self._data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        self._run("pg_ctl", "-D", self._data, "-w", "-t", "60", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", self._data, "-m", "immediate", "-w", "stop")

    def url(self, database: str) -> str:
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._as, str(self.bin / program), *arguments]
        done = subprocess.run(
            command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"{program} failed: {done.stderr.strip()}")


def _exists(user: str) -> bool:
    import pwd

    return any(entry.pw_name == user for entry in pwd.getpwall())


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A running PostgreSQL server. Without PostgreSQL on this machine the test is skipped, except in CI."""
    bin_folder = binaries()
    if bin_folder is None:
        missing = "PostgreSQL is not installed here (looked for initdb and postgres)"
        if in_ci():
            pytest.fail(missing)
        pytest.skip(missing)
    with tempfile.TemporaryDirectory(prefix="clientrisk-postgresql-") as folder:
        running = Server(bin_folder, Path(folder))
        running.start()
        try:
            yield running
        finally:
            running.stop()


@pytest.fixture(scope="session")
def template(server: Server, policy: Policy, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A migrated database with the staff, copied for every test."""
    server.execute("CREATE DATABASE template_house")
    furnish(Settings(home=tmp_path_factory.mktemp("postgresql"), database_url=server.url("template_house")), policy)
    return "template_house"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def settings(database: str, tmp_path: Path, policy: Policy, request: pytest.FixtureRequest) -> Iterator[Settings]:
    if database == "sqlite":
        chosen = Settings(home=tmp_path, lease_seconds=12)
        furnish(chosen, policy)
        yield chosen
        return
    server: Server = request.getfixturevalue("server")
    name = f"house_{uuid4().hex}"
    server.execute(f"CREATE DATABASE {name} TEMPLATE {request.getfixturevalue('template')}")
    yield Settings(home=tmp_path, lease_seconds=12, database_url=server.url(name))
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def furnish(settings: Settings, policy: Policy) -> None:
    """Tables by the migrations, the policy, and the staff."""
    house = open_house(settings, policy, VirtualClock(TUESDAY))
    migrate(house.engine)
    with Session(house.writing) as session:
        for person_id, name, department, roles, _manager in STAFF:
            email = f"{person_id}@hengyuan.example"
            session.add(
                Person(
                    id=person_id,
                    name=name,
                    email=email,
                    department=department,
                    roles=roles,
                    language=Language.ZH_CN,
                )
            )
        session.commit()
        for person_id, *_rest, manager in STAFF:
            session.get_one(Person, person_id).manager_id = manager
        session.commit()
    store_policy(house)
    house.engine.dispose()


@pytest.fixture
def house(settings: Settings, policy: Policy, clock: VirtualClock) -> Iterator[House]:
    opened = open_house(settings, policy, clock)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def office(house: House, clock: VirtualClock, runner: DirectRunner) -> Office:
    return Office(house, clock, runner)


@pytest.fixture
def empty_engine(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A database with nothing in it."""
    if database == "sqlite":
        engine = open_engine(f"sqlite:///{tmp_path}/empty.db")
        yield engine
        engine.dispose()
        return
    server: Server = request.getfixturevalue("server")
    name = f"empty_{uuid4().hex}"
    server.execute(f"CREATE DATABASE {name}")
    engine = open_engine(server.url(name).replace("postgresql://", "postgresql+psycopg://"))
    yield engine
    engine.dispose()
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")
