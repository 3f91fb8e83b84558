"""The coordination meeting (B) and its pack, which is the standing risk report as well (C)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from config.policy.base import Amount, PolicyModel


class MeetingPolicy(PolicyModel):
    """What the pack names. The defaults serve policies stored before there were meetings. Amounts in yuan."""

    major_from: Amount = Decimal("1000000.00")
    """An open case about so much is a major one; receptions are major by their own rules as well."""
    overdue_from: Amount = Decimal("100000.00")
    """Customers with so much overdue are named."""
    named: Annotated[int, Field(strict=True, ge=1, le=50)] = 20
    """How many of each list the pack names; the rest is counted."""
