"""What every policy model is made of: strict frozen models, bilingual texts, exact amounts."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from config.words import Language

Place = tuple[str | int, ...]
"""Where a value stands below another one: keys and positions, outermost first."""


def _two_places(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"))


def _plain(value: Decimal) -> Decimal:
    """One way to write each number, so that equal policies have equal versions."""
    return Decimal(format(value.normalize(), "f"))


Amount = Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=2), AfterValidator(_two_places)]
"""Yuan, two places."""
Number = Annotated[Decimal, Field(max_digits=18), AfterValidator(_plain)]
"""Any exact number."""
Percent = Annotated[Decimal, Field(ge=0, le=100), AfterValidator(_plain)]
Points = Annotated[int, Field(strict=True, ge=0, le=100)]
"""Whole points from 0 (worst) to 100 (best)."""
Weight = Annotated[int, Field(strict=True, ge=1, le=100)]
"""Share of a whole of 100."""
Days = Annotated[int, Field(strict=True, ge=0, le=3650)]
Count = Annotated[int, Field(strict=True, ge=1, le=1000)]
Switch = Annotated[bool, Field(strict=True)]
Name = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
"""A stable name for storage: small letters, digits, underscores."""


class PolicyModel(BaseModel):
    """A part of the policy: unknown keys are refused, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(PolicyModel):
    """A text of the policy itself, in both languages."""

    zh_CN: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def in_(self, language: Language) -> str:
        """The text in ``language``."""
        return self.zh_CN if language is Language.ZH_CN else self.en


class Named(PolicyModel):
    """Something with a stable name and a label for people."""

    name: Name
    label: Text


Fault = tuple[Place, str]
"""A rule that does not hold: the place, relative to the model that checks, and what is wrong there."""


def refuse(faults: Iterable[Fault]) -> None:
    """Raise what a validator found, if it found anything, with the place of each fault.

    Raises:
        PydanticCustomError: of type ``policy_rule``; ``ctx["faults"]`` holds the faults.
    """
    found = list(faults)
    if found:
        told = "; ".join(message for _, message in found)
        raise PydanticCustomError("policy_rule", "{told}", {"told": told, "faults": found})


def repeated(values: Iterable[str], place: str, what: str, *below: str) -> list[Fault]:
    """A fault for every value that was there before. ``below`` are the keys from the item to the value."""
    seen: set[str] = set()
    faults: list[Fault] = []
    for position, value in enumerate(values):
        if value in seen:
            faults.append(((place, position, *below), f"{what} {value!r} is given twice"))
        seen.add(value)
    return faults


def absent(given: Iterable[str], wanted: Iterable[str], place: Place, what: str) -> list[Fault]:
    """A fault if not every wanted value is given: the tables of a policy cover all cases."""
    there = set(given)
    missing = [value for value in wanted if value not in there]
    return [(place, f"{what} missing: {', '.join(missing)}")] if missing else []
