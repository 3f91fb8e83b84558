"""How a customer stands: measures against it, nominations for the lists (B)."""

from datetime import date
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from config.words import ListingCriterion, ListingKind, MeasureKind, NominationState
from models.tables.base import datetime, instant, json, text, word


class Measure(SQLModel, table=True):
    """A measure against a customer's risk: what, since when, until when, by which case (B).

    In force from ``since`` to ``until`` (both included; no end while none is set) unless ``lifted_on`` is earlier.
    ``terms`` hold what the kind needs: ``limit`` (yuan as text), ``term_days``, ``securities``, ``frequency``.
    """

    __tablename__ = "measure"
    __table_args__ = (Index("ix_measure_customer", "customer_id", "lifted_on"),)

    id: int | None = Field(default=None, primary_key=True)
    customer_id: int = Field(foreign_key="customer.id")
    kind: MeasureKind = word(MeasureKind)
    scope: str = text()
    terms: dict[str, Any] = json()
    reason: str = text()
    since: date
    until: date | None = None
    case_ref: str = Field(foreign_key="case.ref", max_length=32, index=True)
    set_at: datetime = instant()
    lifted_on: date | None = None
    lifted_by: str | None = Field(default=None, foreign_key="case.ref", max_length=32)
    lifted_because: str = text()


class Nomination(SQLModel, table=True):
    """Somebody named for the grey or black list; the listing decision is a case of its own (B)."""

    __tablename__ = "nomination"

    id: int | None = Field(default=None, primary_key=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    kind: ListingKind = word(ListingKind)
    criterion: ListingCriterion = word(ListingCriterion)
    reason: str = text()
    evidence: list[str] = json(list)
    state: NominationState = word(NominationState, default=NominationState.OPEN, index=True)
    raised_by: str | None = Field(default=None, foreign_key="case.ref", max_length=32)
    decided_by: str | None = Field(default=None, foreign_key="case.ref", max_length=32, index=True)
    raised_at: datetime = instant()
