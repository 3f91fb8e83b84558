"""Import of many applications from one CSV file: every row is right, or nothing is taken over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError

from config.languages import N_
from models.audit import digest
from models.errors import Conflict, Invalid, Problem
from models.forms.base import problem_of
from models.house import Work
from models.onboarding import Application
from models.operations.applications import open_application
from models.operations.csv_rows import CsvFile, FileReport, ImportRefused, RowProblem
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


@dataclass
class ImportReport(FileReport):
    """What came of a file: the cases opened, or each thing that kept it from being taken over."""

    cases: list[str] = field(default_factory=list)


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
    rows = list(CsvFile(data, columns(work), NEEDED, max_rows=MAX_ROWS).rows(report))
    applications = [(number, app) for number, row in rows if (app := _application(work, number, row, report))]
    _refuse_repeats(applications, report)
    for number, application in applications if report.done else []:
        _open(work, number, application, handler, initiator or handler, report)
    if not report.done:
        report.cases.clear()
        raise ImportRefused(report)
    work.record("applications.imported", rows=report.rows, cases=report.cases)
    return report


def _application(work: Work, number: int, row: Mapping[str, str], report: ImportReport) -> Application | None:
    cells = {name: cell.strip() for name, cell in row.items()}
    figures = {part.name for part in work.house.policy.indicators.figures()}
    given: dict[str, object] = {name: cells[name] for name in PLAIN if cells.get(name)}
    prepays = YES_NO.get(cells.get("prepays", "").lower())
    if prepays is None:
        report.complain(number, "prepays", N_("Answer yes or no."))
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
            report.note(RowProblem(number, problem.field, problem))
        return None


def _refuse_repeats(applications: list[tuple[int, Application]], report: ImportReport) -> None:
    """The same customer twice in one file is a mistake of the file."""
    seen: dict[str, int] = {}
    for number, application in applications:
        same = application.identifier or f"{application.customer_type.value} {application.name}"
        if same in seen:
            told = N_("The same customer as in row {row}.")
            report.complain(number, "identifier" if application.identifier else "name", told, row=seen[same])
        seen.setdefault(same, number)


def _open(
    work: Work, number: int, application: Application, handler: Person, initiator: Person, report: ImportReport
) -> None:
    key = "csv:" + digest(application.model_dump(mode="json"))[:60]
    try:
        case = open_application(work, application, initiator, handler, origin="csv", request_key=key)
    except Invalid as error:
        for problem in error.problems:
            report.note(RowProblem(number, problem.field, problem))
    except Conflict as error:
        report.note(RowProblem(number, "name", Problem("name", error.message, error.values)))
    else:
        report.cases.append(case.ref)
