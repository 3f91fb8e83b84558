"""A turn of customer care begun by hand: a visit out of turn, a look at a customer, a greeting (X, C, B)."""

from __future__ import annotations

from sqlmodel import select

from config.languages import N_
from config.words import CareKind, CustomerStatus
from models.errors import Conflict, Invalid, Problem
from models.forms.care import CareRequest
from models.house import Work
from models.operations.care import open_care
from models.processes import CARE
from models.queries.care import turn_under_way
from models.queries.customers import customer_meant
from models.rights import Right
from models.starting import Start, startable
from models.tables import Case, Person


def care_for(work: Work, form: CareRequest, by: Person, key: str) -> Case:
    """Open the turn.

    Raises:
        Invalid: nobody, or several, are called so; or the company does not trade with the customer.
        Conflict: such a turn is under way; names it.
    """
    known = work.session.exec(select(Case).where(Case.request_key == key)).first()
    if known is not None:
        return known
    customer = customer_meant(work.session, work.house.keys, form.customer)
    if customer.status is not CustomerStatus.ADMITTED and form.kind is not CareKind.GREETING:
        problem = Problem("customer", N_("{name} has not been admitted."), {"name": customer.name})
        raise Invalid(N_("Please look at the marked fields."), [problem])
    case = open_care(
        work,
        customer.id or 0,
        form.kind,
        due_on=work.house.calendar.day_of(work.now),
        origin="page",
        occasion=form.reason,
        initiator=by,
        request_key=key,
    )
    if case is None:
        running = turn_under_way(work.session, customer.id or 0, form.kind) or ""
        raise Conflict(N_("This is under way for {name} already: {ref}."), name=customer.name, ref=running)
    return case


START = startable(
    Start(
        kind=CARE,
        intro=N_("Visit a customer, look at its risk, refresh its archive or greet it, besides what comes round."),
        form=CareRequest,
        opener=care_for,
        right=Right.BEGIN_CARE,
    )
)
