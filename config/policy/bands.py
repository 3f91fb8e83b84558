"""Bands: score bands in whole points, and number bands of an indicator. They cover everything, once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Protocol

from config.policy.base import Fault, Number, Points, PolicyModel

LOWEST_SCORE, HIGHEST_SCORE = 0, 100


class ScoreBand(Protocol):
    """A band of whole points, both ends belonging to it."""

    @property
    def lowest(self) -> int: ...

    @property
    def highest(self) -> int: ...

    @property
    def title(self) -> str: ...


class NumberBand(PolicyModel):
    """Points for a number from ``at_least`` (in the band) to ``below`` (not in it). An end left out is open."""

    at_least: Number | None = None
    below: Number | None = None
    points: Points

    def holds(self, value: Decimal) -> bool:
        """Whether ``value`` lies in this band."""
        return (self.at_least is None or value >= self.at_least) and (self.below is None or value < self.below)

    def written(self) -> str:
        """The band as mathematics, the same in every language: ``5 ≤ x < 10``."""
        low = "" if self.at_least is None else f"{self.at_least:,} ≤ "
        high = "" if self.below is None else f" < {self.below:,}"
        return f"{low}x{high}"


def score_faults(bands: Sequence[ScoreBand], place: str, what: str) -> Iterator[Fault]:
    """Where score bands overlap or leave a gap between 0 and 100. The order in the file does not matter."""
    order = sorted(range(len(bands)), key=lambda i: (bands[i].lowest, bands[i].highest))
    for i in order:
        if bands[i].lowest > bands[i].highest:
            yield (place, i), f"{bands[i].title} starts at {bands[i].lowest} but ends at {bands[i].highest}"
    for i, j in pairwise(order):
        lower, upper = bands[i], bands[j]
        ends = f"({lower.title} ends at {lower.highest}, {upper.title} starts at {upper.lowest})"
        if upper.lowest <= lower.highest:
            yield (place, j), f"{what} overlap at {upper.lowest} {ends}"
        elif upper.lowest > lower.highest + 1:
            yield (place, j), f"{what} leave a gap from {lower.highest + 1} to {upper.lowest - 1} {ends}"
    if not order:
        yield (place,), f"{what} are empty"
        return
    first, last = order[0], max(order, key=lambda i: bands[i].highest)
    if bands[first].lowest != LOWEST_SCORE:
        yield (place, first), f"{what} start at {bands[first].lowest}, not at {LOWEST_SCORE}"
    if bands[last].highest != HIGHEST_SCORE:
        yield (place, last), f"{what} end at {bands[last].highest}, not at {HIGHEST_SCORE}"


def number_faults(bands: Sequence[NumberBand], place: str) -> Iterator[Fault]:
    """Where number bands, written in ascending order, overlap or leave a gap; outer ends must be open."""
    if not bands:
        yield (place,), "bands are empty"
        return
    if bands[0].at_least is not None:
        yield (place, 0), f"the first band must be open below, but starts at {bands[0].at_least}"
    if bands[-1].below is not None:
        yield (place, len(bands) - 1), f"the last band must be open above, but ends below {bands[-1].below}"
    for i, band in enumerate(bands):
        if band.at_least is not None and band.below is not None and band.at_least >= band.below:
            yield (place, i), f"the band from {band.at_least} to below {band.below} is empty"
    for i, (lower, upper) in enumerate(pairwise(bands)):
        if lower.below is None or upper.at_least is None:
            yield (place, i + 1), "only the outer ends of the bands may be left open"
        elif upper.at_least < lower.below:
            yield (place, i + 1), f"bands overlap at {upper.at_least} (the band before ends below {lower.below})"
        elif upper.at_least > lower.below:
            yield (place, i + 1), f"bands leave a gap from {lower.below} to {upper.at_least}"
