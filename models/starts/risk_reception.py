"""A reception begun by hand: a customer and a reason (R)."""

from __future__ import annotations

from config.languages import N_
from models.forms.reception_start import ReceptionRequest
from models.house import Work
from models.operations.receptions import open_reception
from models.processes import RECEPTION
from models.queries.customers import customer_meant
from models.rights import Right
from models.starting import Start, startable
from models.tables import Case, Person


def _open(work: Work, form: ReceptionRequest, by: Person, request_key: str) -> Case:
    customer = customer_meant(work.session, work.house.keys, form.customer)
    return open_reception(
        work, customer.id or 0, form.reason, origin="page", by=by, key=request_key, trigger=form.trigger
    )


START = startable(
    Start(
        kind=RECEPTION,
        intro=N_("A team receives a client who has become a risk. A reception under way takes up the new reason."),
        form=ReceptionRequest,
        opener=_open,
        right=Right.BEGIN_RECEPTION,
    )
)
