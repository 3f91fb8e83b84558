"""The doorbell: being told at once that the record has changed, whichever process changed it.

SQLite counts commits by other connections in ``PRAGMA data_version``; reading the counter costs microseconds.
PostgreSQL notifies. Nothing depends on the bell: whoever waits for it also looks around now and then.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, text
from sqlmodel import Session

LOOK_EVERY = 0.05  # seconds between two readings of SQLite's counter
CHANNEL = "clientrisk"


def ring(session: Session) -> None:
    """Ring every doorbell when ``session`` commits. On SQLite the commit itself does."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"NOTIFY {CHANNEL}"))


class Doorbell:
    """One listener per process; any number of threads wait for the next change."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._changed = threading.Condition()
        self._rings = 0
        self._stop = threading.Event()
        listen = self._listen_sqlite if engine.dialect.name == "sqlite" else self._listen_postgresql
        self._thread = threading.Thread(target=listen, name="doorbell", daemon=True)

    @contextmanager
    def listening(self) -> Iterator[Doorbell]:
        """Listen while the context lasts."""
        self._thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            self.ring()
            self._thread.join(timeout=5)

    @property
    def rings(self) -> int:
        """How often it has rung; pass it to ``wait`` so that no ring in between is missed."""
        return self._rings

    def ring(self) -> None:
        """Let everyone who waits look."""
        with self._changed:
            self._rings += 1
            self._changed.notify_all()

    def wait(self, seen: int, timeout: float) -> int:
        """Wait until it has rung since ``seen``, at the longest ``timeout`` seconds; return the new count."""
        with self._changed:
            self._changed.wait_for(lambda: self._rings != seen, timeout=max(0.0, timeout))
            return self._rings

    def listener(self) -> Callable[[float], bool]:
        """A wait of one's own: at once if it has rung since the last call; whether it has rung at all."""
        seen = self._rings

        def ring(timeout: float) -> bool:
            nonlocal seen
            before, seen = seen, self.wait(seen, timeout)
            return seen != before

        return ring

    def _listen_sqlite(self) -> None:
        while not self._stop.is_set():
            try:
                self._count_commits()
            except Exception:  # a disk that is full or cannot be read: as below
                self._stop.wait(1.0)

    def _count_commits(self) -> None:
        with self._engine.connect() as connection:
            raw = connection.connection.driver_connection
            connection.rollback()  # outside any transaction, else the counter stands still
            last = None
            while raw is not None and not self._stop.wait(LOOK_EVERY):
                version = raw.execute("PRAGMA data_version").fetchone()[0]
                if version != last:
                    last = version
                    self.ring()

    def _listen_postgresql(self) -> None:
        while not self._stop.is_set():
            try:
                with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    connection.execute(text(f"LISTEN {CHANNEL}"))
                    raw = connection.connection.driver_connection
                    self.ring()
                    while raw is not None and not self._stop.is_set():
                        for _notice in raw.notifies(timeout=1.0, stop_after=1):
                            self.ring()
            except Exception:  # the database is away: whoever waits looks around by themselves meanwhile
                self._stop.wait(1.0)
