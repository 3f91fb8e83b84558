"""An office where processes are played: people apply, answer, withdraw, and time passes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlmodel import select

import flows.onboarding_review  # noqa: F401
from config.policy import Policy
from config.words import CustomerType, ListingCriterion, ListingKind, Outcome
from flows.direct_driver import DirectRunner, VirtualClock
from models.house import House, person
from models.onboarding import Application
from models.operations.applications import open_application
from models.operations.cases import withdraw
from models.operations.decide import Decided, decide
from models.tables import AuditEvent, Case, Customer, Listing, OutboxMessage, Person, Signer, Step

if TYPE_CHECKING:
    from tests.processes.mortality import Stage

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
MEDIUM_PAPERS = {
    "business_licence": "YYZZ-2026-014",
    "representative_id": "FR-2026-014",
    "financial_statements": "CW-2026-014",
    "credit_report": "ZX-2026-014",
}


def steel_trader(**changes: Any) -> Application:
    """A steel trader in Xuzhou with good figures who asks for 800,000 over 45 days."""
    given: dict[str, Any] = {
        "customer_type": CustomerType.MEDIUM,
        "name": "徐州恒通钢材贸易有限公司",
        "identifier": "",
        "contact": "马建国",
        "phone": "13805201234",
        "industry": "钢材贸易",
        "requested_limit": Decimal("800000"),
        "requested_term_days": 45,
        "figures": GOOD_FIGURES,
        "documents": MEDIUM_PAPERS,
    }
    given["identifier"] = valid_uscc("91320300MA1H5XK20")
    return Application.model_validate({**given, **changes})


def valid_uscc(first_17: str) -> str:
    """A unified social credit code with the right check digit."""
    from stdnum.cn import uscc

    return first_17 + uscc.calc_check_digit(first_17)


@dataclass
class Office:
    house: House
    clock: VirtualClock
    runner: DirectRunner
    ref: str = ""
    opened: list[str] = field(default_factory=list)

    def applies(self, application: Application | None = None, handler: str = "li.na") -> str:
        with self.house.work(person(handler)) as work:
            who = work.session.get_one(Person, handler)
            self.ref = open_application(work, application or steel_trader(), who, who, origin="page").ref
        self.opened.append(self.ref)
        self.runner.run_ready()
        return self.ref

    def lists(self, name: str, kind: ListingKind = ListingKind.BLACK) -> None:
        with self.house.work() as work:
            work.add(
                Listing(
                    kind=kind,
                    criterion=ListingCriterion.FRAUD,
                    name=name,
                    reason="伪造合同",
                    since=date(2025, 1, 1),
                )
            )

    def waits_for(self) -> dict[str, list[str]]:
        """Open steps of the case in hand by key, with who is asked."""
        with self.house.read() as session:
            rows = session.exec(
                select(Step.key, Signer.person_id)
                .join(Signer, Signer.step_id == Step.id)
                .where(Step.case_ref == self.ref, Signer.state == "asked")
                .order_by(Signer.person_id)
            ).all()
        found: dict[str, list[str]] = {}
        for key, who in rows:
            found.setdefault(key, []).append(who)
        return found

    def answers(self, who: str, action: str, **form: Any) -> Decided:
        result = self.answers_without_running(who, action, **form)
        self.runner.run_ready()
        return result

    def answers_without_running(self, who: str, action: str, **form: Any) -> Decided:
        with self.house.read() as session:
            signer = session.exec(
                select(Signer).where(Signer.case_ref == self.ref, Signer.person_id == who, Signer.state == "asked")
            ).one()
        with self.house.work(person(who)) as work:
            shown = work.session.get_one(Step, signer.step_id).content_hash
            return decide(work, signer.id or 0, action, form, shown_hash=shown, via="session")

    def withdraws(self, who: str = "li.na", reason: str = "客户改变主意") -> None:
        with self.house.work(person(who)) as work:
            withdraw(work, self.ref, work.session.get_one(Person, who), reason)
        self.runner.run_ready()

    def passes(self, **span: float) -> None:
        self.runner.advance(timedelta(**span))

    @property
    def case(self) -> Case:
        with self.house.read() as session:
            return session.get_one(Case, self.ref)

    @property
    def customer(self) -> Customer:
        with self.house.read() as session:
            return session.get_one(Customer, self.case.customer_id)

    @property
    def outcome(self) -> Outcome | None:
        return self.case.outcome

    def content(self, key: str) -> dict[str, Any]:
        with self.house.read() as session:
            return session.exec(select(Step.content).where(Step.case_ref == self.ref, Step.key == key)).one()

    def events(self) -> list[tuple[str, str | None]]:
        with self.house.read() as session:
            statement = select(AuditEvent.event, AuditEvent.actor_id).where(AuditEvent.case_ref == self.ref)
            return list(session.exec(statement.order_by(AuditEvent.seq)).all())

    def messages(self, kind: str | None = None) -> list[OutboxMessage]:
        with self.house.read() as session:
            rows = session.exec(select(OutboxMessage).where(OutboxMessage.case_ref == self.ref)).all()
        return [row for row in rows if kind in (None, row.kind)]

    def all(self, table: type[Any]) -> list[Any]:
        with self.house.read() as session:
            return list(session.exec(select(table)).all())


@pytest.fixture
def office(house: House, clock: VirtualClock, runner: DirectRunner) -> Office:
    return Office(house, clock, runner)


Play = Callable[[Office], None]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, policy: Policy, empty_database: Path) -> Iterator["Stage"]:
    """Where workers die: a new house for every death."""
    from tests.processes.mortality import Stage

    built = Stage(tmp_path_factory.mktemp("stage"), policy, empty_database)
    yield built
    built.clear()
