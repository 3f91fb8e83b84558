"""A small portfolio in Xuzhou on 10 March 2026, and how people answer when its last quarter of 2025 is evaluated."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import select

import flows.listing_decision  # nominations are carried too
import flows.quarterly_evaluation  # noqa: F401
from config.words import (
    ContactAnswer,
    ContactWay,
    CreditGrade,
    CustomerClass,
    CustomerStatus,
    CustomerType,
    Department,
    ListingCriterion,
    ListingKind,
    Outcome,
    RiskLevel,
)
from models.house import SYSTEM, person
from models.operations.cases import open_case
from models.operations.evaluation import open_evaluation
from models.processes import ONBOARDING
from models.tables import (
    Case,
    CollectionContact,
    CreditLine,
    Customer,
    CustomerFigures,
    EvaluationRow,
    Invoice,
    Listing,
    Person,
    Routine,
    Run,
)
from tests.processes.conftest import GOOD_FIGURES, Office

TODAY = date(2026, 3, 10)
PERIOD = "2025Q4"
STEADY, FALLING, RISING, UNLINED, LISTED, PREPAYS = (
    "徐州恒通钢材贸易有限公司",
    "淮海水泥有限公司",
    "苏北精密机械有限公司",
    "连云港海隆外贸有限公司",
    "宿迁锦华纺织有限公司",
    "徐州新元食品有限公司",
)
WEAK_FIGURES = {
    **GOOD_FIGURES,
    "credit_rating": "BB",
    "credit_report": "attention",
    "roa": "1",
    "roe": "2",
    "debt_ratio": "82",
    "current_ratio": "0.9",
    "industry_outlook": "poor",
    "lawsuits": "4",
}


@dataclass
class Held:
    """A customer of the portfolio as the test describes it; amounts in yuan."""

    name: str
    grade: str | None
    level: str | None
    klass: str | None
    figures: dict[str, str] = field(default_factory=lambda: dict(GOOD_FIGURES))
    line: tuple[str, int] | None = None
    industry: str = "钢材贸易"
    prepays: bool = False
    status: CustomerStatus = CustomerStatus.ADMITTED
    type: CustomerType = CustomerType.MEDIUM


def furnish_portfolio(office: Office) -> dict[str, int]:
    """Six customers and an applicant, their lines and what they owe. Returns their ids by name."""
    held = [
        Held(STEADY, "A", "low", "A", line=("4000000", 90)),
        Held(FALLING, "B", "low", "B", WEAK_FIGURES, line=("2500000", 60), industry="建材"),
        Held(RISING, "C", "medium", "C", line=("1000000", 30), industry="机械制造"),
        Held(UNLINED, "A", "low", "A"),
        Held(LISTED, "A", "low", "A", line=("500000", 30), industry="纺织"),
        Held(PREPAYS, "A", "low", "A", prepays=True),
        Held("宿豫新客商贸有限公司", None, None, None, status=CustomerStatus.APPLICANT),
    ]
    ids = {one.name: take_in(office, one) for one in held}
    owes(office, ids[FALLING], "INV-0412", "1240000.00", issued=date(2025, 2, 1), due=date(2025, 3, 18))
    owes(office, ids[RISING], "INV-0988", "900000.00", issued=date(2025, 12, 20), due=date(2026, 3, 20))
    owes(office, ids[UNLINED], "INV-0990", "86000.00", issued=date(2025, 12, 1), due=date(2026, 3, 30))
    refuses(office, ids[FALLING], times=2)
    with office.house.work(SYSTEM) as work:
        work.add(
            Listing(
                kind=ListingKind.GREY,
                criterion=ListingCriterion.BREACH,
                name=LISTED,
                customer_id=ids[LISTED],
                reason="拒收货物",
                since=date(2026, 2, 1),
            )
        )
    return ids


def take_in(office: Office, held: Held) -> int:
    """Put a customer on file, with its line and routines, as an onboarding of long ago left it."""
    with office.house.work(SYSTEM) as work:
        customer = Customer(
            type=held.type,
            name=held.name,
            industry=held.industry,
            handler_id="li.na",
            status=held.status,
            credit_grade=CreditGrade(held.grade) if held.grade else None,
            risk_level=RiskLevel(held.level) if held.level else None,
            customer_class=CustomerClass(held.klass) if held.klass else None,
            prepays=held.prepays,
            created_at=work.now - timedelta(days=900),
        )
        work.add(customer)
        id = customer.id or 0
        work.add(CustomerFigures(customer_id=id, figures=dict(held.figures), source="import", as_of=work.now))
        if held.line:
            limit, days = held.line
            work.add(
                CreditLine(
                    customer_id=id,
                    case_ref=_long_ago(work),
                    limit=Decimal(limit),
                    term_days=days,
                    recorded_by="he.jing",
                    effective_from=work.now - timedelta(days=900),
                )
            )
        if held.level:
            every = {"low": "quarterly", "medium": "monthly", "high": "weekly"}[held.level]
            later = TODAY + timedelta(days=60)
            work.add(Routine(customer_id=id, duty="monitoring", every=every, next_on=later, set_by=_long_ago(work)))
        return id


def _long_ago(work: Any) -> str:
    """The case that everything on file comes from."""
    known = work.session.exec(select(Case.ref).where(Case.request_key == "long ago")).first()
    if known is not None:
        return str(known)
    handler = work.session.get_one(Person, "li.na")
    case = open_case(
        work,
        ONBOARDING,
        title="历史客户",
        initiator=handler,
        handler=handler,
        department=Department.BUSINESS,
        origin="import",
        request_key="long ago",
    )
    case.state, case.outcome, case.closed_at = "closed", Outcome.ADMITTED, work.now - timedelta(days=900)  # type: ignore[assignment]
    work.add(case)
    work.session.delete(work.session.get_one(Run, case.ref))
    work.session.flush()
    return case.ref


def owes(
    office: Office, customer_id: int, number: str, amount: str, *, issued: date, due: date, settled: date | None = None
) -> None:
    """An invoice, settled or not."""
    with office.house.work(SYSTEM) as work:
        work.add(
            Invoice(
                number=number,
                customer_id=customer_id,
                amount=Decimal(amount),
                outstanding=Decimal("0.00") if settled else Decimal(amount),
                issued_on=issued,
                due_on=due,
                open=settled is None,
                settled_on=settled,
                recorded_at=work.now,
            )
        )


def refuses(office: Office, customer_id: int, times: int) -> None:
    """The customer was asked to pay, and refused."""
    with office.house.work(SYSTEM) as work:
        for turn in range(times):
            work.add(
                CollectionContact(
                    case_ref=_long_ago(work),
                    customer_id=customer_id,
                    rung="telephone",
                    turn=turn + 1,
                    way=ContactWay.TELEPHONE,
                    answer=ContactAnswer.REFUSES,
                    owed=Decimal("1240000.00"),
                    by_person_id="li.na",
                    at=work.now,
                )
            )


# -- how people act ---------------------------------------------------------------------------------------------------


def evaluates(office: Office, period: str = PERIOD, by: str | None = None, key: str | None = None) -> str:
    """Open the evaluation and carry it as far as it goes by itself."""
    with office.house.work(person(by) if by else SYSTEM) as work:
        who = work.session.get_one(Person, by) if by else None
        office.ref = open_evaluation(work, period, who, key, origin="page" if by else "schedule").ref
    office.runner.run_ready()
    return office.ref


def to_the_matrix(office: Office) -> None:
    """Risk confirms the list."""
    office.answers("chen.yu", "confirm")


def through_the_matrix(office: Office) -> None:
    """The raised limit of 1,200,000 goes up to the head of department."""
    for who in ("wang.jun", "zhao.min", "qian.wei"):
        office.answers(who, "approve")


def to_the_end(office: Office) -> None:
    """Management signs, the client administrator records."""
    office.answers("zhou.hong", "sign-off")
    office.answers("he.jing", "record", **entry(office))


def entry(office: Office, **changes: Any) -> dict[str, Any]:
    """The administrator's entry, as approved."""
    prefill = office.content("record-limits#1")["prefill"]
    return {**prefill, "ledger_number": "2026-031", **changes}


def row_of(office: Office, customer_id: int) -> EvaluationRow:
    with office.house.read() as session:
        return session.exec(
            select(EvaluationRow).where(EvaluationRow.case_ref == office.ref, EvaluationRow.customer_id == customer_id)
        ).one()


def customer(office: Office, customer_id: int) -> Customer:
    with office.house.read() as session:
        return session.get_one(Customer, customer_id)


def line_of(office: Office, customer_id: int) -> tuple[Decimal, int] | None:
    """The credit line in force."""
    lines = [one for one in office.all(CreditLine) if one.customer_id == customer_id and one.ended_at is None]
    return (lines[0].limit, lines[0].term_days) if lines else None


def straight_through(office: Office) -> None:
    furnish_portfolio(office)
    evaluates(office)
    to_the_matrix(office)
    through_the_matrix(office)
    to_the_end(office)
