"""How often recurring duties come round (B, C, R, X)."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from config.policy.base import Count, PolicyModel, Switch, absent, refuse
from config.words import CustomerClass, RiskLevel, Word


class Frequency(Word):
    """How often something is done."""

    EVERY_BUSINESS_DAY = "every_business_day", "Every business day"
    WEEKLY = "weekly", "Weekly"
    MONTHLY = "monthly", "Monthly"
    QUARTERLY = "quarterly", "Quarterly"
    HALF_YEARLY = "half_yearly", "Half-yearly"
    YEARLY = "yearly", "Yearly"

    @property
    def months(self) -> int:
        """Whole months between two turns; 0 where days count instead."""
        return {Frequency.MONTHLY: 1, Frequency.QUARTERLY: 3, Frequency.HALF_YEARLY: 6, Frequency.YEARLY: 12}.get(
            self, 0
        )

    @property
    def days(self) -> int:
        """Calendar days between two turns where months do not count; 1 means every business day."""
        return {Frequency.EVERY_BUSINESS_DAY: 1, Frequency.WEEKLY: 7}.get(self, 0)


class FrequenciesPolicy(PolicyModel):
    """The round of every recurring duty."""

    portfolio_evaluation: Frequency
    reception_evaluation: Frequency
    work_assessment: Frequency
    special_assessment_of_major_cases: Switch
    overdue_scan: Frequency
    coordination_meeting: Frequency
    monitoring: dict[RiskLevel, Frequency]
    visits: dict[CustomerClass, Frequency]
    archive_refresh: dict[CustomerClass, Frequency]
    qualification_reminder_days: Count = 30
    """Calendar days before a confidentiality agreement or training expires (R, B, X; the days are ours)."""

    @model_validator(mode="after")
    def _every_level_and_class(self) -> Self:
        refuse(
            [
                *absent(self.monitoring, RiskLevel, ("monitoring",), "risk levels"),
                *absent(self.visits, CustomerClass, ("visits",), "customer classes"),
                *absent(self.archive_refresh, CustomerClass, ("archive_refresh",), "customer classes"),
            ]
        )
        return self
