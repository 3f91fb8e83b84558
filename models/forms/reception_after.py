"""Forms of the risk-client reception after the minutes: response, tracking, effect, closing (R)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationInfo, field_validator, model_validator
from sqlmodel import Session

from config.languages import N_
from config.policy.frequencies import Frequency
from config.words import Department, PartyKind, Resolution
from models.forms.base import Row, StepForm, complaint, shown
from models.forms.common import LONG, PERSON, Comment, PersonId, Short, Told
from models.forms.reception import EvidenceRow, not_in_the_future, not_in_the_past
from models.onboarding import Amount
from models.queries.reception_staff import active_staff


class ResponsePlan(StepForm):
    """How the company responds to the risk: suspension, monitoring, legal steps, telling others (R)."""

    reason: Told = Field(title=N_("Reason"), json_schema_extra=LONG)
    suspend: bool = Field(False, title=N_("Suspend trading"))
    suspend_scope: Comment = Field("", title=N_("Scope of the suspension"), json_schema_extra=LONG)
    suspend_from: date | None = Field(None, title=N_("Suspended from"))
    suspend_until: date | None = Field(None, title=N_("Suspended until"))
    monitoring: Frequency | None = Field(None, title=N_("Monitor from now on"))
    legal_question: Comment = Field("", title=N_("Question to the legal department"), json_schema_extra=LONG)
    legal_action: bool = Field(False, title=N_("Prepare legal action"))
    inform: Comment = Field(
        "",
        title=N_("Who else is to be told, and what"),
        description=N_("Suppliers, business partners, regulators."),
        json_schema_extra=LONG,
    )

    @model_validator(mode="after")
    def _complete(self, info: ValidationInfo) -> ResponsePlan:
        if not (self.suspend or self.monitoring or self.legal_question or self.legal_action or self.inform):
            raise complaint(N_("Choose at least one response, or say that none is needed."))
        if self.suspend:
            if not (self.suspend_scope and self.suspend_from and self.suspend_until):
                raise complaint(N_("A suspension needs its scope, its first and its last day."))
            if self.suspend_until < self.suspend_from:
                raise complaint(N_("The suspension ends before it begins."))
            not_in_the_past(self.suspend_until, info)
        elif self.suspend_scope or self.suspend_from or self.suspend_until:
            raise complaint(N_("Scope and days belong to a suspension: tick it, or leave them empty."))
        return self


class LegalConsultation(StepForm):
    """What the legal department says to the question put to it."""

    opinion: Told = Field(title=N_("Opinion"), json_schema_extra=LONG)
    recommends_action: bool = Field(False, title=N_("Legal action is recommended"))


class LegalCase(StepForm):
    """The legal action as it is put to approval, with the list of evidence (R)."""

    court: Short = Field(title=N_("Court or arbitration commission"))
    claim: Annotated[Decimal, Field(gt=0, le=Decimal(10) ** 12, decimal_places=2)] = Field(title=N_("Claim (yuan)"))
    grounds: Told = Field(title=N_("Grounds"), json_schema_extra=LONG)
    evidence: tuple[EvidenceRow, ...] = Field(
        title=N_("List of evidence"), min_length=1, max_length=40, json_schema_extra={"rows": 4}
    )


class PartyInformed(Row):
    """One contact with somebody who was told."""

    name: Short = Field(title=N_("Who was told"))
    kind: PartyKind = Field(title=N_("What they are to us"))
    way: Short = Field(title=N_("How"), description=N_("Letter, call, meeting."))
    told_on: date = Field(title=N_("When"))
    what: Told = Field(title=N_("What they were told"))

    @field_validator("told_on")
    @classmethod
    def _told(cls, day: date, info: ValidationInfo) -> date:
        return not_in_the_future(day, info)


class PartiesInformed(StepForm):
    """The contacts with suppliers, partners and regulators (R)."""

    contacts: tuple[PartyInformed, ...] = Field(
        title=N_("Contacts"), min_length=1, max_length=20, json_schema_extra={"rows": 2}
    )


class TrackedItem(Row):
    """Something to be tracked: what, by whom, until when."""

    what: Annotated[str, StringConstraints(min_length=1, max_length=400)] = Field(title=N_("What is to be done"))
    owner: PersonId = Field(title=N_("Owner"), json_schema_extra=PERSON)
    due_on: date = Field(title=N_("Due on"))

    @field_validator("owner")
    @classmethod
    def _active(cls, owner: str, info: ValidationInfo) -> str:
        staff = shown(info).get("active_staff")
        if staff is not None and owner not in staff:
            raise complaint(N_("{name} is not an active member of staff."), name=owner)
        return owner

    @field_validator("due_on")
    @classmethod
    def _to_come(cls, day: date, info: ValidationInfo) -> date:
        return not_in_the_past(day, info)


class TrackingPlan(StepForm):
    """What is tracked until the matter is settled (R)."""

    items: tuple[TrackedItem, ...] = Field(
        title=N_("To be tracked"), min_length=1, max_length=40, json_schema_extra={"rows": 4}
    )

    @classmethod
    def true_now(cls, session: Session, today: date) -> Mapping[str, Any]:
        return {"active_staff": active_staff(session)}


class MoreTracking(TrackingPlan):
    """The reception is not closed yet: what is still to be tracked."""

    reason: Told = Field(title=N_("Reason"), json_schema_extra=LONG)


class ItemDone(StepForm):
    """A tracked item is done."""

    done_on: date = Field(title=N_("Done on"))
    result: Told = Field(title=N_("Result"), json_schema_extra=LONG)

    @field_validator("done_on")
    @classmethod
    def _done(cls, day: date, info: ValidationInfo) -> date:
        return not_in_the_future(day, info)


class ItemAdjusted(StepForm):
    """A tracked item gets another day."""

    due_on: date = Field(title=N_("New day"))
    reason: Told = Field(title=N_("Reason"), json_schema_extra=LONG)

    @field_validator("due_on")
    @classmethod
    def _later(cls, day: date, info: ValidationInfo) -> date:
        item = shown(info).get("item", {})
        if item.get("adjustments_left") == 0:
            raise complaint(N_("This item has been put off as often as the policy allows."))
        today = shown(info).get("today")
        if today is not None and day <= date.fromisoformat(today):
            raise complaint(N_("This day is to be in the future."))
        return day


class EffectEvaluation(StepForm):
    """What the reception came to (R)."""

    resolution: Resolution = Field(title=N_("Degree of resolution"))
    satisfaction: Annotated[int, Field(ge=1, le=5)] | None = Field(
        None,
        title=N_("Satisfaction of the client (1–5)"),
        description=N_("5 is best. Leave it empty if the client could not be asked."),
    )
    loss_avoided: Amount = Field(title=N_("Loss avoided (yuan)"))
    remarks: Comment = Field("", title=N_("Comment"), json_schema_extra=LONG)

    @field_validator("loss_avoided")
    @classmethod
    def _not_more_than_at_stake(cls, value: Decimal, info: ValidationInfo) -> Decimal:
        at_stake = shown(info).get("ruling", {}).get("answer", {}).get("at_stake")
        if at_stake is not None and value > Decimal(at_stake):
            raise complaint(N_("No more than the {amount} yuan at stake."), amount=f"{Decimal(at_stake):,.2f}")
        return value


class LessonsLearnt(StepForm):
    """What the company learns from it (R)."""

    causes: Told = Field(title=N_("Causes"), json_schema_extra=LONG)
    what_worked: Told = Field(title=N_("What worked"), json_schema_extra=LONG)
    improvements: Told = Field(title=N_("What to improve"), json_schema_extra=LONG)


class Rectification(Row):
    """Something a department is to put right."""

    what: Short = Field(title=N_("What is to be put right"))
    department: Department = Field(title=N_("Department"))
    until: date = Field(title=N_("Until"))


class MajorCaseAssessment(StepForm):
    """Internal audit's special assessment of a major case (R)."""

    proper: bool = Field(False, title=N_("The case was handled by the rules"))
    findings: Told = Field(title=N_("Audit findings"), json_schema_extra=LONG)
    rectifications: tuple[Rectification, ...] = Field(
        (), title=N_("To be put right"), max_length=20, json_schema_extra={"rows": 2}
    )

    @model_validator(mode="after")
    def _something_to_put_right(self) -> MajorCaseAssessment:
        if not self.proper and not self.rectifications:
            raise complaint(N_("If the rules were not kept, say what is to be put right."))
        return self
