"""What a coordination meeting speaks of: the pack, drawn up from everything on record (B, C)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from config.words import Age, ListingKind, RiskLevel
from models.onboarding import Block
from models.rules.migration import Migration


class LevelCount(Block):
    """How many customers are at a risk level."""

    level: RiskLevel
    customers: int


class AgeCount(Block):
    """What is outstanding of one age (yuan)."""

    age: Age
    amount: Decimal
    invoices: int


class OpenMajor(Block):
    """A major case that is under way. ``process`` and ``waits_at`` are titles, to be translated."""

    ref: str
    process: str
    title: str
    amount: Decimal | None
    opened_on: date
    waits_at: str = ""


class NamedCustomer(Block):
    """A customer as the pack names it: what it owes and has overdue (yuan), since when, and the list it is on."""

    number: str
    name: str
    exposure: Decimal
    overdue: Decimal
    oldest_due: date | None = None
    listed: ListingKind | None = None


class LateStep(Block):
    """A step whose deadline is past, and who has not answered."""

    ref: str
    process: str
    title: str
    step: str
    due_on: date
    people: tuple[str, ...]


class FailedCase(Block):
    """A case that stopped on an error."""

    ref: str
    process: str
    title: str


class OpenResolution(Block):
    """A resolution of an earlier meeting that is not settled yet."""

    ref: str
    what: str
    owner: str
    due_on: date
    overdue: bool


class Work(Block):
    """The cases of the month: opened, ended, ended because nobody answered; turns of customer care missed by now."""

    opened: int
    closed: int
    lapsed: int
    care_missed: int


class Pack(Block):
    """The pack of a month. Lists name the gravest; ``more_*`` counts the rest.

    ``migration`` is that of the last evaluation signed off, of the quarter ``migrated_in``.
    """

    period: str
    on: date
    levels: tuple[LevelCount, ...]
    migration: Migration | None
    migrated_in: str
    ageing: tuple[AgeCount, ...]
    overdue: Decimal
    major: tuple[OpenMajor, ...]
    more_major: int
    risky: tuple[NamedCustomer, ...]
    more_risky: int
    debtors: tuple[NamedCustomer, ...]
    more_debtors: int
    late: tuple[LateStep, ...]
    more_late: int
    failed: tuple[FailedCase, ...]
    work: Work
    resolutions: tuple[OpenResolution, ...]
    address: str
