"""What an onboarding review speaks of: application, gaps, identity findings, rating, terms (C, X, B)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from config.policy import Policy
from config.policy.base import Text
from config.words import CreditGrade, CustomerClass, CustomerType, ListingKind, RiskLevel, Security, Word
from models.rules.credit import customer_class, grade, risk_level
from models.rules.reasons import Reason

MAX_AMOUNT = Decimal("1000000000000")

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Amount = Annotated[Decimal, Field(ge=0, le=MAX_AMOUNT, decimal_places=2)]
TermDays = Annotated[int, Field(ge=0, le=3650)]


class Block(BaseModel):
    """A part of what a step shows; frozen with it."""

    model_config = ConfigDict(frozen=True)


class Application(BaseModel):
    """An application as it comes in: by page, by program or as a row of a CSV file.

    Only type and name must be there; whatever else is missing the handler is asked for. Amounts in yuan, terms in
    days. ``figures`` are by the names of the policy's sub-indicators, ``documents`` maps a kind to its filing number.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    customer_type: CustomerType = Field(title="Customer type")
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(title="Customer name")
    identifier: Line | None = Field(None, title="Unified social credit code or resident ID")
    contact: Line | None = Field(None, title="Contact person")
    phone: Line | None = Field(None, title="Telephone")
    email: Line | None = Field(None, title="E-mail")
    industry: Line | None = Field(None, title="Industry")
    prepays: bool = Field(False, title="Pays before delivery")
    requested_limit: Amount | None = Field(None, title="Credit limit asked for (yuan)")
    requested_term_days: TermDays | None = Field(None, title="Payment term asked for (days)")
    figures: dict[str, Line] = Field(default_factory=dict, title="Figures", max_length=100)
    documents: dict[str, Line] = Field(default_factory=dict, title="Documents", max_length=50)

    @field_validator("identifier", "contact", "phone", "email", "industry", mode="before")
    @classmethod
    def _blank_is_missing(cls, value: Any) -> Any:
        return None if isinstance(value, str) and not value.strip() else value


class CustomerFacts(Block):
    """The customer as a step shows it; numbers that identify a person are masked."""

    customer_id: int
    name: str
    type: CustomerType
    identifier: str
    contact: str | None
    phone: str
    email: str | None
    industry: str | None
    requested_limit: Decimal | None
    requested_term_days: int | None
    prepays: bool
    documents: dict[str, str]


class Duplicate(Block):
    """A customer who may be the same: how they are alike."""

    customer_id: int
    name: str
    alike: str
    status: str


class Gaps(Block):
    """What an application lacks: fields and documents by name, a wrong identity number, unexplained likenesses."""

    fields: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    identifier_problem: str | None = None
    duplicates: tuple[Duplicate, ...] = ()

    @property
    def any(self) -> bool:
        return bool(self.fields or self.documents or self.identifier_problem or self.duplicates)


class Verdict(Word):
    """What a registry says of a subject."""

    CLEAR = "clear", "Nothing found"
    DOUBT = "doubt", "To be looked at"
    HIT = "hit", "On a list"


class Finding(Block):
    """One registry's answer."""

    registry: str
    verdict: Verdict
    reason: Reason


class ListingFound(Block):
    """An entry of the internal lists that names this customer."""

    kind: ListingKind
    criterion: str
    reason: str
    since: date


class Identity(Block):
    """What the registries found."""

    findings: tuple[Finding, ...]
    listings: tuple[ListingFound, ...] = ()

    @property
    def blacklisted(self) -> bool:
        return any(listing.kind is ListingKind.BLACK for listing in self.listings)

    @property
    def listed(self) -> bool:
        return bool(self.listings)


class Rating(Block):
    """A rating in points with what follows from it; ``proposed_points`` is what the figures alone give."""

    points: int
    proposed_points: int
    grade: CreditGrade
    level: RiskLevel
    customer_class: CustomerClass
    listed: bool = False
    reason: str = ""

    @property
    def adjusted(self) -> bool:
        return self.points != self.proposed_points


class Terms(Block):
    """What was approved."""

    limit: Decimal
    term_days: int
    securities: tuple[Security, ...] = ()
    note: str = ""
    conditional: bool = False

    @property
    def prepay_only(self) -> bool:
        return self.limit == 0


def rate(
    points: int, proposed: int, policy: Policy, *, annual_volume: Decimal | None, listed: bool, reason: str = ""
) -> Rating:
    """Grade, risk level and class at ``points`` (C); a listed customer is at the listed level (B)."""
    given_grade = grade(points, policy.credit)
    level = risk_level(points, policy.credit, listed=listed)
    return Rating(
        points=points,
        proposed_points=proposed,
        grade=given_grade,
        level=level,
        customer_class=customer_class(given_grade, level, annual_volume, policy.credit),
        listed=listed,
        reason=reason,
    )


def labels(texts: dict[str, Text], names: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """Names with their labels in both languages, for a form that asks for just these."""
    return {name: texts[name].model_dump() for name in names if name in texts}
