"""What collecting overdue money keeps: every approach to the customer, and repayment plans (X, B)."""

from datetime import date
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from config.words import ContactAnswer, ContactWay, InstalmentState, RungState, StrategyState, StrategyWay
from models.tables.base import Decimal, datetime, instant, json, money, text, word


class CollectionRung(SQLModel, table=True):
    """A rung of the ladder that a case has begun; each only once, whatever is asked again within it.

    ``due_on`` is its day by the ladder when it was begun; ``due_at`` and ``expires_at`` bind those who carry it out,
    however often a payment makes the case ask them anew.
    """

    __tablename__ = "collection_rung"
    __table_args__ = (UniqueConstraint("case_ref", "rung"),)

    id: int | None = Field(default=None, primary_key=True)
    case_ref: str = Field(foreign_key="case.ref", max_length=32)
    rung: str = Field(max_length=64)
    state: RungState = word(RungState, default=RungState.BEGUN)
    due_on: date
    begun_at: datetime = instant()
    due_at: datetime = instant()
    expires_at: datetime = instant()
    ended_at: datetime | None = instant(nullable=True)


class SpecialGroup(SQLModel, table=True):
    """A special group (X): one member of each department, and who of them has accepted. A refusal makes another.

    ``members`` and ``accepted`` hold ids of people; ``evidence`` what the group has put together.
    """

    __tablename__ = "special_group"
    __table_args__ = (UniqueConstraint("case_ref", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    case_ref: str = Field(foreign_key="case.ref", max_length=32)
    number: int
    members: dict[str, str] = json()
    accepted: list[str] = json(list)
    declined: str = text()
    evidence: list[dict[str, Any]] | None = json(None)
    formed_at: datetime = instant()


class CollectionStrategy(SQLModel, table=True):
    """A way on after the ladder, as it was proposed, and what became of it.

    ``amount`` is what was owed then, ``paid_before`` all that the customer had ever paid until then. ``terms`` is what
    was proposed; ``facts`` what happened since (filed, judgment, reports).
    """

    __tablename__ = "collection_strategy"
    __table_args__ = (UniqueConstraint("case_ref", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    case_ref: str = Field(foreign_key="case.ref", max_length=32)
    number: int
    way: StrategyWay = word(StrategyWay)
    state: StrategyState = word(StrategyState, default=StrategyState.PROPOSED)
    amount: Decimal = money()
    paid_before: Decimal = money()
    terms: dict[str, Any] = json()
    facts: dict[str, Any] = json()
    note: str = text()
    proposed_by: str = Field(foreign_key="person.id", max_length=64)
    proposed_at: datetime = instant()
    report_on: date | None = None


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
    __table_args__ = (UniqueConstraint("strategy_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    case_ref: str = Field(foreign_key="case.ref", max_length=32, index=True)
    strategy_id: int = Field(foreign_key="collection_strategy.id")
    number: int
    due_on: date
    amount: Decimal = money()
    paid: Decimal = money()
    state: InstalmentState = word(InstalmentState, default=InstalmentState.OPEN)
    note: str = text()
