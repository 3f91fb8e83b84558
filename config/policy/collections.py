"""The collections ladder (X, B)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from itertools import pairwise
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from config.policy.base import Count, Days, Fault, Name, Named, Number, PolicyModel, Switch, refuse, repeated
from config.words import ContactAnswer, Role, RungWay, StrategyWay

OWN_CURRENCY = "CNY"

Currency = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z]{3}$")]
"""Three letters of ISO 4217."""


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
    way: RungWay | None = None
    """What is done on it; a rung named after its way need not say so."""

    @model_validator(mode="after")
    def _says_what_is_done(self) -> Self:
        if self.way is None and self.name not in set(RungWay):
            known = ", ".join(RungWay)
            refuse([(("name",), f"{self.name} is no way to collect: name it {known}, or give its way")])
        return self

    @property
    def done_as(self) -> RungWay:
        """What is done on this rung."""
        return self.way or RungWay(self.name)


class Strategy(Named):
    """One way on after the last rung. It is approved by ``signed_by`` (all of them); by none: along the matrix."""

    signed_by: tuple[Role, ...]

    @model_validator(mode="before")
    @classmethod
    def _signed_by_default(cls, given: Any) -> Any:
        """A policy that does not say (or was stored before it could) means what the product means."""
        if isinstance(given, Mapping) and "signed_by" not in given:
            return {**given, "signed_by": SIGNED_BY.get(given.get("name"), ())}
        return given

    @model_validator(mode="after")
    def _is_known(self) -> Self:
        if self.name not in set(StrategyWay):
            refuse([(("name",), f"{self.name} is no strategy; there are {', '.join(StrategyWay)}")])
        return self

    @property
    def way(self) -> StrategyWay:
        return StrategyWay(self.name)


SIGNED_BY: Mapping[Any, tuple[Role, ...]] = {
    StrategyWay.AGENCY: (Role.HEAD, Role.FINANCE_OFFICER),
    StrategyWay.LAWSUIT: (Role.LEGAL_OFFICER, Role.FINANCE_OFFICER, Role.VICE_PRESIDENT),
}
"""Who approves a strategy where the policy (or one stored before it could) does not say."""


class CollectionsPolicy(PolicyModel):
    """Rungs in the order they are climbed, what may follow the last, and when refusals become a nomination."""

    ladder: tuple[Rung, ...] = Field(min_length=1)
    strategies: tuple[Strategy, ...] = Field(min_length=1)
    refusals_until_nomination: Count
    """Refusals on record that make a nomination for malicious arrears."""
    counted_as_refusal: tuple[ContactAnswer, ...] = (ContactAnswer.REFUSES, ContactAnswer.STALLS)
    """Answers that count as a refusal, besides a promise that was broken."""
    promise_holds_at_most_days: Count
    """The longest a promise to pay may hold the ladder."""
    instalments_at_most: Count
    instalment_grace_days: Days = 3
    """Business days after which an instalment not paid breaks the plan."""
    rungs_begin_at: time = time(9, 0)
    """The company's wall-clock time at which a rung is begun on its day."""
    agency_reports_every_days: Count = 20
    """Business days between two reports on what the agency has achieved."""
    lawsuit_reports_every_days: Count = 20
    """Business days between two reports on a lawsuit, and on enforcing its judgment."""
    other_currencies: dict[Currency, Annotated[Number, Field(gt=0)]] = Field(default_factory=dict)
    """Yuan for one unit of each foreign currency the ledger takes; any other is refused."""

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

    @model_validator(mode="after")
    def _yuan_has_no_rate(self) -> Self:
        if OWN_CURRENCY in self.other_currencies:
            refuse([(("other_currencies", OWN_CURRENCY), "amounts are kept in yuan; it has no rate")])
        return self

    def strategy(self, way: StrategyWay) -> Strategy | None:
        """How ``way`` is approved; none if the company does not go that way."""
        return next((one for one in self.strategies if one.way is way), None)

    def rung(self, name: Name) -> Rung:
        """The rung called ``name``.

        Raises:
            LookupError: there is none.
        """
        for rung in self.ladder:
            if rung.name == name:
                return rung
        raise LookupError(f"the collections ladder has no rung {name!r}")
