"""Money in the demonstration: what customers owe, what they pay, and whether they may trade."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import httpx
from sqlmodel import col, select

from cli.demo.stage import Stage
from models.operations.access import Scope
from models.tables import AuditEvent

BOOKKEEPER = "zheng.li"
BANK = "ICBC-DEMO"


@dataclass(frozen=True)
class Paid:
    """A payment as the API took it. ``at`` is this process's clock in seconds, when the API had answered."""

    reference: str
    at: float
    took: float
    settled: tuple[str, ...]


def overdue_invoices(stage: Stage, customer: str) -> list[dict[str, Any]]:
    """The customer's overdue invoices, the oldest due first."""
    page = stage.fetch("/invoices", customer=customer, open="true", limit="200")
    return sorted((one for one in page["items"] if one["days_overdue"] > 0), key=lambda one: one["due_on"])


def overdue(stage: Stage, customer: str) -> Decimal:
    """What the customer has overdue, in yuan."""
    return sum((Decimal(one["outstanding"]) for one in overdue_invoices(stage, customer)), Decimal(0))


def pays(stage: Stage, customer: str, amount: Decimal) -> Paid:
    """The bank's program reports a payment, twice, as such programs do; it is taken once."""
    reference = f"{BANK}-{customer[-6:]}-{amount:.0f}"
    body = {"reference": reference, "customer": customer, "amount": f"{amount:.2f}", "received_on": stage.today()}
    with stage.program(BOOKKEEPER, Scope.LEDGER) as program:
        began = time.monotonic()
        answer = program.post("/payments", json=body)
        at = time.monotonic()
        again = program.post("/payments", json=body)
    stage.account.expect(answer.status_code == httpx.codes.CREATED, f"the payment to be taken, not {answer.text[:300]}")
    stage.account.expect(again.json().get("repeated") is True, "the same payment again to be one payment")
    settled = tuple(part["invoice"] for part in answer.json()["settled"])
    return Paid(reference, at, at - began, settled)


def from_payment_to(stage: Stage, case: str, event: str) -> float:
    """Seconds from the last payment that the case was told of until ``event`` was on its record."""

    def moved() -> float | None:
        paid, then = (_last(stage, case, name) for name in ("payment.received", event))
        return (then - paid).total_seconds() if paid and then and then >= paid else None

    return stage.until(moved, f"{case} to have “{event}” on its record after the payment")


def _last(stage: Stage, case: str, event: str) -> datetime | None:
    wanted = select(AuditEvent.at).where(AuditEvent.case_ref == case, AuditEvent.event == event)
    with stage.house.read() as session:
        return session.exec(wanted.order_by(col(AuditEvent.seq).desc())).first()


def trading(stage: Stage, customer: str) -> dict[str, Any]:
    """May this customer trade now, how much, on what terms, and why."""
    return stage.fetch(f"/customers/{customer}/trading")


def tell_trading(stage: Stage, customer: str, when: str) -> dict[str, Any]:
    """The same, told in the account."""
    answer = trading(stage, customer)
    how = "only against prepayment" if answer["prepay"] else f"on credit, {Decimal(answer['available']):,.2f} available"
    told = f"yes, {how}" if answer["may_trade"] else "no"
    stage.account.line(f"May {answer['name']} trade, {when}? {told}. {'; '.join(answer['because'])}")
    return answer
