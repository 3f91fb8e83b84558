"""Who may send the link for credit repair, and who may report a relapse by hand (B)."""

from __future__ import annotations

from config.languages import N_
from config.words import Role
from models.errors import Conflict, NotAllowed
from models.house import Work
from models.operations.repair import invite_to_repair, note_relapse, repair_under_way
from models.tables import Customer, OutsideLink, Person

INVITES = frozenset({Role.HANDLER, Role.SALES_MANAGER})
REPORTS_RELAPSE = frozenset({Role.RISK_OFFICER, Role.RISK_MANAGER})


def send_repair_link(work: Work, customer: Customer, by: Person, name: str, email: str, phone: str = "") -> OutsideLink:
    """Send a listed customer the link to the application form.

    Raises:
        NotAllowed: this person does not look after customers.
        Conflict, Invalid: as ``invite_to_repair`` does.
    """
    if INVITES.isdisjoint(by.roles):
        raise NotAllowed(N_("Only business handlers and sales managers invite customers to apply."))
    return invite_to_repair(work, customer, by, name, email, phone)


def report_relapse(work: Work, customer: Customer, by: Person, why: str) -> str:
    """Report a relapse of a customer whose credit is being repaired. Returns the case that hears of it.

    Raises:
        NotAllowed: this person is not of the risk department.
        Conflict: no credit repair is under way: there is nothing to relapse from.
    """
    if REPORTS_RELAPSE.isdisjoint(by.roles):
        raise NotAllowed(N_("Only the risk department reports a relapse."))
    ref = repair_under_way(work.session, customer.id or 0)
    if ref is None or not note_relapse(work, customer.id or 0, why):
        raise Conflict(N_("No credit repair of {name} is under way."), name=customer.name)
    return ref
