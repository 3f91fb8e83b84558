"""Builders for customers on the lists: a timber trader in Xuzhou, its nomination, its way onto the list and off it."""

from datetime import date
from decimal import Decimal
from typing import Any

from config.words import (
    CreditGrade,
    CustomerClass,
    CustomerStatus,
    CustomerType,
    ListingCriterion,
    ListingKind,
    RiskLevel,
)
from models.house import person
from models.operations.standing import nominate
from models.tables import Assessment, Case, Customer, Invoice, Listing, Nomination, Person
from tests.processes.conftest import Office

TIMBER = "徐州恒丰木业有限公司"
EVIDENCE = ["2026年2月催收函及回执 [CS-2026-0207]"]


def timber_trader(office: Office, **changes: Any) -> int:
    """An admitted timber trader of grade B, handled by 李娜; its score is 84."""
    given: dict[str, Any] = {
        "type": CustomerType.SMALL,
        "name": TIMBER,
        "email": "liu@hengfeng.example",
        "handler_id": "li.na",
        "status": CustomerStatus.ADMITTED,
        "risk_level": RiskLevel.LOW,
        "credit_grade": CreditGrade.B,
        "customer_class": CustomerClass.B,
    }
    with office.house.work() as work:
        customer = Customer(created_at=work.now, **{**given, **changes})
        work.add(customer)
        return customer.id or 0


def owes(office: Office, customer_id: int, amount: str, due_on: date, settled_on: date | None = None) -> None:
    """An invoice: open, or settled on a day."""
    with office.house.work() as work:
        work.add(
            Invoice(
                number=f"FP-{customer_id}-{due_on}",
                customer_id=customer_id,
                amount=Decimal(amount),
                outstanding=Decimal(0) if settled_on else Decimal(amount),
                open=settled_on is None,
                settled_on=settled_on,
                issued_on=date(due_on.year - 1, 1, 1),
                due_on=due_on,
                recorded_at=work.now,
            )
        )


def nominated(
    office: Office,
    customer_id: int,
    kind: ListingKind = ListingKind.GREY,
    criterion: ListingCriterion = ListingCriterion.MALICIOUS_ARREARS,
    *,
    by: str | None = None,
    evidence: list[str] = EVIDENCE,
    reason: str = "三次催收均拒付，承诺两次落空",
) -> Nomination:
    """The customer is nominated, and the office has the listing decision in hand."""
    with office.house.work(person(by)) if by else office.house.work() as work:
        initiator = work.session.get_one(Person, by) if by else None
        nomination = nominate(work, customer_id, kind, criterion, reason, evidence, None, initiator=initiator)
    office.ref = nomination.decided_by or ""
    office.runner.run_ready()
    return nomination


def risk_proposes(office: Office, who: str = "chen.yu", **changes: Any) -> None:
    form = {"kind": "grey", "criterion": "malicious_arrears", "view": "证据充分，建议列入", **changes}
    office.answers(who, "propose", **form)


def both_decide(office: Office) -> None:
    office.answers("wu.gang", "list")
    office.answers("feng.bo", "list", comment="合同与催收记录齐全")


def of(office: Office, customer_id: int) -> Customer:
    with office.house.read() as session:
        return session.get_one(Customer, customer_id)


def cases(office: Office, process: str) -> list[Case]:
    return [case for case in office.all(Case) if case.process == process]


def on_the_list(
    office: Office,
    customer_id: int,
    since: date,
    kind: ListingKind = ListingKind.GREY,
    criterion: ListingCriterion = ListingCriterion.MALICIOUS_ARREARS,
) -> None:
    """The customer has been on a list since a day long past."""
    with office.house.work() as work:
        work.add(
            Listing(
                kind=kind, criterion=criterion, name=TIMBER, customer_id=customer_id, reason="拒付货款", since=since
            )
        )
        customer = work.session.get_one(Customer, customer_id)
        customer.risk_level, customer.customer_class = RiskLevel.HIGH, CustomerClass.D
        work.add(customer)


def scored(office: Office, customer_id: int, total: int, case_ref: str) -> None:
    """An assessment on file."""
    with office.house.work() as work:
        work.add(
            Assessment(
                customer_id=customer_id,
                case_ref=case_ref,
                score={"total": total},
                credit_grade=CreditGrade.B,
                risk_level=RiskLevel.LOW,
                customer_class=CustomerClass.B,
                policy_version=office.house.policy.version,
                made_at=work.now,
            )
        )
