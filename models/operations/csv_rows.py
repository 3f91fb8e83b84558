"""Reading a CSV file row by row: whatever a spreadsheet program saved, and every thing wrong with it by its row.

UTF-8 with or without a mark, or GBK; comma, semicolon or tab. The file is never held as text as a whole.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from config.languages import N_
from config.words import Language
from models.errors import Problem, Refused

TOLD = 1000
"""As many problems are told of one file; all are counted."""
PIECE = 1 << 20
ENCODINGS = {"utf-8-sig": "utf-8", "gb18030": "gbk"}

Row = tuple[int, dict[str, str]]
"""A row's line number in the file, the header being 1, and its cells by column."""


@dataclass(frozen=True)
class RowProblem:
    """What is wrong with one row; ``row`` is the line's number in the file, the header being 1."""

    row: int
    column: str
    problem: Problem

    def text(self, language: Language) -> str:
        return self.problem.text(language)


@dataclass
class FileReport:
    """What came of a file; each kind of import adds what it took over."""

    rows: int = 0
    encoding: str = ""
    problems: list[RowProblem] = field(default_factory=list)
    wrong: int = 0
    """How many problems there are, told or not."""

    @property
    def done(self) -> bool:
        return not self.wrong

    def complain(self, line: int, column: str, message: str, /, **values: object) -> None:
        """Note a problem by its words."""
        self.note(RowProblem(line, column, Problem(column, message, values)))

    def note(self, problem: RowProblem) -> None:
        """Note a problem; beyond ``TOLD`` it is only counted."""
        self.wrong += 1
        if len(self.problems) < TOLD:
            self.problems.append(problem)


class ImportRefused(Refused):
    """The file was not taken over; ``report`` says what to mend, row by row."""

    status = 422
    code = "import-refused"

    def __init__(self, report: FileReport) -> None:
        super().__init__(N_("Nothing was imported: {count} problems."), count=report.wrong)
        self.report = report


class CsvFile:
    """A file that was sent. Its rows can be read more than once; what is wrong with it is told each time."""

    def __init__(
        self,
        data: bytes,
        columns: Collection[str],
        needed: Collection[str],
        *,
        aliases: Mapping[str, str] | None = None,
        max_rows: int | None = None,
    ) -> None:
        self._data = data
        self._columns, self._needed = columns, needed
        self._aliases = aliases or {}
        self._max_rows = max_rows
        self.ends_with_a_line = data.endswith((b"\n", b"\r"))

    def rows(self, report: FileReport) -> Iterator[Row]:
        """The rows that have as many cells as the header, blank lines left out; counted in ``report``."""
        encoding = self._encoding(report)
        if encoding is None:
            return
        with io.TextIOWrapper(io.BytesIO(self._data), encoding=encoding, newline="") as text:
            first_line = text.readline()
            text.seek(0)
            reader = csv.reader(text, delimiter=max(",;\t", key=first_line.count), strict=True)
            try:
                yield from self._below_header(reader, report)
            except csv.Error as error:
                told = N_("The line cannot be read as CSV: {error}.")
                report.complain(max(reader.line_num, 1), "", told, error=str(error))

    def _below_header(self, reader: csv._reader, report: FileReport) -> Iterator[Row]:  # type: ignore[name-defined]
        first: list[str] = next(reader, [])
        if not any(cell.strip() for cell in first):
            report.complain(1, "", N_("The file is empty. Its first line names the columns."))
            return
        header = [self._aliases.get(cell.strip(), cell.strip()) for cell in first]
        if not self._header_is_right(header, report):
            return
        begins = reader.line_num + 1
        for line in reader:
            number, begins = begins, reader.line_num + 1
            if not any(cell.strip() for cell in line):
                continue
            report.rows += 1
            if self._max_rows is not None and report.rows > self._max_rows:
                report.complain(number, "", N_("At most {max} rows at a time."), max=self._max_rows)
                return
            if len(line) != len(header):
                told = N_("{found} cells, but the header has {expected}.")
                report.complain(number, "", told, found=len(line), expected=len(header))
                continue
            yield number, dict(zip(header, line, strict=True))
        if not report.rows:
            report.complain(2, "", N_("The file has no rows below its header."))

    def _header_is_right(self, header: list[str], report: FileReport) -> bool:
        before = report.wrong
        for name in header:
            if name not in self._columns:
                report.complain(1, name[:80], N_("There is no such column."))
            elif header.count(name) > 1:
                report.complain(1, name, N_("This column is there twice."))
        for name in sorted(set(self._needed) - set(header)):
            report.complain(1, name, N_("This column is needed."))
        return report.wrong == before

    def _encoding(self, report: FileReport) -> str | None:
        for encoding, name in ENCODINGS.items():
            if self._is_text(encoding):
                marked = self._data.startswith(codecs.BOM_UTF8)
                report.encoding = "utf-8 with mark" if marked else name
                return encoding
        report.complain(1, "", N_("The file is neither UTF-8 nor GBK text. Save it as CSV (UTF-8)."))
        return None

    def _is_text(self, encoding: str) -> bool:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            for start in range(0, len(self._data), PIECE):
                if "\x00" in decoder.decode(self._data[start : start + PIECE]):
                    return False
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
        return True
