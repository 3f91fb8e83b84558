"""What a restored record needs for its new life, decided in one place.

- It is another installation (``installation.key``): an older Prefect beside it is asked under names of its own.
- Whoever was signed in is signed out, and sign-in links are dead: one that was revoked after the backup must not come
  to life again. API tokens and calendar feeds stay, unless told otherwise: programs would all stop.
- Nobody holds a lease: whoever held one belongs to the house that was. Each such case is due at once.
- That it was restored, from what, and by whom, is the next link of the audit trail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import ColumnElement, Update, delete, func, update
from sqlmodel import Session, SQLModel, col, select

from config.words import CaseState, MessageState
from models.audit import Actor, Noted, seal
from models.backup.manifest import Manifest
from models.tables import (
    ApiToken,
    CalendarFeed,
    Case,
    Heartbeat,
    Installation,
    OutboxMessage,
    Run,
    SignInLink,
    WebSession,
)


@dataclass(frozen=True)
class Settled:
    """What there is now, and what was revoked."""

    open_cases: int
    signed_out: int
    tokens_left: int
    tokens_revoked: int
    messages_waiting: int


def settle(
    session: Session, manifest: Manifest, sha256: str, by: Actor, now: datetime, *, revoke_tokens: bool
) -> Settled:
    """Ready the record for its new life. All of it belongs to the transaction that restores."""
    old = session.get_one(Installation, 1)
    origin, old.key, old.since, old.restored_from = old.key, uuid4().hex, now, sha256
    held = update(Run).where(col(Run.lease_owner).is_not(None))
    session.execute(held.values(lease_owner=None, lease_until=None, act_at=now))
    session.execute(delete(Heartbeat))
    alive = (col(WebSession.revoked_at).is_(None), col(WebSession.expires_at) >= now)
    signed_out = _changed(session, update(WebSession).where(*alive).values(revoked_at=now))
    unused = (col(SignInLink.used_at).is_(None), col(SignInLink.expires_at) >= now)
    session.execute(update(SignInLink).where(*unused).values(expires_at=now - timedelta(seconds=1)))
    revoked = _revoke(session, now) if revoke_tokens else 0
    settled = Settled(
        open_cases=_count(session, Case, col(Case.state) != CaseState.CLOSED),
        signed_out=signed_out,
        tokens_left=_count(session, ApiToken, col(ApiToken.revoked_at).is_(None)),
        tokens_revoked=revoked,
        messages_waiting=_count(session, OutboxMessage, col(OutboxMessage.state) == MessageState.PENDING),
    )
    facts = {
        "backup": sha256,
        "made_at": manifest.made_at.isoformat(),
        "made_by": manifest.version,
        "from": origin,
        "signed_out": signed_out,
        "tokens_revoked": revoked,
    }
    seal(session, now, by, [Noted("backup.restored", None, facts)])
    return settled


def _revoke(session: Session, now: datetime) -> int:
    feeds = update(CalendarFeed).where(col(CalendarFeed.revoked_at).is_(None)).values(revoked_at=now)
    tokens = update(ApiToken).where(col(ApiToken.revoked_at).is_(None)).values(revoked_at=now)
    return _changed(session, feeds) + _changed(session, tokens)


def _changed(session: Session, statement: Update) -> int:
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]


def _count(session: Session, table: type[SQLModel], wanted: ColumnElement[bool]) -> int:
    return session.exec(select(func.count()).select_from(table).where(wanted)).one()
