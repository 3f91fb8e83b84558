"""The house: one installation's database, keys, clock, calendar and running policy, and the unit of work.

Everything that changes the record does so inside ``house.work(actor)``: one transaction in which the change, its
audit events, its journal entry and the messages it causes are committed together or not at all.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Delete, Engine, Update, create_engine, event
from sqlalchemy.engine import Connection, ExceptionContext
from sqlalchemy.exc import InvalidatePoolError
from sqlmodel import Session

from config.office_hours import office_hours
from config.policy import Policy
from config.settings import Settings
from config.words import ActorKind
from models.audit import Actor, Noted, seal
from models.columns import Keys, use_keys
from models.doorbell import ring
from models.errors import Refused
from models.rules.calendar import BusinessCalendar
from models.tables import PolicyVersion

Clock = Callable[[], datetime]


CLOCK_FILE = os.environ.get("CLIENTRISK_TEST_CLOCK_FILE")
"""For tests of clocks that jump: a file that says by how many seconds the clock is wrong."""


def system_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC) if CLOCK_FILE is None else datetime.now(UTC) + _wrong_by(Path(CLOCK_FILE))


def _wrong_by(file: Path) -> timedelta:
    return timedelta(seconds=float(file.read_text(encoding="ascii"))) if file.exists() else timedelta(0)


SYSTEM = Actor(ActorKind.SYSTEM)


def person(person_id: str) -> Actor:
    """A member of staff, acting."""
    return Actor(ActorKind.PERSON, person_id)


@dataclass
class Work:
    """One unit of work. ``now`` stands still while it lasts."""

    house: House
    session: Session
    now: datetime
    actor: Actor
    events: list[Noted] = field(default_factory=list)

    def record(self, event_name: str, case_ref: str | None = None, **data: Any) -> None:
        """Note an audit event; it is chained when the work is committed."""
        self.events.append(Noted(event_name, case_ref, data))

    def record_system(self, event_name: str, case_ref: str | None = None, **data: Any) -> None:
        """Note what follows by itself from somebody's act: it is the system's, never done in a person's name."""
        self.events.append(Noted(event_name, case_ref, data, SYSTEM))

    def change(self, statement: Update | Delete) -> int:
        """Carry out a conditional write; how many rows it changed says who won."""
        return int(self.session.execute(statement).rowcount)  # type: ignore[attr-defined]

    def add(self, *rows: Any) -> None:
        """Add rows and give them their ids."""
        self.session.add_all(rows)
        self.session.flush()


class House:
    """One installation. Threads share it; each unit of work has its own session."""

    def __init__(
        self,
        engine: Engine,
        keys: Keys,
        policy: Policy,
        calendar: BusinessCalendar,
        settings: Settings,
        clock: Clock = system_clock,
    ) -> None:
        self.engine = engine
        self.writing = engine.execution_options(clientrisk_writes=True)
        self.keys = keys
        self.policy = policy
        self.calendar = calendar
        self.settings = settings
        self.clock = clock
        self._policies: dict[str, Policy] = {policy.version: policy}
        use_keys(keys)

    @contextmanager
    def work(self, actor: Actor = SYSTEM) -> Iterator[Work]:
        """A unit of work: committed at the end, rolled back on any exception."""
        try:
            with Session(self.writing, expire_on_commit=False) as session:
                work = Work(self, session, self.clock(), actor)
                yield work
                session.flush()
                seal(session, work.now, actor, work.events)
                if work.events:
                    ring(session)
                session.commit()
        except Refused as refusal:
            if refusal.noted:  # who lost a race, and how, is on record too
                with Session(self.writing) as session:
                    seal(session, self.clock(), actor, refusal.noted)
                    session.commit()
            raise

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for reading; whatever it changes is thrown away."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    def policy_of(self, session: Session, version: str) -> Policy:
        """The policy a case began under.

        Raises:
            LookupError: the version was never stored here.
        """
        if version not in self._policies:
            row = session.get(PolicyVersion, version)
            if row is None:
                raise LookupError(f"policy version {version} is not in this database")
            self._policies[version] = Policy.from_json(row.body)
        return self._policies[version]


def open_engine(url: str, *, pool_size: int = 10) -> Engine:
    """The engine for ``url``. SQLite: write-ahead log, full sync (a commit survives a power cut), waiting writers."""
    if not url.startswith("sqlite"):
        return _looked_after(create_engine(url, pool_size=pool_size, max_overflow=pool_size))
    engine = create_engine(url, pool_size=pool_size, max_overflow=pool_size * 2)

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=20000", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A deferred transaction that starts by reading cannot always become a writing one: say so at once.
        writes = connection.get_execution_options().get("clientrisk_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    @event.listens_for(engine, "handle_error")
    def read_only(context: ExceptionContext) -> None:
        # A file opened while its disk was read-only stays so for ever: such connections are worth nothing any more.
        if "readonly database" in str(context.original_exception):
            context.is_disconnect = True

    return engine


IDLE = 5.0
"""Seconds after which a connection is asked whether it still stands before it is used."""


def _looked_after(engine: Engine) -> Engine:
    """Let connections that were not used for a while be tried first: the database may have been restarted since.

    SQLAlchemy's own ``pool_pre_ping`` asks at every use, which is one question more for each of ours.
    """

    @event.listens_for(engine, "checkin")
    def note(_connection: Any, record: Any) -> None:
        record.info["used"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def look(connection: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("used", time.monotonic()) < IDLE:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError("the connection is gone") from error

    return engine


def open_house(settings: Settings, policy: Policy, clock: Clock = system_clock) -> House:
    """The house that ``settings`` describe, under ``policy``."""
    return House(
        engine=open_engine(settings.database_url),
        keys=Keys(settings.fernet_keys(), settings.signing_key(), settings.key_file),
        policy=policy,
        calendar=BusinessCalendar(settings.calendar, settings.time_zone, office_hours(settings.working_hours)),
        settings=settings,
        clock=clock,
    )
