"""What protecting personal data needs on record: keys, what the audit chain only vouches for, consents, erasures."""

from datetime import date
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from config.words import ConsentPurpose, ErasureState, SharedData
from models.tables.base import datetime, instant, json, text, word


class EncryptionKey(SQLModel, table=True):
    """An encryption key by what it is called, never itself: since when it is known here, has encrypted, was retired.

    ``progress`` is how far values have been brought under it, by column.
    """

    __tablename__ = "encryption_key"

    id: str = Field(primary_key=True, max_length=8)
    known_at: datetime = instant()
    promoted_at: datetime | None = instant(nullable=True)
    retired_at: datetime | None = instant(nullable=True)
    progress: dict[str, Any] = json()


class AuditPrivate(SQLModel, table=True):
    """What an audit event says in people's own words. The chain holds its salted hash alone, so it can be erased.

    Erased, ``salt`` and ``content`` are gone: nothing can be guessed from the hash any more.
    """

    __tablename__ = "audit_private"

    seq: int = Field(primary_key=True, foreign_key="audit_event.seq", sa_column_kwargs={"autoincrement": False})
    case_ref: str | None = Field(default=None, index=True, max_length=32)
    salt: str | None = Field(default=None, max_length=64)
    content: dict[str, Any] | None = json(None)


class Consent(SQLModel, table=True):
    """A customer's consent that something kept on it is shared with somebody, for a purpose, for a time.

    Valid from the first to the last of its days unless withdrawn earlier; without a last day until it is withdrawn.
    """

    __tablename__ = "consent"
    __table_args__ = (Index("ix_consent_customer", "customer_id", "purpose"),)

    id: int | None = Field(default=None, primary_key=True)
    customer_id: int = Field(foreign_key="customer.id")
    purpose: ConsentPurpose = word(ConsentPurpose)
    recipient: str = Field(max_length=200)
    shares: list[SharedData] = json(list)
    given_by: str = Field(max_length=80)
    document: str = Field(max_length=120)
    since: date
    until: date | None = None
    recorded_by: str | None = Field(default=None, foreign_key="person.id", max_length=64)
    recorded_at: datetime = instant()
    withdrawn_on: date | None = None
    withdrawn_because: str = text()


class LegalHold(SQLModel, table=True):
    """Nothing on this customer is erased while a hold stands: a lawsuit, an investigation."""

    __tablename__ = "legal_hold"

    id: int | None = Field(default=None, primary_key=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    reason: str = text()
    set_by: str | None = Field(default=None, foreign_key="person.id", max_length=64)
    set_at: datetime = instant()
    lifted_by: str | None = Field(default=None, foreign_key="person.id", max_length=64)
    lifted_at: datetime | None = instant(nullable=True)
    lifted_because: str = text()


class Erasure(SQLModel, table=True):
    """A request that what is kept on a customer be erased: asked by one person, confirmed by another, then done.

    ``counts`` says how many values and files were erased, by table; it names nobody.
    """

    __tablename__ = "erasure"

    id: int | None = Field(default=None, primary_key=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    state: ErasureState = word(ErasureState, index=True)
    reason: str = text()
    asked_by: str = Field(max_length=80)
    asked_at: datetime = instant()
    decided_by: str | None = Field(default=None, max_length=80)
    decided_at: datetime | None = instant(nullable=True)
    done_at: datetime | None = instant(nullable=True)
    counts: dict[str, Any] = json()
