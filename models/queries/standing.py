"""How a customer stands, as steps and pages show it."""

from __future__ import annotations

from datetime import date

from sqlmodel import Session, col, or_, select

from models.operations.standing import measures_in_force
from models.queries.ledger import exposure, owed
from models.standing import EntryShown, MeasureShown, StandingShown
from models.tables import Customer, Listing


def standing_of(session: Session, customer: Customer, on: date) -> StandingShown:
    """Rating, lists, measures and debts of ``customer`` on a day."""
    debts = owed(session, customer.id or 0, on)
    return StandingShown(
        level=customer.risk_level,
        grade=customer.credit_grade,
        customer_class=customer.customer_class,
        listings=tuple(entry_shown(one) for one in listing_history(session, customer)),
        measures=tuple(
            MeasureShown(kind=one.kind, scope=one.scope, since=one.since, until=one.until, case_ref=one.case_ref)
            for one in measures_in_force(session, customer.id or 0, on)
        ),
        owed=exposure(session, customer.id or 0),
        overdue=debts.overdue,
        oldest_due=debts.oldest_due,
    )


def listing_history(session: Session, customer: Customer) -> list[Listing]:
    """Every entry of the lists that ever named the customer, the oldest first."""
    named = [col(Listing.customer_id) == customer.id, col(Listing.name) == customer.name]
    if customer.identifier_digest:
        named.append(col(Listing.identifier_digest) == customer.identifier_digest)
    return list(session.exec(select(Listing).where(or_(*named)).order_by(col(Listing.since), col(Listing.id))).all())


def entry_shown(listing: Listing) -> EntryShown:
    """An entry as steps and pages show it."""
    return EntryShown(
        kind=listing.kind,
        criterion=listing.criterion,
        reason=listing.reason,
        since=listing.since,
        until=listing.until,
        case_ref=listing.case_ref,
    )
