"""Search across cases and customers, within rights: by number, reference, credit code, name and pinyin.

Every word of what is sought must be found. Customers are sought in what their names are found by
(``Customer.pinyin``), cases in their reference, their title and by their customer; both stand in indexes that hold
nothing else, so that rows which are not shown are not read either.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, func, literal, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import Session, col, select

from config.words import CaseState, CreditGrade, CustomerStatus, CustomerType, Outcome, RiskLevel
from models.columns import Keys
from models.queries.cursor import read_cursor, write_cursor
from models.queries.ledger import customer_ids, customer_number
from models.queries.rights import customers_visible_to, visible_to
from models.queries.shown import Read
from models.rules.pinyin import LONGEST_QUERY, Piece, compared, pieces, spellings, words_of
from models.tables import Case, Customer, Person

FOUND = 20
"""Hits of each kind that are shown at once."""
NEAREST = 500
"""Of so many customers that were found, the nearest, cases are shown for being theirs."""

FURTHEST = 2**31
"""No number of a customer is as high."""

_NUMBER = re.compile(r"k-?([0-9]{1,12})")
_DIGITS = re.compile(r"[0-9]{1,9}")
_REFERENCE = re.compile(r"[a-z]{2,8}-[0-9]{0,4}-?[0-9]{0,9}|[0-9]{4}-[0-9]{0,9}")
_WIDE_BRACKETS = str.maketrans("()", "（）")


class CustomerHit(Read):
    """A customer that was found; ``name`` in pieces, those that were sought marked."""

    number: str
    name: tuple[Piece, ...]
    type: CustomerType
    status: CustomerStatus
    risk_level: RiskLevel | None
    credit_grade: CreditGrade | None
    handler: str | None

    @property
    def plain(self) -> str:
        return "".join(piece.text for piece in self.name)


class CaseHit(Read):
    """A case that was found; reference and title in pieces."""

    ref: str
    shown_ref: tuple[Piece, ...]
    title: tuple[Piece, ...]
    process: str
    state: CaseState
    outcome: Outcome | None
    handler: str
    opened_at: datetime

    @property
    def plain(self) -> str:
        return "".join(piece.text for piece in self.title)


class CustomersFound(Read):
    """Customers that were found, the nearest first."""

    items: tuple[CustomerHit, ...] = ()
    more: bool = False


class CasesFound(Read):
    """Cases that were found, the newest first after those meant by their number."""

    items: tuple[CaseHit, ...] = ()
    next_cursor: str | None = None


class Found(Read):
    """What was found of each kind."""

    customers: CustomersFound = CustomersFound()
    cases: CasesFound = CasesFound()


class _Position(FunctionElement[int]):
    """Where a text stands in another, from 1; 0 where it does not. Both databases do it faster than by patterns."""

    inherit_cache = True


@compiles(_Position)
def _instr(element: _Position, compiler: SQLCompiler, **how: Any) -> str:
    return f"instr({compiler.process(element.clauses, **how)})"


@compiles(_Position, "postgresql")
def _strpos(element: _Position, compiler: SQLCompiler, **how: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **how)})"


def _at(column: Any, text: str) -> ColumnElement[int]:
    return _Position(column, literal(text))


def find(session: Session, keys: Keys, person: Person, text: str, *, limit: int = FOUND) -> Found:
    """Customers and cases that ``person`` may see and ``text`` may mean, at most ``limit`` of each."""
    words = words_of(text)
    if not words:
        return Found()
    near = _nearest(session, keys, person, text, words)
    return Found(
        customers=_customers(session, near, words, limit),
        cases=_found_cases(session, person, text, words, near, limit, None),
    )


def find_cases(
    session: Session, keys: Keys, person: Person, text: str, *, limit: int = FOUND, cursor: str | None = None
) -> CasesFound:
    """Cases that ``person`` may see and ``text`` may mean: by reference or a part of it (``123`` is first of all
    number 123), by title, or by their customer. The newest first, after those of exactly that number.

    Raises:
        Invalid: the cursor is not one of ours.
    """
    words = words_of(text)
    if not words:
        return CasesFound()
    near = _nearest(session, keys, person, text, words)
    return _found_cases(session, person, text, words, near, limit, cursor)


# -- customers --------------------------------------------------------------------------------------------------------


def customers_called(session: Session, keys: Keys, text: str) -> ColumnElement[bool]:
    """The customers that ``text`` may mean, as a condition: a customer number or credit code means one; else every
    word must be in the name, as written or in pinyin."""
    return _called(_known(session, keys, text), text, words_of(text))


def _called(known: int | None, text: str, words: Sequence[str]) -> ColumnElement[bool]:
    named = and_(*(or_(*(_at(Customer.pinyin, one) > 0 for one in spellings(word))) for word in words))
    if not words:
        return false()
    if known is None:
        return named
    digits = _DIGITS.fullmatch(compared(text)) is not None  # may be a part of a name as well
    return or_(col(Customer.id) == known, named) if digits else col(Customer.id) == known


def _known(session: Session, keys: Keys, text: str) -> int | None:
    """The one customer whose number or identity number this is; a number may leave out its letter and zeros."""
    plain = compared(text[:LONGEST_QUERY])
    number = _NUMBER.fullmatch(plain) or _DIGITS.fullmatch(plain)
    if number is not None:
        at = int(number[number.lastindex or 0])
        return session.exec(select(Customer.id).where(Customer.id == at)).first() if at < FURTHEST else None
    return customer_ids(session, keys, [plain]).get(plain) if plain else None


def _nearest(session: Session, keys: Keys, person: Person, text: str, words: Sequence[str]) -> Sequence[int]:
    """Customers that ``person`` may see: whom the text names, then names that begin so, then those of which a part
    begins so, then the others. One walk through the index."""
    known, first = _known(session, keys, text), words[0]
    named = case(
        (col(Customer.id) == (known or 0), 0),
        (_at(Customer.pinyin, first) == 1, 1),
        (_at(Customer.pinyin, f" {first}") > 0, 2),
        else_=3,
    )
    wanted = select(Customer.id).where(customers_visible_to(person), _called(known, text, words))
    found = session.exec(wanted.order_by(named, col(Customer.id)).limit(NEAREST)).all()
    return [one for one in found if one is not None]


def _customers(session: Session, near: Sequence[int], words: Sequence[str], limit: int) -> CustomersFound:
    statement = select(Customer, Person.name).join(Person, col(Person.id) == Customer.handler_id, isouter=True)
    shown = near[:limit]
    rows = {one.id: (one, handler) for one, handler in session.exec(statement.where(col(Customer.id).in_(shown)))}
    return CustomersFound(items=tuple(_customer(*rows[one], words) for one in shown), more=len(near) > limit)


def _customer(customer: Customer, handler: str | None, words: Sequence[str]) -> CustomerHit:
    return CustomerHit(
        number=customer_number(customer.id or 0),
        name=pieces(customer.name, words, individual=customer.type is CustomerType.INDIVIDUAL),
        type=customer.type,
        status=customer.status,
        risk_level=customer.risk_level,
        credit_grade=customer.credit_grade,
        handler=handler,
    )


# -- cases ------------------------------------------------------------------------------------------------------------


def _found_cases(
    session: Session,
    person: Person,
    text: str,
    words: Sequence[str],
    near: Sequence[int],
    limit: int,
    cursor: str | None,
) -> CasesFound:
    numbered = _numbered(text)
    exact = [] if cursor or numbered is None else session.exec(_cases(person, numbered).limit(limit)).all()
    if exact and not _DIGITS.fullmatch(compared(text)):  # a whole reference means that case and no other
        return CasesFound(items=_cases_shown(session, [ref for _, ref in exact], words))
    about = _about(text, words, near)
    others = _cases(person, about if numbered is None else and_(about, ~numbered))
    if cursor:
        at, ref = read_cursor(cursor)
        earlier = and_(col(Case.opened_at) == at, col(Case.ref) < ref)
        others = others.where(or_(col(Case.opened_at) < at, earlier))
    room = limit - len(exact)
    found = session.exec(others.limit(room + 1)).all()
    shown = [*exact, *found[:room]]
    return CasesFound(
        items=_cases_shown(session, [ref for _, ref in shown], words),
        next_cursor=write_cursor(*shown[-1]) if len(found) > room > 0 else None,
    )


def _cases(person: Person, wanted: ColumnElement[bool]) -> Any:
    statement = select(Case.opened_at, Case.ref).where(visible_to(person), wanted)
    return statement.order_by(col(Case.opened_at).desc(), col(Case.ref).desc())


def _numbered(text: str) -> ColumnElement[bool] | None:
    """Cases of exactly this reference or number, if it may be one."""
    plain = compared(text[:LONGEST_QUERY])
    if _DIGITS.fullmatch(plain):
        return col(Case.ref).endswith(f"-{int(plain):06d}")
    return col(Case.ref) == plain.upper() if _REFERENCE.fullmatch(plain) else None


def _about(text: str, words: Sequence[str], near: Sequence[int]) -> ColumnElement[bool]:
    plain = compared(text[:LONGEST_QUERY])
    ways = [and_(*(_in_title(word) for word in words))]
    if near:
        ways.append(col(Case.customer_id).in_(near))
    if _DIGITS.fullmatch(plain) or _REFERENCE.fullmatch(plain):
        ways.append(_at(Case.ref, plain.upper()) > 0)
    return or_(*ways)


def _in_title(word: str) -> ColumnElement[bool]:
    """A title is kept as it was written: brackets may be full-width, letters capital."""
    title: Any = func.lower(col(Case.title)) if word.upper() != word else col(Case.title)
    return or_(*(_at(title, one) > 0 for one in dict.fromkeys((word, word.translate(_WIDE_BRACKETS)))))


def _cases_shown(session: Session, refs: Sequence[str], words: Sequence[str]) -> tuple[CaseHit, ...]:
    statement = select(Case, Person.name).join(Person, col(Person.id) == Case.handler_id)
    rows = {one.ref: (one, handler) for one, handler in session.exec(statement.where(col(Case.ref).in_(refs)))}
    return tuple(_case(*rows[ref], words) for ref in refs)


def _case(one: Case, handler: str, words: Sequence[str]) -> CaseHit:
    return CaseHit(
        ref=one.ref,
        shown_ref=pieces(one.ref, words),
        title=pieces(one.title, words),
        process=one.process,
        state=one.state,
        outcome=one.outcome,
        handler=handler,
        opened_at=one.opened_at,
    )
