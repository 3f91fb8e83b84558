"""Forms of the onboarding review (C, X, B)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationInfo, field_validator, model_validator

from config.languages import N_
from config.words import Security, Word
from models.forms.base import SHORT_TEXT, StepForm, complaint, shown
from models.forms.common import LONG, Comment, Told
from models.forms.sealed import SealedText
from models.onboarding import Amount, Line, TermDays
from models.rules.identity import check_identifier

Points = Annotated[int, Field(ge=0, le=100)]


class MissingInformation(StepForm):
    """What an application lacked; each field is shown only when it is missing."""

    name: Line | None = Field(None, title=N_("Customer name"))
    identifier: SealedText | None = Field(None, title=N_("Unified social credit code or resident ID"))
    contact: Line | None = Field(None, title=N_("Contact person"))
    phone: SealedText | None = Field(None, title=N_("Telephone"))
    email: Line | None = Field(None, title=N_("E-mail"))
    industry: Line | None = Field(None, title=N_("Industry"))
    requested_limit: Amount | None = Field(None, title=N_("Credit limit asked for (yuan)"))
    requested_term_days: TermDays | None = Field(None, title=N_("Payment term asked for (days)"))
    documents: dict[str, Line] = Field(
        default_factory=dict,
        max_length=50,
        title=N_("Documents"),
        description=N_("The number under which each paper is filed."),
    )
    explanation: Comment = Field(
        "",
        title=N_("Explanation"),
        description=N_("If this is not the customer found on file, or why it applies again."),
        json_schema_extra=LONG,
    )

    @field_validator("identifier")
    @classmethod
    def _right_number(cls, value: str | None, info: ValidationInfo) -> str | None:
        kind = shown(info).get("identifier_kind")
        if value and kind and (problem := check_identifier(value, kind)) is not None:
            raise complaint(problem.label)
        return value

    @field_validator("documents")
    @classmethod
    def _known_papers(cls, value: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        return _only_offered(value, info, "documents")


class SuppliedInformation(StepForm):
    """The handler's answer to a question of the risk department."""

    answer: Told = Field(title=N_("Answer"), json_schema_extra=LONG)
    figures: dict[str, Line] = Field(default_factory=dict, max_length=100, title=N_("Figures"))

    @field_validator("figures")
    @classmethod
    def _known_figures(cls, value: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        return _only_offered(value, info, "figures")


class Amendment(StepForm):
    """What the handler changes of an application before submitting it again; what is left empty stays."""

    requested_limit: Amount | None = Field(None, title=N_("Credit limit asked for (yuan)"))
    requested_term_days: TermDays | None = Field(None, title=N_("Payment term asked for (days)"))
    figures: dict[str, Line] = Field(default_factory=dict, max_length=100, title=N_("Figures"))
    reason: Told = Field(title=N_("What was changed, and why"), json_schema_extra=LONG)

    @field_validator("figures")
    @classmethod
    def _known_figures(cls, value: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        return _only_offered(value, info, "figures")


def _only_offered(value: dict[str, str], info: ValidationInfo, block: str) -> dict[str, str]:
    offered = shown(info).get(block)
    strange = sorted(set(value) - set(offered)) if offered is not None else []
    if strange:
        raise complaint(N_("Not asked for: {names}."), names=", ".join(strange)[:SHORT_TEXT])
    return {name: text for name, text in value.items() if text}


class RatingAdjustment(StepForm):
    """A rating other than the one proposed, and why (B)."""

    points: Points = Field(title=N_("Score (0–100)"))
    reason: Told = Field(title=N_("Reason"), json_schema_extra=LONG)


class VisitOrder(StepForm):
    """What a site visit is to look at."""

    purpose: Told = Field(title=N_("What should the visit look at?"), json_schema_extra=LONG)


class Impression(Word):
    """How a site compares with what the papers say."""

    BETTER = "better", "Better than the papers say"
    AS_STATED = "as_stated", "As the papers say"
    WORSE = "worse", "Worse than the papers say"


class SiteVisitReport(StepForm):
    """The report of a visit to the customer's premises (B)."""

    visited_on: date = Field(title=N_("Date of the visit"))
    visitors: Annotated[str, StringConstraints(min_length=1, max_length=SHORT_TEXT)] = Field(
        title=N_("Who went there"),
    )
    spoke_with: Annotated[str, StringConstraints(min_length=1, max_length=SHORT_TEXT)] = Field(
        title=N_("Whom they spoke with"),
    )
    impression: Impression = Field(title=N_("Impression"))
    findings: Told = Field(title=N_("Findings"), json_schema_extra=LONG)


class ApprovalConditions(StepForm):
    """What an approval is bound to: a lower limit, a shorter term, security (C)."""

    limit: Amount | None = Field(None, title=N_("Credit limit at most (yuan)"))
    term_days: TermDays | None = Field(None, title=N_("Payment term at most (days)"))
    securities: tuple[Security, ...] = Field((), title=N_("Security"), max_length=4)
    comment: Comment = Field("", title=N_("Comment"), json_schema_extra=LONG)

    @field_validator("limit")
    @classmethod
    def _not_above_proposal(cls, value: Decimal | None, info: ValidationInfo) -> Decimal | None:
        proposed = shown(info).get("proposal", {}).get("limit")
        if value is not None and proposed is not None and value > Decimal(proposed):
            raise complaint(N_("Not above the proposed {proposed}."), proposed=f"{Decimal(proposed):,.2f}")
        return value

    @field_validator("term_days")
    @classmethod
    def _not_longer_than_proposal(cls, value: int | None, info: ValidationInfo) -> int | None:
        proposed = shown(info).get("proposal", {}).get("term_days")
        if value is not None and proposed is not None and value > int(proposed):
            raise complaint(N_("Not longer than the proposed {proposed} days."), proposed=proposed)
        return value

    @model_validator(mode="after")
    def _some_condition(self) -> ApprovalConditions:
        if self.limit is None and self.term_days is None and not self.securities and not self.comment:
            raise complaint(N_("State at least one condition."))
        return self


class LineRecord(StepForm):
    """The client administrator's entry of limit and term (C). It must say what was approved."""

    limit: Amount = Field(title=N_("Credit limit recorded (yuan)"))
    term_days: TermDays = Field(title=N_("Payment term recorded (days)"))
    ledger_number: Annotated[str, StringConstraints(min_length=1, max_length=64)] = Field(
        title=N_("Entry number in the credit ledger")
    )

    @model_validator(mode="after")
    def _as_approved(self, info: ValidationInfo) -> LineRecord:
        approved: Any = shown(info).get("approved")
        if approved and (self.limit != Decimal(approved["limit"]) or self.term_days != approved["term_days"]):
            raise complaint(
                N_("Approved were {limit} yuan and {days} days: record exactly that."),
                limit=f"{Decimal(approved['limit']):,.2f}",
                days=approved["term_days"],
            )
        return self
