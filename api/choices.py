"""What the policy's figures may be: choices to pick from, units to write a number in."""

from __future__ import annotations

from api.forms import Offer, Option
from config.policy import Policy
from config.policy.indicators import ChoicePart


def choices_of(policy: Policy) -> dict[str, Offer]:
    """Every figure of ``policy`` by name, as a form offers it."""
    return {
        part.name: Offer(part.label, tuple(Option(choice.value, choice.label) for choice in part.choices))
        if isinstance(part, ChoicePart)
        else Offer(part.label, unit=part.unit)
        for part in policy.indicators.figures()
    }
