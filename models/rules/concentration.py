"""How much of the exposure hangs on few (C): the largest, their shares, and the Herfindahl–Hirschman index."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from models.rules.migration import percent
from models.rules.reasons import Result

WHOLE = 10_000
"""The index of an exposure that is all owed by one."""


class Share(Result):
    """One of the largest: who, how much (yuan), how much of all in percent. ``key`` finds them again."""

    key: str
    name: str
    amount: Decimal
    percent: Decimal


class Concentration(Result):
    """How an exposure is spread: its total in yuan, over how many, the largest first, the index from 0 to 10,000."""

    total: Decimal
    number: int
    largest: tuple[Share, ...] = ()
    index: int = 0

    @property
    def largest_percent(self) -> Decimal:
        """What the largest together owe of all, in percent."""
        return percent(sum((share.amount for share in self.largest), Decimal(0)), self.total) or Decimal(0)


def concentration(exposures: Iterable[tuple[str, str, Decimal]], top: int) -> Concentration:
    """The concentration of ``exposures`` (key, name, yuan), read once and never held; ``top`` are named.

    Equal amounts come in the order of their keys. What is not above zero is no exposure.

    The index is the sum of the squared shares in percent, rounded half up: 10,000 if one owes everything, near 0 if
    very many owe a little each.
    """
    total, squares, number = Decimal(0), 0, 0
    largest: list[tuple[Decimal, _Reversed, str]] = []
    for key, name, amount in exposures:
        if amount <= 0:
            continue
        number += 1
        total += amount
        squares += int(amount * 100) ** 2
        item = (amount, _Reversed(key), name)
        if len(largest) < top:
            heapq.heappush(largest, item)
        else:
            heapq.heappushpop(largest, item)
    if not number:
        return Concentration(total=Decimal("0.00"), number=0)
    fen = int(total * 100)
    index = (Decimal(WHOLE * squares) / Decimal(fen * fen)).quantize(Decimal(1), ROUND_HALF_UP)
    named = tuple(
        Share(key=key.text, name=name, amount=amount, percent=percent(amount, total) or Decimal(0))
        for amount, key, name in sorted(largest, reverse=True)
    )
    return Concentration(total=total, number=number, largest=named, index=int(index))


class _Reversed:
    """A text that sorts the other way round."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __lt__(self, other: _Reversed) -> bool:
        return self.text > other.text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Reversed) and self.text == other.text

    __hash__ = None  # type: ignore[assignment]
