"""A clothing wholesaler in Suzhou that disputes a delivery: what people answer when it is received as a risk client."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import col, select

from config.words import (
    CustomerStatus,
    CustomerType,
    Department,
    QualificationKind,
    ReceptionTrigger,
    RiskLevel,
    Role,
)
from models.errors import Invalid
from models.house import SYSTEM, person
from models.operations.outside import hand_over
from models.operations.outside_answers import take_outside
from models.operations.outside_secrets import issue_code
from models.operations.receptions import open_reception
from models.tables import Customer, CustomerFigures, Invoice, OutsideLink, Person, Qualification
from tests.processes.conftest import Office

TODAY = date(2026, 3, 10)
CLIENT = "苏州锦绣服饰有限公司"
TEAM = [
    {"person": "chen.yu", "role": "lead"},
    {"person": "li.na", "role": "negotiator"},
    {"person": "zheng.li", "role": "finance"},
]
QUALIFIED = ("chen.yu", "liu.yang", "li.na", "zheng.li", "feng.bo")

RULING: dict[str, Any] = {
    "level": "high",
    "at_stake": "620000",
    "economic": "逾期货款62万元，可能形成坏账",
    "strategy": "先核实质量争议，再谈分期",
    "goals": "两周内达成书面还款安排",
}
VENUE: dict[str, Any] = {
    "meeting_on": "2026-03-12",
    "meeting_at": "14:30",
    "place": "总部三楼接待室",
    "room_private": True,
    "recording_ready": True,
    "papers_ready": True,
    "security_ready": True,
}
MEETING: dict[str, Any] = {
    "held_on": "2026-03-10",
    "client_side": "周雅（总经理）",
    "our_side": "陈宇、李娜、郑丽",
    "demands": "要求对第三批面料降价10%",
    "problems": "认为第三批面料色差",
    "suggestions": "双方共同送检",
    "answered": "同意送检，检测结果出来前不加收滞纳金",
    "commitments": [{"what": "检测结果出来前不加收滞纳金", "given_by": "李娜"}],
}
TALK: dict[str, Any] = {
    "held_on": "2026-03-10",
    "causes": "面料色差引起客户退货",
    "present_state": "客户库存积压约200万元",
    "expectations": "降价并分三期付款",
}
OPINION: dict[str, Any] = {"stance": "for", "opinion": "可以分期，但首付不低于三成"}
SOLUTION: dict[str, Any] = {
    "terms": "优惠3万元，余款分两期付清",
    "discount": "30000",
    "payments": [{"due_on": "2026-04-10", "amount": "295000"}, {"due_on": "2026-05-11", "amount": "295000"}],
}
AGREED: dict[str, Any] = {"agreed_on": "2026-03-10", "consensus": "优惠3万元，4月、5月各付29.5万元"}
COUNTER: dict[str, Any] = {"counter": "要求优惠6万元", "asked_concession": "60000"}
FAILED: dict[str, Any] = {"reason": "客户拒绝任何付款安排"}
MINUTES: dict[str, Any] = {
    "language": "zh_CN",
    "participants": "客户方：周雅；公司方：陈宇、李娜、郑丽",
    "demands": "对第三批面料降价10%",
    "discussed": "面料色差，双方送检",
    "solution": "优惠3万元，余款分两期",
    "consensus": "4月、5月各付29.5万元",
    "party_name": "周雅",
    "party_capacity": "总经理",
    "party_email": "zhouya@jinxiu.example",
}
ITEMS = [
    {"what": "第一期货款29.5万元", "owner": "li.na", "due_on": "2026-04-10"},
    {"what": "第二期货款29.5万元", "owner": "li.na", "due_on": "2026-05-11"},
]
EVALUATION: dict[str, Any] = {"resolution": "full", "satisfaction": 4, "loss_avoided": "590000"}
LESSONS: dict[str, Any] = {
    "causes": "发货前未留样",
    "what_worked": "共同送检消除了分歧",
    "improvements": "每批留样并拍照",
}


def qualify(office: Office, *people: str, until: date | None = None, kinds: Any = None) -> None:
    """Put confidentiality agreements and trainings on the register."""
    with office.house.work() as work:
        for person_id in people:
            for kind in kinds or QualificationKind:
                work.add(
                    Qualification(
                        person_id=person_id,
                        kind=kind,
                        reference=f"BM-{person_id}",
                        valid_from=date(2025, 1, 1),
                        valid_until=until,
                        recorded_at=work.now,
                    )
                )


def auditor(office: Office) -> None:
    with office.house.work() as work:
        work.add(Person(id="han.xue", name="韩雪", department=Department.AUDIT, roles=[Role.AUDITOR]))


def client(office: Office, **changes: Any) -> int:
    """The wholesaler as a customer of 李娜, with 620,000.00 overdue and figures on file."""
    given: dict[str, Any] = {
        "type": CustomerType.MEDIUM,
        "name": CLIENT,
        "contact": "周雅",
        "phone": "13912345678",
        "email": "zhouya@jinxiu.example",
        "industry": "服装批发",
        "handler_id": "li.na",
        "status": CustomerStatus.ADMITTED,
        "risk_level": RiskLevel.MEDIUM,
    }
    with office.house.work() as work:
        customer = Customer(**{**given, **changes}, created_at=work.now)
        work.add(customer)
        work.add(
            CustomerFigures(
                customer_id=customer.id,
                figures={"lawsuits": "1", "debt_ratio": "71"},
                source="季度评估",
                as_of=work.now,
            ),
            invoice(customer.id or 0, "FP-2025-311", "420000", date(2025, 11, 20), date(2026, 1, 20)),
            invoice(customer.id or 0, "FP-2025-340", "200000", date(2025, 12, 5), date(2026, 2, 5)),
        )
        return customer.id or 0


def invoice(customer_id: int, number: str, amount: str, issued: date, due: date) -> Invoice:
    return Invoice(
        number=number,
        customer_id=customer_id,
        amount=Decimal(amount),
        outstanding=Decimal(amount),
        issued_on=issued,
        due_on=due,
        recorded_at=datetime(2025, 12, 31, tzinfo=UTC),
    )


def receives(office: Office, by: str | None = "liu.yang", reason: str = "客户以色差为由拒付货款", **more: Any) -> str:
    """Open the reception of the wholesaler; its staff is qualified."""
    qualify(office, *QUALIFIED)
    customer_id = client(office)
    with office.house.work(person(by) if by else SYSTEM) as work:
        who = work.session.get_one(Person, by) if by else None
        given = {"trigger": ReceptionTrigger.DISPUTED_DEBT, **more}
        office.ref = open_reception(work, customer_id, reason, origin="page" if by else "scan", by=who, **given).ref
    office.runner.run_ready()
    return office.ref


def team_formed(office: Office) -> None:
    office.answers("chen.yu", "decide", **RULING)
    office.answers("chen.yu", "form", members=TEAM)
    for member in TEAM:
        office.answers(member["person"], "accept")


def talked(office: Office, **talk: Any) -> None:
    """Up to the opinions of the departments."""
    team_formed(office)
    office.answers("li.na", "ready", **VENUE)
    office.answers("chen.yu", "record", **MEETING)
    office.answers("chen.yu", "record", **{**TALK, **talk})


def advised(office: Office) -> None:
    for who in ("zheng.li", "wang.jun", "feng.bo"):
        office.answers(who, "give", **OPINION)


def agreed(office: Office) -> None:
    """Up to a solution that the client accepts."""
    talked(office)
    advised(office)
    office.answers("chen.yu", "propose", **SOLUTION)
    office.answers("li.na", "agreed", **AGREED)


def signed_by_team(office: Office, **minutes: Any) -> None:
    office.answers("liu.yang", "issue", **{**MINUTES, **minutes})
    for member in TEAM:
        office.answers(member["person"], "sign", agree=True)


def client_link(office: Office) -> OutsideLink:
    with office.house.read() as session:
        links = select(OutsideLink).where(OutsideLink.case_ref == office.ref).order_by(col(OutsideLink.id).desc())
        return session.exec(links).first()  # type: ignore[return-value]


def client_signs(office: Office, **data: Any) -> None:
    """The client's representative opens the link they were sent last, and signs with the code."""
    answer = {"answer": "sign", "name": "周雅", "capacity": "总经理", "agreed": True, **data}
    link = client_link(office)
    with office.house.work() as work:
        row = work.session.get_one(OutsideLink, link.id)
        token, code = hand_over(work, row), issue_code(work, row.id or 0)
    with office.house.work() as work:
        take_outside(work, token, code, answer)
    office.runner.run_ready()


def minuted(office: Office) -> None:
    """Up to minutes that everybody has signed."""
    agreed(office)
    signed_by_team(office)
    client_signs(office)


def tracked(office: Office, items: Any = None) -> None:
    """No response needed; the plan of payment is tracked."""
    minuted(office)
    office.answers("chen.yu", "none", reason="已有书面安排")
    office.answers("chen.yu", "plan", items=items or ITEMS)


def evaluated(office: Office, **changes: Any) -> None:
    """Effect and lessons."""
    office.answers("liu.yang", "evaluate", **{**EVALUATION, **changes})
    office.answers("chen.yu", "record", **LESSONS)


def nothing_to_track(office: Office) -> None:
    """No response needed, nothing tracked."""
    office.answers("chen.yu", "none", reason="已有书面安排")
    office.answers("chen.yu", "nothing", reason="款已付清")


def complaints(error: pytest.ExceptionInfo[Invalid]) -> list[tuple[str, str]]:
    """What was wrong with a form: each field with what it is told, in English."""
    return [(problem.field, problem.message.format(**problem.values)) for problem in error.value.problems]


def comes(office: Office, day: date, hour: float = 9.5) -> None:
    """Time passes to ``day``, company time."""
    at = datetime(day.year, day.month, day.day, tzinfo=office.house.calendar.zone) + timedelta(hours=hour)
    office.runner.advance(at - office.clock.now)
