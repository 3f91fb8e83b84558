"""An evaluation as its pages show it: how far it is, its report, and the list of its customers."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, select

from config.languages import N_
from config.words import Change, CreditGrade, CustomerClass, RiskLevel, Word
from models.errors import Invalid, NotFound, Problem
from models.evaluation import Report, Summary
from models.processes import EVALUATION
from models.queries.evaluation_summary import becomes_high, differs, flagged, limit_differs
from models.queries.ledger import customer_number
from models.queries.rights import case_seen_by
from models.queries.shown import Read
from models.rules.portfolio import Flag
from models.tables import Case, Customer, Evaluation, EvaluationRow, Person, Progress

ON_A_PAGE = 50
Row = EvaluationRow


class Listed(Word):
    """Which customers of an evaluation are listed."""

    CHANGES = "changes", "All changes"
    DOWN = "down", "Downgrades"
    UP = "up", "Upgrades"
    FIRST = "first", "First evaluations"
    LIMITS = "limits", "Changed limits"
    EXCEPTIONS = "exceptions", "Exceptions"
    HIGH = "high", "New high risks"
    NO_LINE = "no_line", "Trading without a credit line"
    ABOVE_CAP = "above_cap", "Limits above the cap"
    OVER_LIMIT = "over_limit", "Owing more than the limit"
    OVERDUE = "overdue", "With overdue invoices"
    EVERYBODY = "everybody", "Everybody"


class ChangeLine(Read):
    """One customer of an evaluation, before and after; amounts in yuan."""

    customer_id: int
    number: str
    name: str
    points: int
    missing: int
    change: Change
    old_grade: CreditGrade | None
    old_level: RiskLevel | None
    old_class: CustomerClass | None
    new_grade: CreditGrade
    new_level: RiskLevel
    new_class: CustomerClass
    exposure: Decimal
    overdue: Decimal
    days_overdue: int
    old_limit: Decimal | None
    new_limit: Decimal | None
    old_term: int | None
    new_term: int | None
    flags: tuple[Flag, ...]
    exception: CreditGrade | None
    exception_reason: str
    exception_by: str | None

    @property
    def line_differs(self) -> bool:
        return self.old_limit is not None and (self.old_limit, self.old_term) != (self.new_limit, self.new_term)


class ChangeList(Read):
    """A page of them, the largest exposure first."""

    items: tuple[ChangeLine, ...]
    next_cursor: str | None = None


class HowFar(Read):
    """How far a long task of a case is."""

    what: str
    done: int
    total: int

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 100


def evaluation_seen_by(session: Session, person: Person, ref: str) -> tuple[Case, Evaluation | None]:
    """The evaluation case called ``ref``, and what is kept of it (another case may have taken its period over).

    Raises:
        NotFound: there is none, or it is not to be known that there is.
    """
    case = case_seen_by(session, person, ref)
    if case.process != EVALUATION.name:
        raise NotFound(N_("There is no such page."))
    return case, session.exec(select(Evaluation).where(Evaluation.case_ref == ref)).first()


def report_of(evaluation: Evaluation | None) -> Report | None:
    """The report as it was drawn up last; none before the first."""
    kept = evaluation.summary.get("report") if evaluation else None
    return Report.model_validate(kept) if kept else None


def summary_of(evaluation: Evaluation | None) -> Summary | None:
    """What was found, as it was added up last; none before that."""
    kept = evaluation.summary.get("summary") if evaluation else None
    return Summary.model_validate(kept) if kept else None


def progress_of(session: Session, ref: str) -> HowFar | None:
    """How far the case's long task is; none when it is done or never began."""
    row = session.get(Progress, ref)
    if row is None or row.done >= row.total:
        return None
    return HowFar(what=row.what, done=row.done, total=row.total)


def change_list(
    session: Session, ref: str, wanted: Listed, cursor: str | None = None, *, limit: int = ON_A_PAGE
) -> ChangeList:
    """Customers of the evaluation, the largest exposure first; ``limit`` of them from ``cursor`` on.

    Raises:
        Invalid: the cursor is not one of ours.
    """
    statement = (
        select(Row, Customer.name)
        .join(Customer, col(Customer.id) == Row.customer_id)
        .where(Row.case_ref == ref, *_wanted(wanted))
        .order_by(col(Row.exposure).desc(), col(Row.customer_id))
        .limit(limit + 1)
    )
    if cursor:
        exposure, customer_id = _read(cursor)
        after = and_(col(Row.exposure) == exposure, col(Row.customer_id) > customer_id)
        statement = statement.where(or_(col(Row.exposure) < exposure, after))
    rows = session.exec(statement).all()
    items = tuple(line_of(row, name) for row, name in rows[:limit])
    more = len(rows) > limit
    return ChangeList(items=items, next_cursor=_write(items[-1]) if more else None)


def change_of(session: Session, ref: str, customer_id: int) -> ChangeLine:
    """One customer of the evaluation.

    Raises:
        NotFound: not part of it.
    """
    statement = select(Row, Customer.name).join(Customer, col(Customer.id) == Row.customer_id)
    found = session.exec(statement.where(Row.case_ref == ref, Row.customer_id == customer_id)).first()
    if found is None:
        raise NotFound(N_("This customer is not part of the evaluation."))
    return line_of(*found)


def every_change(session: Session, ref: str, wanted: Listed = Listed.CHANGES) -> Iterator[ChangeLine]:
    """All of them, one after the other, never held together."""
    rows = (
        select(Row, Customer.name)
        .join(Customer, col(Customer.id) == Row.customer_id)
        .where(Row.case_ref == ref, *_wanted(wanted))
        .order_by(col(Row.exposure).desc(), col(Row.customer_id))
        .execution_options(yield_per=500)
    )
    for row, name in session.exec(rows):
        yield line_of(row, name)
        session.expunge(row)


def _wanted(wanted: Listed) -> list[ColumnElement[bool]]:
    if wanted is Listed.EVERYBODY:
        return []
    conditions: dict[Listed, ColumnElement[bool]] = {
        Listed.CHANGES: differs(),
        Listed.LIMITS: limit_differs(),
        Listed.EXCEPTIONS: col(Row.exception).is_not(None),
        Listed.HIGH: becomes_high(),
    }
    if wanted in conditions:
        return [conditions[wanted]]
    if wanted.value in list(Change):
        return [col(Row.change) == Change(wanted.value)]
    return [flagged(Flag(wanted.value))]


def line_of(row: EvaluationRow, name: str) -> ChangeLine:
    """A row as it is listed."""
    fields = {key: getattr(row, key) for key in ChangeLine.model_fields if key not in ("number", "name", "flags")}
    flags = tuple(Flag(flag) for flag in row.flags)
    return ChangeLine(number=customer_number(row.customer_id), name=name, flags=flags, **fields)


_WRONG = N_("This cursor is not one of ours. Leave it out to begin at the start.")


def _write(last: ChangeLine) -> str:
    return base64.urlsafe_b64encode(f"{int(last.exposure * 100)}|{last.customer_id}".encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[Decimal, int]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        fen, _, customer_id = base64.b64decode(padded.encode(), altchars=b"-_", validate=True).decode().partition("|")
        if not (fen.isdecimal() and customer_id.isdecimal() and fen.isascii() and customer_id.isascii()):
            raise ValueError
        if len(fen) > 18 or len(customer_id) > 18:
            raise ValueError
        return Decimal(int(fen)) / 100, int(customer_id)
    except (ValueError, binascii.Error, UnicodeError):
        raise Invalid(_WRONG, [Problem("cursor", _WRONG)]) from None
