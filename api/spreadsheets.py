"""Workbooks: what a page shows, as a file for a spreadsheet program.

Text is written as text whatever it begins with: a customer called ``=cmd()`` stays a name and is never a formula.
Rows go to disk as they come, so that memory stays the same however many there are.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

SHEET_NAME_LENGTH = 31
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Sheet:
    """One sheet, filled from top to bottom."""

    def __init__(self, book: Any, name: str, formats: dict[str, Any], widths: Sequence[int]) -> None:
        self.name = name[:SHEET_NAME_LENGTH]
        self._sheet = book.add_worksheet(self.name)
        self._formats = formats
        self.at = 0
        for column, width in enumerate(widths):
            self._sheet.set_column(column, column, width)

    def head(self, cells: Iterable[str]) -> None:
        """A row of headings."""
        self._write(cells, "head")

    def row(self, cells: Iterable[object]) -> None:
        """A row of values: numbers and dates as such, everything else as text."""
        self._write(cells, "")

    def gap(self) -> None:
        self.at += 1

    def chart(self, chart: Any, place: str) -> None:
        """A chart of the spreadsheet program's own."""
        self._sheet.insert_chart(place, chart)

    def _write(self, cells: Iterable[object], style: str) -> None:
        for column, cell in enumerate(cells):
            if isinstance(cell, bool) or cell is None or isinstance(cell, str):
                self._sheet.write_string(self.at, column, "" if cell is None else str(cell), self._formats[style])
            elif isinstance(cell, Decimal):
                self._sheet.write_number(self.at, column, float(cell), self._formats["money"])
            elif isinstance(cell, int):
                self._sheet.write_number(self.at, column, cell, self._formats["whole"])
            elif isinstance(cell, date):
                self._sheet.write_datetime(self.at, column, cell, self._formats["date"])
            else:
                self._sheet.write_string(self.at, column, str(cell), self._formats[style])
        self.at += 1


class Book:
    """A workbook being written."""

    def __init__(self, path: Path) -> None:
        self._book = xlsxwriter.Workbook(str(path), OPTIONS)
        self._formats = {
            "": self._book.add_format(),
            "head": self._book.add_format({"bold": True, "bottom": 1, "text_wrap": True}),
            "money": self._book.add_format({"num_format": "#,##0.00"}),
            "whole": self._book.add_format({"num_format": "#,##0"}),
            "date": self._book.add_format({"num_format": "yyyy-mm-dd"}),
        }

    def sheet(self, name: str, widths: Sequence[int]) -> Sheet:
        return Sheet(self._book, name, self._formats, widths)

    def columns(self, sheet: Sheet, title: str, first: int, last: int, names: int, values: Sequence[int]) -> Any:
        """A column chart over rows ``first`` to ``last`` of ``sheet``: names in one column, values in others."""
        chart = self._book.add_chart({"type": "column"})
        for column in values:
            chart.add_series(
                {
                    "name": [sheet.name, first - 1, column],
                    "categories": [sheet.name, first, names, last, names],
                    "values": [sheet.name, first, column, last, column],
                }
            )
        chart.set_title({"name": title})
        return chart

    def close(self) -> None:
        self._book.close()


@contextmanager
def workbook() -> Iterator[tuple[Book, Path]]:
    """A workbook in a file that is gone afterwards; read it after closing the book."""
    with tempfile.TemporaryDirectory(prefix="clientrisk-") as folder:
        path = Path(folder) / "report.xlsx"
        yield Book(path), path
