"""What coordination meetings keep: one a month, with the pack it met on (B)."""

from datetime import date
from typing import Any

from sqlmodel import Field, SQLModel

from models.tables.base import datetime, instant, json


class Meeting(SQLModel, table=True):
    """The coordination meeting of a month (``2026-03``): its case, and its pack as it was drawn up last.

    ``meeting_on`` is the day for which it was called, ``held_on`` the day on which it was held.
    """

    __tablename__ = "meeting"

    period: str = Field(primary_key=True, max_length=16)
    case_ref: str = Field(foreign_key="case.ref", max_length=32, unique=True)
    pack: dict[str, Any] = json()
    opened_at: datetime = instant()
    meeting_on: date | None = None
    held_on: date | None = None
