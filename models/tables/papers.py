"""Papers that the product writes (minutes, letters), who signed them, and people outside who are asked to."""

from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from config.words import Language
from models.tables.base import datetime, encrypted, instant, json, text, word


class Paper(SQLModel, table=True):
    """A paper as it was written: ``content`` is its whole text, and ``content_hash`` what a signature binds.

    A changed text is a new row with the next ``version``; the earlier one stays, and is ``superseded``.
    """

    __tablename__ = "paper"
    __table_args__ = (UniqueConstraint("case_ref", "kind", "number", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    case_ref: str = Field(foreign_key="case.ref", max_length=32, index=True)
    customer_id: int | None = Field(default=None, foreign_key="customer.id", index=True)
    kind: str = Field(max_length=64)
    number: str = Field(max_length=64)
    version: int = 1
    language: Language = word(Language)
    content: dict[str, Any] = json()
    content_hash: str = Field(max_length=64)
    superseded: bool = False
    made_at: datetime = instant()


class PaperSignature(SQLModel, table=True):
    """Somebody's signature under the exact text of a paper: a member of staff, or somebody outside."""

    __tablename__ = "paper_signature"

    id: int | None = Field(default=None, primary_key=True)
    paper_id: int = Field(foreign_key="paper.id", index=True)
    content_hash: str = Field(max_length=64)
    person_id: str | None = Field(default=None, foreign_key="person.id", max_length=64)
    outside_id: int | None = Field(default=None, foreign_key="outside_party.id")
    name: str = Field(max_length=80)
    capacity: str = Field(max_length=120)
    via: str = Field(max_length=16)
    signed_at: datetime = instant()


class OutsideParty(SQLModel, table=True):
    """Somebody outside the company to whom messages go: the representative of a customer. Addresses are encrypted."""

    __tablename__ = "outside_party"

    id: int | None = Field(default=None, primary_key=True)
    customer_id: int | None = Field(default=None, foreign_key="customer.id", index=True)
    name: str = Field(max_length=80)
    email: str | None = encrypted()
    phone: str | None = encrypted()
    language: Language = word(Language)
    created_at: datetime = instant()


class OutsideLink(SQLModel, table=True):
    """A link that lets somebody outside do one thing. The token and the one-time code are stored as hashes only.

    ``purpose`` names what the link opens; ``content_hash`` binds it to a text where there is one to sign. The code is
    sent when its holder asks for it, wrong tries are counted, and a link with too many is dead. Until a message goes
    out with it, ``token_hash`` is no hash of anything; each message brings a token of its own, and only the last opens.
    ``answer_hash`` is of what was filled in, so that the same sent twice is one; ``note`` says why a link is dead.
    """

    __tablename__ = "outside_link"
    __table_args__ = (Index("ix_outside_link_case", "case_ref", "purpose"),)

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(max_length=64, unique=True)
    outside_id: int = Field(foreign_key="outside_party.id", index=True)
    case_ref: str | None = Field(default=None, foreign_key="case.ref", max_length=32)
    customer_id: int | None = Field(default=None, foreign_key="customer.id", index=True)
    purpose: str = Field(max_length=32)
    paper_id: int | None = Field(default=None, foreign_key="paper.id")
    content_hash: str | None = Field(default=None, max_length=64)
    given: dict[str, Any] = json()
    code_hash: str | None = Field(default=None, max_length=64)
    code_expires_at: datetime | None = instant(nullable=True)
    codes_sent: int = 0
    wrong_codes: int = 0
    messages: int = 0
    sent_at: datetime | None = instant(nullable=True)
    opened_at: datetime | None = instant(nullable=True)
    answer_hash: str | None = Field(default=None, max_length=64)
    created_at: datetime = instant()
    expires_at: datetime = instant()
    used_at: datetime | None = instant(nullable=True)
    revoked_at: datetime | None = instant(nullable=True)
    note: str = text()
