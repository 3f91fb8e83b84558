"""Builders for customer care: an admitted paper mill in Xuzhou, its duties, and what people record about it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import col, select

from config.words import CareKind, CreditGrade, CustomerClass, CustomerStatus, CustomerType, RiskLevel
from models.tables import CareTurn, Case, Customer, Invoice, Routine
from tasks.care_round import CareReport, go_round
from tests.conftest import TUESDAY
from tests.processes.conftest import Office

MILL = "徐州云龙纸业有限公司"
TODAY = TUESDAY.date()
VISITED: dict[str, Any] = {
    "visited_on": str(TODAY),
    "way": "on_site",
    "met": "财务总监 高洁",
    "place": "铜山二号纸机车间",
    "findings": "二号纸机停机检修，月底恢复；原料库存约二十天。",
    "promises": "4月20日前付清二月货款；我方提供新规格样品。",
    "next_steps": "四月中旬复核库存",
    "satisfaction": 4,
}
FOUND: dict[str, Any] = {
    "litigation": "新增一起买卖合同纠纷，标的48万元",
    "payments": "近两月平均迟付12天",
}


def paper_mill(office: Office, **changes: Any) -> int:
    """A paper mill at medium risk, class B, handled by 李娜."""
    given: dict[str, Any] = {
        "type": CustomerType.MEDIUM,
        "name": MILL,
        "contact": "高洁",
        "phone": "13905201122",
        "email": "gaojie@yunlong.example",
        "industry": "造纸",
        "handler_id": "li.na",
        "status": CustomerStatus.ADMITTED,
        "risk_level": RiskLevel.MEDIUM,
        "credit_grade": CreditGrade.B,
        "customer_class": CustomerClass.B,
    }
    with office.house.work() as work:
        customer = Customer(**{**given, **changes}, created_at=work.now)
        work.add(customer)
        return customer.id or 0


def has_duty(office: Office, customer_id: int, kind: CareKind, next_on: date = TODAY, every: str = "monthly") -> None:
    with office.house.work() as work:
        work.add(Routine(customer_id=customer_id, duty=kind.value, every=every, next_on=next_on))


def owes(office: Office, customer_id: int, amount: str = "480000", due_on: date = TODAY - timedelta(days=20)) -> None:
    with office.house.work() as work:
        work.add(
            Invoice(
                number=f"FP-{customer_id}-{due_on}",
                customer_id=customer_id,
                amount=Decimal(amount),
                outstanding=Decimal(amount),
                issued_on=due_on - timedelta(days=60),
                due_on=due_on,
                recorded_at=work.now,
            )
        )


def round_goes(office: Office, *kinds: CareKind, anyway: bool = False) -> CareReport:
    """The round of the office's today; whoever is asked is asked then. The case in hand is the last one opened."""
    wanted: Collection[CareKind] = kinds or tuple(CareKind)
    report = go_round(office.house, kinds=wanted, anyway=anyway)
    office.runner.run_ready()
    with office.house.read() as session:
        last = session.exec(select(Case.ref).where(Case.process == "customer-care").order_by(col(Case.ref).desc()))
        office.ref = last.first() or office.ref
    return report


def due(office: Office, kind: CareKind, **changes: Any) -> int:
    """The mill with one duty that is due, opened by the round."""
    customer_id = paper_mill(office, **changes)
    for one in (CareKind.MONITORING, CareKind.VISIT, CareKind.ARCHIVE):
        has_duty(office, customer_id, one, TODAY if one is kind else TODAY + timedelta(days=300))
    round_goes(office)
    return customer_id


def routine(office: Office, kind: CareKind) -> Routine:
    rows: list[Routine] = office.all(Routine)
    (found,) = [row for row in rows if row.duty == kind.value]
    return found


def turns(office: Office) -> list[CareTurn]:
    return sorted(office.all(CareTurn), key=lambda turn: turn.case_ref)
