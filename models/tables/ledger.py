"""The receivables ledger: invoices, payments, and which payment settles what (X)."""

from datetime import date

from sqlalchemy import Index
from sqlalchemy import text as text_of
from sqlmodel import Field, SQLModel

from models.tables.base import Decimal, datetime, instant, json, money, text


class Invoice(SQLModel, table=True):
    """What a customer owes for one delivery. ``outstanding`` is kept with every allocation and write-off.

    ``number`` is the company's own and unique; amounts in yuan. An invoice with nothing outstanding is not ``open``.
    ``original`` is the amount in ``currency`` where that is not the yuan.
    """

    __tablename__ = "invoice"
    __table_args__ = (
        Index("ix_invoice_open_due", "open", "due_on", "disputed", "outstanding", "customer_id"),
        Index("ix_invoice_customer_open", "customer_id", "open"),
        Index("ix_invoice_customer_due", "customer_id", "due_on"),
        # What everybody owes, and what fell due and came in, are read from these alone.
        Index(
            "ix_invoice_owed",
            *("customer_id", "due_on", "disputed", "outstanding"),
            sqlite_where=text_of("open = 1"),
            postgresql_where=text_of("open"),
        ),
        Index("ix_invoice_due", "due_on", "settled_on", "amount", "outstanding", "written_off"),
    )

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(max_length=64, unique=True)
    customer_id: int = Field(foreign_key="customer.id")
    amount: Decimal = money()
    outstanding: Decimal = money()
    currency: str = Field(default="CNY", max_length=3)
    original: Decimal | None = money(nullable=True)
    issued_on: date
    due_on: date
    open: bool = True
    disputed: bool = False
    settled_on: date | None = None
    written_off: Decimal | None = money(nullable=True)
    written_off_by: str | None = Field(default=None, foreign_key="case.ref", max_length=32)
    recorded_at: datetime = instant()


class Payment(SQLModel, table=True):
    """Money received. ``reference`` is the bank's and unique: the same payment twice is one payment.

    ``unallocated`` is the customer's credit: what was paid above everything owed. ``original`` is the amount in
    ``currency`` where that is not the yuan; ``for_invoices`` are those it was to settle before all others.
    """

    __tablename__ = "payment"
    __table_args__ = (Index("ix_payment_customer", "customer_id", "received_on"),)

    id: int | None = Field(default=None, primary_key=True)
    reference: str = Field(max_length=80, unique=True)
    customer_id: int = Field(foreign_key="customer.id")
    amount: Decimal = money()
    unallocated: Decimal = money()
    currency: str = Field(default="CNY", max_length=3)
    original: Decimal | None = money(nullable=True)
    for_invoices: list[str] = json(list)
    received_on: date
    source: str = Field(max_length=16)
    note: str = text()
    recorded_at: datetime = instant()


class Allocation(SQLModel, table=True):
    """A part of a payment that settles a part of an invoice."""

    __tablename__ = "allocation"

    id: int | None = Field(default=None, primary_key=True)
    payment_id: int = Field(foreign_key="payment.id", index=True)
    invoice_id: int = Field(foreign_key="invoice.id", index=True)
    amount: Decimal = money()
    at: datetime = instant()
