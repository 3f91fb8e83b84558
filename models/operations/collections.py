"""Opening a collections case: one at a time for each customer, whoever finds that it owes (X, B)."""

from __future__ import annotations

from sqlmodel import Session, col, select

from config.words import CaseState
from models.house import Work
from models.operations.cases import one_opener_at_a_time, open_case
from models.operations.handling import handler_of
from models.operations.repair import note_relapse
from models.processes import COLLECTIONS
from models.queries.collections import paid_by
from models.queries.ledger import owed
from models.tables import Case, Customer, Person


def open_collections(
    work: Work,
    customer_id: int,
    origin: str = "scan",
    *,
    initiator: Person | None = None,
    request_key: str | None = None,
) -> Case | None:
    """Open a collections case over all that the customer has overdue, or return none: one is open already.

    Without an ``initiator`` it is the overdue scan that begins it. The same ``request_key`` again gives the case it
    opened the first time. Invoices that fall due later join the running case by themselves: it reads the ledger.

    Raises:
        Conflict: nobody in the company handles customers.
    """
    one_opener_at_a_time(work)
    if request_key:
        earlier = work.session.exec(select(Case).where(Case.request_key == request_key)).first()
        if earlier is not None:
            return earlier
    if collections_under_way(work.session, customer_id) is not None:
        return None
    customer = work.session.get_one(Customer, customer_id)
    handler = handler_of(work.session, customer)
    case = open_case(
        work,
        COLLECTIONS,
        title=customer.name,
        initiator=initiator,
        handler=handler,
        department=handler.department,
        origin=origin,
        request_key=request_key,
        customer_id=customer_id,
        given={"paid_before": str(paid_by(work.session, customer_id))},
        amount=owed(work.session, customer_id, work.house.calendar.day_of(work.now)).overdue,
    )
    note_relapse(work, customer_id, case.ref, case.ref)  # B: overdue again, in the probation of a credit repair
    return case


def collections_under_way(session: Session, customer_id: int) -> str | None:
    """The reference of the customer's collections case that has not ended."""
    statement = select(Case.ref).where(
        Case.customer_id == customer_id, Case.process == COLLECTIONS.name, col(Case.state) != CaseState.CLOSED
    )
    return session.exec(statement).first()
