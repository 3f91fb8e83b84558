"""What tasks of every process ask of their case: its policy, its customer, the company's day."""

from __future__ import annotations

from datetime import date

from models.house import Work
from models.operations.parties import policy_of
from models.tables import Case, Customer

__all__ = ["customer_of", "policy_of", "today"]


def customer_of(work: Work, case: Case) -> Customer:
    """The customer whom the case is about."""
    return work.session.get_one(Customer, case.customer_id)


def today(work: Work) -> date:
    """The company's date."""
    return work.house.calendar.day_of(work.now)
