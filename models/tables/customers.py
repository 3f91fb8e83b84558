"""Customers and what the company keeps on each of them."""

from datetime import date

from sqlalchemy import Index, event
from sqlalchemy.orm.attributes import get_history
from sqlmodel import Field, SQLModel

from config.words import (
    CreditGrade,
    CustomerClass,
    CustomerStatus,
    CustomerType,
    Department,
    ListingCriterion,
    ListingKind,
    RiskLevel,
    Security,
)
from models.rules.pinyin import found_by
from models.tables.base import Decimal, datetime, encrypted, instant, json, money, text, word


class Customer(SQLModel, table=True):
    """A customer or an applicant. Identity number and telephone are encrypted; equality is found by digest.

    ``pinyin`` is what the name is found by: as it is compared, its initials, its syllables
    (``徐州恒远钢铁 xzhygt xuzhouhengyuangangtie``). It follows the name by itself, whoever writes it.
    """

    __tablename__ = "customer"
    __table_args__ = (
        Index("ix_customer_pinyin", "pinyin"),
        Index("ix_customer_created", "created_at", "id"),
        Index("ix_customer_handler", "handler_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    type: CustomerType = word(CustomerType)
    name: str = Field(max_length=200, index=True)
    identifier: str | None = encrypted()
    identifier_digest: str | None = Field(default=None, max_length=64, index=True)
    contact: str | None = Field(default=None, max_length=80)
    phone: str | None = encrypted()
    email: str | None = Field(default=None, max_length=254)
    industry: str | None = Field(default=None, max_length=80)
    department: Department = word(Department, default=Department.BUSINESS)
    handler_id: str | None = Field(default=None, foreign_key="person.id", max_length=64)
    status: CustomerStatus = word(CustomerStatus, default=CustomerStatus.APPLICANT, index=True)
    risk_level: RiskLevel | None = word(RiskLevel, nullable=True)
    credit_grade: CreditGrade | None = word(CreditGrade, nullable=True)
    customer_class: CustomerClass | None = word(CustomerClass, nullable=True)
    prepays: bool = False
    pinyin: str = text()
    created_at: datetime = instant()
    erased_at: datetime | None = instant(nullable=True)


@event.listens_for(Customer, "before_insert")
@event.listens_for(Customer, "before_update")
def _is_found_by_its_name(_mapper: object, _connection: object, customer: Customer) -> None:
    """Every way to a name leads by here: an application, a file, a change to come."""
    changed = any(get_history(customer, column).has_changes() for column in ("name", "type"))
    if changed or not customer.pinyin:
        customer.pinyin = found_by(customer.name, individual=customer.type == CustomerType.INDIVIDUAL)


class Listing(SQLModel, table=True):
    """One entry of the grey or black list (B), kept for ever: ``until`` is the day it ended.

    It may name someone who is no customer. ``case_ref`` is the case that listed them, ``ended_by`` the one that ended
    the entry; ``evidence`` holds what the listing rests on, one text each.
    """

    __tablename__ = "listing"

    id: int | None = Field(default=None, primary_key=True)
    kind: ListingKind = word(ListingKind)
    criterion: ListingCriterion = word(ListingCriterion)
    name: str = Field(max_length=200, index=True)
    identifier_digest: str | None = Field(default=None, max_length=64, index=True)
    customer_id: int | None = Field(default=None, foreign_key="customer.id", index=True)
    reason: str = text()
    since: date
    until: date | None = None
    evidence: list[str] = json(list)
    case_ref: str | None = Field(default=None, foreign_key="case.ref", max_length=32)
    ended_by: str | None = Field(default=None, foreign_key="case.ref", max_length=32)
    ended_because: str = text()


class CreditLine(SQLModel, table=True):
    """A credit limit and payment term as the client administrator recorded it (C).

    An opening figure, agreed before the company began with this product, has no case, and nobody recorded it here.
    """

    __tablename__ = "credit_line"

    id: int | None = Field(default=None, primary_key=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    case_ref: str | None = Field(default=None, foreign_key="case.ref", max_length=32)
    limit: Decimal = money()
    term_days: int
    securities: list[Security] = json(list)
    note: str = text()
    recorded_by: str | None = Field(default=None, foreign_key="person.id", max_length=64)
    effective_from: datetime = instant()
    ended_at: datetime | None = instant(nullable=True)


class Assessment(SQLModel, table=True):
    """One scoring of a customer with its parts, as it stood (B, C)."""

    __tablename__ = "assessment"

    id: int | None = Field(default=None, primary_key=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    case_ref: str = Field(foreign_key="case.ref", max_length=32)
    score: dict[str, object] = json()
    credit_grade: CreditGrade = word(CreditGrade)
    risk_level: RiskLevel = word(RiskLevel)
    customer_class: CustomerClass = word(CustomerClass)
    policy_version: str = Field(max_length=64)
    made_at: datetime = instant()


class RiskArchive(SQLModel, table=True):
    """The folder of everything kept on one customer (C, X)."""

    __tablename__ = "risk_archive"

    customer_id: int = Field(foreign_key="customer.id", primary_key=True)
    number: str = Field(max_length=32, unique=True)
    opened_by: str = Field(foreign_key="case.ref", max_length=32)
    opened_at: datetime = instant()


class Routine(SQLModel, table=True):
    """A recurring duty towards a customer: monitoring by risk level, visits by class (B, C, X).

    ``last_on`` is the day it was last carried out; ``missed`` counts the turns since then that nobody carried out. What
    the round of customer care has set itself, for a customer taken over from a file, was set by no case.
    """

    __tablename__ = "routine"
    __table_args__ = (Index("ix_routine_next_on", "next_on"),)

    id: int | None = Field(default=None, primary_key=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    duty: str = Field(max_length=32)
    every: str = Field(max_length=32)
    next_on: date
    set_by: str | None = Field(default=None, foreign_key="case.ref", max_length=32)
    last_on: date | None = None
    missed: int = 0


class RiskWarning(SQLModel, table=True):
    """A warning issued to the departments concerned (B)."""

    __tablename__ = "risk_warning"

    id: int | None = Field(default=None, primary_key=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    case_ref: str = Field(foreign_key="case.ref", max_length=32)
    risk_level: RiskLevel = word(RiskLevel)
    departments: list[Department] = json(list)
    reason: str = text()
    issued_at: datetime = instant()
