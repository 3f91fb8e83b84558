"""Import of many applications from one CSV file: every row is right, or nothing is taken over."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError

from config.languages import N_
from config.words import Language
from models.audit import digest
from models.errors import Conflict, Invalid, Problem, Refused
from models.forms.base import problem_of
from models.house import Work
from models.onboarding import Application
from models.operations.applications import open_application
from models.tables import Person

MAX_ROWS = 5000
PLAIN = [
    "customer_type",
    "name",
    "identifier",
    "contact",
    "phone",
    "email",
    "industry",
    "prepays",
    "requested_limit",
    "requested_term_days",
]
NEEDED = {"customer_type", "name"}
DOCUMENT = "document:"
YES_NO = {"yes": True, "y": True, "true": True, "1": True, "是": True, "no": False, "n": False, "false": False}
YES_NO |= {"0": False, "否": False, "": False}


@dataclass(frozen=True)
class RowProblem:
    """What is wrong with one row; ``row`` is the line's number in the file, the header being 1."""

    row: int
    column: str
    problem: Problem

    def text(self, language: Language) -> str:
        return self.problem.text(language)


@dataclass
class ImportReport:
    """What came of a file: the cases opened, or each thing that kept it from being taken over."""

    rows: int = 0
    encoding: str = ""
    cases: list[str] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)

    @property
    def done(self) -> bool:
        return not self.problems


class ImportRefused(Refused):
    """The file was not taken over; ``report`` says what to mend, row by row."""

    status = 422
    code = "import-refused"

    def __init__(self, report: ImportReport) -> None:
        super().__init__(N_("Nothing was imported: {count} problems."), count=len(report.problems))
        self.report = report


def columns(work: Work) -> list[str]:
    """The columns a file may have, in the order of the template."""
    policy = work.house.policy
    figures = [part.name for part in policy.indicators.figures()]
    return PLAIN + figures + [DOCUMENT + kind for kind in policy.onboarding.documents]


def import_applications(work: Work, data: bytes, handler: Person, initiator: Person | None = None) -> ImportReport:
    """Open a review for every row of a CSV file (UTF-8 with or without a mark, or GBK; comma, semicolon or tab).

    The same file again opens nothing twice: rows are known by their content.

    Raises:
        ImportRefused: the file or any of its rows is wrong; nothing was taken over.
    """
    report = ImportReport()
    text = _decode(data, report)
    rows = _rows(work, text, report) if text is not None else []
    report.rows = len(rows)
    applications = [(number, app) for number, row in rows if (app := _application(work, number, row, report))]
    _refuse_repeats(applications, report)
    for number, application in applications if report.done else []:
        _open(work, number, application, handler, initiator or handler, report)
    if not report.done:
        report.cases.clear()
        raise ImportRefused(report)
    work.record("applications.imported", rows=report.rows, cases=report.cases)
    return report


def _decode(data: bytes, report: ImportReport) -> str | None:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        report.encoding = "utf-8" if encoding == "utf-8-sig" else "gbk"
        if data.startswith(codecs.BOM_UTF8):
            report.encoding = "utf-8 with mark"
        return text
    _complain(report, 1, "", N_("The file is neither UTF-8 nor GBK text. Save it as CSV (UTF-8)."))
    return None


def _rows(work: Work, text: str, report: ImportReport) -> list[tuple[int, dict[str, str]]]:
    first_line = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        lines = [(reader.line_num, line) for line in reader]
    except csv.Error as error:
        _complain(report, reader.line_num, "", N_("The line cannot be read as CSV: {error}."), error=str(error))
        return []
    if not lines or not any(cell.strip() for cell in lines[0][1]):
        _complain(report, 1, "", N_("The file is empty. Its first line names the columns."))
        return []
    header = [cell.strip() for cell in lines[0][1]]
    _check_header(work, header, report)
    body = [(number, line) for number, line in lines[1:] if any(cell.strip() for cell in line)]
    if not body and report.done:
        _complain(report, 2, "", N_("The file has no rows below its header."))
    if len(body) > MAX_ROWS:
        _complain(report, MAX_ROWS + 2, "", N_("At most {max} rows at a time."), max=MAX_ROWS)
    for number, line in body:
        if len(line) != len(header):
            told = N_("{found} cells, but the header has {expected}.")
            _complain(report, number, "", told, found=len(line), expected=len(header))
    return [(number, dict(zip(header, line, strict=True))) for number, line in body] if report.done else []


def _check_header(work: Work, header: list[str], report: ImportReport) -> None:
    known = set(columns(work))
    for name in header:
        if name not in known:
            _complain(report, 1, name[:80], N_("There is no such column."))
        elif header.count(name) > 1:
            _complain(report, 1, name, N_("This column is there twice."))
    for name in sorted(NEEDED - set(header)):
        _complain(report, 1, name, N_("This column is needed."))


def _application(work: Work, number: int, row: Mapping[str, str], report: ImportReport) -> Application | None:
    cells = {name: cell.strip() for name, cell in row.items()}
    figures = {part.name for part in work.house.policy.indicators.figures()}
    given: dict[str, object] = {name: cells[name] for name in PLAIN if cells.get(name)}
    prepays = YES_NO.get(cells.get("prepays", "").lower())
    if prepays is None:
        _complain(report, number, "prepays", N_("Answer yes or no."))
    given["prepays"] = bool(prepays)
    if isinstance(limit := given.get("requested_limit"), str):
        given["requested_limit"] = limit.replace(",", "").replace("，", "")
    given["figures"] = {name: cell for name, cell in cells.items() if name in figures and cell}
    given["documents"] = {
        name.removeprefix(DOCUMENT): cell for name, cell in cells.items() if name.startswith(DOCUMENT) and cell
    }
    try:
        return Application.model_validate(given)
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_input=False):
            problem = problem_of(detail)
            report.problems.append(RowProblem(number, problem.field, problem))
        return None


def _refuse_repeats(applications: list[tuple[int, Application]], report: ImportReport) -> None:
    """The same customer twice in one file is a mistake of the file."""
    seen: dict[str, int] = {}
    for number, application in applications:
        same = application.identifier or f"{application.customer_type.value} {application.name}"
        if same in seen:
            told = N_("The same customer as in row {row}.")
            _complain(report, number, "identifier" if application.identifier else "name", told, row=seen[same])
        seen.setdefault(same, number)


def _open(
    work: Work, number: int, application: Application, handler: Person, initiator: Person, report: ImportReport
) -> None:
    key = "csv:" + digest(application.model_dump(mode="json"))[:60]
    try:
        case = open_application(work, application, initiator, handler, origin="csv", request_key=key)
    except Invalid as error:
        report.problems += [RowProblem(number, problem.field, problem) for problem in error.problems]
    except Conflict as error:
        report.problems.append(RowProblem(number, "name", Problem("name", error.message, error.values)))
    else:
        report.cases.append(case.ref)


def _complain(report: ImportReport, line: int, column: str, message: str, **values: object) -> None:
    report.problems.append(RowProblem(line, column, Problem(column, message, values)))
