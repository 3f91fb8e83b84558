"""Opening the reception of a risk client: one at a time for each customer (R)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from config.languages import N_
from config.words import CaseState, ReceptionTrigger
from models.errors import NotFound
from models.house import Work
from models.operations.cases import one_opener_at_a_time, open_case
from models.operations.handling import handler_of
from models.operations.journal import lock_case
from models.processes import RECEPTION
from models.tables import Case, Customer, Invoice, Person

DISPUTE_SETTLED = "dispute-settled"
"""Announced to every case that sent the client here, at the end: with ``reception``, ``outcome`` and ``invoices``."""

BY_HAND, DISPUTED_DEBT = ReceptionTrigger.BY_HAND, ReceptionTrigger.DISPUTED_DEBT


def open_reception(
    work: Work,
    customer_id: int,
    reason: str,
    *,
    origin: str,
    by: Person | None,
    key: str | None = None,
    raised_by: str | None = None,
    disputed_invoices: Sequence[str] = (),
    trigger: ReceptionTrigger | None = None,
) -> Case:
    """Open a reception for the customer; where one is open already, that one takes the further reason on record.

    ``by`` is who asks for it (none: the system). ``raised_by`` is the case that sent the customer here: it hears of the
    end by ``DISPUTE_SETTLED``. ``trigger`` is a disputed debt where invoices are named, unless said otherwise. The same
    ``key`` again gives the case it opened the first time, and notes nothing.

    Raises:
        NotFound: there is no such customer.
        Conflict: nobody in the company handles customers.
    """
    one_opener_at_a_time(work)
    earlier = work.session.exec(select(Case).where(Case.request_key == key)).first() if key else None
    if earlier is not None:
        return earlier
    customer = work.session.get(Customer, customer_id)
    if customer is None:
        raise NotFound(N_("There is no such customer."))
    why = {
        "reason": reason,
        "trigger": (trigger or (DISPUTED_DEBT if disputed_invoices else BY_HAND)).value,
        "origin": origin,
        "by": by.id if by else None,
        "raised_by": raised_by,
        "invoices": list(disputed_invoices),
        "at": work.now.isoformat(),
    }
    running = open_reception_of(work, customer_id)
    if running is not None:
        _note(work, running, why)
        return running
    handler = handler_of(work.session, customer)
    return open_case(
        work,
        RECEPTION,
        title=customer.name,
        initiator=by,
        handler=handler,
        department=handler.department,
        origin=origin,
        request_key=key,
        customer_id=customer_id,
        given={"reasons": [why]},
        amount=disputed(work.session, customer_id, disputed_invoices),
    )


def disputed(session: Session, customer_id: int, numbers: Sequence[str]) -> Decimal | None:
    """What is outstanding of the invoices named (yuan); none where none is named."""
    if not numbers:
        return None
    named = col(Invoice.number).in_(numbers) & (col(Invoice.customer_id) == customer_id)
    return session.exec(select(func.sum(col(Invoice.outstanding))).where(named)).one()


def open_reception_of(work: Work, customer_id: int) -> Case | None:
    """The customer's reception that is under way, held so that it cannot end before this unit of work does."""
    ref = work.session.exec(_running(customer_id)).first()
    if ref is None:
        return None
    lock_case(work, ref)
    case = work.session.get_one(Case, ref)
    work.session.refresh(case)
    return case if case.state is not CaseState.CLOSED and case.withdrawal is None else None


def _running(customer_id: int) -> SelectOfScalar[str]:
    return select(Case.ref).where(
        Case.customer_id == customer_id,
        Case.process == RECEPTION.name,
        Case.state != CaseState.CLOSED,
        col(Case.withdrawal).is_(None),
    )


def _note(work: Work, case: Case, why: Mapping[str, Any]) -> None:
    """A further reason joins those on record; the same one, said again by the same case, changes nothing."""
    known = [{**one, "at": None} for one in case.input["reasons"]]
    if {**why, "at": None} in known:
        return
    case.input = {**case.input, "reasons": [*case.input["reasons"], dict(why)]}
    work.add(case)
    work.record("reception.further-reason", case.ref, reason=why["reason"], raised_by=why["raised_by"])
