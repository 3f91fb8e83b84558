"""A figure: what was measured, what it must reach, and whether it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles


@dataclass(frozen=True)
class Figure:
    """``measured`` in ``unit``; reached when at most ``most``, or at least ``least``. With neither it only informs."""

    name: str
    measured: float
    unit: str
    most: float | None = None
    least: float | None = None

    @property
    def reached(self) -> bool:
        if self.most is not None and self.measured > self.most:
            return False
        return self.least is None or self.measured >= self.least

    @property
    def target(self) -> str:
        if self.most is not None:
            return f"≤ {self.most:g} {self.unit}"
        return f"≥ {self.least:g} {self.unit}" if self.least is not None else ""

    @property
    def verdict(self) -> str:
        if not self.target:
            return ""
        return "pass" if self.reached else "FAIL"


def p95(values: Sequence[float]) -> float:
    """The value that 95 of 100 do not exceed; interpolated between the measured ones."""
    return quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]


def middle(values: Sequence[float]) -> float:
    """The median."""
    return median(values)
