"""Forms of customer care: visits, monitoring, archive refresh, greetings (X, C, B)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationInfo, field_validator, model_validator

from config.languages import N_
from config.words import CareKind, RiskLevel, VisitWay
from models.forms.base import SHORT_TEXT, Row, StepForm, complaint, shown
from models.forms.common import CUSTOMER, LONG, Comment, CustomerText, Short, Told
from models.forms.reception import not_in_the_future
from models.forms.sealed import SealedText

LEVELS = (RiskLevel.LOW, RiskLevel.MEDIUM, RiskLevel.HIGH)
"""From the least to the greatest risk."""
TELEPHONE = frozenset("+-() 0123456789转")
FEWEST_DIGITS = 5
Line = Annotated[str, StringConstraints(max_length=SHORT_TEXT)]


class CareRequest(StepForm):
    """A turn of customer care begun by hand."""

    customer: CustomerText = Field(title=N_("Customer"), json_schema_extra=CUSTOMER)
    kind: CareKind = Field(title=N_("What is to be done"))
    reason: Short = Field(title=N_("Occasion"))


class VisitRecord(StepForm):
    """What a regular visit came to: who was met, what was found, promised, and comes next (X, C)."""

    visited_on: date = Field(title=N_("Date of the visit"))
    way: VisitWay = Field(VisitWay.ON_SITE, title=N_("Way of the visit"))
    met: Short = Field(title=N_("Who was met"))
    place: Line = Field("", title=N_("Site visited"))
    findings: Told = Field(title=N_("What was learnt"), json_schema_extra=LONG)
    promises: Comment = Field("", title=N_("What was promised, by either side"), json_schema_extra=LONG)
    next_steps: Comment = Field("", title=N_("Next steps"), json_schema_extra=LONG)
    satisfaction: Annotated[int, Field(ge=1, le=5)] | None = Field(
        None,
        title=N_("Satisfaction of the client (1–5)"),
        description=N_("5 is best. Leave it empty if the client could not be asked."),
    )
    concern: bool = Field(
        False,
        title=N_("A risk shows"),
        description=N_("The risk officers are asked to look at the customer at once."),
    )

    @field_validator("visited_on")
    @classmethod
    def _has_been(cls, day: date, info: ValidationInfo) -> date:
        return not_in_the_future(day, info)

    @field_validator("way")
    @classmethod
    def _met(cls, way: VisitWay) -> VisitWay:
        if way is VisitWay.WRITTEN:
            raise complaint(N_("A letter is not a visit: choose how the customer was met."))
        return way


class Postponed(StepForm):
    """A turn put off to another day, and why."""

    until: date = Field(title=N_("New day"))
    reason: Told = Field(title=N_("Reason"), json_schema_extra=LONG)

    @field_validator("until")
    @classmethod
    def _within_limits(cls, day: date, info: ValidationInfo) -> date:
        today = shown(info).get("today")
        if today is not None and day <= date.fromisoformat(today):
            raise complaint(N_("This day is to be in the future."))
        latest = shown(info).get("care", {}).get("postpone_until")
        if latest is not None and day > date.fromisoformat(latest):
            raise complaint(N_("It may be put off to {latest} at the latest."), latest=latest)
        return day


class MonitoringFindings(StepForm):
    """What monitoring a customer has brought up: changes in figures, litigation, payment behaviour (B, C)."""

    figures: Comment = Field("", title=N_("Changes in its figures"), json_schema_extra=LONG)
    litigation: Comment = Field("", title=N_("Litigation and penalties"), json_schema_extra=LONG)
    payments: Comment = Field("", title=N_("Payment behaviour"), json_schema_extra=LONG)
    other: Comment = Field("", title=N_("Anything else"), json_schema_extra=LONG)
    raise_to: RiskLevel | None = Field(
        None,
        title=N_("Raise the risk level to"),
        description=N_("Leave it empty to keep the level. Levels are lowered by an evaluation only."),
    )
    receive: bool = Field(
        False,
        title=N_("Receive the client"),
        description=N_("Opens a risk-client reception with these findings."),
    )

    @model_validator(mode="after")
    def _something(self, info: ValidationInfo) -> MonitoringFindings:
        if not self.told:
            raise complaint(N_("Say what stands out, or choose “Nothing stands out”."))
        present = shown(info).get("standing", {}).get("level")
        if self.raise_to and present and LEVELS.index(self.raise_to) <= LEVELS.index(RiskLevel(present)):
            raise complaint(N_("The customer is at this level or above already."))
        return self

    @property
    def told(self) -> str:
        """All that was found, one line each."""
        return "\n".join(one for one in (self.figures, self.litigation, self.payments, self.other) if one)


class PaperRenewed(Row):
    """A paper that was renewed: what it is, and where it is filed."""

    what: Short = Field(title=N_("Paper"))
    reference: Short = Field(title=N_("Filed under"))


class ProfileCorrection(StepForm):
    """What is no longer right in a customer's profile; what is left empty stays as it is (C, X).

    A new name or identity number is a new onboarding review, not a correction.
    """

    contact: Annotated[str, StringConstraints(max_length=80)] = Field("", title=N_("Contact person"))
    phone: SealedText | None = Field(None, title=N_("Telephone"))
    email: Annotated[str, StringConstraints(max_length=254)] = Field("", title=N_("E-mail"))
    industry: Annotated[str, StringConstraints(max_length=80)] = Field("", title=N_("Industry"))
    papers: tuple[PaperRenewed, ...] = Field(
        (), title=N_("Papers renewed"), max_length=20, json_schema_extra={"rows": 2}
    )
    comment: Comment = Field("", title=N_("Comment"), json_schema_extra=LONG)

    @field_validator("email")
    @classmethod
    def _an_address(cls, value: str) -> str:
        if value and (value.count("@") != 1 or value.startswith("@") or value.endswith("@") or " " in value):
            raise complaint(N_("This is not an e-mail address."))
        return value

    @field_validator("phone")
    @classmethod
    def _a_number(cls, value: str | None) -> str | None:
        digits = sum(one.isdecimal() for one in value or "")
        if value and (digits < FEWEST_DIGITS or not set(value) <= TELEPHONE):
            raise complaint(N_("This is not a telephone number."))
        return value or None

    @model_validator(mode="after")
    def _something(self) -> ProfileCorrection:
        if not (self.changed or self.papers):
            raise complaint(N_("Fill in what is to be corrected, or confirm the profile."))
        return self

    @property
    def changed(self) -> dict[str, Any]:
        """What is corrected, by the name of the customer's field."""
        given = {"contact": self.contact, "phone": self.phone, "email": self.email, "industry": self.industry}
        return {name: value for name, value in given.items() if value}


class GreetingSent(StepForm):
    """A festival greeting as it was given (X)."""

    greeted_on: date = Field(title=N_("Greeted on"))
    way: VisitWay = Field(VisitWay.WRITTEN, title=N_("Way of the greeting"))
    met: Line = Field("", title=N_("Who was greeted"))
    note: Comment = Field("", title=N_("Comment"), json_schema_extra=LONG)

    @field_validator("greeted_on")
    @classmethod
    def _has_been(cls, day: date, info: ValidationInfo) -> date:
        return not_in_the_future(day, info)
