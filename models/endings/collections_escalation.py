"""What a collections case has put in force ends with it, unless the money is gone for good (X, C)."""

from __future__ import annotations

from config.languages import N_, translate
from config.words import Outcome
from models.ending import at_the_end_of
from models.house import Work
from models.operations.ledger import mark_disputed
from models.operations.standing import lift_measures
from models.processes import COLLECTIONS
from models.queries.collections import contacts_of
from models.tables import Case

STAYS = {Outcome.WRITTEN_OFF}
"""After these the credit line stays frozen and trading stopped: the customer has cost the company money."""


@at_the_end_of(COLLECTIONS)
def lift_what_it_set(work: Work, case: Case) -> None:
    """Thaw the credit line and let trading go on, also where the case was withdrawn or cancelled."""
    if case.outcome in STAYS:
        return
    why = translate(N_("The collections case has ended"), work.house.settings.language)
    lift_measures(work, case.customer_id or 0, case.ref, case.ref, why)


@at_the_end_of(COLLECTIONS)
def let_go_of_disputes(work: Work, case: Case) -> None:
    """What is still marked as disputed by this case is so no longer: the next scan looks at it as it is."""
    for contact in contacts_of(work.session, case.ref):
        numbers = contact.facts.get("invoices")
        if numbers and not contact.facts.get("settled"):
            mark_disputed(work, case.customer_id or 0, case.ref, numbers, disputed=False)
