"""Collections begun by hand: somebody in finance does not wait for the next scan (X)."""

from __future__ import annotations

from sqlmodel import select

from config.languages import N_
from models.errors import Conflict, Invalid, Problem
from models.forms.collections import CollectionsRequest
from models.house import Work
from models.operations.collections import collections_under_way, open_collections
from models.processes import COLLECTIONS
from models.queries.customers import customer_meant
from models.queries.ledger import owed
from models.rights import Right
from models.starting import Start, startable
from models.tables import Case, Person


def open_by_hand(work: Work, form: CollectionsRequest, by: Person, key: str) -> Case:
    """Open a collections case for the customer named.

    Raises:
        Invalid: nobody, or several, are called so; or the customer has nothing overdue.
        Conflict: a case is open already; names it.
    """
    known = work.session.exec(select(Case).where(Case.request_key == key)).first()
    if known is not None:
        return known
    customer = customer_meant(work.session, work.house.keys, form.customer)
    today = work.house.calendar.day_of(work.now)
    if owed(work.session, customer.id or 0, today).overdue == 0:
        problem = Problem("customer", N_("{name} has nothing overdue."), {"name": customer.name})
        raise Invalid(N_("Please look at the marked fields."), [problem])
    case = open_collections(work, customer.id or 0, "page", initiator=by, request_key=key)
    if case is None:
        running = collections_under_way(work.session, customer.id or 0) or ""
        raise Conflict(N_("Collections against {name} are under way already: {ref}."), name=customer.name, ref=running)
    return case


COLLECT = startable(
    Start(
        kind=COLLECTIONS,
        intro=N_("Recover what a customer has overdue, without waiting for the daily scan."),
        form=CollectionsRequest,
        opener=open_by_hand,
        right=Right.BEGIN_COLLECTIONS,
    )
)
