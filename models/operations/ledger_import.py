"""Import of invoices or payments from a CSV file: every row is right, or nothing is taken over.

The file is read twice, row by row: once to find everything that can be wrong with a row by itself, outside any
transaction; once more inside one transaction, in batches, against what the ledger holds. Memory stays flat.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import TypeVar

from pydantic import ValidationError

from config.languages import N_
from models.audit import Actor
from models.forms.base import problem_of
from models.house import House, Work
from models.ledger import Given, InvoiceGiven, PaymentGiven
from models.operations.csv_rows import CsvFile, FileReport, ImportRefused, Row, RowProblem
from models.operations.ledger_batches import (
    Wrong,
    lock_collections,
    one_bookkeeper_at_a_time,
    take_invoices,
    take_payments,
)
from models.rules.allocation import NOTHING

G = TypeVar("G", bound=Given)

BATCH = 1000
"""Rows that are entered together."""
FILE = "csv"

INVOICE_COLUMNS = ("number", "customer", "amount", "currency", "issued_on", "due_on")
PAYMENT_COLUMNS = ("reference", "customer", "amount", "currency", "received_on", "invoices", "note")
ALIASES = {
    "发票号": "number",
    "发票号码": "number",
    "客户": "customer",
    "客户编号": "customer",
    "金额": "amount",
    "币种": "currency",
    "开票日期": "issued_on",
    "到期日": "due_on",
    "到期日期": "due_on",
    "流水号": "reference",
    "到账日期": "received_on",
    "收款日期": "received_on",
    "核销发票": "invoices",
    "备注": "note",
}
"""The columns as Chinese spreadsheets call them."""

_GROUPED = re.compile(r"[+-]?[0-9]{1,3}([,，][0-9]{3})+(\.[0-9]*)?")
_DAY = re.compile(
    r"([0-9]{4})(?:([-/.])([0-9]{1,2})\2([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})日|([0-9]{2})([0-9]{2}))"
)
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATES = frozenset({"issued_on", "due_on", "received_on"})
_WHOLE_DAY = 10


@dataclass
class LedgerReport(FileReport):
    """What came of a file: how many entries are new, how many were known; of payments, what they settled (yuan)."""

    new: int = 0
    repeated: int = 0
    settled: Decimal = NOTHING
    credit: Decimal = NOTHING
    woken: int = 0


def import_invoices(
    house: House, actor: Actor, data: bytes, *, tell: Callable[[int], None] | None = None
) -> LedgerReport:
    """Enter every invoice of a CSV file, or none. The same file again changes nothing.

    ``tell`` is called with the number of rows entered so far.

    Raises:
        ImportRefused: the file or any of its rows is wrong; says which, and what.
    """

    def enter(work: Work, given: Sequence[InvoiceGiven], report: LedgerReport) -> list[Wrong]:
        taken = take_invoices(work, given)
        report.new += taken.new
        report.repeated += taken.repeated
        return taken.wrong

    return _import(house, actor, data, InvoiceGiven, INVOICE_COLUMNS, one_bookkeeper_at_a_time, enter, tell)


def import_payments(
    house: House, actor: Actor, data: bytes, *, tell: Callable[[int], None] | None = None
) -> LedgerReport:
    """Enter every payment of a CSV file and settle what it settles, or none. The same file again changes nothing.

    Raises:
        ImportRefused: the file or any of its rows is wrong; says which, and what.
    """

    def begin(work: Work) -> None:
        lock_collections(work)
        one_bookkeeper_at_a_time(work)

    def enter(work: Work, given: Sequence[PaymentGiven], report: LedgerReport) -> list[Wrong]:
        taken = take_payments(work, given, FILE)
        report.new += len(taken.new)
        report.repeated += taken.repeated
        report.settled += taken.allocated
        report.credit += sum((payment.unallocated for payment in taken.new), NOTHING)
        report.woken += len(taken.woken)
        return taken.wrong

    return _import(house, actor, data, PaymentGiven, PAYMENT_COLUMNS, begin, enter, tell)


def _import(
    house: House,
    actor: Actor,
    data: bytes,
    kind: type[G],
    columns: Sequence[str],
    begin: Callable[[Work], None],
    enter: Callable[[Work, Sequence[G], LedgerReport], list[Wrong]],
    tell: Callable[[int], None] | None,
) -> LedgerReport:
    needed = [name for name in columns if kind.model_fields[name].is_required()]
    file = CsvFile(data, columns, needed, aliases=ALIASES)
    report = _look_through(file, kind)
    with house.work(actor) as work:
        begin(work)
        for batch in _batches(file, kind):
            wrong = enter(work, [one for _, one in batch], report)
            for one in wrong:
                report.note(RowProblem(batch[one.position][0], one.problem.field, one.problem))
            if tell is not None:
                tell(report.new + report.repeated)
        if not report.done:
            raise ImportRefused(report)
        if report.new:
            what = "invoices" if kind is InvoiceGiven else "payments"
            work.record(f"{what}.imported", rows=report.rows, new=report.new, repeated=report.repeated)
    return report


def _look_through(file: CsvFile, kind: type[Given]) -> LedgerReport:
    """Everything that is wrong with the file by itself.

    Raises:
        ImportRefused: something is.
    """
    report = LedgerReport()
    last: Row | None = None
    for last in file.rows(report):
        number, row = last
        try:
            kind.model_validate(_given(row))
        except ValidationError as error:
            for detail in error.errors(include_url=False, include_input=False):
                problem = problem_of(detail)
                report.note(RowProblem(number, problem.field.partition(".")[0], problem))
    if last is not None and not file.ends_with_a_line:
        _refuse_open_end(report, *last)
    if not report.done:
        raise ImportRefused(report)
    return report


def _refuse_open_end(report: LedgerReport, number: int, row: Mapping[str, str]) -> None:
    """A last row that may have been cut off within its last cell: an amount of 8400 may have been 840000.00.

    Without an end of line it is believed only where a part of the cell could not be read as a whole one.
    """
    column, cell = list(row.items())[-1]
    if any(problem.row == number for problem in report.problems):
        return
    if column == "note" or (column in _DATES and len(cell) == _WHOLE_DAY):
        return
    told = N_("The file ends within this row and may have been cut off. If it is whole, end it with a line break.")
    report.complain(number, column, told)


def _batches(file: CsvFile, kind: type[G]) -> Iterator[list[tuple[int, G]]]:
    rows = file.rows(FileReport())
    while batch := [(number, kind.model_validate(_given(row))) for number, row in islice(rows, BATCH)]:
        yield batch


def _given(row: Mapping[str, str]) -> dict[str, object]:
    """A row's cells as an entry is given: amounts without grouping, dates written the one way, blanks left out."""
    given: dict[str, object] = {}
    for name, cell in row.items():
        plain = cell.strip()
        if not plain:
            continue
        if name == "amount":
            given[name] = _number(plain)
        elif name in _DATES:
            given[name] = _day(plain)
        else:
            given[name] = plain
    return given


def _number(cell: str) -> str:
    plain = cell.lstrip("¥￥").strip()
    return plain.replace(",", "").replace("，", "") if _GROUPED.fullmatch(plain) else plain


def _day(cell: str) -> str:
    """2026/3/9, 2026.3.9, 20260309 and 2026年3月9日 as 2026-03-09; anything else as it is, to be refused."""
    if _ISO_DAY.fullmatch(cell):
        return cell
    found = _DAY.fullmatch(cell)
    if found is None:
        return cell if not cell.isdecimal() else f"“{cell}”"
    year, _, *parts = found.groups()
    month, day = (part for part in parts if part is not None)
    return f"{year}-{int(month):02d}-{int(day):02d}"
