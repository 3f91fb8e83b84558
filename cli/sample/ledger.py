"""Thirteen months of the sample company's invoices and payments, taken over as a file of each would be (X)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from cli.sample.files import days_ago, rows
from models.house import Work
from models.ledger import InvoiceGiven, PaymentGiven
from models.operations.ledger_batches import take_invoices, take_payments

SOURCE = "takeover"


def enter_ledger(work: Work) -> None:
    """Everything invoiced, then everything paid in the order in which it came: the oldest due is settled first.

    Raises:
        ValueError: the ledger refuses an entry, or knows it already.
    """
    invoices = [_invoice(work, row) for row in rows("invoices.csv")]
    payments = [_payment(work, row) for row in rows("payments.csv")]
    invoiced = take_invoices(work, invoices)
    paid = take_payments(work, sorted(payments, key=lambda one: (one.received_on, one.reference)), SOURCE)
    wrong = [str(one.problem) for one in (*invoiced.wrong, *paid.wrong)]
    if wrong or invoiced.new != len(invoices) or len(paid.new) != len(payments):
        raise ValueError(f"the sample's ledger is not taken: {wrong[:5]}")
    work.record("sample.ledger-entered", invoices=invoiced.new, payments=len(paid.new))


def _invoice(work: Work, row: dict[str, str]) -> InvoiceGiven:
    issued = days_ago(work, row["issued_days_ago"])
    return InvoiceGiven(
        number=row["number"],
        customer=row["customer"],
        amount=Decimal(row["amount"]),
        issued_on=issued,
        due_on=issued + timedelta(days=int(row["term_days"])),
    )


def _payment(work: Work, row: dict[str, str]) -> PaymentGiven:
    return PaymentGiven(
        reference=row["reference"],
        customer=row["customer"],
        amount=Decimal(row["amount"]),
        received_on=days_ago(work, row["received_days_ago"]),
    )
