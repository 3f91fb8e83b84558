"""What assessments of the work keep: one a half-year with its report, and the findings of internal audit (R, B)."""

from datetime import date
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from config.words import Department, FindingState
from models.tables.base import datetime, instant, json, text, word


class WorkAssessment(SQLModel, table=True):
    """The assessment of the work of a half-year (``2026H1``): its case, and its report as it was measured last."""

    __tablename__ = "work_assessment"

    period: str = Field(primary_key=True, max_length=16)
    case_ref: str = Field(foreign_key="case.ref", max_length=32, unique=True)
    report: dict[str, Any] = json()
    opened_at: datetime = instant()
    signed_off_at: datetime | None = instant(nullable=True)


class AuditFinding(SQLModel, table=True):
    """Something internal audit found that is to be put right: by whom, until when, and what became of it (R).

    ``number`` counts the findings of a case; ``sent_back`` how often the rectification was not enough.
    """

    __tablename__ = "audit_finding"
    __table_args__ = (UniqueConstraint("case_ref", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    case_ref: str = Field(foreign_key="case.ref", max_length=32)
    number: int
    sample: int | None = None
    what: str = text()
    department: Department = word(Department)
    owner_id: str = Field(foreign_key="person.id", max_length=64, index=True)
    due_on: date
    state: FindingState = word(FindingState, default=FindingState.OPEN)
    rectified_on: date | None = None
    rectified: str = text()
    sent_back: int = 0
    sent_back_because: str = text()
