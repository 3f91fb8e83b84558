"""Who may send the link for credit repair, and who may report a relapse by hand (B)."""

from __future__ import annotations

from config.languages import N_
from models.errors import Conflict
from models.house import Work
from models.operations.repair import invite_to_repair, note_relapse, repair_under_way
from models.rights import Right, must_hold
from models.tables import Customer, OutsideLink, Person


def send_repair_link(work: Work, customer: Customer, by: Person, name: str, email: str, phone: str = "") -> OutsideLink:
    """Send a listed customer the link to the application form.

    Raises:
        NotAllowed: this person does not look after customers.
        Conflict, Invalid: as ``invite_to_repair`` does.
    """
    must_hold(by, Right.BEGIN_REPAIR)
    return invite_to_repair(work, customer, by, name, email, phone)


def report_relapse(work: Work, customer: Customer, by: Person, why: str) -> str:
    """Report a relapse of a customer whose credit is being repaired. Returns the case that hears of it.

    Raises:
        NotAllowed: this person is not of the risk department.
        Conflict: no credit repair is under way: there is nothing to relapse from.
    """
    must_hold(by, Right.REPORT_RELAPSE)
    ref = repair_under_way(work.session, customer.id or 0)
    if ref is None or not note_relapse(work, customer.id or 0, why):
        raise Conflict(N_("No credit repair of {name} is under way."), name=customer.name)
    return ref
