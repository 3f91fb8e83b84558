"""A handler applies for credit repair in a customer's name (B)."""

from __future__ import annotations

from config.languages import N_
from models.forms.repair import RepairForCustomer
from models.house import Work
from models.operations.repair import open_repair
from models.processes import REPAIR
from models.queries.customers import customer_meant
from models.rights import Right
from models.starting import Start, startable
from models.tables import Case, Person


def apply_for_customer(work: Work, form: RepairForCustomer, by: Person, key: str) -> Case:
    """Open the credit repair.

    Raises:
        Invalid: nobody, or several, are called so.
        Conflict: the customer is on no list, or an application is under way.
    """
    customer = customer_meant(work.session, work.house.keys, form.customer)
    return open_repair(work, customer, form, initiator=by, request_key=key)


APPLY_FOR_CUSTOMER = startable(
    Start(
        kind=REPAIR,
        intro=N_("Apply for a listed customer to be taken off the list, or send them the link to apply themselves."),
        form=RepairForCustomer,
        opener=apply_for_customer,
        right=Right.BEGIN_REPAIR,
    )
)
