"""A quarterly evaluation by API: what changes for whom, exceptions, the report."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import ConfigDict, Field

from api.caller import Caller, house_of
from api.etags import IfMatch, must_match, tag_of, told
from api.evaluation_book import report_book
from api.language import language_of
from api.problems import PROBLEM_RESPONSES
from api.rendering import Speech
from api.routes.parameters import CaseRef, Cursor, Decider, Limit, Reader
from api.routes.shapes import Given
from api.routes.taken import Taken, Text
from api.spreadsheets import MEDIA_TYPE
from config.languages import N_
from config.words import Change, CreditGrade, CustomerClass, RiskLevel
from models.errors import NotFound
from models.evaluation import Report
from models.operations.evaluation_review import drop_exception, set_exception
from models.queries.evaluation import (
    ChangeLine,
    Listed,
    change_list,
    change_of,
    evaluation_seen_by,
    every_change,
    report_of,
)
from models.rules.portfolio import Flag

router = APIRouter(tags=["Evaluation"], responses=PROBLEM_RESPONSES)
Number = Annotated[str, Path(pattern="^(K-)?[0-9]{1,12}$", examples=["K-000123"])]


class NewException(Taken):
    """The grade that shall stand, whatever the figures say, and why."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"grade": "B", "reason": "Paid all arrears on 2 March; the figures are of February."}]
        },
    )

    grade: CreditGrade
    reason: Text = Field(min_length=1, max_length=4000)


class ChangeShown(Given):
    """One customer of an evaluation, before and after. Amounts are yuan, terms days."""

    customer: str = Field(examples=["K-000123"])
    name: str
    points: int
    missing: int = Field(description="Figures that were missing.")
    change: Change
    old_grade: CreditGrade | None
    old_level: RiskLevel | None
    old_class: CustomerClass | None
    new_grade: CreditGrade
    new_level: RiskLevel
    new_class: CustomerClass
    exposure: str
    overdue: str
    days_overdue: int
    old_limit: str | None
    new_limit: str | None
    old_term: int | None
    new_term: int | None
    found: list[Flag]
    exception: CreditGrade | None
    exception_reason: str


class ChangePage(Given):
    items: list[ChangeShown]
    next_cursor: str | None


class ReportShown(Given):
    """The report as management signs it."""

    case: str
    period: str
    cut_off: date
    report: Report


BOOK: dict[int | str, dict[str, Any]] = {
    200: {"description": "The workbook", "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("/cases/{ref}/changes", summary="List what an evaluation changes")
def listed(
    request: Request,
    caller: Reader,
    ref: CaseRef,
    show: Annotated[Listed, Query(description="Which customers.")] = Listed.CHANGES,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ChangePage:
    """Customers of a quarterly evaluation, the largest exposure first. Token scope: `read`. The look is put on
    record."""
    with house_of(request).read() as session:
        evaluation_seen_by(session, caller.person, ref)
        page = change_list(session, ref, show, cursor, limit=limit)
    _note_look(request, caller, ref)
    return ChangePage(items=[_shown(line) for line in page.items], next_cursor=page.next_cursor)


@router.get("/cases/{ref}/changes/{number}", summary="Read one customer of an evaluation")
def one(request: Request, response: Response, caller: Reader, ref: CaseRef, number: Number) -> ChangeShown:
    """What the evaluation changes for one customer. Its `ETag` is what `If-Match` of an exception names. Token scope:
    `read`. The look is put on record."""
    with house_of(request).read() as session:
        evaluation_seen_by(session, caller.person, ref)
        line = change_of(session, ref, _id(number))
    _note_look(request, caller, ref)
    told(response, tag_of(line))
    return _shown(line)


@router.put("/cases/{ref}/changes/{number}/exception", summary="Make an exception")
def except_one(
    request: Request,
    response: Response,
    caller: Decider,
    ref: CaseRef,
    number: Number,
    body: NewException,
    if_match: IfMatch = None,
) -> ChangeShown:
    """A grade other than the figures give, for one customer; level, class and line follow from it. Only while the
    caller is asked to review. 409: the review is not open. 412: it was changed since it was read. Token scope:
    `decide`."""
    with house_of(request).work(caller.actor) as work:
        evaluation_seen_by(work.session, caller.person, ref)
        must_match(if_match, tag_of(change_of(work.session, ref, _id(number))))
        set_exception(work, ref, _id(number), body.grade, body.reason, caller.person)
        work.session.flush()
        line = change_of(work.session, ref, _id(number))
    told(response, tag_of(line))
    return _shown(line)


@router.delete("/cases/{ref}/changes/{number}/exception", summary="Drop an exception")
def drop(
    request: Request, response: Response, caller: Decider, ref: CaseRef, number: Number, if_match: IfMatch = None
) -> ChangeShown:
    """What the figures give stands again. Token scope: `decide`."""
    with house_of(request).work(caller.actor) as work:
        evaluation_seen_by(work.session, caller.person, ref)
        must_match(if_match, tag_of(change_of(work.session, ref, _id(number))))
        drop_exception(work, ref, _id(number), caller.person)
        work.session.flush()
        line = change_of(work.session, ref, _id(number))
    told(response, tag_of(line))
    return _shown(line)


@router.get("/cases/{ref}/report", summary="Read an evaluation's report")
def report(request: Request, caller: Reader, ref: CaseRef) -> ReportShown:
    """Portfolio, migrations, breaches, concentration, ageing and the assessment of the work. 404 before there is one.
    Token scope: `read`. The look is put on record."""
    with house_of(request).read() as session:
        _, evaluation = evaluation_seen_by(session, caller.person, ref)
        found = report_of(evaluation)
    if found is None:
        raise NotFound(N_("There is no report yet."))
    _note_look(request, caller, ref)
    return ReportShown(case=ref, period=found.summary.period, cut_off=found.summary.cut_off, report=found)


@router.get(
    "/cases/{ref}/report.xlsx",
    summary="Download an evaluation's report",
    response_class=Response,
    responses=BOOK,
)
def book(request: Request, caller: Reader, ref: CaseRef) -> Response:
    """The report as a workbook, with every change. Token scope: `read`. The look is put on record."""
    house = house_of(request)
    speech = Speech(house, language_of(request, caller.person)).names()
    with house.read() as session:
        _, evaluation = evaluation_seen_by(session, caller.person, ref)
        found = report_of(evaluation)
        if found is None:
            raise NotFound(N_("There is no report yet."))
        data = report_book(found, every_change(session, ref), speech["say"], speech["t"])
    _note_look(request, caller, ref)
    return Response(data, media_type=MEDIA_TYPE, headers={"content-disposition": f'attachment; filename="{ref}.xlsx"'})


def _id(number: str) -> int:
    return int(number.removeprefix("K-"))


def _shown(line: ChangeLine) -> ChangeShown:
    facts = line.model_dump(exclude={"customer_id", "number", "flags", "exception_by"})
    for name in ("exposure", "overdue", "old_limit", "new_limit"):
        facts[name] = None if facts[name] is None else f"{facts[name]:.2f}"
    return ChangeShown(customer=line.number, found=list(line.flags), **facts)


def _note_look(request: Request, caller: Caller, ref: str) -> None:
    with house_of(request).work(caller.actor) as work:
        work.record("case.looked", ref)
