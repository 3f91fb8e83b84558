"""What the listing decision and credit repair both look up."""

from __future__ import annotations

from config.languages import N_
from models.house import Work
from models.queries.standing import standing_of
from models.standing import StandingShown
from models.tables import Case, Customer
from tasks.case_task import effect


@effect("standing", N_("Gather how the customer stands"))
def customer_standing(work: Work, case: Case) -> StandingShown:
    """Rating, lists, measures and debts, as they are now."""
    customer = work.session.get_one(Customer, case.customer_id)
    return standing_of(work.session, customer, work.house.calendar.day_of(work.now))
