"""Which cases are wanted, and in what order: as conditions that one index answers.

A case's row is long, and a list shows few of many. Every condition here is of columns of ``ix_case_search``, so that
whatever is asked for, the database walks that index in the list's own order and stops when the page is full; at worst
it has walked all of it. ``_of`` keeps it from choosing a narrower index that would send it to the rows instead.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from operator import ge, le, lt
from typing import Any, cast

from sqlalchemy import ColumnElement, String, and_, func, or_, type_coerce, union
from sqlmodel import Session, col, select

from config.words import CaseOrder, CaseState, Department, Outcome
from models.queries.cursor import read_marks, write_marks, wrong_cursor
from models.queries.rights import concerning_refs, reads_everything
from models.queries.shown import Read
from models.tables import Case, Person, Signer

_NO_AMOUNT = Decimal(-1)
MANY = 3000
"""From this many places on, somebody has to do with many cases."""


class CaseFilter(Read):
    """Which cases are wanted; nothing given means all that may be seen. ``mine`` leaves out what one only watches.

    Times are instants: from the first on, and before the second. ``least`` and ``most`` are yuan. ``person`` had to do
    with the case: started or handles it, has or had a place on a route. ``text`` is part of its reference or title.
    """

    process: str | None = None
    state: CaseState | None = None
    outcome: Outcome | None = None
    mine: bool = False
    customer_id: int | None = None
    department: Department | None = None
    opened_from: datetime | None = None
    opened_before: datetime | None = None
    closed_from: datetime | None = None
    closed_before: datetime | None = None
    least: Decimal | None = None
    most: Decimal | None = None
    person: str | None = None
    text: str = ""
    order: CaseOrder = CaseOrder.NEWEST


def conditions(session: Session, person: Person, wanted: CaseFilter) -> list[ColumnElement[bool]]:
    """What makes a case one that ``person`` may see and wants."""
    found: list[ColumnElement[bool]] = []
    if wanted.mine or not reads_everything(person):
        found.append(_among(session, person.id, concerning_refs(person)))
    words = ((Case.process, wanted.process), (Case.state, wanted.state), (Case.outcome, wanted.outcome))
    found += [_of(column) == str(word) for column, word in words if word]
    if wanted.department:
        found.append(_of(Case.department) == wanted.department.value)
    if wanted.customer_id is not None:
        found.append(col(Case.customer_id) == wanted.customer_id)
    if wanted.person:
        found.append(_among(session, wanted.person, _took_part(wanted.person)))
    bounds: tuple[tuple[Callable[[Any, Any], Any], Any, Any], ...] = (
        (ge, Case.opened_at, wanted.opened_from),
        (lt, Case.opened_at, wanted.opened_before),
        (ge, Case.closed_at, wanted.closed_from),
        (lt, Case.closed_at, wanted.closed_before),
        (ge, Case.amount, wanted.least),
        (le, Case.amount, wanted.most),
    )
    found += [compare(column, bound) for compare, column, bound in bounds if bound is not None]
    if text := wanted.text.strip():
        named = col(Case.title).icontains(text, autoescape=True)
        found.append(or_(named, col(Case.ref).contains(text.upper(), autoescape=True)))
    if wanted.order is CaseOrder.LONGEST_OPEN:
        found.append(_of(Case.state) != CaseState.CLOSED.value)
    elif wanted.order is CaseOrder.LAST_CLOSED:
        found.append(col(Case.closed_at).is_not(None))
    return found


def _of(column: Any) -> ColumnElement[Any]:
    """A column's stored word, as something no index is ordered by."""
    return func.coalesce(type_coerce(column, String), "")


def _among(session: Session, person_id: str, refs: Any) -> ColumnElement[bool]:
    """That a case is one of ``refs``. Few are looked up one by one and put in order; of somebody who has to do with
    thousands, the cases are walked in order until the page is full."""
    some = select(Signer.case_ref).where(Signer.person_id == person_id).limit(MANY).subquery()
    many = session.exec(select(func.count()).select_from(some)).one() >= MANY
    return (_of(Case.ref) if many else col(Case.ref)).in_(refs)


def _took_part(person_id: str) -> Any:
    """The references of cases that somebody had to do with."""
    return union(
        select(Case.ref).where(Case.initiator_id == person_id),
        select(Case.ref).where(Case.handler_id == person_id),
        select(Signer.case_ref).where(Signer.person_id == person_id),
        select(Signer.case_ref).where(Signer.for_person_id == person_id),
    )


# -- orders -----------------------------------------------------------------------------------------------------------


def sorted_by(order: CaseOrder) -> ColumnElement[Any]:
    """What a case stands in ``order`` by; its reference decides between equals."""
    if order is CaseOrder.AMOUNT:
        return func.coalesce(col(Case.amount), _NO_AMOUNT)
    at: Any = Case.closed_at if order is CaseOrder.LAST_CLOSED else Case.opened_at
    return cast(ColumnElement[Any], at)


def ordering(order: CaseOrder) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """The order as the database is told it."""
    first, then = sorted_by(order), col(Case.ref)
    return (first.asc(), then.asc()) if _rises(order) else (first.desc(), then.desc())


def after(order: CaseOrder, cursor: str) -> ColumnElement[bool]:
    """What stands after the row that ``cursor`` marks.

    Raises:
        Invalid: the cursor is not one of ours, or of another order.
    """
    mark, ref = read_marks(cursor, order.value)
    first, value = sorted_by(order), _value(order, mark)
    if _rises(order):
        return or_(first > value, and_(first == value, col(Case.ref) > ref))
    return or_(first < value, and_(first == value, col(Case.ref) < ref))


def mark(order: CaseOrder, case: Case) -> str:
    """The cursor after ``case``."""
    if order is CaseOrder.AMOUNT:
        return write_marks(order.value, str(_NO_AMOUNT if case.amount is None else case.amount), case.ref)
    at = case.closed_at if order is CaseOrder.LAST_CLOSED else case.opened_at
    return write_marks(order.value, at.isoformat() if at else "", case.ref)


def _rises(order: CaseOrder) -> bool:
    return order in (CaseOrder.OLDEST, CaseOrder.LONGEST_OPEN)


def _value(order: CaseOrder, text: str) -> datetime | Decimal:
    try:
        if order is CaseOrder.AMOUNT:
            amount = Decimal(text)
            if not amount.is_finite() or abs(amount) > 10**15 or amount != round(amount, 2):
                raise ValueError
            return amount
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise ValueError
        return at
    except (ValueError, InvalidOperation, OverflowError):
        raise wrong_cursor() from None
