"""The quarterly evaluation of the portfolio (C, B)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from config.policy.base import Amount, Count, Days, Percent, PolicyModel


class LimitRules(PolicyModel):
    """When an evaluation proposes a higher limit; a lower one follows from the credit table."""

    raise_percent: Percent = Decimal(20)
    """How much an upgraded customer may be offered more, up to the cap of the new grade."""
    raise_when_used_percent: Percent = Decimal(80)
    """Only where so much of the present limit is in use."""
    round_to: Amount = Decimal("10000.00")
    """A raised limit is rounded down to a multiple of this; 0 leaves it exact."""


class NominationRules(PolicyModel):
    """When a customer is nominated for malicious arrears (B): all three must hold."""

    overdue_days: Days = 90
    """Calendar days since the oldest due date, more than."""
    overdue_at_least: Amount = Decimal("50000.00")
    refusals: Count = 2
    """Refusals, stalling answers and broken promises on record."""


class EvaluationPolicy(PolicyModel):
    """What the evaluation looks at, and what it proposes."""

    trading_months: Count = 12
    """Months up to the end of the period over which volume, orders and punctuality are measured."""
    overdue_months: Count = 24
    """Months over which the longest delay is looked for."""
    limits: LimitRules = LimitRules()
    nomination: NominationRules = NominationRules()
    largest: Annotated[int, Field(strict=True, ge=1, le=50)] = 10
    """How many of the largest customers and industries the report names."""
    customer_share_percent: Percent = Decimal(10)
    """A single customer above this share of all exposure is a concentration."""
    industry_share_percent: Percent = Decimal(30)
    """An industry above this share is one."""
    satisfied_from: Annotated[int, Field(strict=True, ge=1, le=5)] = 4
    """A client who gives so many points of five is satisfied."""
    wrong_when_overdue_days: Days = 30
    """A low or medium risk proved wrong when overdue for longer than this within the period."""
