"""What evaluating the portfolio keeps: every customer's figures, and one row a customer and period (C, B)."""

from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from config.words import Change, CreditGrade, CustomerClass, RiskLevel
from models.tables.base import Decimal, datetime, instant, json, money, text, word


class CustomerFigures(SQLModel, table=True):
    """The latest figures known of a customer, by the names of the policy's sub-indicators; values as written."""

    __tablename__ = "customer_figures"

    customer_id: int = Field(foreign_key="customer.id", primary_key=True)
    figures: dict[str, str] = json()
    source: str = Field(max_length=64)
    as_of: datetime = instant()


class Evaluation(SQLModel, table=True):
    """One evaluation of the whole portfolio: a period has one, whoever asks for it. ``period`` is ``2026Q3``."""

    __tablename__ = "evaluation"

    period: str = Field(primary_key=True, max_length=16)
    case_ref: str = Field(foreign_key="case.ref", max_length=32, unique=True)
    customers: int = 0
    summary: dict[str, Any] = json()
    opened_at: datetime = instant()
    signed_off_at: datetime | None = instant(nullable=True)


class EvaluationRow(SQLModel, table=True):
    """What an evaluation finds for one customer, before and after, and what was decided about it.

    ``new_*`` is what shall stand, the reviewer's ``exception`` included; the grade that the figures alone give is that
    of ``points``. ``flags`` are words of ``models.rules.portfolio.Flag``. ``volume`` is the year's trading in yuan,
    ``days_overdue`` counts from the oldest due date. ``figures`` are kept of customers who change: they are what the
    change rests on.
    """

    __tablename__ = "evaluation_row"
    __table_args__ = (
        UniqueConstraint("case_ref", "customer_id"),
        Index("ix_evaluation_row_change", "case_ref", "change"),
        Index("ix_evaluation_row_exposure", "case_ref", "exposure"),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_ref: str = Field(foreign_key="case.ref", max_length=32)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    points: int
    missing: int = 0
    old_grade: CreditGrade | None = word(CreditGrade, nullable=True)
    old_level: RiskLevel | None = word(RiskLevel, nullable=True)
    old_class: CustomerClass | None = word(CustomerClass, nullable=True)
    new_grade: CreditGrade = word(CreditGrade)
    new_level: RiskLevel = word(RiskLevel)
    new_class: CustomerClass = word(CustomerClass)
    change: Change = word(Change)
    exposure: Decimal = money()
    overdue: Decimal = money()
    old_limit: Decimal | None = money(nullable=True)
    new_limit: Decimal | None = money(nullable=True)
    old_term: int | None = None
    new_term: int | None = None
    volume: Decimal | None = money(nullable=True)
    days_overdue: int = 0
    figures: dict[str, str] | None = json(None)
    flags: list[str] = json(list)
    exception: CreditGrade | None = word(CreditGrade, nullable=True)
    exception_reason: str = text()
    exception_by: str | None = Field(default=None, foreign_key="person.id", max_length=64)
    applied: bool = False
