"""The collections ladder (X, B)."""

from __future__ import annotations

from itertools import pairwise
from typing import Self

from pydantic import Field, model_validator

from config.policy.base import Count, Days, Fault, Name, Named, PolicyModel, Switch, refuse, repeated


class Rung(Named):
    """One rung: it falls due ``from_day`` business days after the oldest due date."""

    from_day: Count
    automatic: Switch
    people: Days
    """How many people carry it out; 0 when the system does."""
    done_within_days: Days
    """Business days until a rung not done escalates; 0 for an automatic one."""
    freezes_credit: Switch
    stops_trading: Switch


class CollectionsPolicy(PolicyModel):
    """Rungs in the order they are climbed, what may follow the last, and when refusals become a nomination."""

    ladder: tuple[Rung, ...] = Field(min_length=1)
    strategies: tuple[Named, ...] = Field(min_length=1)
    refusals_until_nomination: Count
    """Refusals on record that make a nomination for malicious arrears."""
    promise_holds_at_most_days: Count
    """The longest a promise to pay may hold the ladder."""
    instalments_at_most: Count

    @model_validator(mode="after")
    def _ladder_is_climbed_upwards(self) -> Self:
        faults: list[Fault] = [
            *repeated((rung.name for rung in self.ladder), "ladder", "rung", "name"),
            *repeated((strategy.name for strategy in self.strategies), "strategies", "strategy", "name"),
        ]
        for i, (lower, upper) in enumerate(pairwise(self.ladder)):
            if upper.from_day <= lower.from_day:
                told = f"ladder does not ascend: {upper.name} on day {upper.from_day} comes after day {lower.from_day}"
                faults.append((("ladder", i + 1, "from_day"), told))
            if lower.freezes_credit and not upper.freezes_credit:
                faults.append((("ladder", i + 1, "freezes_credit"), f"{upper.name} would thaw the credit line again"))
        refuse(faults)
        return self

    def rung(self, name: Name) -> Rung:
        """The rung called ``name``.

        Raises:
            LookupError: there is none.
        """
        for rung in self.ladder:
            if rung.name == name:
                return rung
        raise LookupError(f"the collections ladder has no rung {name!r}")
