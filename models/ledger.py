"""What the receivables ledger is told: an invoice issued, a payment received (X)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator

from config.languages import N_
from config.policy.collections import OWN_CURRENCY, CollectionsPolicy
from models.forms.base import complaint

MAX_AMOUNT = Decimal("10000000000")
"""Yuan; more on one invoice is a slip of the keyboard."""
EARLIEST = date(1990, 1, 1)
LONGEST_TERM = timedelta(days=3650)
AHEAD = timedelta(days=366)
"""How far ahead of today an invoice may be dated."""
FEN = Decimal("0.01")


_SEPARATORS = re.compile(r"[;；、|\n]")


def _readable(text: str) -> str:
    """A number that people compare with their papers holds nothing that cannot be seen."""
    if not text.isprintable():
        raise complaint(N_("This holds signs that cannot be printed."))
    return text


Number = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64), AfterValidator(_readable)
]
Reference = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80), AfterValidator(_readable)
]
Currency = Annotated[
    str, StringConstraints(strip_whitespace=True, to_upper=True, min_length=1, max_length=3), AfterValidator(_readable)
]
Amount = Annotated[Decimal, Field(gt=0, le=MAX_AMOUNT, decimal_places=2)]
Day = Annotated[date, Field(ge=EARLIEST)]


CUSTOMER = N_("Customer number (K-000123) or unified social credit code.")


class Given(BaseModel):
    """Strict about what it is told: nothing that is not asked for, nothing guessed."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)

    @field_validator("currency", mode="before", check_fields=False)
    @classmethod
    def _own_currency_unless_told(cls, value: Any) -> Any:
        return OWN_CURRENCY if value is None or (isinstance(value, str) and not value.strip()) else value


class InvoiceGiven(Given):
    """An invoice as it comes in: by program, page, or as a row of a file.

    ``customer`` is its number (``K-000123``) or its unified social credit code; ``amount`` is in ``currency``.
    """

    number: Number = Field(title=N_("Invoice number"))
    customer: Number = Field(title=N_("Customer"), description=CUSTOMER)
    amount: Amount = Field(title=N_("Amount"))
    currency: Currency = Field(OWN_CURRENCY, title=N_("Currency"))
    issued_on: Day = Field(title=N_("Issued on"))
    due_on: Day = Field(title=N_("Due on"))

    @field_validator("due_on")
    @classmethod
    def _due_after_issued(cls, due_on: date, info: ValidationInfo) -> date:
        issued_on = info.data.get("issued_on")
        if issued_on is not None and due_on < issued_on:
            raise complaint(N_("Due on {due}, before it was issued on {issued}."), due=due_on, issued=issued_on)
        if issued_on is not None and due_on - issued_on > LONGEST_TERM:
            told = N_("Due on {due}, more than ten years after it was issued on {issued}.")
            raise complaint(told, due=due_on, issued=issued_on)
        return due_on


class PaymentGiven(Given):
    """Money received, as it comes in. ``reference`` is the bank's: the same one again is the same payment.

    ``invoices`` says which to settle before all others; without it the oldest due is settled first.
    """

    reference: Reference = Field(title=N_("Payment reference"))
    customer: Number = Field(title=N_("Customer"), description=CUSTOMER)
    amount: Amount = Field(title=N_("Amount"))
    currency: Currency = Field(OWN_CURRENCY, title=N_("Currency"))
    received_on: Day = Field(title=N_("Received on"))
    invoices: tuple[Number, ...] = Field(
        (),
        title=N_("For these invoices"),
        description=N_("Leave it blank to settle the oldest first. Several are separated by semicolons."),
        max_length=100,
    )
    note: Annotated[str, StringConstraints(max_length=500)] = Field("", title=N_("Note"))

    @field_validator("invoices", mode="before")
    @classmethod
    def _several_in_one_text(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return tuple(filter(None, (one.strip() for one in _SEPARATORS.split(value))))


def in_yuan(amount: Decimal, currency: str, policy: CollectionsPolicy) -> Decimal | None:
    """An amount in yuan at the policy's rate, to the fen; none if the currency is not taken (or comes to nothing)."""
    rate = Decimal(1) if currency == OWN_CURRENCY else policy.other_currencies.get(currency)
    if rate is None:
        return None
    return (amount * rate).quantize(FEN, ROUND_HALF_UP)
