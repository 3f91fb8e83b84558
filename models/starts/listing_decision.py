"""A customer is named for a list by hand (B)."""

from __future__ import annotations

from sqlmodel import select

from config.languages import N_
from models.errors import Conflict
from models.forms.listing import NominationForm
from models.house import Work
from models.operations.standing import listing_as_strict, nominate
from models.processes import LISTING
from models.queries.customers import customer_meant
from models.rights import Right
from models.starting import Start, startable
from models.tables import Case, Person


def open_nomination(work: Work, form: NominationForm, by: Person, key: str) -> Case:
    """Nominate a customer; where a nomination for the list is open already, this one joins it, and its case is given.

    Raises:
        Invalid: nobody, or several, are called so.
        Conflict: the customer is on that list already.
    """
    known = work.session.exec(select(Case).where(Case.request_key == key)).first()
    if known is not None:
        return known
    customer = customer_meant(work.session, work.house.keys, form.customer)
    listed = listing_as_strict(work, customer, form.kind)
    if listed is not None:
        raise Conflict(
            N_("{name} is on the {list} already, since {since}."),
            name=customer.name,
            list=listed.kind.label,
            since=listed.since.isoformat(),
        )
    nomination = nominate(
        work,
        customer.id or 0,
        form.kind,
        form.criterion,
        form.reason,
        [row.told for row in form.evidence],
        initiator=by,
        request_key=key,
    )
    return work.session.get_one(Case, nomination.decided_by)


NOMINATE = startable(
    Start(
        kind=LISTING,
        intro=N_("Name a customer for the grey or the black list; risk and legal decide."),
        form=NominationForm,
        opener=open_nomination,
        right=Right.BEGIN_LISTING,
    )
)
