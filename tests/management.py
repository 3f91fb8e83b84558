"""A quarter's work of the office, for the statistics: told once, counted by both databases."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import select
from stdnum.cn import uscc

from config.words import CustomerStatus, CustomerType, ListingCriterion, ListingKind, RiskLevel
from flows.direct_driver import DirectRunner, VirtualClock
from models.house import House, person
from models.onboarding import Application
from models.operations.applications import open_application
from models.operations.cases import withdraw
from models.operations.decide import decide
from models.tables import Case, CreditLine, Customer, Invoice, Listing, Person, Signer, Step

TRADER: dict[str, Any] = {
    "customer_type": "medium_enterprise",
    "name": "徐州恒远钢铁贸易有限公司",
    "identifier": "91320300MA1MRWPX2H",
    "contact": "孙建国",
    "phone": "13805201234",
    "industry": "钢铁贸易",
    "requested_limit": "800000.00",
    "requested_term_days": 45,
    "figures": {"debt_ratio": "62", "overdue_days": "0", "credit_rating": "A"},
    "documents": {
        "business_licence": "DOC-0117",
        "representative_id": "DOC-0118",
        "financial_statements": "DOC-0119",
        "credit_report": "DOC-0120",
    },
}
CODES = tuple(code + uscc.calc_check_digit(code) for code in (f"91320300MA1MRWPX{number}" for number in range(4)))


class Quarter:
    """Plays cases on a house and remembers nothing but what is on record."""

    def __init__(self, house: House, runner: DirectRunner, clock: VirtualClock) -> None:
        self.house, self.runner, self.clock = house, runner, clock

    def apply(self, place: int, by: str = "li.na") -> str:
        given = {**TRADER, "name": f"{TRADER['name']}{place}", "identifier": CODES[place]}
        with self.house.work(person(by)) as work:
            handler = work.session.get_one(Person, by)
            ref = open_application(work, Application.model_validate(given), handler, handler, origin="page").ref
        self.runner.run_ready()
        return ref

    def answer(self, ref: str, who: str, action: str, after: timedelta, **form: Any) -> None:
        """``who`` answers ``after`` some time; timers that fall due on the way fire."""
        self.runner.advance(after)
        with self.house.read() as session:
            asked = select(Signer).where(Signer.case_ref == ref, Signer.state == "asked", Signer.person_id == who)
            signer = session.exec(asked).one()
            shown = session.get_one(Step, signer.step_id)
        given = {**shown.content.get("prefill", {}), **form} if action == "record" else form
        with self.house.work(person(who)) as work:
            decide(work, signer.id or 0, action, given, shown_hash=shown.content_hash, via="session")
        self.runner.run_ready()

    def play(self) -> dict[str, str]:
        """One case sent back and waiting for its second first rating, one rejected, one withdrawn, one just opened."""
        hour = timedelta(hours=1)
        returned, rejected, withdrawn = self.apply(0), self.apply(1), self.apply(2)
        self.answer(returned, "li.na", "confirm", 2 * hour)
        self.answer(rejected, "li.na", "confirm", hour)
        self.answer(rejected, "chen.yu", "adjust", 5 * hour, points=83, reason="慢付款")
        self.answer(rejected, "wang.jun", "reject", timedelta(days=5), reason="抵押不足")
        self.answer(returned, "chen.yu", "adjust", hour, points=83, reason="慢付款")
        self.answer(returned, "wang.jun", "return", 3 * hour, target="first-rating", reason="请补充说明")
        with self.house.work(person("li.na")) as work:
            withdraw(work, withdrawn, work.session.get_one(Person, "li.na"), "客户不再需要")
        self.runner.run_ready()
        fresh = self.apply(3, by="sun.tao")
        return {"returned": returned, "rejected": rejected, "withdrawn": withdrawn, "fresh": fresh}

    def rows(self, table: type[Case] | type[Step] | type[Signer]) -> list[Any]:
        with self.house.read() as session:
            return list(session.exec(select(table)).all())


def portfolio(house: House) -> dict[str, Customer]:
    """Steel owes within its line and is half paid, timber trades without a line, coal has a line and no trade, paper
    pays before delivery."""
    with house.work() as work:
        today = house.calendar.day_of(work.now)
        common: dict[str, Any] = {"status": CustomerStatus.ADMITTED, "created_at": work.now}
        some = {
            "steel": Customer(type=CustomerType.MEDIUM, name="徐州恒远钢铁贸易有限公司", industry="钢铁贸易",
                              risk_level=RiskLevel.HIGH, **common),
            "timber": Customer(type=CustomerType.SMALL, name="连云港木材有限公司", industry="木材",
                               risk_level=RiskLevel.LOW, **common),
            "coal": Customer(type=CustomerType.LARGE, name="淮北煤炭运销有限公司", industry=" ", **common),
            "paper": Customer(type=CustomerType.SMALL, name="睢宁纸业有限公司", industry="木材", prepays=True,
                              **common),
        }  # fmt: skip
        work.add(*some.values())
        ids = {name: one.id or 0 for name, one in some.items()}
        work.add(
            CreditLine(customer_id=ids["steel"], limit=Decimal(800_000), term_days=45, effective_from=work.now),
            CreditLine(customer_id=ids["coal"], limit=Decimal(500_000), term_days=30, effective_from=work.now),
            _invoice("steel-1", ids["steel"], 400_000, 100_000, today - timedelta(days=20), work.now),
            _invoice("steel-2", ids["steel"], 600_000, 600_000, today + timedelta(days=20), work.now),
            _invoice("timber-1", ids["timber"], 300_000, 300_000, today - timedelta(days=95), work.now),
            _invoice("paper-1", ids["paper"], 50_000, 0, today - timedelta(days=5), work.now),
            Listing(kind=ListingKind.GREY, criterion=ListingCriterion.BREACH, name=some["steel"].name,
                    customer_id=ids["steel"], reason="延迟交货", since=today - timedelta(days=30)),
            Listing(kind=ListingKind.BLACK, criterion=ListingCriterion.FRAUD, name="已解除的客户", reason="已整改",
                    since=today - timedelta(days=900), until=today - timedelta(days=30)),
        )  # fmt: skip
        return some


def _invoice(number: str, customer_id: int, amount: int, outstanding: int, due: Any, now: datetime) -> Invoice:
    return Invoice(
        number=number,
        customer_id=customer_id,
        amount=Decimal(amount),
        outstanding=Decimal(outstanding),
        issued_on=due - timedelta(days=45),
        due_on=due,
        open=outstanding > 0,
        settled_on=None if outstanding else due,
        recorded_at=now,
    )
