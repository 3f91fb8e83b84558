"""What customer care keeps: each turn of a recurring duty that was put to people, and what came of it (X, C, B)."""

from datetime import date

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from config.words import CareKind, RiskLevel, VisitWay
from models.tables.base import text, word


class CareTurn(SQLModel, table=True):
    """One turn of a duty towards a customer, carried by a case of its own.

    ``due_on`` is the day it fell due; ``occasion`` the festival of a greeting (``spring_festival:2027-02-06``), or why
    somebody began it by hand. Without ``done_on`` nobody has carried it out (yet). Levels are set where it was raised.
    """

    __tablename__ = "care_turn"
    __table_args__ = (
        Index("ix_care_turn_customer", "customer_id", "kind", "due_on"),
        Index("ix_care_turn_occasion", "occasion", "customer_id"),
    )

    case_ref: str = Field(foreign_key="case.ref", primary_key=True, max_length=32)
    customer_id: int = Field(foreign_key="customer.id")
    kind: CareKind = word(CareKind)
    due_on: date
    occasion: str = Field(default="", max_length=200)
    done_on: date | None = None
    done_by: str | None = Field(default=None, foreign_key="person.id", max_length=64)
    way: VisitWay | None = word(VisitWay, nullable=True)
    met: str = Field(default="", max_length=200)
    place: str = Field(default="", max_length=200)
    findings: str = text()
    promises: str = text()
    next_steps: str = text()
    satisfaction: int | None = None
    level_before: RiskLevel | None = word(RiskLevel, nullable=True)
    level_after: RiskLevel | None = word(RiskLevel, nullable=True)
