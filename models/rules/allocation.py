"""Which invoices a payment settles (X): those it names, then the oldest due first; what is left stays as credit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class Claim:
    """What is still owed on one invoice, in yuan."""

    number: str
    due_on: date
    outstanding: Decimal
    disputed: bool = False


@dataclass(frozen=True)
class Part:
    """A part of a payment and the invoice it settles, wholly or in part."""

    number: str
    amount: Decimal


@dataclass(frozen=True)
class Split:
    """A payment divided: ``parts`` in the order in which they were filled, and what is left as the customer's credit.

    The parts and the rest add up to the payment; no part is more than was owed.
    """

    parts: tuple[Part, ...]
    rest: Decimal


def allocate(amount: Decimal, claims: Iterable[Claim], named: Sequence[str] = ()) -> Split:
    """Divide ``amount`` (yuan, positive) among ``claims``.

    The invoices ``named`` come first, in that order; then the oldest due date, and on the same day the smaller number.
    What a customer disputes is settled after everything it does not, unless it says otherwise by naming it.

    Raises:
        ValueError: the amount is not positive.
    """
    if amount <= 0:
        raise ValueError(f"a payment of {amount} settles nothing")
    wishes = {number: place for place, number in reversed(list(enumerate(named)))}
    parts, rest = [], amount
    for claim in sorted(claims, key=lambda claim: _turn(claim, wishes)):
        part = min(rest, claim.outstanding)
        if part > 0:
            parts.append(Part(claim.number, part))
            rest -= part
    return Split(tuple(parts), rest)


def _turn(claim: Claim, wishes: Mapping[str, int]) -> tuple[int, bool, date, str]:
    return (
        wishes.get(claim.number, len(wishes)),
        claim.disputed and claim.number not in wishes,
        claim.due_on,
        claim.number,
    )
