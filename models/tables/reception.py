"""What receiving risk clients keeps: qualifications, teams, commitments, tracking plans (R)."""

from datetime import date

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from config.words import QualificationKind, Resolution, TrackingState
from models.tables.base import Decimal, datetime, instant, money, text, word


class Qualification(SQLModel, table=True):
    """A confidentiality agreement or a training of one person, with its expiry (R, B, X).

    Valid from the first to the last of its days; without a last day it does not expire. One that was revoked ends on
    the day before, and says so.
    """

    __tablename__ = "qualification"
    __table_args__ = (Index("ix_qualification_person", "person_id", "kind"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: str = Field(foreign_key="person.id", max_length=64)
    kind: QualificationKind = word(QualificationKind)
    reference: str = Field(max_length=80)
    valid_from: date
    valid_until: date | None = None
    recorded_by: str | None = Field(default=None, foreign_key="person.id", max_length=64)
    recorded_at: datetime = instant()
    revoked_on: date | None = None
    revoked_because: str = text()


class TeamMember(SQLModel, table=True):
    """A member of a case's reception team or special group, and whether they accepted."""

    __tablename__ = "team_member"
    __table_args__ = (UniqueConstraint("case_ref", "person_id"),)

    id: int | None = Field(default=None, primary_key=True)
    case_ref: str = Field(foreign_key="case.ref", max_length=32, index=True)
    person_id: str = Field(foreign_key="person.id", max_length=64, index=True)
    role: str = Field(max_length=64)
    accepted_at: datetime | None = instant(nullable=True)
    left_at: datetime | None = instant(nullable=True)


class Commitment(SQLModel, table=True):
    """A commitment given to a client, flagged where it was made (R)."""

    __tablename__ = "commitment"

    id: int | None = Field(default=None, primary_key=True)
    case_ref: str = Field(foreign_key="case.ref", max_length=32, index=True)
    given_in: str = Field(max_length=64)
    given_by: str = Field(max_length=80)
    what: str = text()
    at: datetime = instant()


class ReceptionResult(SQLModel, table=True):
    """What a reception came to, written with its effect evaluation: what the work is measured by (R).

    ``at_stake`` and ``loss_avoided`` are yuan; ``satisfaction`` is the client's, 1 (worst) to 5, none if not asked.
    """

    __tablename__ = "reception_result"

    case_ref: str = Field(foreign_key="case.ref", primary_key=True, max_length=32)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    agreed: bool
    rounds: int
    resolution: Resolution = word(Resolution)
    satisfaction: int | None = None
    at_stake: Decimal = money()
    concession: Decimal = money()
    loss_avoided: Decimal = money()
    major: bool = False
    evaluated_at: datetime = instant(index=True)


class TrackingItem(SQLModel, table=True):
    """One item of a tracking plan: what is to be done, by whom, until when (R).

    ``planned_for`` is the day first planned, ``due_on`` the day as adjusted; ``missed`` counts checks nobody answered.
    """

    __tablename__ = "tracking_item"
    __table_args__ = (Index("ix_tracking_item_case", "case_ref", "state", "due_on"),)

    id: int | None = Field(default=None, primary_key=True)
    case_ref: str = Field(foreign_key="case.ref", max_length=32)
    what: str = text()
    owner_id: str = Field(foreign_key="person.id", max_length=64, index=True)
    due_on: date
    planned_for: date
    adjustments: int = 0
    missed: int = 0
    state: TrackingState = word(TrackingState, default=TrackingState.OPEN)
    note: str = text()
    closed_on: date | None = None
