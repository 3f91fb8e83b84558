"""The manager's desk: the figures of the house, the way each process goes, the portfolio."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.caller import house_of, signed_in
from api.language import language_of
from api.management_charts import TONES, portfolio_charts, statistics_charts
from api.process_drawing import drawing
from api.reported import PeriodChoice, Told, period_choice
from config.words import Department
from models.processes import PROCESSES
from models.queries.customers import CustomerFilter
from models.queries.load import By, workload
from models.queries.portfolio_now import portfolio_now
from models.queries.process_map import process_map
from models.queries.rights import must_manage
from models.queries.statistics import Statistics, Wanted, statistics
from models.tables import Person

router = APIRouter(include_in_schema=False)
Viewer = Annotated[Person, Depends(signed_in)]
Chosen = Annotated[PeriodChoice, Depends(period_choice)]


@router.api_route("/management", methods=["GET", "HEAD"])
def overview(request: Request, person: Viewer, chosen: Chosen, process: str = "", department: str = "") -> Response:
    """The overview. A filter that is no word of ours counts as none: links of old must not break."""
    must_manage(person)
    house = house_of(request)
    wanted = _wanted(process, department)
    with house.read() as session:
        found = statistics(session, house, chosen.period, wanted)
    kept = chosen.query | _given(process=wanted.process, department=wanted.department)
    return _page(
        request,
        person,
        "management.html",
        chosen,
        found=found,
        wanted=wanted,
        charts=partial(statistics_charts, found),
        query=urlencode(kept),
        drill=partial(_drill, found, wanted),
        departments=list(Department),
    )


@router.api_route("/management/load", methods=["GET", "HEAD"])
def load(
    request: Request, person: Viewer, chosen: Chosen, process: str = "", department: str = "", by: str = ""
) -> Response:
    """Who has how much, by role or department; single people only for those they report to."""
    must_manage(person)
    house = house_of(request)
    wanted, told_by = _wanted(process, department), By(by) if by in list(By) else By.ROLE
    with house.read() as session:
        found = workload(session, house, person, chosen.period, wanted, told_by)
    kept = chosen.query | _given(process=wanted.process, department=wanted.department)
    return _page(
        request,
        person,
        "management_load.html",
        chosen,
        found=found,
        wanted=wanted,
        query=urlencode(kept),
        ways=[(one, urlencode(kept | {"by": one.value})) for one in By],
        departments=list(Department),
    )


@router.api_route("/management/processes", methods=["GET", "HEAD"])
def processes(request: Request, person: Viewer, chosen: Chosen, department: str = "") -> Response:
    """Every process in short, to choose one."""
    must_manage(person)
    house = house_of(request)
    wanted = _wanted("", department)
    with house.read() as session:
        found = statistics(session, house, chosen.period, wanted)
    return _page(
        request,
        person,
        "management_processes.html",
        chosen,
        found=found,
        wanted=wanted,
        query=urlencode(chosen.query | _given(department=wanted.department)),
        departments=list(Department),
    )


@router.api_route("/management/processes/{name}", methods=["GET", "HEAD"])
def one_process(request: Request, name: str, person: Viewer, chosen: Chosen, department: str = "") -> Response:
    """One process as its cases really went."""
    must_manage(person)
    house = house_of(request)
    whose = _wanted("", department).department
    with house.read() as session:
        found = process_map(session, house, name, chosen.period, whose)
    return _page(
        request,
        person,
        "management_process.html",
        chosen,
        found=found,
        wanted=Wanted(process=name, department=whose),
        charts=lambda told: {"map": drawing(found, told)},
        query=urlencode(chosen.query | _given(department=whose)),
        departments=list(Department),
    )


@router.api_route("/management/portfolio", methods=["GET", "HEAD"])
def portfolio(request: Request, person: Viewer, chosen: Chosen) -> Response:
    """The portfolio as it stands today."""
    must_manage(person)
    house = house_of(request)
    with house.read() as session:
        found = portfolio_now(session, house, chosen.period)
    return _page(
        request,
        person,
        "management_portfolio.html",
        chosen,
        found=found,
        charts=partial(portfolio_charts, found),
        tones=TONES,
        class_filter="customer_class" in CustomerFilter.model_fields or "klass" in CustomerFilter.model_fields,
    )


def _page(
    request: Request,
    person: Person,
    template: str,
    chosen: PeriodChoice,
    charts: Callable[[Told], dict[str, Any]] | None = None,
    **context: Any,
) -> Response:
    told = Told(house_of(request), language_of(request, person))
    response: Response = request.app.state.pages.page(
        request,
        template,
        desk="management",
        chosen=chosen,
        told_of=told,
        charts=charts(told) if charts else {},
        **context,
    )
    return response


def _wanted(process: str, department: str) -> Wanted:
    return Wanted(
        process=process if process in PROCESSES else None,
        department=Department(department) if department in list(Department) else None,
    )


def _given(**values: Any) -> dict[str, str]:
    return {name: str(value) for name, value in values.items() if value}


def _drill(found: Statistics, wanted: Wanted, **more: Any) -> str:
    """The list of cases behind a figure."""
    return "/cases?" + urlencode(_given(process=wanted.process, department=wanted.department) | _given(**more))
