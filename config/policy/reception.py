"""Receiving risk clients (R): the team, what it may concede, when the client signs, what is a major case."""

from __future__ import annotations

from datetime import time
from decimal import Decimal

from pydantic import Field

from config.policy.base import Amount, Count, Days, PolicyModel, Switch


class MajorCase(PolicyModel):
    """What makes a reception a major case; one of them is enough. Amounts in yuan."""

    at_stake_from: Amount = Decimal(1_000_000)
    concession_from: Amount = Decimal(500_000)
    all_three_effects: Switch = True
    legal_action: Switch = True


class ReceptionPolicy(PolicyModel):
    """The numbers of a reception. The defaults serve policies stored before there were receptions."""

    team_minimum: Count = 2
    rounds_at_most: Count = 3
    free_concession_up_to: Amount = Decimal(50_000)
    suspension_by_matrix_from: Amount = Decimal(1_000_000)
    client_signs_within_days: Count = 3
    client_reminders: Days = 2
    check_at: time = time(9)
    adjustments_at_most: Days = 3
    effect_after_days: Days = 10
    major: MajorCase = Field(default_factory=MajorCase)
