"""Who may see which part of a customer's risk archive (processes §5; C, X): one table, read by pages, print and API."""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import Session

from config.words import Word
from models.queries.rights import sees_account, stands_above
from models.rights import Right, holds, not_held
from models.tables import Customer, Person


class Part(Word):
    """A part of the risk archive, in the order in which it is shown."""

    TRADE = "trade", "Trading"
    PROFILE = "profile", "Profile"
    RECEIVABLES = "receivables", "Receivables"
    CREDIT = "credit", "Credit lines"
    STANDING = "standing", "Lists and measures"
    WARNINGS = "warnings", "Warnings"
    ASSESSMENTS = "assessments", "Assessments"
    ROUTINES = "routines", "Recurring duties"
    CASES = "cases", "Cases"
    PAPERS = "papers", "Papers and files"
    LOOKS = "looks", "Looks"


class Circle(Word):
    """Who is meant, among those who may see the customer at all."""

    EVERYBODY = "everybody", "Whoever may see the customer"
    CLOSE = "close", "Its handler and those above; risk, finance, legal, internal audit, management, operations"
    WATCHING = "watching", "Those above its handler; risk manager, internal audit, managers"


RULES: Mapping[Part, Circle] = {
    Part.TRADE: Circle.EVERYBODY,
    Part.PROFILE: Circle.EVERYBODY,
    Part.RECEIVABLES: Circle.CLOSE,
    Part.CREDIT: Circle.CLOSE,
    Part.STANDING: Circle.EVERYBODY,
    Part.WARNINGS: Circle.EVERYBODY,
    Part.ASSESSMENTS: Circle.CLOSE,
    Part.ROUTINES: Circle.EVERYBODY,
    Part.CASES: Circle.EVERYBODY,  # of them, those that the reader may open
    Part.PAPERS: Circle.EVERYBODY,  # of cases that the reader may open
    Part.LOOKS: Circle.WATCHING,
}


def parts_open_to(session: Session, person: Person, customer: Customer) -> frozenset[Part]:
    """The parts of ``customer``'s archive that ``person`` sees; that they see the customer is decided before."""
    circles = {Circle.EVERYBODY}
    if sees_account(session, person, customer):
        circles.add(Circle.CLOSE)
    if stands_above(session, person, customer.handler_id) or holds(person, Right.SEE_LOOKS):
        circles.add(Circle.WATCHING)
    return frozenset(part for part, circle in RULES.items() if circle in circles)


def may_unmask(person: Person, customer: Customer) -> bool:
    """Whether ``person`` may read an encrypted field in full: who works with it, not who only watches."""
    return customer.handler_id == person.id or holds(person, Right.UNMASK)


def must_watch(session: Session, person: Person, customer: Customer) -> None:
    """The looks at a customer are for those who watch over it.

    Raises:
        NotAllowed: this person does not.
    """
    if Part.LOOKS not in parts_open_to(session, person, customer):
        raise not_held(Right.SEE_LOOKS)
