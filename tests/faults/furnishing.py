"""Customers for the campaign, put on file before anything is disturbed: applicants, debtors, clients, listed ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from config.words import (
    CreditGrade,
    CustomerClass,
    CustomerStatus,
    CustomerType,
    Department,
    ListingCriterion,
    ListingKind,
    RiskLevel,
)
from models.house import SYSTEM, House, Work
from models.queries.ledger import customer_number
from models.tables import Customer, CustomerFigures, Invoice, Listing
from tests.faults.journeys.collections import OWED
from tests.processes.conftest import GOOD_FIGURES

NAMES = {
    "applicant": "徐州恒通钢材贸易有限公司",
    "disputes": "苏州锦绣服饰有限公司",
    "owes": "淮安洪泽粮油有限公司",
    "listed": "徐州恒丰木业有限公司",
}


def name_of(needs: str, number: int) -> str:
    """What the campaign's customer with this number is called."""
    return f"{NAMES[needs.split()[0]]}{number:03d}"


def furnish(house: House, wanted: Sequence[tuple[str, int]]) -> dict[int, str]:
    """Put a customer on file for each (what it is like, number); their customer numbers, by number."""
    with house.work(SYSTEM) as work:
        return {number: _customer(work, needs, number) for needs, number in wanted if needs.split()[0] in NAMES}


def _customer(work: Work, needs: str, number: int) -> str:
    if needs == "applicant":
        return name_of(needs, number)  # it makes itself known by applying
    customer = Customer(
        type=CustomerType.MEDIUM,
        name=name_of(needs, number),
        contact="马建国",
        phone="13805201234",
        email=f"caiwu{number}@kehu.example",
        department=Department.BUSINESS,
        handler_id="li.na",
        status=CustomerStatus.ADMITTED,
        risk_level=RiskLevel.MEDIUM,
        credit_grade=CreditGrade.B,
        customer_class=CustomerClass.B,
        created_at=work.now - timedelta(days=900),
    )
    work.add(customer)
    id = customer.id or 0
    work.add(CustomerFigures(customer_id=id, figures=dict(GOOD_FIGURES), source="import", as_of=work.now))
    kind, _, more = needs.partition(" ")
    if kind == "owes":
        _owes(work, id, int(more), f"FP-{number:04d}")
    elif kind == "disputes":
        _owes(work, id, 40, f"FP-{number:04d}")
    elif kind == "listed":
        _is_listed(work, customer, days=400 if more == "long" else 30)
    return customer_number(id)


def _owes(work: Work, customer_id: int, days: int, number: str) -> None:
    """An invoice that fell due so many days ago."""
    due = work.house.calendar.day_of(work.now) - timedelta(days=days)
    work.add(
        Invoice(
            number=number,
            customer_id=customer_id,
            amount=Decimal(OWED),
            outstanding=Decimal(OWED),
            issued_on=due - timedelta(days=60),
            due_on=due,
            recorded_at=work.now,
        )
    )


def _is_listed(work: Work, customer: Customer, days: int) -> None:
    work.add(
        Listing(
            kind=ListingKind.GREY,
            criterion=ListingCriterion.BREACH,
            name=customer.name,
            customer_id=customer.id,
            reason="拒收货物",
            since=work.house.calendar.day_of(work.now) - timedelta(days=days),
        )
    )
