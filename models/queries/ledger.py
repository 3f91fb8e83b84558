"""What customers owe, since when, and how old it is.

All amounts are in yuan. An invoice is overdue from the day after its due date. What a customer disputes is owed all
the same, and counts in every total and age; it does not count as ``overdue``, for nobody is dunned while the claim
itself is in question.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar

from sqlalchemy import ColumnElement, case, func
from sqlalchemy.sql.elements import True_
from sqlmodel import Session, col, select

from config.words import Age
from models.columns import Keys
from models.queries.shown import Read
from models.rules.allocation import NOTHING
from models.rules.identity import compact_identifier
from models.tables import Customer, Invoice, Payment

T = TypeVar("T")

MANY = 500
"""Values asked for in one statement."""
_NUMBER = re.compile(r"K-([0-9]{6,12})")


class OwedInvoice(Read):
    """An invoice that is not settled. ``days_overdue`` are calendar days, 0 while it is not overdue."""

    number: str
    issued_on: date
    due_on: date
    amount: Decimal
    outstanding: Decimal
    days_overdue: int
    disputed: bool


class Owed(Read):
    """What a customer owes: all of it, and what of it is overdue and undisputed, since ``oldest_due``."""

    total: Decimal
    overdue: Decimal
    oldest_due: date | None
    invoices: tuple[OwedInvoice, ...]


class AgeBand(Read):
    """What is outstanding of one age: not yet due, or so many days beyond the due date."""

    age: Age
    amount: Decimal
    invoices: int


class OverdueCustomer(Read):
    """Somebody with overdue, undisputed invoices."""

    customer_id: int
    overdue: Decimal
    oldest_due: date
    invoices: int


# -- whose account it is ----------------------------------------------------------------------------------------------


def customer_number(customer_id: int) -> str:
    """The number by which people and files call a customer: ``K-000123``."""
    return f"K-{customer_id:06d}"


def customer_by(session: Session, keys: Keys, text: str) -> Customer | None:
    """The customer called ``text``: a customer number, or an identity number (unified social credit code)."""
    customer_id = customer_ids(session, keys, [text]).get(text)
    return session.get(Customer, customer_id) if customer_id is not None else None


def customer_ids(session: Session, keys: Keys, texts: Iterable[str]) -> dict[str, int]:
    """The customers called so, by what they are called; who is not there is left out."""
    wanted = dict.fromkeys(texts)
    numbers = {text: int(found[1]) for text in wanted if (found := _NUMBER.fullmatch(text.strip().upper()))}
    digests = {text: keys.digest(compact_identifier(text)) for text in wanted if text not in numbers}
    there: set[int] = set()
    for some in slices(sorted(set(numbers.values()))):
        there.update(found for found in session.exec(select(Customer.id).where(col(Customer.id).in_(some))) if found)
    by_digest: dict[str, int] = {}
    for hashed in slices(sorted(set(digests.values()))):
        rows = select(Customer.identifier_digest, Customer.id).where(col(Customer.identifier_digest).in_(hashed))
        for one, customer_id in session.exec(rows.order_by(col(Customer.id))):
            by_digest.setdefault(one or "", customer_id or 0)
    known = {text: number for text, number in numbers.items() if number in there}
    return known | {text: by_digest[found] for text, found in digests.items() if found in by_digest}


def slices(values: Sequence[T], size: int = MANY) -> Iterator[Sequence[T]]:
    """``values`` in pieces that one statement can hold."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


# -- one customer -----------------------------------------------------------------------------------------------------


def owed(session: Session, customer_id: int, on: date) -> Owed:
    """What ``customer_id`` owes on the day ``on``, the oldest due first."""
    statement = select(Invoice).where(Invoice.customer_id == customer_id, col(Invoice.open))
    rows = session.exec(statement.order_by(col(Invoice.due_on), col(Invoice.number))).all()
    overdue = [row for row in rows if row.due_on < on and not row.disputed]
    return Owed(
        total=sum((row.outstanding for row in rows), NOTHING),
        overdue=sum((row.outstanding for row in overdue), NOTHING),
        oldest_due=min((row.due_on for row in overdue), default=None),
        invoices=tuple(_owed(row, on) for row in rows),
    )


def _owed(row: Invoice, on: date) -> OwedInvoice:
    return OwedInvoice(
        number=row.number,
        issued_on=row.issued_on,
        due_on=row.due_on,
        amount=row.amount,
        outstanding=row.outstanding,
        days_overdue=max(0, (on - row.due_on).days),
        disputed=row.disputed,
    )


def exposure(session: Session, customer_id: int) -> Decimal:
    """All that ``customer_id`` owes, due or not, disputed or not."""
    wanted = select(func.sum(col(Invoice.outstanding))).where(Invoice.customer_id == customer_id, col(Invoice.open))
    return session.exec(wanted).one() or NOTHING


def credit_balance(session: Session, customer_id: int) -> Decimal:
    """What ``customer_id`` has paid above everything it owed; the next invoices are settled from it."""
    wanted = select(func.sum(col(Payment.unallocated))).where(Payment.customer_id == customer_id)
    return session.exec(wanted).one() or NOTHING


def written_off(session: Session, customer_id: int) -> Decimal:
    """What was given up of ``customer_id``'s debts: no longer owed in the books, and never paid."""
    wanted = select(func.sum(col(Invoice.written_off))).where(Invoice.customer_id == customer_id)
    return session.exec(wanted).one() or NOTHING


def days_with_overdue_since(session: Session, customer_id: int, since: date, on: date) -> date | None:
    """The last day from ``since`` to ``on`` on which something undisputed was overdue; none if there was no such day.

    An invoice settled after its due date was overdue up to and including the day it was settled, or given up.
    """
    late = select(col(Invoice.settled_on), col(Invoice.open)).where(
        Invoice.customer_id == customer_id,
        col(Invoice.due_on) < on,
        col(Invoice.open).is_(True) & col(Invoice.disputed).is_(False)
        | (col(Invoice.settled_on) > col(Invoice.due_on)),
    )
    last = max(
        (on if still_open else min(settled or on, on) for settled, still_open in session.exec(late)), default=None
    )
    return last if last is not None and last >= since else None


# -- everybody --------------------------------------------------------------------------------------------------------


def ageing(
    session: Session, on: date, customer_id: int | None = None, *, whose: ColumnElement[bool] | None = None
) -> tuple[AgeBand, ...]:
    """What is outstanding by age on the day ``on``, every band of ``Age`` once.

    Of one customer, of those that ``whose`` (a condition on ``Customer``) is true of, or of all.
    """
    due = col(Invoice.due_on)
    statement = select(due, func.sum(col(Invoice.outstanding)), func.count()).where(col(Invoice.open)).group_by(due)
    if customer_id is not None:
        statement = statement.where(Invoice.customer_id == customer_id)
    if whose is not None and not isinstance(whose, True_):
        statement = statement.where(col(Invoice.customer_id).in_(select(Customer.id).where(whose)))
    amounts, invoices = dict.fromkeys(Age, NOTHING), dict.fromkeys(Age, 0)
    for day, amount, number in session.exec(statement):  # by day: the index has them in this order
        age = next(age for age in Age if age.up_to is None or (on - day).days <= age.up_to)
        amounts[age] += amount
        invoices[age] += number
    return tuple(AgeBand(age=age, amount=amounts[age], invoices=invoices[age]) for age in Age)


def age_of(on: date) -> ColumnElement[str]:
    """The value of an invoice's ``Age`` on the day ``on``, in SQL."""
    due = col(Invoice.due_on)
    older = [(due >= on - timedelta(days=age.up_to), age.value) for age in Age if age.up_to is not None]
    return case(*older, else_=Age.OLDER.value)


def overdue_customers(session: Session, on: date) -> list[OverdueCustomer]:
    """Everybody with undisputed overdue invoices on the day ``on``, by their ids: one aggregate, however many."""
    statement = (
        select(Invoice.customer_id, func.sum(col(Invoice.outstanding)), func.min(col(Invoice.due_on)), func.count())
        .where(col(Invoice.open), col(Invoice.due_on) < on, col(Invoice.disputed).is_(False))
        .group_by(col(Invoice.customer_id))
        .order_by(col(Invoice.customer_id))
    )
    return [
        OverdueCustomer(customer_id=customer_id, overdue=amount, oldest_due=oldest, invoices=invoices)
        for customer_id, amount, oldest, invoices in session.exec(statement)
    ]
