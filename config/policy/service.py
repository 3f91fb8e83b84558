"""Service times promised to customers (X)."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from config.policy.base import Count, PolicyModel, refuse


class ServicePolicy(PolicyModel):
    """Business days in which a customer hears from the company."""

    acknowledge_query_days: Count
    acknowledge_complaint_days: Count
    resolve_complaint_days: Count

    @model_validator(mode="after")
    def _acknowledged_before_resolved(self) -> Self:
        if self.resolve_complaint_days < self.acknowledge_complaint_days:
            refuse([(("resolve_complaint_days",), "a complaint would be resolved before it is acknowledged")])
        return self
