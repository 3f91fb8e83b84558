"""Parts of the product saying that they are alive."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from models.house import SYSTEM, House
from models.tables import Heartbeat


def beat(house: House, name: str, kind: str, since: datetime, facts: Mapping[str, Any]) -> None:
    """Note that ``name`` is alive."""
    with house.work(SYSTEM) as work:
        row = work.session.get(Heartbeat, name) or Heartbeat(name=name, kind=kind, at=work.now, since=since)
        row.at, row.facts = work.now, dict(facts)
        work.add(row)
