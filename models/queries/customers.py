"""Customers: finding the one who is meant, and the list of those whom somebody may see."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, select

from config.languages import N_
from config.words import CreditGrade, CustomerClass, CustomerStatus, CustomerType, ListingKind, RiskLevel
from models.columns import Keys
from models.errors import Invalid, Problem
from models.queries.cursor import number_of, read_cursor, write_cursor
from models.queries.ledger import customer_by, customer_number
from models.queries.rights import customers_visible_to
from models.queries.search import customers_called
from models.queries.shown import Read
from models.tables import Customer, Listing, Person

SUGGESTED = 1000
"""Up to this many customers are suggested where one is asked for; others are named by number, code or name."""
_AT_THE_END = re.compile(r"\((K-[0-9]{6,12})\)\s*$", re.IGNORECASE)
_FEW = 5


def customer_meant(session: Session, keys: Keys, text: str, *, field: str = "customer") -> Customer:
    """Whom ``text`` names: a customer number (``K-000123``, alone or after a name), an identity number, or a name.

    Raises:
        Invalid: at ``field``: nobody is called so, or several are; says which.
    """
    said = text.strip()
    at_the_end = _AT_THE_END.search(said)
    customer = customer_by(session, keys, at_the_end[1] if at_the_end else said) if said else None
    if customer is not None:
        return customer
    named = session.exec(select(Customer).where(Customer.name == said).order_by(col(Customer.id)).limit(_FEW + 1)).all()
    if len(named) == 1:
        return named[0]
    if named:
        told = N_("Several customers have this name: {numbers}. Please give the number.")
        numbers = ", ".join(customer_number(one.id or 0) for one in named[:_FEW]) + (" …" if named[_FEW:] else "")
        problem = Problem(field, told, {"numbers": numbers})
    else:
        told = N_("There is no customer “{said}”. Give the customer number, the credit code or the full name.")
        problem = Problem(field, told, {"said": said[:80]})
    raise Invalid(N_("Please look at the marked fields."), [problem])


def customer_names(session: Session) -> list[tuple[str, str]]:
    """Numbers and names to suggest: customers the company trades with first, then by number; at most ``SUGGESTED``."""
    statement = (
        select(Customer.id, Customer.name)
        .order_by((col(Customer.status) == CustomerStatus.ADMITTED).desc(), col(Customer.id))
        .limit(SUGGESTED)
    )
    return [(customer_number(customer_id or 0), name) for customer_id, name in session.exec(statement)]


class CustomerLine(Read):
    """One customer in a list. ``listed`` is the strictest list it is on today."""

    number: str
    name: str
    type: CustomerType
    status: CustomerStatus
    risk_level: RiskLevel | None
    credit_grade: CreditGrade | None
    customer_class: CustomerClass | None
    handler: str | None
    listed: ListingKind | None


class CustomerList(Read):
    """A page of customers."""

    items: tuple[CustomerLine, ...]
    next_cursor: str | None = None


class CustomerFilter(Read):
    """Which customers are wanted. ``text`` is a part of the name or of its pinyin, a customer number or an identity
    number: what ``models.queries.search`` finds."""

    text: str = ""
    status: CustomerStatus | None = None
    level: RiskLevel | None = None
    grade: CreditGrade | None = None
    customer_class: CustomerClass | None = None
    listed: ListingKind | None = None
    mine: bool = False


def customers(
    session: Session,
    keys: Keys,
    person: Person,
    wanted: CustomerFilter,
    on: date,
    *,
    limit: int = 50,
    cursor: str | None = None,
) -> CustomerList:
    """The customers ``person`` may see and wants, the newest first; ``on`` is today.

    Raises:
        Invalid: the cursor is not one of ours.
    """
    statement = (
        select(Customer, Person.name)
        .join(Person, col(Person.id) == Customer.handler_id, isouter=True)
        .where(customers_visible_to(person))
        .order_by(col(Customer.created_at).desc(), col(Customer.id).desc())
        .limit(limit + 1)
    )
    if text := wanted.text.strip():
        statement = statement.where(customers_called(session, keys, text))
    if wanted.mine:
        statement = statement.where(Customer.handler_id == person.id)
    for column, value in (
        (Customer.status, wanted.status),
        (Customer.risk_level, wanted.level),
        (Customer.credit_grade, wanted.grade),
        (Customer.customer_class, wanted.customer_class),
    ):
        if value is not None:
            statement = statement.where(col(column) == value)
    if wanted.listed is not None:
        statement = statement.where(_on_list(wanted.listed, on))
    if cursor:
        at, key = read_cursor(cursor)
        number = number_of(key)
        earlier = and_(col(Customer.created_at) == at, col(Customer.id) < number)
        statement = statement.where(or_(col(Customer.created_at) < at, earlier))
    rows = session.exec(statement).all()
    shown = rows[:limit]
    listed = _listed(session, [customer for customer, _ in shown], on)
    items = tuple(_line(customer, handler, listed) for customer, handler in shown)
    last = shown[-1][0] if len(rows) > limit else None
    return CustomerList(items=items, next_cursor=write_cursor(last.created_at, last.id or 0) if last else None)


def _in_force(on: date) -> ColumnElement[bool]:
    return and_(col(Listing.since) <= on, or_(col(Listing.until).is_(None), col(Listing.until) > on))


def _on_list(kind: ListingKind, on: date) -> ColumnElement[bool]:
    """Whether an entry in force names the customer: by record, identity number or exact name."""
    names_them = or_(
        col(Listing.customer_id) == Customer.id,
        col(Listing.identifier_digest) == Customer.identifier_digest,
        col(Listing.name) == Customer.name,
    )
    return select(Listing.id).where(Listing.kind == kind, _in_force(on), names_them).exists()


def _listed(session: Session, some: Sequence[Customer], on: date) -> dict[int, ListingKind]:
    """The strictest list each of ``some`` is on: one query."""
    named = or_(
        col(Listing.customer_id).in_([one.id for one in some]),
        col(Listing.identifier_digest).in_([one.identifier_digest for one in some if one.identifier_digest]),
        col(Listing.name).in_([one.name for one in some]),
    )
    entries = session.exec(select(Listing).where(_in_force(on), named)).all() if some else []
    found: dict[int, ListingKind] = {}
    for customer in some:
        kinds = {
            entry.kind
            for entry in entries
            if entry.customer_id == customer.id
            or entry.name == customer.name
            or (entry.identifier_digest is not None and entry.identifier_digest == customer.identifier_digest)
        }
        if kinds:
            found[customer.id or 0] = ListingKind.BLACK if ListingKind.BLACK in kinds else ListingKind.GREY
    return found


def _line(customer: Customer, handler: str | None, listed: Mapping[int, ListingKind]) -> CustomerLine:
    return CustomerLine(
        number=customer_number(customer.id or 0),
        name=customer.name,
        type=customer.type,
        status=customer.status,
        risk_level=customer.risk_level,
        credit_grade=customer.credit_grade,
        customer_class=customer.customer_class,
        handler=handler,
        listed=listed.get(customer.id or 0),
    )
