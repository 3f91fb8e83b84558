"""Taking invoices and payments over, many at once: what is wrong with any of them is told, the rest is entered.

Whoever calls decides whether a wrong one spoils the whole; the work is rolled back by raising. A single invoice or
payment (``models.operations.ledger``) is a batch of one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, text
from sqlmodel import col, select

from config.languages import N_
from config.policy.collections import OWN_CURRENCY
from config.words import CaseState
from models.errors import Problem
from models.house import Work
from models.ledger import AHEAD, MAX_AMOUNT, InvoiceGiven, PaymentGiven, in_yuan
from models.operations.journal import lock_case
from models.operations.waits import announce
from models.processes import COLLECTIONS
from models.queries.ledger import customer_ids, customer_number, slices
from models.rules.allocation import NOTHING, Claim, allocate
from models.tables import Allocation, Case, Invoice, Payment

PAYMENT = "payment"
"""The business event that a collections case waits for."""
LEDGER = 7023  # the number of PostgreSQL's advisory lock; opening cases has the one before it

Facts = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Wrong:
    """What is wrong with one of those given, by its position. ``differs``: it is known, and was otherwise then."""

    position: int
    problem: Problem
    differs: bool = False


@dataclass
class InvoicesTaken:
    """What became of a batch of invoices: how many are new, how many were known already with the same content."""

    new: int = 0
    repeated: int = 0
    wrong: list[Wrong] = field(default_factory=list)


@dataclass
class PaymentsTaken:
    """What became of a batch of payments; ``woken`` are the cases told of them."""

    new: list[Payment] = field(default_factory=list)
    repeated: int = 0
    allocated: Decimal = NOTHING
    woken: list[str] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)


def one_bookkeeper_at_a_time(work: Work) -> None:
    """Until this work is committed nobody else changes the ledger; SQLite has one writer anyway.

    A case is locked before the ledger, never after: see ``lock_collections``.
    """
    if work.session.get_bind().dialect.name == "postgresql":
        work.session.execute(text(f"SELECT pg_advisory_xact_lock({LEDGER})"))


def lock_collections(work: Work, customer_ids: Sequence[int] | None = None) -> None:
    """Lock the running collections cases of these customers (of all): a payment will be announced to them."""
    statement = select(Case.ref).where(Case.process == COLLECTIONS.name, Case.state != CaseState.CLOSED)
    if customer_ids is not None:
        statement = statement.where(col(Case.customer_id).in_(customer_ids))
    for ref in work.session.exec(statement.order_by(col(Case.ref))).all():
        lock_case(work, ref)


# -- invoices ---------------------------------------------------------------------------------------------------------


def take_invoices(work: Work, given: Sequence[InvoiceGiven]) -> InvoicesTaken:
    """Enter the invoices that are new and right. A customer's credit settles its new invoices at once."""
    taken = InvoicesTaken()
    customers = customer_ids(work.session, work.house.keys, [one.customer for one in given])
    known = _known_invoices(work, [one.number for one in given])
    new: list[dict[str, Any]] = []
    for position, one in enumerate(given):
        found = _wrong_invoice(work, one, customers)
        row = _invoice_row(work, one, customers[one.customer]) if not found else {}
        if row and one.number in known:
            found = differences(one.number, known[one.number], _facts(row, _INVOICE))
            taken.repeated += not found
        elif row:
            known[one.number] = _facts(row, _INVOICE)
            new.append(row)
        taken.wrong += [Wrong(position, problem, differs=bool(row)) for problem in found]
    taken.new = len(new)
    if new:
        work.session.execute(insert(Invoice), new)
        _settle_from_credit(work, sorted({row["customer_id"] for row in new}))
    return taken


def _invoices(work: Work, numbers: Sequence[str]) -> dict[str, Invoice]:
    found: dict[str, Invoice] = {}
    for some in slices(sorted(set(numbers))):
        wanted = select(Invoice).where(col(Invoice.number).in_(some)).execution_options(populate_existing=True)
        found |= {row.number: row for row in work.session.exec(wanted)}
    return found


def _known_invoices(work: Work, numbers: Sequence[str]) -> dict[str, Facts]:
    """What the ledger holds under these numbers; plain rows, for a whole file may be there already."""
    table = Invoice.__table__  # type: ignore[attr-defined]
    wanted = select(*(table.c[name] for name in ("number", "original", *_INVOICE)))
    return {
        row["number"]: _facts(dict(row), _INVOICE)
        for some in slices(sorted(set(numbers)))
        for row in work.session.execute(wanted.where(table.c.number.in_(some))).mappings()
    }


def _wrong_invoice(work: Work, one: InvoiceGiven, customers: Mapping[str, int]) -> list[Problem]:
    found = _wrong_account(work, one, customers)
    if one.issued_on > work.house.calendar.day_of(work.now) + AHEAD:
        found.append(Problem("issued_on", N_("This date is more than a year ahead.")))
    return found


def _invoice_row(work: Work, one: InvoiceGiven, customer_id: int) -> dict[str, Any]:
    amount = yuan(work, one)
    return {
        "number": one.number,
        "customer_id": customer_id,
        "amount": amount,
        "outstanding": amount,
        "currency": one.currency,
        "original": None if one.currency == OWN_CURRENCY else one.amount,
        "issued_on": one.issued_on,
        "due_on": one.due_on,
        "open": True,
        "disputed": False,
        "recorded_at": work.now,
    }


# -- payments ---------------------------------------------------------------------------------------------------------


def take_payments(work: Work, given: Sequence[PaymentGiven], source: str) -> PaymentsTaken:
    """Enter the payments that are new and right, settle what they settle, and wake the cases that wait for money."""
    taken = PaymentsTaken()
    customers = customer_ids(work.session, work.house.keys, [one.customer for one in given])
    known = {row.reference: _facts(row.model_dump(), _PAYMENT) for row in _payments(work, given)}
    meant = _invoices(work, [number for one in given for number in one.invoices])
    for position, one in enumerate(given):
        found = _wrong_payment(work, one, customers, meant)
        row = _payment_row(work, one, customers[one.customer], source) if not found else {}
        if row and one.reference in known:
            found = differences(one.reference, known[one.reference], _facts(row, _PAYMENT))
            taken.repeated += not found
        elif row:
            known[one.reference] = _facts(row, _PAYMENT)
            taken.new.append(Payment(**row))
        taken.wrong += [Wrong(position, problem, differs=bool(row)) for problem in found]
    if taken.new and not taken.wrong:
        work.add(*taken.new)
        taken.allocated = _settle(work, taken.new)
        taken.woken = _announce(work, taken.new)
    return taken


def _payments(work: Work, given: Sequence[PaymentGiven]) -> list[Payment]:
    found: list[Payment] = []
    for some in slices(sorted({one.reference for one in given})):
        found += work.session.exec(select(Payment).where(col(Payment.reference).in_(some))).all()
    return found


def _wrong_payment(
    work: Work, one: PaymentGiven, customers: Mapping[str, int], meant: Mapping[str, Invoice]
) -> list[Problem]:
    found = _wrong_account(work, one, customers)
    if one.received_on > work.house.calendar.day_of(work.now):
        found.append(Problem("received_on", N_("This day has not come yet.")))
    customer_id = customers.get(one.customer)
    for number in one.invoices if customer_id is not None else ():
        if number not in meant or meant[number].customer_id != customer_id:
            found.append(Problem("invoices", N_("This customer has no invoice {number}."), {"number": number}))
    return found


def _payment_row(work: Work, one: PaymentGiven, customer_id: int, source: str) -> dict[str, Any]:
    amount = yuan(work, one)
    return {
        "reference": one.reference,
        "customer_id": customer_id,
        "amount": amount,
        "unallocated": amount,
        "currency": one.currency,
        "original": None if one.currency == OWN_CURRENCY else one.amount,
        "for_invoices": list(one.invoices),
        "received_on": one.received_on,
        "source": source,
        "note": one.note,
        "recorded_at": work.now,
    }


def _announce(work: Work, payments: Sequence[Payment]) -> list[str]:
    """Tell the running collections cases of the customers who paid; each once, however many payments there were."""
    paid: dict[int, list[Payment]] = defaultdict(list)
    for payment in payments:
        paid[payment.customer_id].append(payment)
    woken: list[str] = []
    for some in slices(sorted(paid)):
        running = select(Case.ref, Case.customer_id).where(
            Case.process == COLLECTIONS.name, Case.state != CaseState.CLOSED, col(Case.customer_id).in_(some)
        )
        for ref, customer_id in work.session.exec(running.order_by(col(Case.ref))).all():
            theirs = paid[customer_id or 0]
            amount = str(sum((payment.amount for payment in theirs), NOTHING))
            references = [payment.reference for payment in theirs]
            work.record("payment.received", ref, amount=amount, payments=references)
            announce(work, ref, PAYMENT, {"amount": amount, "payments": references})
            woken.append(ref)
    return woken


# -- settling ---------------------------------------------------------------------------------------------------------


def _settle_from_credit(work: Work, customers: Sequence[int]) -> None:
    for some in slices(customers):
        credit = select(Payment).where(col(Payment.customer_id).in_(some), col(Payment.unallocated) > NOTHING)
        payments = work.session.exec(
            credit.order_by(col(Payment.received_on), col(Payment.id)).execution_options(populate_existing=True)
        ).all()
        if payments:
            _settle(work, payments)


def _settle(work: Work, payments: Sequence[Payment]) -> Decimal:
    """Divide what is unallocated of each payment among what its customer owes. Returns how much was settled."""
    accounts = _open_invoices(work, sorted({payment.customer_id for payment in payments}))
    settled = NOTHING
    for payment in payments:
        account = accounts.get(payment.customer_id, {})
        claims = [Claim(row.number, row.due_on, row.outstanding, row.disputed) for row in account.values()]
        split = allocate(payment.unallocated, claims, payment.for_invoices)
        payment.unallocated = split.rest
        for part in split.parts:
            invoice = account[part.number]
            invoice.outstanding -= part.amount
            settled += part.amount
            if not invoice.outstanding:
                invoice.open, invoice.disputed = False, False
                invoice.settled_on = max(payment.received_on, invoice.issued_on)
                del account[part.number]
            work.session.add(
                Allocation(payment_id=payment.id or 0, invoice_id=invoice.id or 0, amount=part.amount, at=work.now)
            )
    work.session.flush()
    return settled


def _open_invoices(work: Work, customers: Sequence[int]) -> dict[int, dict[str, Invoice]]:
    accounts: dict[int, dict[str, Invoice]] = defaultdict(dict)
    for some in slices(customers):
        owed = select(Invoice).where(col(Invoice.customer_id).in_(some), col(Invoice.open))
        for invoice in work.session.exec(owed.execution_options(populate_existing=True)):
            accounts[invoice.customer_id][invoice.number] = invoice
    return accounts


# -- what both have in common -----------------------------------------------------------------------------------------


def yuan(work: Work, one: InvoiceGiven | PaymentGiven) -> Decimal:
    """The amount in yuan at the running policy's rate; 0 if its currency is not taken."""
    return in_yuan(one.amount, one.currency, work.house.policy.collections) or NOTHING


def _wrong_account(work: Work, one: InvoiceGiven | PaymentGiven, customers: Mapping[str, int]) -> list[Problem]:
    policy, found = work.house.policy.collections, []
    if one.customer not in customers:
        found.append(Problem("customer", N_("There is no customer {customer}."), {"customer": one.customer}))
    if one.currency != OWN_CURRENCY and one.currency not in policy.other_currencies:
        told = N_("Amounts in {currency} are not taken: the collections policy has no rate for it.")
        found.append(Problem("currency", told, {"currency": one.currency}))
    elif not NOTHING < yuan(work, one) <= MAX_AMOUNT:
        told = N_("In yuan this comes to {amount}; it is to be at least 0.01 and at most {most}.")
        found.append(Problem("amount", told, {"amount": yuan(work, one), "most": MAX_AMOUNT}))
    return found


_INVOICE = ("customer_id", "amount", "currency", "issued_on", "due_on")
_PAYMENT = ("customer_id", "amount", "currency", "received_on", "for_invoices")
_FIELDS = {"customer_id": "customer", "for_invoices": "invoices"}
_DIFFERS = {
    "customer_id": N_("{number} is in the ledger already, for {known} and not {given}."),
    "amount": N_("{number} is in the ledger already, with the amount {known} and not {given}."),
    "currency": N_("{number} is in the ledger already, in {known} and not {given}."),
    "issued_on": N_("{number} is in the ledger already, issued on {known} and not {given}."),
    "due_on": N_("{number} is in the ledger already, due on {known} and not {given}."),
    "received_on": N_("{number} is in the ledger already, received on {known} and not {given}."),
    "for_invoices": N_("{number} is in the ledger already, for the invoices “{known}” and not “{given}”."),
}


def _facts(row: Mapping[str, Any], names: Sequence[str]) -> Facts:
    """What makes an entry the same entry again: as it was given, before any conversion."""
    return tuple((name, row["original"] or row[name] if name == "amount" else row[name]) for name in names)


def _said(name: str, value: Any) -> str:
    if name == "customer_id":
        return customer_number(value)
    return ", ".join(value) if isinstance(value, list) else str(value)


def differences(number: str, known: Facts, given: Facts) -> list[Problem]:
    """How ``given`` differs from what is ``known`` under the same number: one problem for each fact."""
    return [
        Problem(
            _FIELDS.get(name, name),
            _DIFFERS[name],
            {"number": number, "known": _said(name, before), "given": _said(name, now)},
        )
        for (name, before), (_, now) in zip(known, given, strict=True)
        if before != now
    ]
