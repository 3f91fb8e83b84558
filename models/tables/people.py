"""The staff, and where each person can be reached."""

from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from config.words import Department, DigestRhythm, Language, Role
from models.tables.base import datetime, encrypted, instant, json, word


class Person(SQLModel, table=True):
    """A member of staff. ``roles`` says what they may be asked to sign."""

    __tablename__ = "person"

    id: str = Field(primary_key=True, max_length=64)
    name: str = Field(max_length=80)
    email: str | None = Field(default=None, max_length=254, index=True)
    department: Department = word(Department)
    roles: list[Role] = json(list)
    manager_id: str | None = Field(default=None, foreign_key="person.id", max_length=64)
    language: Language | None = word(Language, nullable=True)
    active: bool = True


class Channel(SQLModel, table=True):
    """One address of one person, as an Apprise URL. Encrypted: such addresses contain tokens."""

    __tablename__ = "channel"

    id: int | None = Field(default=None, primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True, max_length=64)
    kind: str = Field(max_length=32)
    address: str = encrypted()
    active: bool = True


class Preference(SQLModel, table=True):
    """What a person has set for themselves; whoever has no row has the company's habits.

    ``quiet_from`` and ``quiet_until`` are times of day as ``HH:MM`` on the company's clock, both or neither; they may
    only lengthen the company's own quiet hours. ``digest_at`` is when a daily digest is sent.
    """

    __tablename__ = "preference"

    person_id: str = Field(foreign_key="person.id", primary_key=True, max_length=64)
    quiet_from: str | None = Field(default=None, max_length=5)
    quiet_until: str | None = Field(default=None, max_length=5)
    digest: DigestRhythm = word(DigestRhythm, default=DigestRhythm.NONE)
    digest_at: str | None = Field(default=None, max_length=5)
    digested_until: datetime | None = instant(nullable=True)
    changed_at: datetime = instant()


class CalendarFeed(SQLModel, table=True):
    """A secret address under which a person's calendar program reads their deadlines. Only its hash is kept."""

    __tablename__ = "calendar_feed"

    id: int | None = Field(default=None, primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True, max_length=64)
    token_hash: str = Field(max_length=64, unique=True)
    created_at: datetime = instant()
    read_at: datetime | None = instant(nullable=True)
    revoked_at: datetime | None = instant(nullable=True)


class SavedView(SQLModel, table=True):
    """A way of looking at a list that somebody named: the list's address and its filters. A person's ``is_default`` one
    is what they see when they come to the list without asking for anything."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("person_id", "place", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: str = Field(foreign_key="person.id", max_length=64)
    place: str = Field(max_length=40)
    name: str = Field(max_length=60)
    filters: dict[str, Any] = json()
    shared: bool = False
    is_default: bool = False
    saved_at: datetime = instant()
