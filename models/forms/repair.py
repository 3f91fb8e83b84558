"""Forms of credit repair (B): the application, the papers, the reviews, the decisions, the appeal."""

from __future__ import annotations

from datetime import date

from pydantic import Field, ValidationInfo, field_validator

from config.languages import N_
from config.words import CreditGrade, Word
from models.forms.base import SHORT_TEXT, StepForm, complaint, shown
from models.forms.common import CUSTOMER, LONG, Comment, CustomerText, Short, Told
from models.forms.listing import EVIDENCE_ROWS, MOST_EVIDENCE, Evidence
from models.rules.repair import not_better_than


class RepairApplied(StepForm):
    """What every application says, whoever makes it."""

    corrected: Told = Field(title=N_("What was put right"), json_schema_extra=LONG)
    standing: Told = Field(title=N_("Present standing of the business"), json_schema_extra=LONG)
    evidence: Evidence = Field(
        min_length=1, max_length=MOST_EVIDENCE, title=N_("Evidence"), json_schema_extra=EVIDENCE_ROWS
    )
    closing_document: str = Field(
        "",
        max_length=SHORT_TEXT,
        title=N_("Number of the official closing document"),
        description=N_("Needed where the listing rests on unlawful activity."),
    )


class _ForCustomer(StepForm):
    customer: CustomerText = Field(title=N_("Customer"), json_schema_extra=CUSTOMER)


class _ByApplicant(StepForm):
    applicant: Short = Field(title=N_("Your name and position"))


class RepairForCustomer(RepairApplied, _ForCustomer):
    """An application that a handler makes for a customer."""


class RepairFromOutside(RepairApplied, _ByApplicant):
    """An application that the customer makes through a link."""


class RepairInvitation(StepForm):
    """Whom the link to the application form is sent to."""

    customer: CustomerText = Field(title=N_("Customer"), json_schema_extra=CUSTOMER)
    name: str = Field(min_length=1, max_length=80, title=N_("Contact person"))
    email: str = Field("", max_length=254, title=N_("E-mail"))
    phone: str = Field("", max_length=32, title=N_("Telephone"))


class RelapseReport(StepForm):
    """What happened in probation that puts the customer back on the list."""

    customer: CustomerText = Field(title=N_("Customer"), json_schema_extra=CUSTOMER)
    reason: Told = Field(title=N_("The facts"), json_schema_extra=LONG)


class PapersChecked(StepForm):
    """The papers are complete; those that came in another way are added here."""

    evidence: Evidence = Field(
        (), max_length=MOST_EVIDENCE, title=N_("Further evidence"), json_schema_extra=EVIDENCE_ROWS
    )
    comment: Comment = Field("", title=N_("Comment"), json_schema_extra=LONG)


class MorePapers(StepForm):
    """What the applicant is asked for; they see it as it is written."""

    request: Told = Field(
        title=N_("What is still needed"),
        description=N_("The applicant reads this as it is written."),
        json_schema_extra=LONG,
    )


class SuppliedPapers(StepForm):
    """What the applicant supplies when asked."""

    answer: Told = Field(title=N_("Answer"), json_schema_extra=LONG)
    evidence: Evidence = Field(
        (), max_length=MOST_EVIDENCE, title=N_("Further evidence"), json_schema_extra=EVIDENCE_ROWS
    )


class Recommendation(Word):
    """What the risk department makes of an application."""

    SUPPORTS = "supports", "Supports the repair"
    OPPOSES = "opposes", "Advises against the repair"


class _Graded(StepForm):
    """A grade that is not above what the score allows (B)."""

    grade: CreditGrade = Field(title=N_("Credit grade after the repair"))

    @field_validator("grade")
    @classmethod
    def _not_above_the_score(cls, value: CreditGrade, info: ValidationInfo) -> CreditGrade:
        best = shown(info).get("repair", {}).get("best_grade")
        if best is not None and not not_better_than(value, CreditGrade(best)):
            raise complaint(N_("The score allows grade {best} at most."), best=best)
        return value


class RepairReview(_Graded):
    """The risk department's review."""

    recommendation: Recommendation = Field(title=N_("Recommendation"))
    review: Told = Field(title=N_("Review"), json_schema_extra=LONG)


class RepairVisitOrder(StepForm):
    """What a visit to the applicant is to look at."""

    purpose: Told = Field(title=N_("What should the visit look at?"), json_schema_extra=LONG)


class BackgroundOrder(StepForm):
    """What a background check is to find out."""

    questions: Told = Field(title=N_("What should be found out?"), json_schema_extra=LONG)


class BackgroundFinding(Word):
    """What a background check came to."""

    CLEAR = "clear", "Nothing against the applicant"
    DOUBTS = "doubts", "Doubts remain"
    AGAINST = "against", "Facts against the applicant"


class BackgroundReport(StepForm):
    """The report of a background check: courts, registers, banks, trade."""

    checked_on: date = Field(title=N_("Checked on"))
    sources: Told = Field(title=N_("Sources"), json_schema_extra=LONG)
    finding: BackgroundFinding = Field(title=N_("Result"))
    findings: Told = Field(title=N_("What the check found"), json_schema_extra=LONG)


class RepairApproval(_Graded):
    """The repair is granted."""

    comment: Comment = Field("", title=N_("Comment"), json_schema_extra=LONG)


class RepairRefusal(StepForm):
    """The repair is refused, with the reason for the record and for the applicant."""

    reason: Told = Field(
        title=N_("Reason"), description=N_("The applicant reads this as it is written."), json_schema_extra=LONG
    )


class Appeal(StepForm):
    """Why a refusal should be looked at again."""

    grounds: Told = Field(title=N_("Grounds of the appeal"), json_schema_extra=LONG)
    evidence: Evidence = Field(
        (), max_length=MOST_EVIDENCE, title=N_("Further evidence"), json_schema_extra=EVIDENCE_ROWS
    )
