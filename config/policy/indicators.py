"""Indicators and their scoring (B, C, X): what is looked at, how it is weighed, how a missing value counts."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from config.policy.bands import NumberBand, number_faults
from config.policy.base import Fault, Named, Points, PolicyModel, Text, Weight, refuse, repeated
from config.words import CustomerType

WHOLE = 100


class Part(Named):
    """A sub-indicator. ``only_for`` names the customer types it says something about; empty means all."""

    weight: Weight
    only_for: tuple[CustomerType, ...] = ()
    missing_points: Points | None = None
    """What a missing value scores here; the policy's ``missing_points`` when left out."""

    def applies_to(self, customer_type: CustomerType) -> bool:
        """Whether this sub-indicator is scored for such a customer."""
        return not self.only_for or customer_type in self.only_for


class NumberPart(Part):
    """A sub-indicator read from a number, by bands in ascending order."""

    kind: Literal["number"]
    unit: Text | None = None
    better: Literal["higher", "lower"] | None = None
    """Which way points must run along the bands; left out where neither holds (a current ratio can be too high)."""
    bands: tuple[NumberBand, ...]

    def told(self, value: str) -> Text | str:
        """A figure as it is read out: grouped, with its unit. What is no number is told as it is."""
        try:
            grouped = f"{Decimal(value):,f}"
        except InvalidOperation:
            return value
        if self.unit is None:
            return grouped
        return Text(zh_CN=_with(grouped, self.unit.zh_CN), en=_with(grouped, self.unit.en))

    @model_validator(mode="after")
    def _bands_cover_every_number_once(self) -> Self:
        faults = list(number_faults(self.bands, "bands"))
        for i in range(1, len(self.bands)):
            step = self.bands[i].points - self.bands[i - 1].points
            if (self.better == "higher" and step < 0) or (self.better == "lower" and step > 0):
                faults.append((("bands", i, "points"), f"points run the wrong way where {self.better} is better"))
        refuse(faults)
        return self


def _with(number: str, unit: str) -> str:
    return f"{number}{unit}" if unit == "%" else f"{number} {unit}"


class Choice(PolicyModel):
    """Points for one of the words a figure may take."""

    value: str = Field(min_length=1, max_length=40)
    label: Text
    points: Points


class ChoicePart(Part):
    """A sub-indicator read from one of several words, such as a rating."""

    kind: Literal["choice"]
    choices: tuple[Choice, ...] = Field(min_length=1)

    def told(self, value: str) -> Text | str:
        """The policy's words for ``value``; the value itself if the policy does not know it."""
        return next((choice.label for choice in self.choices if choice.value == value), value)

    @model_validator(mode="after")
    def _no_choice_twice(self) -> Self:
        refuse(repeated((choice.value for choice in self.choices), "choices", "value", "value"))
        return self


AnyPart = Annotated[NumberPart | ChoicePart, Field(discriminator="kind")]


class Indicator(Named):
    """One indicator of the score, 0–100, made of weighted sub-indicators."""

    weight: Weight
    parts: tuple[AnyPart, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _parts_weigh_a_hundred(self) -> Self:
        totals: dict[int, list[str]] = {}
        for customer_type in CustomerType:
            total = sum(part.weight for part in self.parts if part.applies_to(customer_type))
            if total not in (0, WHOLE):
                totals.setdefault(total, []).append(customer_type.value)
        refuse(
            (("parts",), f"weights of {self.name} sum to {total}, not {WHOLE} (for {', '.join(types)})")
            for total, types in totals.items()
        )
        return self


class IndicatorsPolicy(PolicyModel):
    """All indicators. Every figure's name is unique: it is the column of an import and the field of a form."""

    missing_points: Points
    indicators: tuple[Indicator, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _weights_and_names(self) -> Self:
        faults: list[Fault] = repeated((i.name for i in self.indicators), "indicators", "indicator", "name")
        total = sum(indicator.weight for indicator in self.indicators)
        if total != WHOLE:
            faults.append((("indicators",), f"weights of the indicators sum to {total}, not {WHOLE}"))
        seen: set[str] = set()
        for i, indicator in enumerate(self.indicators):
            for j, part in enumerate(indicator.parts):
                if part.name in seen:
                    faults.append((("indicators", i, "parts", j, "name"), f"figure {part.name!r} is given twice"))
                seen.add(part.name)
        faults += [
            (("indicators",), f"no indicator applies to {customer_type.value}")
            for customer_type in CustomerType
            if not self.figures(customer_type)
        ]
        refuse(faults)
        return self

    def figures(self, customer_type: CustomerType | None = None) -> tuple[NumberPart | ChoicePart, ...]:
        """Every figure the score reads, for one customer type or for all, in the order of the file."""
        return tuple(
            part
            for indicator in self.indicators
            for part in indicator.parts
            if customer_type is None or part.applies_to(customer_type)
        )
