"""What the listing decision and credit repair speak of: how a customer stands, a nomination, an application (B)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from config.words import (
    CreditGrade,
    CustomerClass,
    ListingCriterion,
    ListingKind,
    MeasureKind,
    RiskLevel,
)
from models.onboarding import Block
from models.rules.repair import Eligibility


class EntryShown(Block):
    """One entry of the lists."""

    kind: ListingKind
    criterion: ListingCriterion
    reason: str
    since: date
    until: date | None = None
    case_ref: str | None = None


class MeasureShown(Block):
    """One measure in force."""

    kind: MeasureKind
    scope: str
    since: date
    until: date | None
    case_ref: str


class StandingShown(Block):
    """How a customer stands today: rating, lists with their history, measures, what it owes (yuan)."""

    level: RiskLevel | None
    grade: CreditGrade | None
    customer_class: CustomerClass | None
    listings: tuple[EntryShown, ...]
    measures: tuple[MeasureShown, ...]
    owed: Decimal
    overdue: Decimal
    oldest_due: date | None

    @property
    def in_force(self) -> tuple[EntryShown, ...]:
        return tuple(entry for entry in self.listings if entry.until is None)


class NominationShown(Block):
    """A nomination as it stands, with all the evidence that has come in."""

    kind: ListingKind
    criterion: ListingCriterion
    reason: str
    evidence: tuple[str, ...]
    raised_by: str | None
    raised_at: datetime


class ListingProposal(Block):
    """What risk proposes: a list, or none."""

    recommended: bool
    kind: ListingKind
    criterion: ListingCriterion
    view: str
    evidence: tuple[str, ...]


class Application(Block):
    """An application for credit repair: what was put right, what shows it, how the applicant stands now."""

    corrected: str
    standing: str
    evidence: tuple[str, ...]
    closing_document: str = ""
    applicant: str = ""
    further: tuple[str, ...] = ()


class RepairShown(Block):
    """An application on the day it is looked at: the conditions, and the best grade that the score allows."""

    eligibility: Eligibility
    entries: tuple[EntryShown, ...]
    best_grade: CreditGrade
    points: int | None
