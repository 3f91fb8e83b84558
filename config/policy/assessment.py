"""Assessment indicators of the work (R, B)."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from config.policy.base import Days, Fault, Named, Percent, PolicyModel, Text, Weight, refuse, repeated
from config.policy.indicators import WHOLE
from config.words import Department


class AssessmentIndicator(Named):
    """One measure of the work: ``target`` in percent, and which way is better."""

    description: Text
    target: Percent
    better: Literal["higher", "lower"]
    weight: Weight
    departments: tuple[Department, ...] = Field(min_length=1)
    """The departments it is computed for."""


class SampleSizes(PolicyModel):
    """How many of each internal audit looks at in an assessment (R)."""

    minutes: Days = 5
    plans: Days = 5
    confidentiality: Days = 10


class AssessmentPolicy(PolicyModel):
    """All assessment indicators; their weights sum to 100."""

    indicators: tuple[AssessmentIndicator, ...] = Field(min_length=1)
    samples: SampleSizes = SampleSizes()

    @model_validator(mode="after")
    def _weights_sum_to_a_hundred(self) -> Self:
        faults: list[Fault] = repeated((i.name for i in self.indicators), "indicators", "indicator", "name")
        total = sum(indicator.weight for indicator in self.indicators)
        if total != WHOLE:
            faults.append((("indicators",), f"weights of the indicators sum to {total}, not {WHOLE}"))
        refuse(faults)
        return self
