"""Debtors for tests: a steel trader in Xuzhou who owes 1,240,000.00, and what it issues and pays."""

from datetime import date
from decimal import Decimal
from typing import Any

from config.words import CustomerStatus, CustomerType
from models.house import House, Work
from models.ledger import InvoiceGiven, PaymentGiven
from models.operations.applications import set_identifier
from models.operations.ledger import Taken, record_invoice, record_payment
from models.queries.ledger import customer_number
from models.tables import Customer, Invoice

STEEL_TRADER = "徐州恒通钢材贸易有限公司"
GRAIN_TRADER = "盐城大丰粮油有限公司"


def debtor(work: Work, name: str = STEEL_TRADER, identifier: str | None = None, handler: str | None = "li.na") -> str:
    """A customer the company trades with; its customer number."""
    customer = Customer(
        type=CustomerType.MEDIUM,
        name=name,
        status=CustomerStatus.ADMITTED,
        handler_id=handler,
        created_at=work.now,
    )
    if identifier:
        set_identifier(work, customer, identifier)
    work.add(customer)
    return customer_number(customer.id or 0)


def invoice(
    work: Work, customer: str, number: str, amount: str, due_on: date, issued_on: date | None = None, **more: Any
) -> Invoice:
    """An invoice as a program sends it."""
    given = {"number": number, "customer": customer, "amount": amount, "due_on": due_on}
    return record_invoice(
        work, InvoiceGiven.model_validate({**given, "issued_on": issued_on or due_on.replace(day=1), **more})
    )


def payment(work: Work, customer: str, reference: str, amount: str, received_on: date, **more: Any) -> Taken:
    """A payment as a program sends it."""
    given = {"reference": reference, "customer": customer, "amount": amount, "received_on": received_on}
    return record_payment(work, PaymentGiven.model_validate({**given, **more}), "api")


def steel_trader_owes(house: House) -> str:
    """The steel trader: 400,000.00 due at the end of January 2026, 840,000.00 due at the end of February."""
    with house.work() as work:
        customer = debtor(work)
        invoice(work, customer, "FP-0117", "400000.00", date(2026, 1, 31))
        invoice(work, customer, "FP-0209", "840000.00", date(2026, 2, 28))
    return customer


def yuan(text: str) -> Decimal:
    return Decimal(text)
