"""Builders for assessments of the work: of the second half of 2025, with a team that received a client in it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from config.words import (
    CaseState,
    CustomerStatus,
    CustomerType,
    Department,
    Language,
    Outcome,
    QualificationKind,
    TrackingState,
)
from models.operations.assessments import open_assessment
from models.tables import Case, Customer, Paper, PaperSignature, Qualification, TeamMember, TrackingItem
from tests.processes.conftest import Office
from tests.processes.received import auditor

AUTUMN = datetime(2025, 10, 15, 2, tzinfo=UTC)
FINDINGS: list[dict[str, Any]] = [
    {"sample": 1, "what": "纪要未经客户签署", "department": "risk", "owner": "chen.yu", "due_on": "2026-03-20"},
    {"what": "两项跟踪逾期未更新", "department": "business", "owner": "li.na", "due_on": "2026-03-24"},
]
REPORT: dict[str, Any] = {"done_on": "2026-03-10", "done": "已补签并归档"}
REWARDS: list[dict[str, Any]] = [
    {"kind": "award", "person": "liu.yang", "what": "通报表扬", "reason": "接待成效突出"},
    {"kind": "sanction", "person": "li.na", "what": "书面提醒", "reason": "跟踪事项两次逾期"},
]


def received_in_autumn(office: Office) -> str:
    """A reception of last October: minutes the client did not sign, an item past its day, a member without papers."""
    with office.house.work() as work:
        customer = Customer(
            type=CustomerType.MEDIUM,
            name="沛县华宇木业有限公司",
            handler_id="li.na",
            status=CustomerStatus.ADMITTED,
            created_at=AUTUMN,
        )
        work.add(customer)
        case = Case(
            ref="RCP-2025-000007",
            process="risk-reception",
            title=customer.name,
            customer_id=customer.id,
            handler_id="li.na",
            department=Department.BUSINESS,
            origin="takeover",
            policy_version=office.house.policy.version,
            state=CaseState.CLOSED,
            outcome=Outcome.SETTLED,
            opened_at=AUTUMN,
            closed_at=AUTUMN,
        )
        work.add(case)
        paper = Paper(
            case_ref=case.ref,
            kind="reception-minutes",
            number=case.ref,
            language=Language.ZH_CN,
            content_hash="0" * 64,
            made_at=AUTUMN,
        )
        work.add(paper)
        work.add(
            PaperSignature(
                paper_id=paper.id or 0,
                content_hash="0" * 64,
                person_id="chen.yu",
                name="陈宇",
                capacity="风险专员",
                via="session",
                signed_at=AUTUMN,
            ),
            TrackingItem(
                case_ref=case.ref,
                what="第一期货款",
                owner_id="li.na",
                due_on=date(2025, 11, 20),
                planned_for=date(2025, 11, 20),
                state=TrackingState.OPEN,
            ),
            *(
                TeamMember(case_ref=case.ref, person_id=who, role="lead", accepted_at=AUTUMN)
                for who in ("chen.yu", "li.na")
            ),
            *(
                Qualification(
                    person_id="chen.yu",
                    kind=kind,
                    reference="BM-2025-1",
                    valid_from=date(2025, 1, 1),
                    recorded_at=AUTUMN,
                )
                for kind in QualificationKind
            ),
        )
        return case.ref


def opens(office: Office, period: str = "2025H2") -> str:
    """The schedule opens the assessment; internal audit is asked."""
    with office.house.work() as work:
        office.ref = open_assessment(work, period).ref
    office.runner.run_ready()
    return office.ref


def assessed(office: Office) -> str:
    """An assessment that internal audit is asked about, with samples to look at."""
    auditor(office)
    received_in_autumn(office)
    return opens(office)


def rectified(office: Office) -> None:
    """Two findings, reported by their owners, verified."""
    office.answers("han.xue", "findings", findings=FINDINGS, opinion="总体合规")
    office.answers("chen.yu", "report", **REPORT)
    office.answers("li.na", "report", **{**REPORT, "done": "已更新并说明"})
    office.answers("han.xue", "verified")
