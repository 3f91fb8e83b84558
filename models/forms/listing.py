"""Forms of the listing decision (B)."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import Field, ValidationInfo, field_validator

from config.languages import N_
from config.words import ListingCriterion, ListingKind
from models.forms.base import SHORT_TEXT, Row, StepForm, complaint, shown
from models.forms.common import CUSTOMER, LONG, Comment, CustomerText, Short, Told

EVIDENCE_ROWS: dict[str, Any] = {"rows": 3}
MOST_EVIDENCE = 40


class EvidenceRow(Row):
    """One piece of evidence: what it shows, and where it is filed."""

    what: Short = Field(title=N_("What it shows"))
    reference: str = Field("", max_length=SHORT_TEXT, title=N_("Filed under"))

    @property
    def told(self) -> str:
        """The evidence in one line, as the lists keep it."""
        return f"{self.what} [{self.reference}]" if self.reference else self.what


Evidence = tuple[EvidenceRow, ...]


class NominationForm(StepForm):
    """Naming a customer for the grey or black list."""

    customer: CustomerText = Field(title=N_("Customer"), json_schema_extra=CUSTOMER)
    kind: ListingKind = Field(title=N_("List"))
    criterion: ListingCriterion = Field(title=N_("Criterion"))
    reason: Told = Field(title=N_("The facts"), json_schema_extra=LONG)
    evidence: Evidence = Field(
        min_length=1, max_length=MOST_EVIDENCE, title=N_("Evidence"), json_schema_extra=EVIDENCE_ROWS
    )


class RiskView(StepForm):
    """The risk department's view of a nomination; it may name another list or another criterion."""

    kind: ListingKind = Field(title=N_("List"))
    criterion: ListingCriterion = Field(title=N_("Criterion"))
    view: Told = Field(title=N_("Assessment by the risk department"), json_schema_extra=LONG)
    evidence: Evidence = Field(
        (), max_length=MOST_EVIDENCE, title=N_("Further evidence"), json_schema_extra=EVIDENCE_ROWS
    )


class AuthorityReport(StepForm):
    """A report to the authorities, as it was made."""

    authority: Short = Field(title=N_("Reported to"))
    reported_on: date = Field(title=N_("Reported on"))
    reference: Short = Field(title=N_("Number of the report"))
    note: Comment = Field("", title=N_("Comment"), json_schema_extra=LONG)

    @field_validator("reported_on")
    @classmethod
    def _has_been(cls, value: date, info: ValidationInfo) -> date:
        today = shown(info).get("today")
        if today is not None and value > date.fromisoformat(today):
            raise complaint(N_("This day is still to come."))
        return value
