"""An evaluation on pages: the list of changes with exceptions, the report with its charts, the workbook."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from api.caller import house_of, signed_in
from api.charts import Bar, Pair, bars, matrix, pairs
from api.csrf import FIELD, Csrf
from api.evaluation_book import report_book
from api.language import language_of
from api.posted import Posted, posted
from api.rendering import Speech, money, number
from api.spreadsheets import MEDIA_TYPE
from config.languages import N_
from config.words import CreditGrade, CustomerClass, RiskLevel
from models.errors import NotFound, Refused
from models.evaluation import Report
from models.forms.base import validate
from models.forms.evaluation import GradeException
from models.house import person as person_actor
from models.operations.evaluation_review import drop_exception, review_open_to, set_exception
from models.queries.evaluation import (
    Listed,
    change_list,
    change_of,
    evaluation_seen_by,
    every_change,
    progress_of,
    report_of,
    summary_of,
)
from models.rules.migration import Migration
from models.tables import Person

router = APIRouter(include_in_schema=False)
Viewer = Annotated[Person, Depends(signed_in)]


@router.api_route("/cases/{ref}/changes", methods=["GET", "HEAD"])
def listed(request: Request, ref: str, person: Viewer, show: str = "", cursor: str = "", done: str = "") -> Response:
    """The list. A filter that is no word of ours counts as none: links of old must not break."""
    wanted = Listed(show) if show in list(Listed) else Listed.CHANGES
    house = house_of(request)
    with house.read() as session:
        case, evaluation = evaluation_seen_by(session, person, ref)
        page = change_list(session, ref, wanted, cursor or None)
        step = review_open_to(session, ref, person.id)
    if request.method == "GET":
        _note_look(request, ref, person)
    response: Response = request.app.state.pages.page(
        request,
        "changes.html",
        case=case,
        page=page,
        wanted=wanted,
        filters=list(Listed),
        reviews=step is not None,
        summary=summary_of(evaluation),
        next_query=urlencode({"show": wanted.value, "cursor": page.next_cursor or ""}),
        changed=done[:20],
    )
    return response


@router.api_route("/cases/{ref}/changes/{number}", methods=["GET", "HEAD"])
def one(request: Request, ref: str, number: str, person: Viewer) -> Response:
    return _one_page(request, ref, number, person)


@router.post("/cases/{ref}/changes/{number}")
def make_exception(
    request: Request, ref: str, number: str, person: Viewer, form: Annotated[Posted, Depends(posted)]
) -> Response:
    """An exception for one customer, or (with ``drop``) the end of one."""
    customer_id = _customer(number)
    try:
        Csrf(request).check(form.text(FIELD), f"exception:{ref}")
        with house_of(request).work(person_actor(person.id)) as work:
            evaluation_seen_by(work.session, person, ref)
            if form.text("drop"):
                drop_exception(work, ref, customer_id, person)
            else:
                data = {name: form.text(name) for name in ("grade", "reason")}
                given = validate(GradeException, data, {})
                assert isinstance(given, GradeException)
                set_exception(work, ref, customer_id, given.grade, given.reason, person)
    except Refused as refusal:
        return _one_page(request, ref, number, person, refusal, form)
    back = urlencode({"show": form.text("_show") or Listed.CHANGES.value, "done": number})
    return RedirectResponse(f"/cases/{ref}/changes?{back}#{number}", 303)


@router.api_route("/cases/{ref}/report", methods=["GET", "HEAD"])
def report(request: Request, ref: str, person: Viewer) -> Response:
    house = house_of(request)
    with house.read() as session:
        case, evaluation = evaluation_seen_by(session, person, ref)
        found, progress = report_of(evaluation), progress_of(session, ref)
    if request.method == "GET":
        _note_look(request, ref, person)
    speech = Speech(house, language_of(request, person)).names()
    response: Response = request.app.state.pages.page(
        request,
        "evaluation_report.html",
        case=case,
        report=found,
        progress=progress,
        charts=charts(found, speech["t"], speech["say"]) if found else {},
    )
    return response


@router.get("/cases/{ref}/report.xlsx")
def book(request: Request, ref: str, person: Viewer) -> Response:
    """The report as a workbook."""
    house = house_of(request)
    speech = Speech(house, language_of(request, person)).names()
    with house.read() as session:
        _, evaluation = evaluation_seen_by(session, person, ref)
        found = report_of(evaluation)
        if found is None:
            raise NotFound(N_("There is no report yet."))
        data = report_book(found, every_change(session, ref), speech["say"], speech["t"])
    _note_look(request, ref, person)
    headers = {"content-disposition": f'attachment; filename="{ref}.xlsx"'}
    return Response(data, media_type=MEDIA_TYPE, headers=headers)


def charts(found: Report, t: Callable[..., str], say: Callable[[Any], str]) -> dict[str, Markup]:
    """The report's charts by name."""
    summary = found.summary
    grades = [say(CreditGrade(word)) for word in summary.grades.words]
    levels = [say(RiskLevel(word)) for word in summary.levels.words]
    before, after = t("before"), t("after")
    return {
        "grades": matrix(t("Migration of grades"), grades, summary.grades.counts, before, after),
        "levels": matrix(t("Migration of risk levels"), levels, summary.levels.counts, before, after),
        "classes": _classes(summary.classes, t, say),
        "customers": bars(
            t("Largest customers"),
            [
                Bar(
                    share.name,
                    share.amount,
                    f"{money(share.amount)} · {number(share.percent)} %",
                    _tone(found, share.key),
                )
                for share in found.spread.customers.largest
            ],
        ),
        "industries": bars(
            t("Industries"),
            [
                Bar(
                    t(share.name),
                    share.amount,
                    f"{money(share.amount)} · {number(share.percent)} %",
                    _tone(found, share.key),
                )
                for share in found.spread.industries.largest
            ],
        ),
        "ageing": bars(
            t("Outstanding by age"),
            [
                Bar(t(age.label), age.amount, money(age.amount), "" if age.name == "not_due" else "warn")
                for age in found.ageing
            ],
        ),
    }


def _classes(found: Migration, t: Callable[..., str], say: Callable[[Any], str]) -> Markup:
    items = [
        Pair(say(CustomerClass(word)), was, now)
        for word, was, now in zip(found.words, found.before, found.after, strict=True)
    ]
    return pairs(t("Customer classes"), items, t("before"), t("after"))


def _tone(found: Report, key: str) -> str:
    return "bad" if key in found.spread.too_much else ""


def _customer(number: str) -> int:
    digits = number.removeprefix("K-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 12):
        raise NotFound(N_("This customer is not part of the evaluation."))
    return int(digits)


def _one_page(
    request: Request,
    ref: str,
    number: str,
    person: Person,
    refusal: Refused | None = None,
    form: Posted | None = None,
) -> Response:
    with house_of(request).read() as session:
        case, _ = evaluation_seen_by(session, person, ref)
        line = change_of(session, ref, _customer(number))
        step = review_open_to(session, ref, person.id)
    if refusal is None and request.method == "GET":
        _note_look(request, ref, person)
    response: Response = request.app.state.pages.page(
        request,
        "change.html",
        refusal.status if refusal else 200,
        case=case,
        one=line,
        reviews=step is not None,
        grades=list(CreditGrade),
        refusal=refusal,
        typed={name: form.text(name) for name in ("grade", "reason")} if form else {"grade": "", "reason": ""},
    )
    return response


def _note_look(request: Request, ref: str, person: Person) -> None:
    with house_of(request).work(person_actor(person.id)) as work:
        work.record("case.looked", ref)
