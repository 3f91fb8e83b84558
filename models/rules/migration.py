"""How customers move between grades, levels and classes from one evaluation to the next (C, B)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from config.words import Change, CreditGrade, CustomerClass, RiskLevel, Word
from models.rules.reasons import Result

WORSE_TO_THE_RIGHT: dict[type[Word], tuple[Word, ...]] = {
    CreditGrade: tuple(CreditGrade),
    RiskLevel: tuple(RiskLevel),
    CustomerClass: tuple(CustomerClass),
}
"""Each vocabulary from its best word to its worst."""

_RANK = {word: place for words in WORSE_TO_THE_RIGHT.values() for place, word in enumerate(words)}
# Words of different vocabularies may be equal texts ("A" is a grade and a class); their places are the same, too.

_TENTH = Decimal("0.1")


class Standing(NamedTuple):
    """Where a customer stands. ``None`` where it was never said."""

    grade: CreditGrade | None
    level: RiskLevel | None
    klass: CustomerClass | None


def change(old: Standing, new: Standing) -> Change:
    """What the move from ``old`` to ``new`` is. Worse in grade or level is a downgrade, whatever else got better.

    A class that moves while grade and level stay (the volume did it) counts by itself.
    """
    if old.grade is None or old.level is None:
        return Change.FIRST
    moves = [_RANK[new.grade or old.grade] - _RANK[old.grade], _RANK[new.level or old.level] - _RANK[old.level]]
    if any(move > 0 for move in moves):
        return Change.DOWN
    if any(move < 0 for move in moves):
        return Change.UP
    step = 0 if old.klass is None or new.klass is None else _RANK[new.klass] - _RANK[old.klass]
    if step == 0:
        return Change.SAME if old.klass is not None or new.klass is None else Change.FIRST
    return Change.DOWN if step > 0 else Change.UP


class Migration(Result):
    """A migration table. ``counts[i][j]`` customers moved from ``words[i]`` to ``words[j]``, best word first.

    ``first`` counts customers by their new word who had none before.
    """

    words: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    first: tuple[int, ...]

    @property
    def before(self) -> tuple[int, ...]:
        """Customers by their old word."""
        return tuple(sum(row) for row in self.counts)

    @property
    def after(self) -> tuple[int, ...]:
        """Customers by their new word, those evaluated for the first time included."""
        return tuple(sum(column) + self.first[place] for place, column in enumerate(zip(*self.counts, strict=True)))

    @property
    def total(self) -> int:
        return sum(self.after)

    @property
    def worse(self) -> int:
        return sum(count for i, row in enumerate(self.counts) for count in row[i + 1 :])

    @property
    def better(self) -> int:
        return sum(count for i, row in enumerate(self.counts) for count in row[:i])

    @property
    def same(self) -> int:
        return sum(row[i] for i, row in enumerate(self.counts))


def migration(moves: Iterable[tuple[Word | None, Word, int]], words: Sequence[Word]) -> Migration:
    """The migration table of ``moves`` (old word, new word, how many customers) over ``words``, best first."""
    place = {word: at for at, word in enumerate(words)}
    counts = [[0] * len(words) for _ in words]
    first = [0] * len(words)
    for old, new, number in moves:
        if old is None:
            first[place[new]] += number
        else:
            counts[place[old]][place[new]] += number
    return Migration(
        words=tuple(word.value for word in words), counts=tuple(tuple(row) for row in counts), first=tuple(first)
    )


def percent(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    """``part`` of ``whole`` in percent, to one place, half up; none where there is no whole."""
    return None if not whole else (Decimal(100) * part / whole).quantize(_TENTH, ROUND_HALF_UP)
