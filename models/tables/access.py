"""Links, sessions and tokens. Only the hash of a secret is ever stored."""

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from config.words import SignInEvent, SignInWay
from models.tables.base import datetime, encrypted, instant, json, word


class ApprovalLink(SQLModel, table=True):
    """A link in a notification: it opens one step for one person, as long as the step is theirs."""

    __tablename__ = "approval_link"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(max_length=64, unique=True)
    signer_id: int = Field(foreign_key="signer.id", index=True)
    step_id: int = Field(foreign_key="step.id", index=True)
    content_hash: str = Field(max_length=64)
    created_at: datetime = instant()
    expires_at: datetime = instant()
    revoked_at: datetime | None = instant(nullable=True)


class SignInLink(SQLModel, table=True):
    """A one-time link that signs a person in; showing it does not use it."""

    __tablename__ = "sign_in_link"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(max_length=64, unique=True)
    person_id: str = Field(foreign_key="person.id", max_length=64, index=True)
    created_at: datetime = instant()
    expires_at: datetime = instant()
    used_at: datetime | None = instant(nullable=True)


class WebSession(SQLModel, table=True):
    """A signed-in browser. ``seen_at`` is when it was last heard of, to a few minutes; ``address`` and ``agent`` say
    from where, as far as the settings keep it. ``id_token`` is what the OpenID provider gave, to sign out there too."""

    __tablename__ = "web_session"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(max_length=64, unique=True)
    person_id: str = Field(foreign_key="person.id", max_length=64, index=True)
    created_at: datetime = instant()
    expires_at: datetime = instant()
    revoked_at: datetime | None = instant(nullable=True)
    seen_at: datetime | None = instant(nullable=True)
    way: SignInWay = word(SignInWay, default=SignInWay.LINK)
    address: str = Field(default="", max_length=64)
    agent: str = Field(default="", max_length=80)
    id_token: str | None = encrypted()


class ApiToken(SQLModel, table=True):
    """A program's key. It acts for a person, within scopes."""

    __tablename__ = "api_token"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(max_length=64, unique=True)
    label: str = Field(max_length=80)
    person_id: str = Field(foreign_key="person.id", max_length=64, index=True)
    scopes: list[str] = json(list)
    created_at: datetime = instant()
    expires_at: datetime | None = instant(nullable=True)
    revoked_at: datetime | None = instant(nullable=True)
    used_at: datetime | None = instant(nullable=True)
    warned_at: datetime | None = instant(nullable=True)


class SignInEntry(SQLModel, table=True):
    """One line of the book of sign-ins: who came, or tried to, when, how and from where. ``times`` counts the same
    again within a few minutes."""

    __tablename__ = "sign_in_entry"
    __table_args__ = (Index("ix_sign_in_entry_person", "person_id", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = instant(index=True)
    person_id: str | None = Field(default=None, foreign_key="person.id", max_length=64)
    event: SignInEvent = word(SignInEvent)
    way: SignInWay = word(SignInWay)
    reason: str = Field(default="", max_length=120)
    address: str = Field(default="", max_length=64)
    agent: str = Field(default="", max_length=80)
    times: int = 1


class Attempts(SQLModel, table=True):
    """How often something failed lately: sign-ins from an address, links asked for by a person. ``key`` is a hash."""

    __tablename__ = "attempts"

    key: str = Field(primary_key=True, max_length=80)
    since: datetime = instant(index=True)
    failures: int = 0
    locks: int = 0
    locked_until: datetime | None = instant(nullable=True)
