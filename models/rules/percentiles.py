"""Percentiles of counted values: exact, without holding every value.

The percentile at ``share`` is the value at place ``share * (n - 1)`` of the ordered values, counted from 0 and
interpolated between its neighbours: ``percentile_cont`` of SQL, ``PERCENTILE.INC`` of spreadsheets. At one half it is
the median.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from fractions import Fraction
from itertools import accumulate
from operator import mul
from typing import NamedTuple

MEDIAN, NINETY = Fraction(1, 2), Fraction(9, 10)


class Spans(NamedTuple):
    """How long a number of things took, in minutes: how many they are, half of them and nine of ten at most."""

    number: int = 0
    median: int | None = None
    ninety: int | None = None
    total: int = 0


def percentile(counts: Mapping[int, int], share: Fraction) -> Fraction | None:
    """The value that ``share`` (0 to 1) of the values do not exceed; ``counts`` says how often each value is there.

    None without values.

    Raises:
        ValueError: a share outside 0 to 1.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"a share lies between 0 and 1, not at {share}")
    return _Ordered(counts).at(share)


def spans(counts: Mapping[int, int]) -> Spans:
    """Median and 90th percentile of ``counts``, rounded half up to whole minutes, and their sum."""
    ordered = _Ordered(counts)
    total = sum(map(mul, ordered.values, ordered.counts))
    return Spans(ordered.number, _whole(ordered.at(MEDIAN)), _whole(ordered.at(NINETY)), total)


class _Ordered:
    """Counted values in order: how many there are up to and with each."""

    def __init__(self, counts: Mapping[int, int]) -> None:
        there = sorted(item for item in counts.items() if item[1])
        self.values = [value for value, _ in there]
        self.counts = [count for _, count in there]
        self.up_to = list(accumulate(self.counts))
        self.number = self.up_to[-1] if self.up_to else 0

    def at(self, share: Fraction) -> Fraction | None:
        if not self.number:
            return None
        place, rest = divmod(share * (self.number - 1), 1)
        below = self._value(int(place))
        return Fraction(below) if not rest else below + rest * (self._value(int(place) + 1) - below)

    def _value(self, place: int) -> int:
        return self.values[bisect_right(self.up_to, place)]


def _whole(value: Fraction | None) -> int | None:
    return None if value is None else (value + Fraction(1, 2)).__floor__()
