"""Backups: how long ago the last one was taken."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlmodel import col, select

from cli.checks.finding import Finding, ok, warn
from cli.checks.ground import Ground, count
from models.tables import AuditEvent, Installation

LATE = timedelta(hours=49)
"""One every night, and an hour more."""
TAKE = "`clientrisk backup FOLDER --keep 14` takes one; let it run every night"


def look(ground: Ground) -> Iterator[Finding]:
    """The last backup on record: taken here, or the one this installation was restored from."""
    with ground.house.read() as session:
        of_backups = select(AuditEvent).where(col(AuditEvent.event).in_(("backup.made", "backup.restored")))
        last = session.exec(of_backups.order_by(col(AuditEvent.seq).desc()).limit(1)).first()
        since = session.get_one(Installation, 1).since
    if last is None:
        young = ground.clock() - since < LATE
        told = f"None was ever taken. {TAKE}."
        yield ok("backup", told) if young else warn("backup", told)
        return
    restored = last.event == "backup.restored"
    made_at = datetime.fromisoformat(last.data["made_at"]) if restored else last.at
    age = ground.clock() - made_at
    what = "Restored from a backup taken" if restored else "The last one was taken"
    told = f"{what} {_ago(age)} ago ({made_at:%Y-%m-%d %H:%M} UTC)"
    missing = "" if restored or not last.data["missing"] else f" {count(last.data['missing'], 'file')} were missing."
    if age > LATE or missing:
        yield warn("backup", f"{told}.{missing} {TAKE}.")
    else:
        yield ok("backup", f"{told}.")


def _ago(age: timedelta) -> str:
    hours = int(age.total_seconds() // 3600)
    return count(hours // 24, "day") if hours >= 48 else count(hours, "hour")
