"""What people do around a step without answering it: copies, remarks, attachments, absences."""

from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel

from config.words import RemarkKind
from models.tables.base import Decimal, datetime, instant, json, money, text, word

_UNREAD = sql("read_at IS NULL")


class Copy(SQLModel, table=True):
    """Somebody who is to know of a step (抄送), and when they read it."""

    __tablename__ = "copy"
    __table_args__ = (
        UniqueConstraint("step_id", "person_id"),
        Index("ix_copy_unread", "person_id", "read_at", sqlite_where=_UNREAD, postgresql_where=_UNREAD),
    )

    id: int | None = Field(default=None, primary_key=True)
    step_id: int = Field(foreign_key="step.id")
    case_ref: str = Field(foreign_key="case.ref", max_length=32)
    person_id: str = Field(foreign_key="person.id", index=True, max_length=64)
    copied_by: str = Field(foreign_key="person.id", max_length=64)
    copied_at: datetime = instant()
    read_at: datetime | None = instant(nullable=True)


class Remark(SQLModel, table=True):
    """A comment, a question or its answer. The deadline goes on meanwhile."""

    __tablename__ = "remark"

    id: int | None = Field(default=None, primary_key=True)
    step_id: int = Field(foreign_key="step.id", index=True)
    case_ref: str = Field(foreign_key="case.ref", max_length=32)
    kind: RemarkKind = word(RemarkKind)
    by_person_id: str = Field(foreign_key="person.id", max_length=64)
    to_person_id: str | None = Field(default=None, foreign_key="person.id", index=True, max_length=64)
    answers: int | None = Field(default=None, foreign_key="remark.id", unique=True)
    text: str = text()
    at: datetime = instant()


class Attachment(SQLModel, table=True):
    """A file handed in with a step. Its content lies outside the database, named by its hash."""

    __tablename__ = "attachment"
    __table_args__ = (UniqueConstraint("step_id", "sha256"),)

    id: int | None = Field(default=None, primary_key=True)
    step_id: int = Field(foreign_key="step.id", index=True)
    case_ref: str = Field(foreign_key="case.ref", max_length=32, index=True)
    by_person_id: str = Field(foreign_key="person.id", max_length=64)
    name: str = Field(max_length=200)
    media_type: str = Field(max_length=100)
    size: int
    sha256: str = Field(max_length=64, index=True)
    at: datetime = instant()


class Absence(SQLModel, table=True):
    """A dated substitute (离岗代理): for all or chosen processes, up to an amount in yuan."""

    __tablename__ = "absence"
    __table_args__ = (Index("ix_absence_person", "person_id", "ends_at"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: str = Field(foreign_key="person.id", max_length=64)
    substitute_id: str = Field(foreign_key="person.id", max_length=64)
    starts_at: datetime = instant()
    ends_at: datetime = instant()
    processes: list[Any] = json(list)
    up_to: Decimal | None = money(nullable=True)
    reason: str = text()
    set_by: str = Field(foreign_key="person.id", max_length=64)
    set_at: datetime = instant()
    cancelled_at: datetime | None = instant(nullable=True)
