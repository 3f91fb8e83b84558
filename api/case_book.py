"""A list of cases as a file: CSV or a workbook, in its reader's language, and harmless to a spreadsheet program."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal

from api.spreadsheets import MEDIA_TYPE, workbook
from api.table_files import harmless
from config.languages import N_, translate
from config.words import Language
from models.errors import Conflict
from models.house import House, Work
from models.processes import PROCESSES
from models.queries.case_list import PIECE, CaseFilter, CaseLine, cases, how_many
from models.queries.shown import spoken
from models.tables import Person

CSV_TYPE, XLSX_TYPE = "text/csv; charset=utf-8", MEDIA_TYPE
MOST_ROWS = 100_000
HEADS = (
    (N_("Reference"), 17),
    (N_("Process"), 20),
    (N_("Title"), 34),
    (N_("Customer number"), 13),
    (N_("State"), 10),
    (N_("Outcome"), 20),
    (N_("Amount (yuan)"), 16),
    (N_("Handler"), 12),
    (N_("Department"), 14),
    (N_("Opened"), 17),
    (N_("Ended"), 17),
    (N_("Working time (hours)"), 12),
    (N_("Waits at"), 30),
    (N_("Waits for"), 24),
    (N_("Due"), 17),
)
"""Columns with their widths in a workbook."""
_TENTH = Decimal("0.1")


def note_export(work: Work, person: Person, wanted: CaseFilter, format: str, filters: dict[str, str]) -> int:
    """Put on record that somebody takes a list out of the house, before they have it. Returns how many cases it holds.

    Raises:
        Conflict: more than a file may hold.
    """
    rows = how_many(work.session, person, wanted, MOST_ROWS + 1)
    if rows > MOST_ROWS:
        raise Conflict(N_("These are more than {most} cases. Please narrow the list first."), most=f"{MOST_ROWS:,}")
    work.record("cases.exported", format=format, filters=filters, rows=rows)
    return rows


def csv_of(house: House, person: Person, wanted: CaseFilter, language: Language) -> Iterator[bytes]:
    """The file, a piece at a time; marked as UTF-8, so that spreadsheet programs read it right."""
    yield b"\xef\xbb\xbf" + _as_csv([tuple(translate(head, language) for head, _ in HEADS)])
    for lines in _pieces(house, person, wanted):
        yield _as_csv([tuple(map(harmless, _row(line, house, language))) for line in lines])


def xlsx_of(house: House, person: Person, wanted: CaseFilter, language: Language) -> bytes:
    """The workbook. Its rows go to disk as they come."""
    with workbook() as (book, path):
        sheet = book.sheet(translate(N_("Cases"), language), [width for _, width in HEADS])
        sheet.head(translate(head, language) for head, _ in HEADS)
        for lines in _pieces(house, person, wanted):
            for line in lines:
                sheet.row(_row(line, house, language))
        book.close()
        return path.read_bytes()


def _pieces(house: House, person: Person, wanted: CaseFilter) -> Iterator[Iterable[CaseLine]]:
    """All of the list, some hundreds at a time; between two of them nothing of the database is held."""
    cursor: str | None = None
    while True:
        with house.read() as session:
            page = cases(session, person, wanted, limit=PIECE, cursor=cursor)
        yield page.items
        if page.next_cursor is None:
            return
        cursor = page.next_cursor


def _row(line: CaseLine, house: House, language: Language) -> tuple[object, ...]:
    def at(instant: datetime | None) -> str:
        return f"{house.calendar.local(instant):%Y-%m-%d %H:%M}" if instant else ""

    kind = PROCESSES.get(line.process)
    hours = None if line.working_minutes is None else (Decimal(line.working_minutes) / 60).quantize(_TENTH)
    return (
        line.ref,
        translate(kind.title, language) if kind else line.process,
        line.title,
        line.customer,
        spoken(line.state, language),
        spoken(line.outcome, language) if line.outcome else None,
        line.amount,
        line.handler,
        spoken(line.department, language),
        at(line.opened_at),
        at(line.closed_at),
        hours,
        " / ".join(translate(step.title, language) for step in line.waits),
        spoken(tuple(dict.fromkeys(name for step in line.waits for name in step.people)), language),
        at(min((step.due_at for step in line.waits), default=None)),
    )


def _as_csv(rows: Iterable[tuple[str, ...]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
