"""Customer care (X, C, B): what the round opens, how far a turn may be put off, when customers are greeted."""

from __future__ import annotations

from datetime import date
from typing import Self

from pydantic import Field, model_validator

from config.policy.base import Count, Days, Fault, Named, PolicyModel, refuse, repeated
from config.words import CustomerClass, RiskLevel


class Festival(Named):
    """A festival to which customers of some classes are greeted. ``dates`` are its days, year by year."""

    classes: tuple[CustomerClass, ...] = Field(min_length=1)
    dates: tuple[date, ...] = Field(min_length=1)


class GreetingRules(PolicyModel):
    """When festival greetings are asked for (X)."""

    days_before: Days = 7
    """Calendar days before the festival from which its greetings are opened."""
    days_after: Days = 3
    """Calendar days after it at which a greeting not yet sent is given up."""
    festivals: tuple[Festival, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        faults: list[Fault] = repeated((one.name for one in self.festivals), "festivals", "festival", "name")
        refuse(faults)
        return self


class CarePolicy(PolicyModel):
    """The numbers of customer care. The defaults serve policies stored before there was any."""

    open_at_most: Count = 200
    """Cases opened in one round; what is left waits for the next, the highest risks and the oldest first."""
    by_system: tuple[RiskLevel, ...] = (RiskLevel.LOW,)
    """Levels at which the system monitors by itself; people are asked only where something stands out."""
    again_after_days: Count = 5
    """Business days after which a turn that nobody carried out comes round again."""
    postpone_at_most: Days = 2
    """How often a visit or a refresh may be put off."""
    postpone_days_at_most: Days = 60
    """How far, in calendar days from the day it is put off."""
    greetings: GreetingRules = GreetingRules()
