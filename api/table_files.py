"""Tables as files: CSV and XLSX, row by row as they are read, and harmless in a spreadsheet program.

A cell that begins with ``=``, ``+``, ``-``, ``@`` or a tab is a formula to a spreadsheet program, whoever wrote it: in
a CSV file an apostrophe is put before it. In a workbook text is written as text.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from starlette.responses import Response, StreamingResponse

from api.spreadsheets import MEDIA_TYPE, workbook
from config.languages import N_
from models.errors import NotFound
from models.operations.staff import begins_a_formula

CSV, XLSX = "csv", "xlsx"
PIECE = 65_536
_A_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def table_file(
    name: str, kind: str, head: Sequence[str], rows: Iterable[Sequence[object]], *, widths: Sequence[int] = ()
) -> Response:
    """``rows`` below ``head`` as a download called ``name``.

    Raises:
        NotFound: ``kind`` is neither of the two.
    """
    if kind not in (CSV, XLSX):
        raise NotFound(N_("There is no such page."))
    headers = {"content-disposition": f'attachment; filename="{name}.{kind}"'}
    if kind == CSV:
        return StreamingResponse(_csv(head, rows), headers=headers, media_type="text/csv; charset=utf-8")
    return StreamingResponse(_xlsx(name, head, rows, widths), headers=headers, media_type=MEDIA_TYPE)


def harmless(cell: object) -> str:
    """A cell of a CSV file: plain numbers and dates as they are, text that would be a formula made text."""
    if cell is None:
        return ""
    if isinstance(cell, bool | int | Decimal | date | datetime):
        return str(cell)
    text = str(cell)
    return f"'{text}" if begins_a_formula(text) and not _A_NUMBER.fullmatch(text) else text


def _csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Marked as UTF-8, so that spreadsheet programs read it right."""
    piece = io.StringIO()
    piece.write("\ufeff")
    writer = csv.writer(piece)
    writer.writerow([harmless(cell) for cell in head])
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
        if piece.tell() > PIECE:
            yield piece.getvalue()
            piece.seek(0)
            piece.truncate()
    yield piece.getvalue()


def _xlsx(name: str, head: Sequence[str], rows: Iterable[Sequence[object]], widths: Sequence[int]) -> Iterator[bytes]:
    with workbook() as (book, path):
        sheet = book.sheet(name, widths or [18] * len(head))
        sheet.head(head)
        for row in rows:
            sheet.row(row)
        book.close()
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece
