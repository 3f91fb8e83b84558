"""Two workers and two API processes on one PostgreSQL database: everything is done, and everything once."""

import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from sqlmodel import col, select

from cli.product import Product, Size, running_product
from config.settings import Settings
from config.words import MessageState, SignerState
from models.audit import verify
from models.operations.access import issue_sign_in_link
from models.tables import AuditEvent, CreditLine, Heartbeat, OutboxMessage, Run, Signer
from tests.databases.conftest import Server
from tests.databases.working_day import ADMITTED, REJECTED, RETURNED, Asked, Company, company_of

CASES = 12
SCRIPTS = (ADMITTED, RETURNED, ADMITTED, REJECTED)
REPAIRS = ("run.recovered", "run.worker-lost", "run.ended-early")
"""What is on record when somebody's work had to be put right: none of it belongs into an undisturbed day."""


@pytest.fixture(scope="module")
def product(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    server.execute("CREATE DATABASE several")
    settings = Settings(home=tmp_path_factory.mktemp("several"), database_url=server.url("several"))
    with running_product(settings, size=Size(workers=2, apis=2), start_seconds=400) as running:
        yield running


@pytest.fixture(scope="module")
def company(product: Product) -> Iterator[Company]:
    yield from company_of(product)


def at(product: Product, number: int) -> str:
    """The address of one API process alone: 1 or 2."""
    return f"http://127.0.0.1:{product.settings.api_port + number}"


@pytest.fixture(scope="module")
def day(company: Company, product: Product) -> Company:
    """A working day: all cases at once, half of the people on either API process, to the last message."""
    for place, client in enumerate(company.clients.values()):
        client.base_url = at(product, 1 + place % 2)
    for number in range(CASES):
        company.applies(number, SCRIPTS[number % len(SCRIPTS)])
    company.works(until=lambda: False)
    company.is_told()
    return company


def test_no_case_is_stuck_and_each_ends_as_it_should(day: Company) -> None:
    assert day.outcomes() == {ref: script.outcome for ref, script in day.cases.items()}
    with day.house.read() as session:
        held = select(Run.case_ref).where(col(Run.act_at).is_not(None) | col(Run.lease_owner).is_not(None))
        assert session.exec(held).all() == []


def test_each_answer_and_each_effect_is_there_once(day: Company) -> None:
    with day.house.read() as session:
        signed = session.exec(select(Signer.case_ref).where(Signer.state == SignerState.SIGNED)).all()
        lines = session.exec(select(CreditLine.case_ref).where(col(CreditLine.case_ref).in_(day.cases))).all()
    assert Counter(signed) == {ref: script.signatures for ref, script in day.cases.items()}
    assert Counter(lines) == Counter(ref for ref, script in day.cases.items() if script is ADMITTED)


def test_no_segment_was_carried_by_two(day: Company) -> None:
    """A lease that two want, or a run whose worker seemed dead, is put right by a repair, and that is on record."""
    with day.house.read() as session:
        repaired = session.exec(select(AuditEvent.event).where(col(AuditEvent.event).in_(REPAIRS))).all()
        started = session.exec(select(AuditEvent.case_ref).where(AuditEvent.event == "run.started")).all()
    assert repaired == []
    assert Counter(started) == Counter(day.cases.keys())


def test_each_step_is_once_in_prefects_graph(day: Company, product: Product) -> None:
    with day.house.read() as session:
        runs = session.exec(select(Run.flow_run_id).where(col(Run.case_ref).in_(day.cases))).all()
    wanted = {"flow_runs": {"id": {"any_": list(runs)}}, "limit": 200}
    found: list[tuple[str, str]] = []
    while page := httpx.post(
        f"{product.settings.prefect_api_url}/task_runs/filter", json={**wanted, "offset": len(found)}, timeout=30
    ).json():
        found += [(task["flow_run_id"], task["name"]) for task in page]
    assert found
    twice = {task: times for task, times in Counter(found).items() if times > 1}
    # A step that came back after a return is another step of the same name.
    returned = {ref for ref, script in day.cases.items() if script is RETURNED}
    with day.house.read() as session:
        again = set(session.exec(select(Run.flow_run_id).where(col(Run.case_ref).in_(returned))).all())
    assert {run for run, _ in twice} <= again


def test_each_message_is_sent_once(day: Company, product: Product) -> None:
    with day.house.read() as session:
        rows = session.exec(select(OutboxMessage).where(OutboxMessage.state != MessageState.SKIPPED)).all()
    assert {(row.state, row.attempts) for row in rows} == {(MessageState.SENT, 1)}
    told = (product.settings.home / "messages.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(told) == len(rows)


def test_both_workers_had_their_share(day: Company, product: Product) -> None:
    began = re.findall(r"^(worker(?:-2)?) +\| .*Beginning flow run", product.log.read_text("utf-8"), re.M)
    assert {"worker", "worker-2"} == set(began)
    with day.house.read() as session:
        assert len(session.exec(select(Heartbeat.name).where(Heartbeat.kind == "worker")).all()) == 2


def test_the_audit_chain_holds(day: Company) -> None:
    with day.house.read() as session:
        assert verify(session).broken_at is None


def test_the_same_answer_at_both_at_once_is_recorded_once(day: Company, product: Product) -> None:
    ref = day.applies(900, ADMITTED)
    day.comes_to_rest()
    (turn,) = [turn for turn in day.asked() if turn.case_ref == ref]
    with ThreadPoolExecutor(2) as pool:
        replies = list(pool.map(lambda number: answered(day, at(product, number), turn), (1, 2)))
    assert [reply.status_code for reply in replies] == [200, 200]
    assert sorted(reply.json()["repeated"] for reply in replies) == [False, True]
    with day.house.read() as session:
        noted = select(AuditEvent.seq).where(AuditEvent.case_ref == ref, AuditEvent.event == "step.answered")
        assert len(session.exec(noted).all()) == 1


def answered(company: Company, url: str, turn: Asked) -> httpx.Response:
    headers = {**company.clients[turn.person_id].headers, "Idempotency-Key": "twice"}
    body = {"action": "confirm", "form": {}, "content_hash": turn.content_hash}
    return httpx.post(f"{url}/api/v1/steps/{turn.signer_id}/decision", json=body, headers=headers, timeout=30)


def test_a_form_fetched_from_one_api_process_may_be_sent_to_the_other(day: Company, product: Product) -> None:
    with day.house.work() as work:
        path = f"/sign-in/{issue_sign_in_link(work, 'li.na')}"
    with httpx.Client(timeout=30) as browser:
        form = re.search(r'name="_csrf" value="([^"]+)"', browser.get(at(product, 1) + path).text)
        assert form is not None
        assert browser.post(at(product, 2) + path, data={"_csrf": form[1]}).status_code == 303
        assert [browser.get(at(product, number) + "/").status_code for number in (1, 2, 1)] == [200] * 3


def test_a_session_ended_at_one_is_ended_at_the_other(day: Company, product: Product) -> None:
    with day.house.work() as work:
        path = f"/sign-in/{issue_sign_in_link(work, 'chen.yu')}"
    with httpx.Client(timeout=30) as browser:
        form = re.search(r'name="_csrf" value="([^"]+)"', browser.get(at(product, 1) + path).text)
        assert form is not None
        browser.post(at(product, 1) + path, data={"_csrf": form[1]})
        page = browser.get(at(product, 1) + "/").text
        leaving = re.search(r'action="/sign-out".*?name="_csrf" value="([^"]+)"', page, re.S)
        assert leaving is not None
        assert browser.post(at(product, 1) + "/sign-out", data={"_csrf": leaving[1]}).status_code == 303
        assert browser.get(at(product, 2) + "/").status_code == 303


def test_the_shared_address_answers_as_either_does(day: Company, product: Product) -> None:
    assert httpx.get(f"{product.api_url}/healthz", timeout=30).status_code == 200
