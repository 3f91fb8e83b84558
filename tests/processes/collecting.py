"""A debtor in an office: invoices fall due, money comes in, days pass."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from sqlmodel import col, select

import flows.collections_escalation
import flows.listing_decision
import flows.risk_reception  # noqa: F401
from config.words import CustomerStatus, CustomerType, Department, StepState
from models.ledger import InvoiceGiven, PaymentGiven
from models.operations.collections import open_collections
from models.operations.ledger import record_invoice, record_payment
from models.queries.ledger import customer_number, owed
from models.rules.ladder import business_day
from models.tables import CollectionContact, CollectionRung, Customer, Measure, Step
from tests.processes.conftest import Office


@dataclass
class Debtor:
    """A steel trader in Xuzhou who does not pay, and the office that runs after it."""

    office: Office
    customer_id: int = 0
    number: str = ""
    references: Any = field(default_factory=lambda: count(1))

    @classmethod
    def of(
        cls, office: Office, *, email: str | None = "caiwu@hengtong.example", handler: str | None = "li.na"
    ) -> Debtor:
        with office.house.work() as work:
            customer = Customer(
                type=CustomerType.MEDIUM,
                name="徐州恒通钢材贸易有限公司",
                contact="马建国",
                phone="13805201234",
                email=email,
                department=Department.BUSINESS,
                handler_id=handler,
                status=CustomerStatus.ADMITTED,
                created_at=work.now,
            )
            work.add(customer)
            return cls(office, customer.id or 0, customer_number(customer.id or 0))

    def owes(self, amount: str = "1240000.00", due: date = date(2026, 3, 9), number: str = "FP-2026-0101") -> None:
        """An invoice due on ``due``: by default the Monday before the Tuesday on which the office opens."""
        given = InvoiceGiven(
            number=number,
            customer=self.number,
            amount=Decimal(amount),
            issued_on=due - timedelta(days=60),
            due_on=due,
        )
        with self.office.house.work() as work:
            record_invoice(work, given)

    def is_found(self) -> str:
        """The scan finds the debtor; the case goes as far as it can."""
        with self.office.house.work() as work:
            case = open_collections(work, self.customer_id)
            assert case is not None
            self.office.ref = case.ref
        self.office.runner.run_ready()
        return self.office.ref

    def pays(self, amount: str, on: date | None = None, running: bool = True) -> None:
        given = PaymentGiven(
            reference=f"HK-{next(self.references):04d}",
            customer=self.number,
            amount=Decimal(amount),
            received_on=on or self.today,
        )
        with self.office.house.work() as work:
            record_payment(work, given, "api")
        if running:
            self.office.runner.run_ready()

    @property
    def today(self) -> date:
        return self.office.house.calendar.day_of(self.office.clock.now)

    @property
    def overdue(self) -> Decimal:
        with self.office.house.read() as session:
            return owed(session, self.customer_id, self.today).overdue

    def day(self, number: int, since: date = date(2026, 3, 9)) -> date:
        """The ``number``-th business day after the due date."""
        return business_day(self.office.house.calendar, since, number)

    def until(self, day: date, at: time = time(10, 0)) -> None:
        """Time passes until ``day``, ten in the morning in Xuzhou."""
        then = datetime.combine(day, at, tzinfo=self.office.house.calendar.zone)
        self.office.passes(seconds=(then - self.office.clock.now).total_seconds())

    @property
    def asked(self) -> str:
        """The name of the step that is open now; empty while the case waits."""
        with self.office.house.read() as session:
            names = session.exec(
                select(Step.name).where(Step.case_ref == self.office.ref, Step.state == StepState.OPEN)
            ).all()
        assert len(names) <= 1
        return names[0] if names else ""

    @property
    def step(self) -> Step:
        """The step that is open now."""
        with self.office.house.read() as session:
            return session.exec(
                select(Step).where(Step.case_ref == self.office.ref, Step.state == StepState.OPEN)
            ).one()

    @property
    def rungs(self) -> dict[str, str]:
        with self.office.house.read() as session:
            wanted = select(CollectionRung).where(CollectionRung.case_ref == self.office.ref)
            rows = session.exec(wanted.order_by(col(CollectionRung.id)))
            return {row.rung: row.state.value for row in rows}

    @property
    def contacts(self) -> list[CollectionContact]:
        with self.office.house.read() as session:
            wanted = select(CollectionContact).where(CollectionContact.case_ref == self.office.ref)
            return list(session.exec(wanted.order_by(col(CollectionContact.id))))

    @property
    def measures(self) -> set[str]:
        """What is in force against the debtor by this case."""
        with self.office.house.read() as session:
            wanted = select(Measure).where(Measure.customer_id == self.customer_id, col(Measure.lifted_on).is_(None))
            return {measure.kind.value for measure in session.exec(wanted)}

    # -- what people do -----------------------------------------------------------------------------------------

    def is_called(self, answer: str = "stalls", **more: Any) -> None:
        self.office.answers("li.na", "record", answer=answer, spoke_with="马建国", note="称资金紧张", **more)

    def gets_the_letter(self) -> None:
        posted = {"posted_on": str(self.today), "carrier": "EMS", "tracking_number": "EX 123456785 CN"}
        self.office.answers("li.na", "record", **posted)

    def is_visited(self, answer: str = "stalls", visitors: tuple[str, ...] = ("li.na", "sun.tao"), **more: Any) -> None:
        self.office.answers(
            "li.na",
            "report",
            answer=answer,
            visited_on=str(self.today),
            visitors=[{"person": one} for one in visitors],
            spoke_with="马建国",
            findings="仓库仍有存货约三百吨，未见停产",
            **more,
        )

    def has_a_group(self) -> None:
        self.office.answers("wu.gang", "form", legal="feng.bo", finance="zheng.li", business="sun.tao")
        for member in ("feng.bo", "zheng.li", "sun.tao"):
            self.office.answers(member, "accept")

    def evidence_is_collected(self) -> None:
        kinds = ("contracts", "trades", "correspondence", "collection_records")
        items = [{"kind": kind, "reference": f"ZJ-{kind}"} for kind in kinds]
        self.office.answers("feng.bo", "hand-in", items=items)

    def climbs_to(self, rung: str) -> None:
        """Every rung below ``rung`` is carried out on its day; then its own day comes."""
        self.until(self.day(3))
        if rung == "telephone":
            return
        self.is_called("not_reached")
        self.until(self.day(15))
        if rung == "letter":
            return
        self.gets_the_letter()
        self.until(self.day(30))
        if rung == "visit":
            return
        self.is_visited("not_reached")
        self.until(self.day(60))

    def comes_to_a_choice(self) -> None:
        """The whole ladder is climbed; the group is to choose."""
        self.climbs_to("special_group")
        self.has_a_group()
        self.evidence_is_collected()

    def plan(self, *amounts: str, every: int = 30) -> list[dict[str, str]]:
        days = (self.today + timedelta(days=every * number) for number in count(1))
        return [{"due_on": str(day), "amount": amount} for day, amount in zip(days, amounts, strict=False)]
