"""What collecting overdue money keeps: every approach to the customer, and repayment plans (X, B)."""

from datetime import date
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from config.words import ContactAnswer, ContactWay, InstalmentState
from models.tables.base import Decimal, datetime, instant, json, money, text, word


class CollectionContact(SQLModel, table=True):
    """One approach to a customer who owes money: how, by whom, and what was answered.

    ``rung`` is the ladder's; ``promise_kept`` is decided when the promised day has come. The refusals of a customer add
    up over its cases.
    """

    __tablename__ = "collection_contact"
    __table_args__ = (
        Index("ix_contact_case", "case_ref"),
        Index("ix_contact_customer", "customer_id", "answer"),
        UniqueConstraint("case_ref", "rung", "turn"),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_ref: str = Field(foreign_key="case.ref", max_length=32)
    customer_id: int = Field(foreign_key="customer.id")
    rung: str = Field(max_length=64)
    turn: int = 1
    way: ContactWay = word(ContactWay)
    answer: ContactAnswer = word(ContactAnswer)
    owed: Decimal = money()
    by_person_id: str | None = Field(default=None, foreign_key="person.id", max_length=64)
    facts: dict[str, Any] = json()
    promise_on: date | None = None
    promised: Decimal | None = money(nullable=True)
    promise_kept: bool | None = None
    at: datetime = instant()


class Instalment(SQLModel, table=True):
    """One instalment of a repayment plan; ``paid`` counts what came in by the day it was looked at."""

    __tablename__ = "instalment"
    __table_args__ = (UniqueConstraint("case_ref", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    case_ref: str = Field(foreign_key="case.ref", max_length=32, index=True)
    number: int
    due_on: date
    amount: Decimal = money()
    paid: Decimal = money()
    state: InstalmentState = word(InstalmentState, default=InstalmentState.OPEN)
    note: str = text()
