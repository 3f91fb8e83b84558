"""How the customers of one range of ids stand: one statement a kind of fact, however many customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, and_, case, func, literal, or_, type_coerce
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement
from sqlmodel import Session, col, select

from config.words import CreditGrade, CustomerClass, CustomerStatus, CustomerType, RiskLevel
from models.columns import Money
from models.rules.credit import NOTHING
from models.rules.migration import percent
from models.tables import CreditLine, Customer, CustomerFigures, Invoice, Listing


class days_between(FunctionElement[int]):
    """Calendar days from the first date to the second, in SQL."""

    type = Integer()
    inherit_cache = True
    name = "days_between"


@compiles(days_between)
def _by_subtraction(element: days_between, compiler: Any, **keywords: Any) -> str:
    first, second = list(element.clauses)
    return f"({compiler.process(second, **keywords)} - {compiler.process(first, **keywords)})"


@compiles(days_between, "sqlite")
def _by_julian_days(element: days_between, compiler: Any, **keywords: Any) -> str:
    first, second = list(element.clauses)
    return (
        f"CAST(julianday({compiler.process(second, **keywords)}) - julianday({compiler.process(first, **keywords)})"
        " AS INTEGER)"
    )


@dataclass(frozen=True)
class Windows:
    """The days between which behaviour is looked at: trading from ``year_from``, delays from ``delays_from``, both
    (not included) up to ``cut_off`` (included); ``on`` is today."""

    year_from: date
    delays_from: date
    cut_off: date
    on: date


class Account(NamedTuple):
    """What the ledger says of one customer; amounts in yuan.

    ``invoices`` counts those issued by the cut-off; ``longest_delay`` is none where nothing has fallen due.
    """

    exposure: Decimal
    overdue: Decimal
    oldest_due: date | None
    volume: Decimal
    orders: int
    due: Decimal
    on_time: Decimal
    longest_delay: int | None
    invoices: int

    def figures(self) -> dict[str, str]:
        """The figures of the policy that the ledger knows, as they are written."""
        if not self.invoices:
            return {}
        known = {"annual_volume": str(self.volume), "orders_per_year": str(self.orders)}
        share = percent(self.on_time, self.due)
        if share is not None:
            known["on_time_share"] = str(share)
        if self.longest_delay is not None:
            known["overdue_days"] = str(self.longest_delay)
        return known


class Known(NamedTuple):
    """A customer as the record has them."""

    id: int
    type: CustomerType
    grade: CreditGrade | None
    level: RiskLevel | None
    klass: CustomerClass | None
    prepays: bool


def admitted(session: Session, first: int, last: int) -> Sequence[Known]:
    """The portfolio's customers with ids from ``first`` to ``last``."""
    rows = session.execute(
        select(  # type: ignore[call-overload]
            col(Customer.id),
            Customer.type,
            col(Customer.credit_grade),
            col(Customer.risk_level),
            col(Customer.customer_class),
            Customer.prepays,
        )
        .where(col(Customer.id).between(first, last), Customer.status == CustomerStatus.ADMITTED)
        .order_by(col(Customer.id))
    )
    return [Known(*row) for row in rows]


def figures(session: Session, first: int, last: int) -> dict[int, dict[str, str]]:
    """The figures known of them."""
    rows = select(CustomerFigures.customer_id, CustomerFigures.figures)
    return {
        id: dict(known) for id, known in session.exec(rows.where(col(CustomerFigures.customer_id).between(first, last)))
    }


def lines(session: Session, first: int, last: int) -> dict[int, tuple[Decimal, int]]:
    """Limit and term of their credit lines in force."""
    rows = session.exec(
        select(CreditLine.customer_id, col(CreditLine.limit), CreditLine.term_days)
        .where(col(CreditLine.customer_id).between(first, last), col(CreditLine.ended_at).is_(None))
        .order_by(col(CreditLine.id))
    )
    return {customer_id: (limit, term) for customer_id, limit, term in rows}


def listed(session: Session, first: int, last: int, on: date) -> set[int]:
    """Those on the grey or black list on the day ``on``: by record, by number or by exact name."""
    mine = and_(
        col(Customer.id).between(first, last),
        col(Customer.status) == CustomerStatus.ADMITTED,
        col(Listing.since) <= on,
        or_(col(Listing.until).is_(None), col(Listing.until) > on),
    )
    found: set[int] = set()
    for same in (
        col(Listing.customer_id) == col(Customer.id),
        col(Listing.name) == col(Customer.name),
        col(Listing.identifier_digest) == col(Customer.identifier_digest),
    ):
        found.update(session.exec(select(Customer.id).join(Listing, same).where(mine)))  # type: ignore[arg-type]
    return found


def accounts(session: Session, first: int, last: int, windows: Windows) -> dict[int, Account]:
    """Their accounts in the ledger; who was never sent an invoice by the cut-off and owes nothing has none."""
    due, settled, amount = col(Invoice.due_on), col(Invoice.settled_on), col(Invoice.amount)
    undisputed = col(Invoice.disputed).is_(False)
    late_now = col(Invoice.open) & undisputed & (due < windows.on)
    in_year = (col(Invoice.issued_on) > windows.year_from) & (col(Invoice.issued_on) <= windows.cut_off)
    due_in_year = (due > windows.year_from) & (due <= windows.cut_off) & undisputed
    paid_in_time = due_in_year & (settled <= due) & col(Invoice.written_off).is_(None)
    until = case((settled <= windows.cut_off, settled), else_=literal(windows.cut_off))
    was_open = due.__le__(windows.cut_off) & undisputed & or_(settled.is_(None), settled > windows.delays_from)
    rows = session.execute(
        select(  # type: ignore[call-overload]
            Invoice.customer_id,
            _sum(col(Invoice.open), col(Invoice.outstanding)),
            _sum(late_now, col(Invoice.outstanding)),
            func.min(case((late_now, due))),
            _sum(in_year, amount),
            func.sum(case((in_year, 1), else_=0)),
            _sum(due_in_year, amount),
            _sum(paid_in_time, amount),
            func.max(case((was_open, days_between(due, until)))),
            func.sum(case((col(Invoice.issued_on) <= windows.cut_off, 1), else_=0)),
        )
        .where(
            col(Invoice.customer_id).between(first, last),
            or_(col(Invoice.issued_on) <= windows.cut_off, col(Invoice.open)),
        )
        .group_by(col(Invoice.customer_id))
    )
    return {row[0]: Account._make((*row[1:-2], None if row[-2] is None else max(0, row[-2]), row[-1])) for row in rows}


def _sum(condition: Any, amount: Any) -> ColumnElement[Decimal]:
    return type_coerce(func.sum(case((condition, amount), else_=literal(NOTHING, Money))), Money)


def volume_of(known: Mapping[str, str]) -> Decimal | None:
    """The year's trading in yuan, as a figure says it; none where it cannot be read."""
    try:
        volume = Decimal(str(known["annual_volume"]).replace(",", ""))
    except (KeyError, ArithmeticError):
        return None
    # What cannot be kept in fen is no amount.
    within = volume.is_finite() and abs(volume) < Decimal("1e15")
    return volume.quantize(NOTHING, ROUND_HALF_UP) if within else None
