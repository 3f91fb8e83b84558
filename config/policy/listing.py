"""Grey and black list: criteria, and the conditions of credit repair (B)."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from config.policy.base import Count, Fault, PolicyModel, Switch, Text, absent, refuse
from config.policy.frequencies import Frequency
from config.words import ListingCriterion, ListingKind


class Criterion(PolicyModel):
    """One reason for listing, what proves it, and the list it usually leads to."""

    description: Text
    signs: tuple[Text, ...]
    usual_list: ListingKind


class AfterBlack(PolicyModel):
    """What follows a black listing besides the stop of trading (B)."""

    collections: Switch = True
    """Whether collections are opened where money is overdue."""
    reception: Switch = True
    """Whether the client is received where nothing is overdue."""


class Repair(PolicyModel):
    """What must hold before a listed customer may apply for credit repair."""

    months_since_listing: dict[ListingKind, Count]
    arrears_paid: Switch
    months_without_overdue: Count
    closing_document_for: tuple[ListingCriterion, ...]
    """Criteria whose listing also needs an official closing document."""
    probation_months: Count
    probation_monitoring: Frequency = Frequency.WEEKLY
    """How often a customer in probation is looked at."""
    supply_within_days: Count = 10
    """Business days in which an applicant is to supply further papers."""
    appeal_within_days: Count = 10
    """Business days in which a refusal may be appealed."""
    appeals: Annotated[int, Field(strict=True, ge=0, le=10)]

    @model_validator(mode="after")
    def _both_lists(self) -> Self:
        refuse(absent(self.months_since_listing, ListingKind, ("months_since_listing",), "lists"))
        return self


class ListingPolicy(PolicyModel):
    """Who is listed and why, how a listing ends, and what it means for trade meanwhile."""

    criteria: dict[ListingCriterion, Criterion]
    stops_trading: tuple[ListingKind, ...]
    reported_to_authorities: tuple[ListingCriterion, ...]
    """Criteria for which legal decides on a report to the authorities."""
    after_black: AfterBlack = AfterBlack()
    repair: Repair

    @model_validator(mode="after")
    def _all_five_criteria(self) -> Self:
        faults: list[Fault] = absent(self.criteria, ListingCriterion, ("criteria",), "criteria")
        refuse(faults)
        return self
