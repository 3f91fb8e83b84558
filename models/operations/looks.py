"""Looks at what is kept on a customer: each is on the audit trail, and one an hour in the customer's own register."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import col, select

from config.words import Word
from models.house import Work
from models.queries.ledger import customer_number
from models.tables import Look

AGAIN_AFTER = timedelta(hours=1)
"""The same person's next look at the same thing within this time adds nothing to the register."""


class Looked(Word):
    """What somebody looked at."""

    PAGE = "page", "Customer page"
    PRINT = "print", "Print view"
    ACCOUNT = "account", "Account in the ledger"
    PROGRAM = "program", "By program"
    REGISTER = "register", "Register of looks"
    IDENTIFIER = "identifier", "Identity number, unmasked"
    PHONE = "phone", "Telephone, unmasked"
    EVERYTHING = "everything", "Everything kept, as a file"


def note_look(work: Work, customer_id: int, person_id: str, what: Looked) -> None:
    """Put a look on the audit trail and in the register."""
    work.record("customer.looked", customer=customer_number(customer_id), what=what.value)
    register_look(work, customer_id, person_id, what)


def register_look(work: Work, customer_id: int, person_id: str, what: Looked) -> None:
    """Enter a look in the customer's register, unless the same was entered within the hour."""
    lately = select(Look.id).where(
        Look.customer_id == customer_id,
        Look.person_id == person_id,
        Look.what == what.value,
        col(Look.at) > work.now - AGAIN_AFTER,
    )
    if work.session.exec(lately.limit(1)).first() is None:
        work.add(Look(customer_id=customer_id, person_id=person_id, what=what.value, at=work.now))
