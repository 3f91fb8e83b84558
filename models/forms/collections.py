"""Forms of the collections escalation: what was done on a rung, and what the customer answered (X, B)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, ValidationInfo, field_validator, model_validator

from config.languages import N_
from config.words import ContactAnswer, ContactWay, EvidenceKind
from models.forms.base import Row, StepForm, complaint, shown
from models.forms.common import CUSTOMER, LONG, PERSON, Comment, CustomerText, PersonId, Short, Told
from models.onboarding import MAX_AMOUNT

Sum = Annotated[Decimal, Field(gt=0, le=MAX_AMOUNT, decimal_places=2)]
"""Yuan, more than nothing."""
Letters = Annotated[str, Field(max_length=200)]


def figure(amount: Decimal) -> str:
    """An amount as a sentence shows it."""
    return f"{amount:,.2f}"


def today(info: ValidationInfo) -> date | None:
    """The company's day on which the form is handed in."""
    given = shown(info).get("today")
    return date.fromisoformat(given) if isinstance(given, str) else None


def not_in_the_future(value: date, info: ValidationInfo) -> date:
    """A day on which something was done has come.

    Raises:
        PydanticCustomError: it lies ahead.
    """
    now = today(info)
    if now is not None and value > now:
        raise complaint(N_("{day} lies in the future."), day=value)
    return value


class DisputedInvoice(Row):
    """An invoice that the customer does not accept, and why."""

    number: Short = Field(title=N_("Invoice number"))
    reason: Told = Field(title=N_("What the customer says"))


class CustomerAnswer(StepForm):
    """What a customer who owes money answered: a promise has its day and amount, a dispute its invoices."""

    answer: ContactAnswer = Field(title=N_("What the customer answered"))
    promise_on: date | None = Field(None, title=N_("Promises to pay by"))
    promised: Sum | None = Field(None, title=N_("Amount promised (yuan)"))
    disputed: tuple[DisputedInvoice, ...] = Field(
        (), max_length=50, title=N_("Invoices disputed"), json_schema_extra={"rows": 2}
    )
    note: Comment = Field("", title=N_("What was said"), json_schema_extra=LONG)

    @field_validator("promise_on")
    @classmethod
    def _held_at_most_so_long(cls, value: date | None, info: ValidationInfo) -> date | None:
        latest = shown(info).get("owed", {}).get("promise_until")
        if value is None:
            return value
        if (now := today(info)) is not None and value < now:
            raise complaint(N_("{day} is over already."), day=value)
        if latest is not None and value > date.fromisoformat(str(latest)):
            raise complaint(N_("A promise holds the ladder until {day} at the latest."), day=latest)
        return value

    @field_validator("promised")
    @classmethod
    def _not_more_than_owed(cls, value: Decimal | None, info: ValidationInfo) -> Decimal | None:
        owed = shown(info).get("owed", {}).get("overdue")
        if value is not None and owed is not None and value > Decimal(owed):
            raise complaint(N_("Only {owed} yuan are overdue."), owed=figure(Decimal(owed)))
        return value

    @field_validator("disputed")
    @classmethod
    def _of_those_overdue(cls, value: tuple[DisputedInvoice, ...], info: ValidationInfo) -> Any:
        known = [line["number"] for line in shown(info).get("owed", {}).get("invoices", ()) if not line["disputed"]]
        for row in value:
            if known and row.number not in known:
                raise complaint(
                    N_("{number} is not among the overdue invoices: {known}."),
                    number=row.number[:64],
                    known=", ".join(known)[:500],
                )
        if len({row.number for row in value}) < len(value):
            raise complaint(N_("An invoice is named twice."))
        return value

    @model_validator(mode="after")
    def _goes_together(self) -> CustomerAnswer:
        promises = self.answer is ContactAnswer.PROMISES
        if promises and (self.promise_on is None or self.promised is None):
            raise complaint(N_("A promise needs the day and the amount."))
        if not promises and (self.promise_on is not None or self.promised is not None):
            raise complaint(N_("Day and amount of a promise go with the answer “Promises to pay” only."))
        if (self.answer is ContactAnswer.DISPUTES) != bool(self.disputed):
            raise complaint(N_("Invoices disputed go with the answer “Disputes the debt”, and it with them."))
        return self


class TelephoneRecord(CustomerAnswer):
    """A telephone call about overdue money (X): reached or not, and what was answered."""

    spoke_with: Letters = Field("", title=N_("Whom they spoke with"))

    @model_validator(mode="after")
    def _reached_somebody(self) -> TelephoneRecord:
        if self.answer is ContactAnswer.NONE:
            raise complaint(N_("A call was answered somehow, or nobody was reached."))
        if self.answer is not ContactAnswer.NOT_REACHED and not self.spoke_with:
            raise complaint(N_("Whom did you speak with?"))
        return self


class LetterPosted(StepForm):
    """A letter on its way, by a carrier who can be asked (X)."""

    posted_on: date = Field(title=N_("Posted on"))
    carrier: Short = Field(title=N_("Carrier"))
    tracking_number: Annotated[Short, Field(pattern=r"^[0-9A-Za-z -]{6,40}$")] = Field(title=N_("Tracking number"))

    @field_validator("posted_on")
    @classmethod
    def _has_come(cls, value: date, info: ValidationInfo) -> date:
        return not_in_the_future(value, info)


class CustomerReply(CustomerAnswer):
    """What the customer says of its own accord between two rungs."""

    way: ContactWay = Field(title=N_("How it answered"))

    @model_validator(mode="after")
    def _says_something(self) -> CustomerReply:
        if self.answer in (ContactAnswer.NONE, ContactAnswer.NOT_REACHED):
            raise complaint(N_("Record an answer when there is one."))
        return self


class Visitor(Row):
    """One of those who went."""

    person: PersonId = Field(title=N_("Visitor"), json_schema_extra=PERSON)


class CollectionVisitReport(CustomerAnswer):
    """The report of a visit to a customer who owes money, by at least two people (X)."""

    visited_on: date = Field(title=N_("Date of the visit"))
    visitors: tuple[Visitor, ...] = Field(max_length=10, title=N_("Who went there"), json_schema_extra={"rows": 2})
    spoke_with: Letters = Field("", title=N_("Whom they spoke with"))
    findings: Told = Field(title=N_("Findings"), json_schema_extra=LONG)

    @field_validator("visited_on")
    @classmethod
    def _has_come(cls, value: date, info: ValidationInfo) -> date:
        return not_in_the_future(value, info)

    @field_validator("visitors")
    @classmethod
    def _enough_different_people(cls, value: tuple[Visitor, ...], info: ValidationInfo) -> tuple[Visitor, ...]:
        content = shown(info)
        for row in value:
            must_be_offered(row.person, content.get("person_offered"))
        wanted = int(content.get("visit_order", {}).get("people", 2))
        if len({row.person for row in value}) < len(value):
            raise complaint(N_("Somebody is named twice."))
        if len(value) < wanted:
            raise complaint(N_("At least {count} people visit together."), count=wanted)
        return value


def must_be_offered(person_id: str, offered: Mapping[str, Any] | None) -> None:
    """A person is one of those who may be chosen.

    Raises:
        PydanticCustomError: it is somebody else, or nobody.
    """
    if offered is not None and person_id not in offered:
        raise complaint(N_("Choose one of those offered."))


class SpecialGroupFormed(StepForm):
    """Who sits in the special group for each department (X)."""

    legal: PersonId = Field(title=N_("Legal"), json_schema_extra=PERSON)
    finance: PersonId = Field(title=N_("Finance"), json_schema_extra=PERSON)
    business: PersonId = Field(title=N_("Business"), json_schema_extra=PERSON)
    note: Comment = Field("", title=N_("What the group is to achieve"), json_schema_extra=LONG)

    @field_validator("legal", "finance", "business")
    @classmethod
    def _of_that_department(cls, value: str, info: ValidationInfo) -> str:
        must_be_offered(value, shown(info).get(f"{info.field_name}_offered"))
        return value

    @model_validator(mode="after")
    def _three_people(self) -> SpecialGroupFormed:
        if len({self.legal, self.finance, self.business}) < 3:
            raise complaint(N_("The group has three different members."))
        return self


class EvidenceItem(Row):
    """One piece of evidence and where it is filed."""

    kind: EvidenceKind = Field(title=N_("Kind"))
    reference: Short = Field(title=N_("Filed under"))
    note: Letters = Field("", title=N_("Remark"))


class EvidenceCollected(StepForm):
    """What the group has put together before it acts: of every kind something, or why there is none (X)."""

    items: tuple[EvidenceItem, ...] = Field(max_length=100, title=N_("Evidence"), json_schema_extra={"rows": 6})
    lacking: Comment = Field(
        "",
        title=N_("What is lacking, and why"),
        json_schema_extra=LONG,
    )

    @model_validator(mode="after")
    def _every_kind(self) -> EvidenceCollected:
        there = {item.kind for item in self.items}
        missing = [kind for kind in EvidenceKind if kind not in there]
        if missing and not self.lacking:
            raise complaint(N_("Every kind of evidence is to be there; say what is lacking, and why."))
        return self


class CollectionsRequest(StepForm):
    """Whose overdue invoices are to be recovered."""

    customer: CustomerText = Field(title=N_("Customer"), json_schema_extra=CUSTOMER)
