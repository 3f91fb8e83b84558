"""Parts of the product saying that they are alive."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from models.house import SYSTEM, House
from models.operations.key_rotation import KEYS_KNOWN
from models.tables import Heartbeat

log = logging.getLogger("clientrisk.heartbeat")

BEAT = timedelta(seconds=20)


def beat(house: House, name: str, kind: str, since: datetime, facts: Mapping[str, Any]) -> None:
    """Note that ``name`` is alive, and which encryption keys it knows."""
    with house.work(SYSTEM) as work:
        row = work.session.get(Heartbeat, name) or Heartbeat(name=name, kind=kind, at=work.now, since=since)
        row.at, row.facts = work.now, {**facts, KEYS_KNOWN: list(house.keys.ids())}
        work.add(row)


def keep_beating(house: House, kind: str, stop: threading.Event) -> None:
    """Note every ``BEAT`` that this process is alive, until told to stop. A database that is away is tried again."""
    name, since = f"{socket.gethostname()}:{os.getpid()}/{kind}", house.clock()
    while True:
        try:
            beat(house, name, kind, since, {})
        except SQLAlchemyError as error:
            log.warning("the database is not reachable just now: %s", type(error).__name__)
        if stop.wait(BEAT.total_seconds()):
            return
