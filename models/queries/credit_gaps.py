"""What everybody owes, which credit lines are in force, and where trading and lines do not go together (C)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, func, or_, type_coerce
from sqlalchemy import select as columns
from sqlmodel import Session, col

from models.columns import Money
from models.queries.ledger import customer_number
from models.queries.shown import Read
from models.rules.credit import NOTHING
from models.rules.periods import months_before
from models.tables import CreditLine, Customer, Invoice

NAMED = 10
"""How many customers are named where there may be many; the number says how many there are."""


class Named(Read):
    """A customer named: what they owe and their limit (yuan)."""

    number: str
    name: str
    exposure: Decimal
    limit: Decimal | None


class Group(Read):
    """Customers found by a rule: how many, what it is about (yuan), and the gravest."""

    count: int
    amount: Decimal
    gravest: tuple[Named, ...] = ()


def debts_of_all() -> Subquery:
    """What every customer owes, due or not, disputed or not."""
    owed = func.sum(col(Invoice.outstanding)).label("owed")
    wanted: Any = columns(col(Invoice.customer_id).label("customer_id"), owed).where(col(Invoice.open))
    found: Subquery = wanted.group_by(col(Invoice.customer_id)).subquery()
    return found


def lines_in_force(now: datetime) -> Subquery:
    """The credit line in force of every customer who has one."""
    in_force = and_(col(CreditLine.effective_from) <= now, or_(_endless(), col(CreditLine.ended_at) > now))
    most = func.max(col(CreditLine.limit)).label("limit")
    wanted: Any = columns(col(CreditLine.customer_id).label("customer_id"), most).where(in_force)
    found: Subquery = wanted.group_by(col(CreditLine.customer_id)).subquery()
    return found


def _endless() -> ColumnElement[bool]:
    return col(CreditLine.ended_at).is_(None)


def yuan(amount: Any) -> ColumnElement[Decimal]:
    return type_coerce(func.coalesce(amount, 0), Money)


def without_line(session: Session, debts: Subquery, lines: Subquery, on: date) -> Group:
    """Customers who trade, do not pay before delivery, and have no credit line: a breach of the credit policy (C)."""
    wanted = (
        columns(col(Customer.id), col(Customer.name), yuan(debts.c.owed), type_coerce(lines.c.limit, Money))
        .select_from(Customer)
        .join(debts, debts.c.customer_id == col(Customer.id), isouter=True)
        .join(lines, lines.c.customer_id == col(Customer.id), isouter=True)
        .where(
            col(Customer.prepays).is_(False),
            func.coalesce(lines.c.limit, 0) == 0,
            or_(debts.c.owed > 0, _was_invoiced(col(Customer.id), on)),
        )
    )
    return _group(session, wanted, 2)


def above_limit(session: Session, debts: Subquery, lines: Subquery) -> Group:
    """Customers who owe more than their limit."""
    wanted = (
        columns(col(Customer.id), col(Customer.name), yuan(debts.c.owed), type_coerce(lines.c.limit, Money))
        .select_from(lines)
        .join(debts, debts.c.customer_id == lines.c.customer_id)
        .join(Customer, col(Customer.id) == lines.c.customer_id)
        .where(lines.c.limit > 0, debts.c.owed > lines.c.limit)
    )
    return _group(session, wanted, 2)


def idle_lines(session: Session, lines: Subquery, on: date) -> Group:
    """Credit lines of customers who owe nothing and were sent no invoice within the year."""
    open_invoice = columns(col(Invoice.id)).where(col(Invoice.customer_id) == lines.c.customer_id, col(Invoice.open))
    wanted = (
        columns(col(Customer.id), col(Customer.name), yuan(None), type_coerce(lines.c.limit, Money))
        .select_from(lines)
        .join(Customer, col(Customer.id) == lines.c.customer_id)
        .where(lines.c.limit > 0, ~open_invoice.exists(), ~_was_invoiced(lines.c.customer_id, on))
    )
    return _group(session, wanted, 3)


def _was_invoiced(customer_id: Any, on: date) -> ColumnElement[bool]:
    """Whether an invoice was issued within the year. One that was has fallen due since, too: read from the index."""
    since = months_before(on, 12)
    recent = columns(col(Invoice.id)).where(
        col(Invoice.customer_id) == customer_id, col(Invoice.due_on) > since, col(Invoice.issued_on) > since
    )
    return recent.exists()


def _group(session: Session, wanted: Any, amount: int) -> Group:
    """How many and how much, and the gravest by ``amount``, a column of ``wanted`` (2: owed, 3: limit)."""
    found = wanted.subquery()
    total = list(found.c)[amount]
    whole = yuan(func.sum(total).over())
    rows = session.execute(
        columns(*found.c, func.count().over(), whole).order_by(total.desc(), found.c.id).limit(NAMED)
    ).all()
    return Group(
        count=rows[0][4] if rows else 0,
        amount=rows[0][5] if rows else NOTHING,
        gravest=tuple(
            Named(number=customer_number(row[0]), name=row[1], exposure=row[2] or NOTHING, limit=row[3]) for row in rows
        ),
    )
