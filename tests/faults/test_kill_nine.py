"""``kill -9`` of the worker, the API and the Prefect server while fifty cases are open: nothing is lost or repeated."""

import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import col, select

from cli.product import Product, running_product
from config.settings import Settings
from config.words import MessageState, Outcome, SignerState
from models.audit import verify
from models.tables import CreditLine, OutboxMessage, Run, Signer, Step
from tests.faults.company import PATIENCE, SCRIPTS, Company, company_of

CASES = 50
SEED = 20260310


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    settings = Settings(home=tmp_path_factory.mktemp("product"), lease_seconds=5)
    with running_product(settings) as running:
        yield running


@pytest.fixture(scope="module")
def company(product: Product) -> Iterator[Company]:
    yield from company_of(product)


@pytest.fixture(scope="module")
def disturbed(company: Company) -> Company:
    """The company after a day on which everything was killed, several times at moments drawn by lot."""
    luck = random.Random(SEED)
    decisions = lambda: sum(company.acknowledged.values())  # noqa: E731
    blows = [("worker", 15), ("worker", 45), ("api", 65), ("prefect", 85), ("worker", 105)]
    for number in range(CASES):
        company.applies(number, SCRIPTS[number % len(SCRIPTS)])
        if number == CASES // 2:
            strike(company, "worker", luck)
    for victim, after in blows:
        company.works(until=lambda after=after: decisions() >= after)  # type: ignore[misc]
        strike(company, victim, luck)
    company.works(until=lambda: False)
    company.is_told()
    return company


def strike(company: Company, victim: str, luck: random.Random) -> None:
    """Kill it in the middle of things; people go on answering; everything continues soon after its return."""
    time.sleep(luck.uniform(0, 0.3))
    company.product.kill(victim)
    meanwhile = sum(company.acknowledged.values()) + 3
    if victim != "api":
        for turn in {turn.case_ref: turn for turn in company.asked()}.values():
            if sum(company.acknowledged.values()) >= meanwhile:
                break
            company.answers(turn)
    company.product.wait_ready(victim, timeout=PATIENCE)
    company.comes_to_rest()


def test_each_case_ends_as_it_would_have(disturbed: Company) -> None:
    assert disturbed.outcomes() == {ref: script.outcome for ref, script in disturbed.cases.items()}
    assert len(disturbed.cases) == CASES


def test_every_answer_acknowledged_is_there_once_and_no_other(disturbed: Company) -> None:
    with disturbed.house.read() as session:
        signed = session.exec(
            select(Signer, Step.key)
            .join(Step, col(Step.id) == Signer.step_id)
            .where(Signer.state == SignerState.SIGNED)
        ).all()
    there = Counter((s.case_ref, key.partition(".")[0], s.level, s.action or "") for s, key in signed)
    named = Counter({(ref, _first_round(step), *rest): n for (ref, step, *rest), n in disturbed.acknowledged.items()})
    assert Counter({(ref, _first_round(step), *rest): n for (ref, step, *rest), n in there.items()}) == named
    assert set(there.values()) == {1}
    for ref, script in disturbed.cases.items():
        assert sum(n for (case, *_), n in there.items() if case == ref) == script.signatures


def _first_round(step: str) -> str:
    return step if "#" in step else f"{step}#1"


def test_each_effect_happened_once(disturbed: Company) -> None:
    with disturbed.house.read() as session:
        carried = select(CreditLine.case_ref).join(Run, col(Run.case_ref) == CreditLine.case_ref)
        lines = Counter(session.exec(carried).all())
    admitted = [ref for ref, script in disturbed.cases.items() if script.outcome is Outcome.ADMITTED]
    assert lines == Counter(admitted)


def test_each_person_is_told_once_of_each_step(disturbed: Company, product: Product) -> None:
    told = _told(product.settings.home / "messages.jsonl")
    with disturbed.house.read() as session:
        rows = session.exec(select(OutboxMessage)).all()
    assert {row.state for row in rows} <= {MessageState.SENT, MessageState.SKIPPED}
    sent = Counter((row.kind, row.person_id, row.case_ref) for row in rows if row.state is MessageState.SENT)
    assert Counter((line["kind"], line["person"], line["case"]) for line in told) == sent
    assert max(Counter(line["id"] for line in told).values()) == 1
    closed = [row for row in rows if row.kind == "case_closed"]
    assert Counter(row.case_ref for row in closed) == Counter(disturbed.cases.keys())


def _told(file: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line]


def test_the_audit_chain_holds(disturbed: Company) -> None:
    with disturbed.house.read() as session:
        assert verify(session).broken_at is None
