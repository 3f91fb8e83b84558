"""The order in which things usually follow each other, though some come back."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


def usual_order(names: Sequence[T], follows: Mapping[tuple[T, T], int]) -> list[T]:
    """``names`` so that few of the passages (before, after: how often) lead backwards.

    The method is that of Eades, Lin and Smyth: what nothing leads to goes first, what leads nowhere last, and where
    everything goes in circles, what is left more than it is entered. Equals keep the order of ``names``; what is on no
    passage comes at the end.
    """
    weights = {pair: count for pair, count in follows.items() if pair[0] != pair[1] and count > 0}
    connected = {name for pair in weights for name in pair}
    left = [name for name in dict.fromkeys(names) if name in connected]
    first: list[T] = []
    last = [name for name in reversed(list(dict.fromkeys(names))) if name not in connected]
    while left:
        within = {pair: n for pair, n in weights.items() if pair[0] in left and pair[1] in left}
        came = {name: sum(n for (_, after), n in within.items() if after == name) for name in left}
        went = {name: sum(n for (before, _), n in within.items() if before == name) for name in left}
        sources = [name for name in left if not came[name]]
        sinks = [name for name in left if not went[name] and came[name]]
        if sources:
            chosen = sources[0]
            first.append(chosen)
        elif sinks:
            chosen = sinks[-1]
            last.append(chosen)
        else:
            chosen = max(left, key=lambda name: went[name] - came[name])
            first.append(chosen)
        left.remove(chosen)
    return first + last[::-1]
