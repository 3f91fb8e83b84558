"""Forms of the risk-client reception from opinions to the signed minutes (R)."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field, StringConstraints, ValidationInfo, field_validator, model_validator

from config.languages import N_
from config.words import Language, Stance
from models.forms.base import Row, StepForm, complaint, shown
from models.forms.common import LONG, Comment, Told
from models.forms.reception import not_in_the_future, not_in_the_past
from models.forms.sealed import SealedText
from models.onboarding import Amount

Mail = Annotated[str, StringConstraints(max_length=254)]
OneLine = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[^\r\n]+$")]
ADDRESS = re.compile(r"[^@\s:/<>,;\"]+@[^@\s:/<>,;\"]+\.[^@\s:/<>,;\".]+")
ZERO = Decimal(0)


class DepartmentOpinion(StepForm):
    """What finance, business or legal thinks of what the client asks; each gives its own (R)."""

    stance: Stance = Field(title=N_("Stance"))
    opinion: Told = Field(title=N_("Opinion"), json_schema_extra=LONG)
    must_not_concede: Comment = Field("", title=N_("What must not be conceded"), json_schema_extra=LONG)
    recoverable: Amount | None = Field(
        None, title=N_("Likely to be recovered (yuan)"), description=N_("Finance: as far as it can be said.")
    )
    future_trade: Amount | None = Field(
        None, title=N_("Trade expected in the next year (yuan)"), description=N_("Business: as far as it can be said.")
    )
    legal_standing: Comment = Field(
        "",
        title=N_("How the claim would stand in court"),
        description=N_("Legal: strength, proof, limitation."),
        json_schema_extra=LONG,
    )


class Payment(Row):
    """One payment that a solution provides for."""

    due_on: date = Field(title=N_("Due on"))
    amount: Annotated[Decimal, Field(gt=0, le=Decimal(10) ** 12, decimal_places=2)] = Field(title=N_("Amount (yuan)"))


class SolutionProposal(StepForm):
    """What the company offers the client: terms, plan of payment, and what it concedes (R)."""

    terms: Told = Field(title=N_("Terms"), json_schema_extra=LONG)
    payments: tuple[Payment, ...] = Field((), title=N_("Plan of payment"), max_length=36, json_schema_extra={"rows": 3})
    discount: Amount = Field(ZERO, title=N_("Discount (yuan)"))
    other_concession: Amount = Field(ZERO, title=N_("Value of other concessions (yuan)"))
    concession_in_words: Comment = Field("", title=N_("Which other concessions"), json_schema_extra=LONG)

    @property
    def concession(self) -> Decimal:
        """All that is conceded, in yuan: it decides who approves."""
        return self.discount + self.other_concession

    @field_validator("payments")
    @classmethod
    def _in_order(cls, payments: tuple[Payment, ...], info: ValidationInfo) -> tuple[Payment, ...]:
        days = [payment.due_on for payment in payments]
        if days != sorted(set(days)):
            raise complaint(N_("Give the payments in order, each on a day of its own."))
        if days:
            not_in_the_past(days[0], info)
        return payments

    @model_validator(mode="after")
    def _within_authority(self, info: ValidationInfo) -> SolutionProposal:
        if self.other_concession and not self.concession_in_words:
            raise complaint(N_("Say which other concessions are made."))
        cap = shown(info).get("authority", {}).get("cap")
        if cap is not None and self.concession > Decimal(cap):
            raise complaint(
                N_("More was not approved: concede {cap} yuan at most, which needs no approval."),
                cap=f"{Decimal(cap):,.2f}",
            )
        return self


class Agreed(StepForm):
    """The client agrees."""

    agreed_on: date = Field(title=N_("Agreed on"))
    consensus: Told = Field(title=N_("What was agreed"), json_schema_extra=LONG)

    @field_validator("agreed_on")
    @classmethod
    def _agreed(cls, day: date, info: ValidationInfo) -> date:
        return not_in_the_future(day, info)


class CounterProposal(StepForm):
    """The client wants something else."""

    counter: Told = Field(title=N_("What the client proposes instead"), json_schema_extra=LONG)
    asked_concession: Amount | None = Field(None, title=N_("Concession the client asks for (yuan)"))


class NegotiationFailed(StepForm):
    """No agreement can be reached."""

    reason: Told = Field(title=N_("Why no agreement was reached"), json_schema_extra=LONG)
    positions: Comment = Field("", title=N_("Where both sides stand"), json_schema_extra=LONG)


class ClientSide(StepForm):
    """Who signs for the client, and where the minutes go to be signed."""

    party_name: OneLine = Field(title=N_("Signs for the client"))
    party_capacity: OneLine = Field(
        title=N_("In what capacity"), description=N_("Such as legal representative or sales director.")
    )
    party_email: Mail = Field(
        "",
        title=N_("Their e-mail"),
        description=N_("Without one, the link and the code are passed on to them in person or by telephone."),
    )
    party_phone: SealedText | None = Field(None, title=N_("Their telephone"))

    @field_validator("party_email")
    @classmethod
    def _an_address(cls, value: str) -> str:
        if value and not ADDRESS.fullmatch(value):
            raise complaint(N_("This is not an e-mail address."))
        return value


class MinutesText(ClientSide):
    """The minutes as they shall be signed: drafted from what was recorded, corrected where need be (R)."""

    language: Language = Field(title=N_("Language of the minutes"))
    participants: Told = Field(title=N_("Participants"), json_schema_extra=LONG)
    demands: Told = Field(title=N_("What the client asks for"), json_schema_extra=LONG)
    discussed: Told = Field(title=N_("What was found and discussed"), json_schema_extra=LONG)
    solution: Told = Field(title=N_("Solution"), json_schema_extra=LONG)
    consensus: Told = Field(title=N_("Consensus"), json_schema_extra=LONG)


class MinutesSigned(StepForm):
    """A member's signature under the minutes."""

    agree: bool = Field(False, title=N_("I have read the minutes; they say what was said and agreed"))

    @field_validator("agree")
    @classmethod
    def _agrees(cls, value: bool) -> bool:
        if not value:
            raise complaint(N_("Confirm it, or object with a reason."))
        return value
