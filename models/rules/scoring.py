"""The score of a customer by the indicators of the policy (B, C, X).

The total is a whole number from 0 to 100, rounded half up, because the credit table is written in whole points
(80–89, 90–100): 89.5 must fall somewhere. Parts are exact to one decimal place.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from config.policy import IndicatorsPolicy, Text
from config.policy.indicators import ChoicePart, Indicator, NumberPart
from config.words import CustomerType
from models.rules.reasons import Reason, Result, because

Figures = Mapping[str, Decimal | str | None]
"""What is known of a customer, by the name of the figure. Absent, ``None`` and blank all mean missing."""

_TENTH, _ONE = Decimal("0.1"), Decimal(1)


class PartScore(Result):
    """One sub-indicator: the value seen, the band it hit, its points (0–100) and weight within the indicator.

    ``missing`` is true when there was no readable value; ``reason`` then says by what rule it scored.
    """

    name: str
    label: Text
    seen: str | None
    unit: Text | None
    band: Text | None
    points: int
    weight: int
    missing: bool
    reason: Reason


class IndicatorScore(Result):
    """One indicator: its points (0–100, one place), its weight in the total, and its sub-indicators.

    ``weight`` is in percent of the total after indicators that do not apply to the customer type gave theirs up.
    """

    name: str
    label: Text
    points: Decimal
    weight: Decimal
    parts: tuple[PartScore, ...]


class Score(Result):
    """A customer's score. ``total`` is in whole points, 0–100."""

    total: int
    parts: tuple[IndicatorScore, ...]
    not_applicable: tuple[Text, ...] = ()

    @property
    def missing(self) -> tuple[PartScore, ...]:
        """Every sub-indicator that was scored without a value."""
        return tuple(part for indicator in self.parts for part in indicator.parts if part.missing)


def score(figures: Figures, policy: IndicatorsPolicy, customer_type: CustomerType) -> Score:
    """The score of a customer of this type. Figures the policy does not name are not looked at."""
    applying = [
        (indicator, parts)
        for indicator in policy.indicators
        if (parts := [part for part in indicator.parts if part.applies_to(customer_type)])
    ]
    whole = sum(indicator.weight for indicator, _ in applying)
    results: list[IndicatorScore] = []
    total = Decimal(0)
    for indicator, parts in applying:
        scored = tuple(_score_part(part, figures.get(part.name), policy.missing_points) for part in parts)
        points = Decimal(sum(part.points * part.weight for part in scored)) / sum(part.weight for part in scored)
        total += points * indicator.weight / whole
        results.append(_indicator_score(indicator, points, whole, scored))
    return Score(
        total=int(total.quantize(_ONE, ROUND_HALF_UP)),
        parts=tuple(results),
        not_applicable=_left_out(policy, customer_type),
    )


def _left_out(policy: IndicatorsPolicy, customer_type: CustomerType) -> tuple[Text, ...]:
    return tuple(part.label for part in policy.figures() if not part.applies_to(customer_type))


def _indicator_score(indicator: Indicator, points: Decimal, whole: int, parts: tuple[PartScore, ...]) -> IndicatorScore:
    share = Decimal(indicator.weight * 100) / whole
    return IndicatorScore(
        name=indicator.name,
        label=indicator.label,
        points=points.quantize(_TENTH, ROUND_HALF_UP),
        weight=share.quantize(_TENTH, ROUND_HALF_UP),
        parts=parts,
    )


def _score_part(part: NumberPart | ChoicePart, value: Decimal | str | None, missing_points: int) -> PartScore:
    seen = None if value is None or not str(value).strip() else str(value).strip()
    hit = None if seen is None else _hit_number(part, seen) if isinstance(part, NumberPart) else _hit_choice(part, seen)
    unit = part.unit if isinstance(part, NumberPart) else None
    if hit is None:
        points = missing_points if part.missing_points is None else part.missing_points
        reason = (
            because("score.missing", points=points)
            if seen is None
            else because("score.unreadable", value=seen, points=points)
        )
        band = None
    else:
        band, points, reason = hit
    return PartScore(
        name=part.name,
        label=part.label,
        seen=seen,
        unit=unit,
        band=band,
        points=points,
        weight=part.weight,
        missing=hit is None,
        reason=reason,
    )


def _hit_number(part: NumberPart, seen: str) -> tuple[Text, int, Reason] | None:
    try:
        number = Decimal(seen.replace(",", ""))
    except InvalidOperation:
        return None
    if not number.is_finite():
        return None
    band = next(band for band in part.bands if band.holds(number))
    written = band.written()
    reason = because("score.in_band", value=number, band=written, points=band.points)
    return Text(zh_CN=written, en=written), band.points, reason


def _hit_choice(part: ChoicePart, seen: str) -> tuple[Text, int, Reason] | None:
    for choice in part.choices:
        if choice.value.casefold() == seen.casefold():
            return choice.label, choice.points, because("score.is_choice", value=choice.label, points=choice.points)
    return None
