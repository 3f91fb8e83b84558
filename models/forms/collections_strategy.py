"""Forms of the ways on after the ladder: plan, agency, lawsuit, write-off (X)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator, model_validator

from config.languages import N_
from config.words import JudgmentResult
from models.forms.base import Row, StepForm, complaint, shown
from models.forms.collections import Letters, Sum, figure, not_in_the_future, today
from models.forms.common import LONG, Comment, Short, Told
from models.onboarding import MAX_AMOUNT

Share = Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)]
SumOrNothing = Annotated[Decimal, Field(ge=0, le=MAX_AMOUNT, decimal_places=2)]


class InstalmentRow(Row):
    """One instalment: until when, how much."""

    due_on: date = Field(title=N_("Due on"))
    amount: Sum = Field(title=N_("Amount"))


class PlanProposal(StepForm):
    """A repayment plan over all that is overdue (X)."""

    instalments: tuple[InstalmentRow, ...] = Field(
        min_length=1, max_length=120, title=N_("Instalments"), json_schema_extra={"rows": 4}
    )
    reason: Told = Field(title=N_("Why the customer will keep it"), json_schema_extra=LONG)

    @field_validator("instalments")
    @classmethod
    def _by_policy(cls, value: tuple[InstalmentRow, ...], info: ValidationInfo) -> tuple[InstalmentRow, ...]:
        content, now = shown(info), today(info)
        most = content.get("choice", {}).get("instalments_at_most")
        owed = content.get("owed", {}).get("overdue")
        if most is not None and len(value) > most:
            raise complaint(N_("At most {most} instalments."), most=most)
        if now is not None and value[0].due_on <= now:
            raise complaint(N_("The first instalment is to fall due after today."))
        if any(later.due_on <= earlier.due_on for earlier, later in pairwise(value)):
            raise complaint(N_("Each instalment is to fall due after the one before."))
        total = sum((row.amount for row in value), Decimal(0))
        if owed is not None and total != Decimal(owed):
            told = N_("The instalments add up to {total} yuan; {owed} are overdue.")
            raise complaint(told, total=figure(total), owed=figure(Decimal(owed)))
        return value


class AgencyProposal(StepForm):
    """Handing the debt to a third-party agency (X)."""

    agency: Short = Field(title=N_("Agency"))
    commission: Share = Field(title=N_("Commission (percent)"))
    reason: Told = Field(title=N_("Reason"), json_schema_extra=LONG)


class LawsuitProposal(StepForm):
    """Suing for the debt (X)."""

    court: Short = Field(title=N_("Court"))
    claim: Sum = Field(title=N_("Amount claimed (yuan)"))
    grounds: Told = Field(title=N_("Grounds"), json_schema_extra=LONG)

    @field_validator("claim")
    @classmethod
    def _not_more_than_owed(cls, value: Decimal, info: ValidationInfo) -> Decimal:
        owed = shown(info).get("owed", {}).get("total")
        if owed is not None and value > Decimal(owed):
            raise complaint(N_("Only {owed} yuan are owed."), owed=figure(Decimal(owed)))
        return value


class WriteOffProposal(StepForm):
    """Giving the debt up (X)."""

    reason: Told = Field(title=N_("Why nothing more can be recovered"), json_schema_extra=LONG)


class ProgressReport(StepForm):
    """How a matter stands that is in others' hands."""

    report: Told = Field(title=N_("How it stands"), json_schema_extra=LONG)


class SuitFiled(StepForm):
    """A lawsuit the court has taken."""

    filed_on: date = Field(title=N_("Filed on"))
    court: Short = Field(title=N_("Court"))
    case_number: Short = Field(title=N_("Case number of the court"))

    @field_validator("filed_on")
    @classmethod
    def _has_come(cls, value: date, info: ValidationInfo) -> date:
        return not_in_the_future(value, info)


class JudgmentRecord(StepForm):
    """What the court decided, or what the parties settled on before it."""

    decided_on: date = Field(title=N_("Decided on"))
    result: JudgmentResult = Field(title=N_("Result"))
    awarded: SumOrNothing = Field(title=N_("Amount awarded (yuan)"))
    reference: Short = Field(title=N_("Filed under"))
    pay_by: date | None = Field(None, title=N_("To be paid by"))
    note: Comment = Field("", title=N_("Comment"), json_schema_extra=LONG)

    @field_validator("decided_on")
    @classmethod
    def _has_come(cls, value: date, info: ValidationInfo) -> date:
        return not_in_the_future(value, info)

    @model_validator(mode="after")
    def _fits(self) -> JudgmentRecord:
        if (self.result is JudgmentResult.LOST) != (self.awarded == 0):
            raise complaint(N_("A lost case awards nothing, any other more than nothing."))
        return self


class EnforcementReport(ProgressReport):
    """How the enforcement of a judgment stands."""

    enforcement_number: Letters = Field("", title=N_("Enforcement number of the court"))
