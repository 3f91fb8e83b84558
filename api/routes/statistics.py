"""The manager's desk for programs: statistics of a period, the way of one process, the portfolio."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field

from api.caller import house_of
from api.language import language_of
from api.problems import PROBLEM_RESPONSES
from api.routes.parameters import Reader
from api.routes.shapes import Given
from api.routes.statistics_shapes import (
    AgeingShown,
    ConcentrationShown,
    EvaluationShown,
    GroupShown,
    ListedShown,
    LoadShown,
    PartShown,
    PassageShown,
    ProcessShown,
    RecoveryShown,
    StandingShown,
    StepCounted,
    TookShown,
)
from config.languages import translate
from config.words import Department, Outcome
from models.errors import NotFound
from models.house import House
from models.processes import PROCESSES
from models.queries.load import By, workload
from models.queries.portfolio_now import PortfolioNow, portfolio_now
from models.queries.process_map import NO_PROCESS, process_map
from models.queries.rights import must_manage
from models.queries.statistics import Wanted, statistics
from models.rules.reporting import Reported, reported

router = APIRouter(tags=["Statistics"], responses=PROBLEM_RESPONSES)

PeriodName = Annotated[
    str,
    Query(
        alias="period",
        max_length=10,
        description="`12m` (the last twelve months), a year (`2026`) or a quarter (`2026Q1`).",
        examples=["2026Q1"],
    ),
]
First = Annotated[date | None, Query(alias="from", description="First day of a free period, in place of `period`.")]
Last = Annotated[date | None, Query(alias="to", description="Its last day.")]
ProcessName = Annotated[str, Path(max_length=64, examples=["onboarding-review"])]


class StatisticsShown(Given):
    """Cases are counted by when they were opened or ended, steps by when they were answered; times are minutes."""

    first: date
    last: date
    working_minutes_of_a_day: int
    parts: list[PartShown]
    whole: ProcessShown
    processes: list[ProcessShown]
    steps: list[StepCounted] = Field(description="Those first on which most working time was spent.")


class WorkloadShown(Given):
    """What is asked now, and what was answered within the period. `reports` are the people who report to the caller; of
    others only roles or departments are told."""

    first: date
    last: date
    load: list[LoadShown]
    reports: list[LoadShown]


class ProcessMapShown(Given):
    """The way its cases went that ended within the period. A passage without `before` is the beginning of cases, one
    without `after` their end."""

    process: str
    title: str
    first: date
    last: date
    cases: int
    open: int
    clock: TookShown
    working: TookShown
    steps: list[StepCounted] = Field(description="In their usual order.")
    passages: list[PassageShown]
    endings: dict[Outcome, int]


class PortfolioShown(Given):
    """The portfolio on the day `on`; amounts are yuan. `first` and `last` bound what fell due and was recovered."""

    on: date
    first: date
    last: date
    customers: int
    exposure: str
    overdue: str
    limits: str
    used_percent: Decimal | None
    levels: list[StandingShown]
    grades: list[StandingShown]
    classes: list[StandingShown]
    listed: list[ListedShown]
    by_customer: ConcentrationShown
    by_industry: ConcentrationShown
    ageing: list[AgeingShown]
    recovery: list[RecoveryShown]
    recovered_percent: Decimal | None
    without_line: GroupShown = Field(description="Trading without a credit line: a breach of the credit policy.")
    over_limit: GroupShown
    idle_lines: GroupShown = Field(description="Limits in force without trade within a year.")
    evaluations: list[EvaluationShown] = Field(description="The latest first.")


@router.get("/statistics", summary="Statistics of a period")
def read_statistics(
    request: Request,
    caller: Reader,
    period: PeriodName = "12m",
    first: First = None,
    last: Last = None,
    process: Annotated[str | None, Query(max_length=64)] = None,
    department: Department | None = None,
) -> StatisticsShown:
    """Through-put, durations, deadlines, returns, refusals and steps. For managers, the risk manager, auditors and
    operations. Token scope: `read`."""
    must_manage(caller.person)
    wanted = _wanted(process, department)
    house, language = house_of(request), language_of(request, caller.person)
    with house.read() as session:
        found = statistics(session, house, _period(house, period, first, last), wanted)
    return StatisticsShown(
        first=found.first,
        last=found.last,
        working_minutes_of_a_day=found.day_minutes,
        parts=[PartShown(**one.model_dump(exclude={"months"})) for one in found.parts],
        whole=ProcessShown.of(found.whole, language),
        processes=[ProcessShown.of(one, language) for one in found.processes],
        steps=[StepCounted.of(one, language) for one in found.steps],
    )


@router.get("/statistics/load", summary="Who has how much")
def read_load(
    request: Request,
    caller: Reader,
    period: PeriodName = "12m",
    first: First = None,
    last: Last = None,
    process: Annotated[str | None, Query(max_length=64)] = None,
    department: Department | None = None,
    by: Annotated[By, Query(description="What the load is told by.")] = By.ROLE,
) -> WorkloadShown:
    """Steps asked now and answered within the period, by role or department, and of the people who report to the
    caller. For managers, the risk manager, auditors and operations. Token scope: `read`."""
    must_manage(caller.person)
    wanted = _wanted(process, department)
    house, language = house_of(request), language_of(request, caller.person)
    asked = _period(house, period, first, last)
    with house.read() as session:
        found = workload(session, house, caller.person, asked, wanted, by)
    return WorkloadShown(
        first=asked.first,
        last=asked.last,
        load=[LoadShown.of(one, language) for one in found.load],
        reports=[LoadShown.of(one, language) for one in found.reports],
    )


@router.get("/statistics/processes/{process}", summary="The way of a process")
def read_process(
    request: Request,
    caller: Reader,
    process: ProcessName,
    period: PeriodName = "12m",
    first: First = None,
    last: Last = None,
    department: Department | None = None,
) -> ProcessMapShown:
    """Which step followed which, how often, how long each took, where cases wait and how they ended. For managers, the
    risk manager, auditors and operations. Token scope: `read`."""
    must_manage(caller.person)
    house, language = house_of(request), language_of(request, caller.person)
    asked = _period(house, period, first, last)
    with house.read() as session:
        found = process_map(session, house, process, asked, department)
    passages = [
        PassageShown(before=one.before or None, after=one.after, count=one.count, returned=one.returned)
        for one in found.passages
    ]
    passages += [
        PassageShown(before=one.before or None, after=None, outcome=one.outcome, count=one.count) for one in found.exits
    ]
    return ProcessMapShown(
        process=found.process,
        title=translate(found.title, language),
        first=asked.first,
        last=asked.last,
        cases=found.cases,
        open=found.open,
        clock=TookShown.of(found.clock),
        working=TookShown.of(found.working),
        steps=[StepCounted.of(one, language) for one in found.steps],
        passages=passages,
        endings={one.outcome: one.count for one in found.endings},
    )


@router.get("/portfolio", summary="The portfolio today")
def read_portfolio(
    request: Request, caller: Reader, period: PeriodName = "12m", first: First = None, last: Last = None
) -> PortfolioShown:
    """Levels, grades, classes, migrations, concentration, ageing, recovery, lists, and where trading and credit lines
    do not go together. For managers, the risk manager, auditors and operations. Token scope: `read`."""
    must_manage(caller.person)
    house = house_of(request)
    with house.read() as session:
        found = portfolio_now(session, house, _period(house, period, first, last))
    return _portfolio(found)


def _wanted(process: str | None, department: Department | None) -> Wanted:
    if process is not None and process not in PROCESSES:
        raise NotFound(NO_PROCESS, process=process[:64])
    return Wanted(process=process, department=department)


def _period(house: House, name: str, first: date | None, last: date | None) -> Reported:
    return reported(name, house.calendar.day_of(house.clock()), first, last)


def _portfolio(found: PortfolioNow) -> PortfolioShown:
    return PortfolioShown(
        on=found.on,
        first=found.first,
        last=found.last,
        customers=found.customers,
        exposure=f"{found.exposure:.2f}",
        overdue=f"{found.overdue:.2f}",
        limits=f"{found.limits:.2f}",
        used_percent=found.used_percent,
        levels=[StandingShown.of(one) for one in found.levels],
        grades=[StandingShown.of(one) for one in found.grades],
        classes=[StandingShown.of(one) for one in found.classes],
        listed=[ListedShown(kind=one.kind, customers=one.customers) for one in found.listed],
        by_customer=ConcentrationShown.of(found.by_customer),
        by_industry=ConcentrationShown.of(found.by_industry),
        ageing=[AgeingShown(age=b.age, amount=f"{b.amount:.2f}", invoices=b.invoices) for b in found.ageing],
        recovery=[RecoveryShown.of(one) for one in found.recovery],
        recovered_percent=found.recovered.percent,
        without_line=GroupShown.of(found.no_line),
        over_limit=GroupShown.of(found.over_limit),
        idle_lines=GroupShown.of(found.idle_lines),
        evaluations=[EvaluationShown.of(one) for one in found.evaluations],
    )
