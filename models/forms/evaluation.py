"""Forms of the quarterly evaluation (C, B)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationInfo, model_validator

from config.languages import N_
from config.words import CreditGrade
from models.forms.base import StepForm, complaint, shown
from models.forms.common import LONG, Comment, Told
from models.onboarding import Amount


class PeriodWanted(StepForm):
    """Which quarter is to be evaluated."""

    period: Annotated[str, StringConstraints(min_length=1, max_length=20)] = Field(
        title=N_("Quarter"), description=N_("A quarter that is over, written like 2026Q3.")
    )


class GradeException(StepForm):
    """A grade other than the one the figures give, for one customer, and why (B)."""

    grade: CreditGrade = Field(title=N_("Grade that shall stand"))
    reason: Told = Field(title=N_("Reason"), json_schema_extra=LONG)


class LimitsRecord(StepForm):
    """The client administrator's entry of all changed lines (C). It must say what was approved."""

    lines: Annotated[int, Field(ge=0, le=10_000_000)] = Field(title=N_("Lines recorded"))
    total: Amount = Field(title=N_("Sum of the limits recorded (yuan)"))
    ledger_number: Annotated[str, StringConstraints(min_length=1, max_length=64)] = Field(
        title=N_("Entry number in the credit ledger")
    )
    comment: Comment = Field("", title=N_("Comment"), json_schema_extra=LONG)

    @model_validator(mode="after")
    def _as_approved(self, info: ValidationInfo) -> LimitsRecord:
        approved: Any = shown(info).get("limit_changes")
        if not approved:
            return self
        lines = approved["raised"] + approved["cut"] + approved["term_only"]
        total = Decimal(approved["total_after"])
        if (self.lines, self.total) != (lines, total):
            raise complaint(
                N_("Approved were {lines} lines over {total} yuan: record exactly those."),
                lines=lines,
                total=f"{total:,.2f}",
            )
        return self
