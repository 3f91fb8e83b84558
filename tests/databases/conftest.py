"""Both databases, for real: SQLite in a file, and a PostgreSQL server of our own. Tables come from migrations."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from bench.postgresql import Server, binaries
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
