"""The score of very many customers: the tables of the policy laid out once, the total the same as ``score`` gives."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import NamedTuple

from config.policy import IndicatorsPolicy
from config.policy.indicators import ChoicePart, NumberPart
from config.words import CustomerType
from models.rules.scoring import Figures

_ONE = Decimal(1)
_REMEMBERED = 20_000
"""How many values of one figure are remembered with their points."""


class Points(NamedTuple):
    """A customer's total in whole points, and how many figures were scored without a value."""

    total: int
    missing: int


@dataclass(slots=True)
class _Part:
    name: str
    weight: int
    missing_points: int
    read: Callable[[str], int | None]
    known: dict[str, int | None]

    def points(self, value: Decimal | str | None) -> int | None:
        if value is None:
            return None
        text = value if type(value) is str else str(value)
        try:
            return self.known[text]
        except KeyError:
            seen = text.strip()
            points = self.read(seen) if seen else None
            if len(self.known) < _REMEMBERED:
                self.known[text] = points
            return points


class PortfolioScoring:
    """Scores customers by one policy. ``points`` is what ``models.rules.scoring.score`` would say, without the why."""

    def __init__(self, policy: IndicatorsPolicy) -> None:
        self._policy = policy
        self._by_type = {customer_type: self._laid_out(customer_type) for customer_type in CustomerType}

    def points(self, figures: Figures, customer_type: CustomerType) -> Points:
        """The total of a customer of this type."""
        whole, indicators = self._by_type[customer_type]
        total, missing = Decimal(0), 0
        for weight, share, parts in indicators:
            gained = 0
            for part in parts:
                points = part.points(figures.get(part.name))
                if points is None:
                    missing += 1
                    points = part.missing_points
                gained += points * part.weight
            total += Decimal(gained) / share * weight / whole
        return Points(int(total.quantize(_ONE, ROUND_HALF_UP)), missing)

    def _laid_out(self, customer_type: CustomerType) -> tuple[int, list[tuple[int, int, list[_Part]]]]:
        indicators = []
        for indicator in self._policy.indicators:
            parts = [self._part(part) for part in indicator.parts if part.applies_to(customer_type)]
            if parts:
                indicators.append((indicator.weight, sum(part.weight for part in parts), parts))
        return sum(weight for weight, _, _ in indicators), indicators

    def _part(self, part: NumberPart | ChoicePart) -> _Part:
        missing = self._policy.missing_points if part.missing_points is None else part.missing_points
        read = _number_reader(part) if isinstance(part, NumberPart) else _choice_reader(part)
        return _Part(part.name, part.weight, missing, read, {})


def _number_reader(part: NumberPart) -> Callable[[str], int | None]:
    starts = [band.at_least for band in part.bands[1:] if band.at_least is not None]
    points = [band.points for band in part.bands]

    def read(seen: str) -> int | None:
        try:
            number = Decimal(seen.replace(",", ""))
        except InvalidOperation:
            return None
        return points[bisect_right(starts, number)] if number.is_finite() else None

    return read


def _choice_reader(part: ChoicePart) -> Callable[[str], int | None]:
    points: dict[str, int] = {}
    for choice in part.choices:
        points.setdefault(choice.value.casefold(), choice.points)
    return lambda seen: points.get(seen.casefold())
