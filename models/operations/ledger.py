"""The receivables ledger, entry by entry: an invoice, a payment, a dispute, a write-off (X, C)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlmodel import col, select

from config.languages import N_
from config.policy.collections import OWN_CURRENCY
from config.words import Language
from models.errors import Conflict, Invalid, Problem
from models.house import Work
from models.ledger import InvoiceGiven, PaymentGiven
from models.operations.ledger_batches import (
    PAYMENT,
    Wrong,
    lock_collections,
    one_bookkeeper_at_a_time,
    take_invoices,
    take_payments,
)
from models.queries.ledger import customer_ids, customer_number
from models.rules.allocation import NOTHING, Part
from models.tables import Allocation, Invoice, Payment

__all__ = [
    "PAYMENT",
    "InvoiceGiven",
    "PaymentGiven",
    "Taken",
    "mark_disputed",
    "record_invoice",
    "record_payment",
    "write_off",
]


@dataclass(frozen=True)
class Taken:
    """A payment as it is in the ledger. ``repeated``: it was there already, and nothing has changed."""

    payment: Payment
    allocations: tuple[Part, ...]
    repeated: bool


def record_invoice(work: Work, given: InvoiceGiven) -> Invoice:
    """Enter an invoice; the same one again is the same entry. A credit of the customer settles it at once.

    Raises:
        Conflict: an invoice of this number is there with other content; says what differs.
        Invalid: an unknown customer or currency, an impossible date or amount.
    """
    one_bookkeeper_at_a_time(work)
    taken = take_invoices(work, [given])
    _refuse(taken.wrong)
    wanted = select(Invoice).where(Invoice.number == given.number)
    invoice = work.session.exec(wanted.execution_options(populate_existing=True)).one()
    if taken.new:
        work.record("invoice.recorded", **_told(work, given, invoice), number=invoice.number, due_on=invoice.due_on)
    return invoice


def record_payment(work: Work, given: PaymentGiven, source: str) -> Taken:
    """Enter money received through ``source`` (``api``, ``page`` …) and settle what it settles.

    A running collections case of the customer is told at once. The same payment again changes nothing.

    Raises:
        Conflict: a payment of this reference is there with other content; says what differs.
        Invalid: an unknown customer, invoice or currency, an impossible date or amount.
    """
    _lock(work, given.customer)
    taken = take_payments(work, [given], source)
    _refuse(taken.wrong)
    payment = work.session.exec(select(Payment).where(Payment.reference == given.reference)).one()
    if taken.new:
        told = _told(work, given, payment)
        work.record("payment.recorded", **told, reference=payment.reference, source=source, credit=payment.unallocated)
    return Taken(payment, allocations(work, payment), repeated=not taken.new)


def allocations(work: Work, payment: Payment) -> tuple[Part, ...]:
    """What a payment settled, in the order it did."""
    parts = (
        select(col(Invoice.number), col(Allocation.amount))
        .join(Allocation, col(Allocation.invoice_id) == Invoice.id)
        .where(Allocation.payment_id == payment.id)
        .order_by(col(Allocation.id))
    )
    return tuple(Part(number, amount) for number, amount in work.session.exec(parts))


def write_off(work: Work, customer_id: int, case_ref: str, invoice_numbers: Sequence[str] | None = None) -> Decimal:
    """Give up what is outstanding on these open invoices (on all), by the decision of ``case_ref``; how much it was.

    An invoice that was settled meanwhile is left as it is. What is paid later stays as the customer's credit.

    Raises:
        Invalid: one of the invoices is not this customer's.
    """
    one_bookkeeper_at_a_time(work)
    today, given_up = work.house.calendar.day_of(work.now), NOTHING
    for invoice in _of_customer(work, customer_id, invoice_numbers):
        if invoice.open:
            given_up += invoice.outstanding
            invoice.written_off, invoice.written_off_by = invoice.outstanding, case_ref
            invoice.outstanding, invoice.open, invoice.disputed = NOTHING, False, False
            invoice.settled_on = today
            work.add(invoice)
            work.record("invoice.written-off", case_ref, number=invoice.number, amount=invoice.written_off)
    return given_up


def mark_disputed(work: Work, customer_id: int, case_ref: str, numbers: Sequence[str], disputed: bool) -> None:
    """Note that a customer disputes these invoices, or that the dispute is over. Settled ones are left as they are.

    Raises:
        Invalid: one of the invoices is not this customer's.
    """
    one_bookkeeper_at_a_time(work)
    changed = [row for row in _of_customer(work, customer_id, numbers) if row.open and row.disputed is not disputed]
    for invoice in changed:
        invoice.disputed = disputed
    if changed:
        work.add(*changed)
        event = "invoices.disputed" if disputed else "invoices.undisputed"
        work.record(event, case_ref, invoices=[invoice.number for invoice in changed])


def _of_customer(work: Work, customer_id: int, numbers: Sequence[str] | None) -> list[Invoice]:
    wanted = select(Invoice).where(Invoice.customer_id == customer_id)
    wanted = wanted.where(col(Invoice.open)) if numbers is None else wanted.where(col(Invoice.number).in_(numbers))
    rows = work.session.exec(
        wanted.order_by(col(Invoice.due_on), col(Invoice.number)).execution_options(populate_existing=True)
    ).all()
    strange = sorted(set(numbers or ()) - {row.number for row in rows})
    if strange:
        told = N_("This customer has no invoice {number}.")
        problems = [Problem("invoices", told, {"number": number}) for number in strange]
        raise Invalid(N_("Please look at the marked fields."), problems)
    return list(rows)


def _lock(work: Work, customer: str) -> None:
    """The customer's cases first, the ledger last: a case that writes to the ledger is locked already."""
    known = customer_ids(work.session, work.house.keys, [customer])
    if known:
        lock_collections(work, list(known.values()))
    one_bookkeeper_at_a_time(work)


def _told(work: Work, given: InvoiceGiven | PaymentGiven, row: Invoice | Payment) -> dict[str, Any]:
    """What the record says of an entry: amounts in yuan, and the rate by which a foreign one became so."""
    told: dict[str, Any] = {"customer": customer_number(row.customer_id), "amount": row.amount}
    if given.currency != OWN_CURRENCY:
        rate = work.house.policy.collections.other_currencies[given.currency]
        told |= {"currency": given.currency, "original": given.amount, "rate": rate}
    return told


@dataclass(frozen=True)
class _Several:
    """Several sentences as one, in any language."""

    problems: tuple[Problem, ...]

    def render(self, language: Language) -> str:
        return " ".join(problem.text(language) for problem in self.problems)

    def __str__(self) -> str:
        return self.render(Language.EN)


def _refuse(wrong: Sequence[Wrong]) -> None:
    problems = tuple(one.problem for one in wrong)
    if any(one.differs for one in wrong):
        raise Conflict("{differences}", differences=_Several(problems))
    if problems:
        raise Invalid(N_("Please look at the marked fields."), problems)
