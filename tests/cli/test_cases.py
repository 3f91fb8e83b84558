"""Cases from the command line: seen, explained, let run again, taken back, opened from a file."""

import hashlib
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

import flows.onboarding_review  # noqa: F401
from cli import sample
from config.words import CaseState, SignerState
from flows.direct_driver import DirectRunner
from models.house import House, person
from models.onboarding import Application
from models.operations.applications import open_application
from models.operations.decide import decide
from models.tables import AuditEvent, Case, Person, Run, Signer, Step

Command = Callable[..., Any]

GOOD_FIGURES = {
    "credit_rating": "AA",
    "credit_report": "clean",
    "overdue_days": "0",
    "annual_revenue": "180000000",
    "roa": "9",
    "roe": "16",
    "ebit": "22000000",
    "debt_ratio": "38",
    "current_ratio": "2.1",
    "market_position": "strong",
    "orders_per_year": "60",
    "annual_volume": "12000000",
    "on_time_share": "99",
    "contract_performance": "99",
    "industry_outlook": "good",
    "industry_stance": "permitted",
    "lawsuits": "0",
    "penalties": "0",
    "public_opinion": "favourable",
}
"""A steel trader's, with which it is rated A."""


@pytest.fixture
def case(installed: House, runner: DirectRunner) -> str:
    """李娜 has applied for a steel trader; risk has confirmed; the sales manager is asked."""
    application = Application.model_validate(
        {
            "customer_type": "medium_enterprise",
            "name": "徐州恒通钢材贸易有限公司",
            "identifier": "91320300MA1H5XK20T",
            "contact": "马建国",
            "phone": "13805201234",
            "industry": "钢材贸易",
            "requested_limit": Decimal("800000"),
            "requested_term_days": 45,
            "figures": GOOD_FIGURES,
            "documents": {
                "business_licence": "YYZZ-2026-014",
                "representative_id": "FR-2026-014",
                "financial_statements": "CW-2026-014",
                "credit_report": "ZX-2026-014",
            },
        }
    )
    with installed.work(person("li.na")) as work:
        handler = work.session.get_one(Person, "li.na")
        ref = open_application(work, application, handler, handler, origin="page").ref
    runner.run_ready()
    answers(installed, ref, "li.na", "confirm")
    runner.run_ready()
    answers(installed, ref, "chen.yu", "confirm")
    runner.run_ready()
    return ref


def answers(house: House, ref: str, who: str, action: str) -> None:
    with house.work(person(who)) as work:
        asked = select(Signer).where(Signer.case_ref == ref, Signer.person_id == who, Signer.state == SignerState.ASKED)
        signer = work.session.exec(asked).one()
        shown = work.session.get_one(Step, signer.step_id).content_hash
        decide(work, signer.id or 0, action, {}, shown_hash=shown, via="session")


def test_the_list_tells_where_each_case_waits(command: Command, case: str) -> None:
    out = command("cases", "list", "--state", "running").out
    assert case in out
    assert "Approval of limit and term" in out
    assert command("cases", "list", "--state", "closed").out.strip() == "There are no such cases."


def test_a_case_is_shown_with_its_numbers_masked_and_the_look_recorded(
    command: Command, installed: House, case: str
) -> None:
    out = command("cases", "show", case).out
    assert "138****1234" in out
    assert "13805201234" not in out
    assert "answered “Risk re-rating”: Confirm the rating" in out
    with installed.read() as session:
        look = session.exec(select(AuditEvent).where(AuditEvent.event == "case.looked")).one()
    assert (look.case_ref, look.actor_kind) == (case, "program")


def test_a_case_that_is_not_there_is_said_so(command: Command, installed: House) -> None:
    told = command("cases", "show", "ONB-2026-000404")
    assert told.code == 1
    assert "There is no case ONB-2026-000404." in told.err


def test_every_route_of_a_case_is_explained_with_its_version(command: Command, installed: House, case: str) -> None:
    out = command("policy", "explain", case).out
    assert f"Policy version {installed.policy.version}" in out
    assert "Why this route: Limit 800,000.00 is within ≤ 1,000,000.00 → Deputy head of department." in out
    assert "陈宇 (Risk officer): Confirm the rating" in out
    assert "Level 1 of 2, Sales manager: one signature; asked now" in out
    assert "王军 (Sales manager): asked" in out
    assert "Level 2 of 2, Deputy head of department: one signature; asked after those before it" in out


def test_who_was_left_out_is_explained_with_the_reason(
    command: Command, installed: House, runner: DirectRunner
) -> None:
    with installed.work() as work:
        chen = work.session.get_one(Person, "chen.yu")
        chen.roles = [*chen.roles, "handler"]
        application = Application.model_validate({"customer_type": "individual", "name": "马建国", "prepays": True})
        application = application.model_copy(
            update={
                "identifier": "11010519491231002X",
                "phone": "13805201234",
                "documents": {"resident_id_copy": "1", "credit_report_consent": "2", "proof_of_income": "3"},
            }
        )
        ref = open_application(work, application, chen, chen, origin="page").ref
    runner.run_ready()
    answers(installed, ref, "chen.yu", "confirm")
    runner.run_ready()
    out = command("policy", "explain", ref).out
    assert "Left out: 陈宇 as Risk officer." in out
    assert "nobody approves what they started" in out


def test_only_a_failed_case_is_let_run_again(command: Command, installed: House, case: str) -> None:
    assert command("cases", "retry", case).err.strip() == f"clientrisk: {case} has not failed."
    with installed.work() as work:
        work.session.get_one(Case, case).state = CaseState.FAILED
        run = work.session.get_one(Run, case)
        run.failures, run.failure = 4, "RegistryAway: no answer"
    assert command("cases", "retry", case).code == 0
    with installed.read() as session:
        assert session.get_one(Case, case).state is CaseState.RUNNING
        assert session.get_one(Run, case).act_at is not None


def test_a_case_is_withdrawn_at_the_request_of_its_initiator_only(
    command: Command, installed: House, case: str
) -> None:
    told = command("cases", "withdraw", case, "--by", "wang.jun", "--reason", "x")
    assert told.code == 1
    assert "Only the person who started a case can withdraw it." in told.err
    assert command("cases", "withdraw", case, "--by", "li.na", "--reason", " ").code == 1
    assert command("cases", "withdraw", case, "--by", "li.na", "--reason", "客户改变主意").code == 0
    with installed.read() as session:
        event = session.exec(select(AuditEvent).where(AuditEvent.event == "case.withdrawn")).one()
        assert (session.get_one(Case, case).withdrawal or {})["by"] == "li.na"
    assert event.actor_kind == "program"


def references(house: House) -> list[str]:
    with house.read() as session:
        return list(session.exec(select(Case.ref)))


def test_a_file_opens_a_case_for_every_row_once(command: Command, installed: House, tmp_path: Path) -> None:
    file = tmp_path / "applications.csv"
    file.write_bytes(sample.applications())
    told = command("import", "applications", file, "--handler", "li.na")
    assert told.code == 0
    assert "江苏淮海重工股份有限公司" in told.out
    assert len(references(installed)) == 8
    assert command("import", "applications", file, "--handler", "li.na").code == 0
    assert len(references(installed)) == 8


def test_a_file_with_a_mistake_opens_nothing_and_tells_the_row(
    command: Command, installed: House, tmp_path: Path
) -> None:
    file = tmp_path / "applications.csv"
    file.write_bytes(sample.applications().replace(b"4600000", "四百六十万".encode()))
    told = command("import", "applications", file, "--handler", "li.na")
    assert told.code == 1
    row = next(line for line in told.out.splitlines() if "requested_limit" in line)
    assert "3" in row.split("│")[1]
    assert "This is not a number." in row
    assert references(installed) == []


def test_applications_need_a_handler_who_is_there(command: Command, installed: House, tmp_path: Path) -> None:
    file = tmp_path / "applications.csv"
    file.write_bytes(sample.applications())
    told = command("import", "applications", file, "--handler", "nobody")
    assert told.code == 1
    assert "There is no active person nobody." in told.err
    assert references(installed) == []


def test_the_evidence_is_written_once_for_its_owner_alone_and_on_record(
    command: Command, installed: House, case: str, tmp_path: Path
) -> None:
    to = tmp_path / "evidence.zip"
    told = command("cases", "evidence", case, "--to", to)
    assert told.code == 0
    assert to.stat().st_mode & 0o077 == 0
    with installed.read() as session:
        event = session.exec(select(AuditEvent).where(AuditEvent.event == "evidence.exported")).one()
    assert event.data["sha256"] == hashlib.sha256(to.read_bytes()).hexdigest()
    assert event.data["sha256"] in told.out
    again = command("cases", "evidence", case, "--to", to)
    assert again.code == 1
    assert "File exists" in again.err
    with installed.read() as session:
        assert len(session.exec(select(AuditEvent).where(AuditEvent.event == "evidence.exported")).all()) == 1


def test_there_is_no_evidence_of_a_case_that_never_was(command: Command, installed: House, tmp_path: Path) -> None:
    told = command("cases", "evidence", "COL-2026-999999", "--to", tmp_path / "evidence.zip")
    assert told.code == 1
    assert "There is no case COL-2026-999999." in told.err
    assert not (tmp_path / "evidence.zip").exists()
