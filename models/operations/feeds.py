"""Calendar feeds: a secret address under which somebody's calendar program reads their deadlines."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select

from models.house import Work
from models.operations.access import token_hash
from models.tables import CalendarFeed, Person

NOTED_EVERY = timedelta(hours=1)
"""How often it is noted that a feed is read: calendars ask every few minutes."""


def make_feed(work: Work, person_id: str) -> str:
    """Make a new address, and return its secret; it is not to be had again. One made before is dead from now on."""
    _end(work, person_id)
    token = secrets.token_urlsafe(32)
    work.add(CalendarFeed(person_id=person_id, token_hash=token_hash(token), created_at=work.now))
    work.record("calendar-feed.made", person=person_id)
    return token


def revoke_feed(work: Work, person_id: str) -> bool:
    """Let somebody's address go dead. Returns whether there was one."""
    ended = _end(work, person_id)
    if ended:
        work.record("calendar-feed.revoked", person=person_id)
    return ended


def _end(work: Work, person_id: str) -> bool:
    table = CalendarFeed.__table__  # type: ignore[attr-defined]
    live = (table.c.person_id == person_id) & table.c.revoked_at.is_(None)
    return work.change(update(table).where(live).values(revoked_at=work.now)) > 0


def feed_of(session: Session, person_id: str) -> CalendarFeed | None:
    """Somebody's address, if they have made one. What the address itself is, nobody knows but they."""
    live = select(CalendarFeed).where(CalendarFeed.person_id == person_id, col(CalendarFeed.revoked_at).is_(None))
    return session.exec(live).first()


def feed_at(session: Session, token: str) -> tuple[CalendarFeed, Person] | None:
    """The feed behind an address and whose it is; none if it is unknown or dead, or they have left."""
    statement = (
        select(CalendarFeed, Person)
        .join(Person, col(Person.id) == CalendarFeed.person_id)
        .where(CalendarFeed.token_hash == token_hash(token), col(CalendarFeed.revoked_at).is_(None))
        .where(col(Person.active))
    )
    return session.exec(statement).first()


def note_feed_read(work: Work, feed: CalendarFeed) -> None:
    """The feed was read, at about this time."""
    table = CalendarFeed.__table__  # type: ignore[attr-defined]
    work.change(update(table).where(table.c.id == feed.id).values(read_at=work.now))


def is_to_be_noted(feed: CalendarFeed, now: datetime) -> bool:
    """Whether reading it now is worth a write."""
    return feed.read_at is None or feed.read_at <= now - NOTED_EVERY
