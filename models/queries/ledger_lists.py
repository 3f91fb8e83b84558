"""The ledger to look at: invoices, payments, and everybody's account by age; each reader sees the customers that are
theirs to see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_
from sqlalchemy import select as columns
from sqlalchemy.sql.elements import True_
from sqlmodel import Session, col, select

from config.languages import N_
from config.words import Age
from models.columns import Keys
from models.errors import NotFound
from models.queries.cursor import number_of, read_cursor, write_cursor
from models.queries.ledger import AgeBand, age_of, ageing, credit_balance, customer_by, customer_number, exposure, owed
from models.queries.rights import accounts_visible_to, sees_account
from models.queries.shown import Read
from models.tables import Allocation, Customer, Invoice, Payment, Person

RECENT = 100
"""Settled invoices and payments that a customer's page shows."""


class InvoiceLine(Read):
    """One invoice in a list."""

    number: str
    customer: str
    name: str
    amount: Decimal
    outstanding: Decimal
    currency: str
    original: Decimal | None
    issued_on: date
    due_on: date
    days_overdue: int
    open: bool
    disputed: bool
    settled_on: date | None
    written_off: Decimal | None
    written_off_by: str | None


class PaymentLine(Read):
    """One payment in a list, with what it settled; ``unallocated`` is left as the customer's credit."""

    reference: str
    customer: str
    name: str
    amount: Decimal
    unallocated: Decimal
    currency: str
    original: Decimal | None
    received_on: date
    source: str
    note: str
    settled: tuple[tuple[str, Decimal], ...]


class InvoicePage(Read):
    items: tuple[InvoiceLine, ...]
    next_cursor: str | None = None


class PaymentPage(Read):
    items: tuple[PaymentLine, ...]
    next_cursor: str | None = None


class AccountLine(Read):
    """One customer's account: all that is outstanding, by age; ``overdue`` leaves out what is disputed."""

    customer: str
    name: str
    total: Decimal
    overdue: Decimal
    disputed: Decimal
    oldest_due: date | None
    ages: tuple[Decimal, ...]


class Account(Read):
    """Everything on one customer's account."""

    customer: str
    name: str
    total: Decimal
    overdue: Decimal
    oldest_due: date | None
    credit: Decimal
    ages: tuple[AgeBand, ...]
    invoices: tuple[InvoiceLine, ...]
    payments: tuple[PaymentLine, ...]


def account_holder(session: Session, keys: Keys, person: Person, text: str) -> Customer:
    """The customer called ``text`` (number or identity number), if ``person`` may see it.

    Raises:
        NotFound: there is none, or it is not to be known that there is.
    """
    customer = customer_by(session, keys, text)
    if customer is None or not sees_account(session, person, customer):
        raise NotFound(N_("There is no customer {customer}."), customer=text[:40])
    return customer


def invoices(
    session: Session,
    person: Person,
    on: date,
    *,
    customer_id: int | None = None,
    open_only: bool = False,
    limit: int = 50,
    cursor: str | None = None,
) -> InvoicePage:
    """Invoices that ``person`` may see, the latest entered first.

    Raises:
        Invalid: the cursor is not one of ours.
    """
    statement = select(Invoice, Customer.name).join(Customer, col(Customer.id) == Invoice.customer_id)
    statement = _page(statement, Invoice, person, customer_id, limit, cursor)
    if open_only:
        statement = statement.where(col(Invoice.open))
    rows = session.exec(statement).all()
    last = rows[limit - 1][0] if len(rows) > limit else None
    return InvoicePage(
        items=tuple(_invoice(row, name, on) for row, name in rows[:limit]),
        next_cursor=write_cursor(last.recorded_at, last.id or 0) if last else None,
    )


def payments(
    session: Session,
    person: Person,
    *,
    customer_id: int | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> PaymentPage:
    """Payments that ``person`` may see, the latest entered first.

    Raises:
        Invalid: the cursor is not one of ours.
    """
    statement = select(Payment, Customer.name).join(Customer, col(Customer.id) == Payment.customer_id)
    rows = session.exec(_page(statement, Payment, person, customer_id, limit, cursor)).all()
    last = rows[limit - 1][0] if len(rows) > limit else None
    return PaymentPage(
        items=_payments(session, rows[:limit]),
        next_cursor=write_cursor(last.recorded_at, last.id or 0) if last else None,
    )


def _page(
    statement: Any,
    table: type[Invoice] | type[Payment],
    person: Person,
    customer_id: int | None,
    limit: int,
    cursor: str | None,
) -> Any:
    statement = statement.where(accounts_visible_to(person)).order_by(col(table.id).desc()).limit(limit + 1)
    if customer_id is not None:
        statement = statement.where(col(table.customer_id) == customer_id)
    if cursor:
        statement = statement.where(col(table.id) < number_of(read_cursor(cursor)[1]))
    return statement


def accounts(
    session: Session, keys: Keys, person: Person, on: date, *, wanted: str = "", start: int = 0, limit: int = 50
) -> tuple[AccountLine, ...]:
    """The accounts with anything outstanding that ``person`` may see, whoever owes most overdue money first.

    ``wanted`` finds a customer by its number, its identity number or a part of its name. The caller asks for one more
    than it shows to know whether there are more.
    """
    late, outstanding = (col(Invoice.due_on) < on) & col(Invoice.disputed).is_(False), col(Invoice.outstanding)
    overdue, age = func.sum(case((late, outstanding), else_=0)), age_of(on)
    # Whose they are is found from one index, everything else looked up for these few.
    these = _of_these(session, keys, person, wanted.strip())
    owing = columns(col(Invoice.customer_id)).where(col(Invoice.open), *these)
    owing = owing.group_by(col(Invoice.customer_id)).order_by(overdue.desc(), col(Invoice.customer_id))
    found = list(session.execute(owing.offset(start).limit(limit)).scalars())
    statement = (
        columns(
            col(Customer.id),
            col(Customer.name),
            func.sum(outstanding),
            overdue,
            func.sum(case((col(Invoice.disputed), outstanding), else_=0)),
            func.min(case((late, col(Invoice.due_on)))),
            *(func.sum(case((age == one.value, outstanding), else_=0)) for one in Age),
        )
        .join(Customer, col(Customer.id) == Invoice.customer_id)
        .where(col(Invoice.open), col(Invoice.customer_id).in_(found))
        .group_by(col(Customer.id), col(Customer.name))
        .order_by(overdue.desc(), col(Customer.id))
    )
    return tuple(
        AccountLine(
            customer=customer_number(row[0] or 0),
            name=row[1],
            total=row[2],
            overdue=row[3],
            disputed=row[4],
            oldest_due=row[5],
            ages=tuple(row[6:]),
        )
        for row in session.execute(statement)
    )


def _of_these(session: Session, keys: Keys, person: Person, wanted: str) -> list[ColumnElement[bool]]:
    """The invoices of customers that ``person`` may see and that are called ``wanted``; for everybody's, none."""
    conditions = [accounts_visible_to(person), *([_called(session, keys, wanted)] if wanted else [])]
    narrowing = [one for one in conditions if not isinstance(one, True_)]
    return [col(Invoice.customer_id).in_(select(Customer.id).where(*narrowing))] if narrowing else []


def _called(session: Session, keys: Keys, wanted: str) -> ColumnElement[bool]:
    customer = customer_by(session, keys, wanted)
    named = col(Customer.name).contains(wanted, autoescape=True)
    return or_(named, col(Customer.id) == customer.id) if customer is not None else named


def account(session: Session, customer: Customer, on: date) -> Account:
    """The account of one customer: what is open, and what was settled and paid lately."""
    customer_id = customer.id or 0
    stand = owed(session, customer_id, on)
    theirs = select(Invoice).where(Invoice.customer_id == customer_id)
    unsettled = session.exec(theirs.where(col(Invoice.open)).order_by(col(Invoice.due_on), col(Invoice.number))).all()
    settled = session.exec(
        theirs.where(col(Invoice.open).is_(False)).order_by(col(Invoice.id).desc()).limit(RECENT)
    ).all()
    paid = session.exec(
        select(Payment)
        .where(Payment.customer_id == customer_id)
        .order_by(col(Payment.received_on).desc(), col(Payment.id).desc())
        .limit(RECENT)
    ).all()
    return Account(
        customer=customer_number(customer_id),
        name=customer.name,
        total=exposure(session, customer_id),
        overdue=stand.overdue,
        oldest_due=stand.oldest_due,
        credit=credit_balance(session, customer_id),
        ages=ageing(session, on, customer_id),
        invoices=tuple(_invoice(row, customer.name, on) for row in (*unsettled, *settled)),
        payments=_payments(session, [(row, customer.name) for row in paid]),
    )


def _invoice(row: Invoice, name: str, on: date) -> InvoiceLine:
    facts = row.model_dump(exclude={"id", "customer_id", "recorded_at"})
    late = max(0, (on - row.due_on).days) if row.open else 0
    return InvoiceLine(customer=customer_number(row.customer_id), name=name, days_overdue=late, **facts)


def _payments(session: Session, rows: Sequence[tuple[Payment, str]]) -> tuple[PaymentLine, ...]:
    settled: dict[int, list[tuple[str, Decimal]]] = defaultdict(list)
    parts = (
        select(col(Allocation.payment_id), col(Invoice.number), col(Allocation.amount))
        .join(Invoice, col(Invoice.id) == Allocation.invoice_id)
        .where(col(Allocation.payment_id).in_([row.id for row, _ in rows]))
        .order_by(col(Allocation.id))
    )
    for payment_id, number, amount in session.exec(parts):
        settled[payment_id].append((number, amount))
    return tuple(
        PaymentLine(
            customer=customer_number(row.customer_id),
            name=name,
            settled=tuple(settled[row.id or 0]),
            **row.model_dump(exclude={"id", "customer_id", "recorded_at", "for_invoices"}),
        )
        for row, name in rows
    )
