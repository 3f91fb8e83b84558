"""The last backup on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from models.tables import AuditEvent


@dataclass(frozen=True)
class LastBackup:
    """When it was taken, whether this installation was made out of it, and how many files it missed."""

    made_at: datetime
    restored: bool
    missing: int


def last_backup(session: Session) -> LastBackup | None:
    """The last backup that was taken here, or the one this installation was restored from; none if there is none."""
    found = [
        session.exec(select(AuditEvent).where(AuditEvent.event == name).order_by(col(AuditEvent.seq).desc())).first()
        for name in ("backup.made", "backup.restored")
    ]
    last = max((event for event in found if event is not None), key=lambda event: event.seq, default=None)
    if last is None:
        return None
    if last.event == "backup.restored":
        return LastBackup(datetime.fromisoformat(last.data["made_at"]), True, 0)
    return LastBackup(last.at, False, int(last.data["missing"]))
