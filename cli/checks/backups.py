"""Backups: how long ago the last one was taken."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from cli.checks.finding import Finding, ok, warn
from cli.checks.ground import Ground, count
from models.queries.backups import last_backup
from models.tables import Installation

LATE = timedelta(hours=49)
"""One every night, and an hour more."""
TAKE = "`clientrisk backup FOLDER --keep 14` takes one; let it run every night"


def look(ground: Ground) -> Iterator[Finding]:
    """The last backup on record: taken here, or the one this installation was restored from."""
    with ground.house.read() as session:
        last, since = last_backup(session), session.get_one(Installation, 1).since
    if last is None:
        told = f"None was ever taken. {TAKE}."
        yield ok("backup", told) if ground.now - since < LATE else warn("backup", told)
        return
    age = ground.now - last.made_at
    what = "Restored from a backup taken" if last.restored else "The last one was taken"
    told = f"{what} {_ago(age)} ago ({last.made_at:%Y-%m-%d %H:%M} UTC)."
    if last.missing:
        yield warn("backup", f"{told} {count(last.missing, 'file')} of the record were missing from the store.")
    elif age > LATE:
        yield warn("backup", f"{told} {TAKE}.")
    else:
        yield ok("backup", told)


def _ago(age: timedelta) -> str:
    hours = int(age.total_seconds() // 3600)
    return count(hours // 24, "day") if hours >= 48 else count(hours, "hour")
