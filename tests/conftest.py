"""A house of one's own for every test: real database, virtual clock, a small staff."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import hypothesis
import pytest
from sqlalchemy import event
from sqlmodel import Session, SQLModel

import models.tables  # noqa: F401
from bench.postgresql import NotInstalled, Server, postgresql
from config.policy import Policy, load_policy
from config.settings import Settings
from config.words import Department, Language, Role
from flows.direct_driver import DirectRunner, VirtualClock
from models.house import House, open_house
from models.installation import store_policy
from models.tables import ChainHead, Person

# Examples are not timed: a busy machine is no counter-example.
hypothesis.settings.register_profile("clientrisk", deadline=None, derandomize=True)
hypothesis.settings.load_profile("clientrisk")

# A Tuesday morning in Xuzhou, well away from holidays.
TUESDAY = datetime(2026, 3, 10, 1, 30, tzinfo=UTC)

STAFF = [
    ("li.na", "李娜", Department.BUSINESS, [Role.HANDLER], "wang.jun"),
    ("sun.tao", "孙涛", Department.BUSINESS, [Role.HANDLER], "wang.jun"),
    ("wang.jun", "王军", Department.BUSINESS, [Role.SALES_MANAGER], "zhao.min"),
    ("zhao.min", "赵敏", Department.BUSINESS, [Role.DEPUTY_HEAD], "qian.wei"),
    ("qian.wei", "钱伟", Department.BUSINESS, [Role.HEAD], "zhou.hong"),
    ("zhou.hong", "周红", Department.MANAGEMENT, [Role.VICE_PRESIDENT, Role.MANAGER], None),
    ("chen.yu", "陈宇", Department.RISK, [Role.RISK_OFFICER], "wu.gang"),
    ("liu.yang", "刘洋", Department.RISK, [Role.RISK_OFFICER], "wu.gang"),
    ("wu.gang", "吴刚", Department.RISK, [Role.RISK_MANAGER], "zhou.hong"),
    ("zheng.li", "郑丽", Department.FINANCE, [Role.FINANCE_OFFICER], "zhou.hong"),
    ("feng.bo", "冯波", Department.LEGAL, [Role.LEGAL_OFFICER], "zhou.hong"),
    ("he.jing", "何静", Department.FINANCE, [Role.CLIENT_ADMINISTRATOR], "zhou.hong"),
    ("xu.ming", "徐明", Department.MANAGEMENT, [Role.OPS], "zhou.hong"),
]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=["sqlite", "postgresql"],
        default="sqlite",
        help="What the house of each test stands on; tests of both databases are not concerned.",
    )


@pytest.fixture(scope="session")
def policy() -> Policy:
    return load_policy()


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A running PostgreSQL server. Without PostgreSQL on this machine the test is skipped, except in CI."""
    with ExitStack() as stack:
        try:
            running = stack.enter_context(postgresql(durable=False))
        except NotInstalled as missing:
            pytest.fail(str(missing)) if in_ci() else pytest.skip(str(missing))
        yield running


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(TUESDAY)


@pytest.fixture
def settings(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Settings]:
    if request.config.getoption("--database") == "sqlite":
        yield _settings(tmp_path)
        return
    server: Server = request.getfixturevalue("server")
    name = f"house_{uuid4().hex}"
    server.execute(f"CREATE DATABASE {name} TEMPLATE {request.getfixturevalue('empty_postgresql')}")
    yield _settings(tmp_path, database_url=server.url(name))
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _settings(home: Path, **more: str) -> Settings:
    return Settings(home=home, _env_file=None, lease_seconds=12, **more)  # type: ignore[call-arg, arg-type]


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory, policy: Policy) -> Path:
    """A database with the tables and the staff, made once and copied for every test."""
    home = tmp_path_factory.mktemp("template")
    house = open_house(_settings(home), policy, VirtualClock(TUESDAY))
    furnish(house)
    house.engine.dispose()
    return home


@pytest.fixture(scope="session")
def empty_postgresql(server: Server, tmp_path_factory: pytest.TempPathFactory, policy: Policy) -> str:
    """The same on PostgreSQL."""
    server.execute("CREATE DATABASE empty_house")
    home = tmp_path_factory.mktemp("postgresql")
    house = open_house(_settings(home, database_url=server.url("empty_house")), policy, VirtualClock(TUESDAY))
    furnish(house)
    house.engine.dispose()
    return "empty_house"


@pytest.fixture
def house(settings: Settings, policy: Policy, clock: VirtualClock, request: pytest.FixtureRequest) -> Iterator[House]:
    if settings.database_url.startswith("sqlite"):
        empty_database: Path = request.getfixturevalue("empty_database")
        for name in ("clientrisk.db", "secret.key", "encryption.key"):
            if (empty_database / name).exists():
                shutil.copy2(empty_database / name, settings.home / name)
    house = open_house(settings, policy, clock)
    if house.engine.dialect.name == "sqlite":
        event.listen(house.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    yield house
    house.engine.dispose()


def furnish(house: House) -> None:
    """Tables, the chain's beginning, the policy, and the staff."""
    SQLModel.metadata.create_all(house.engine)
    with Session(house.writing) as session:
        session.add(ChainHead(id=1))
        for person_id, name, department, roles, _manager in STAFF:
            session.add(
                Person(
                    id=person_id,
                    name=name,
                    email=f"{person_id}@hengyuan.example",
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


@pytest.fixture
def runner(house: House, clock: VirtualClock) -> DirectRunner:
    return DirectRunner(house, clock)


def in_ci() -> bool:
    """Whether a missing part is a failure rather than a reason to skip."""
    return os.environ.get("CLIENTRISK_CI") == "1"
