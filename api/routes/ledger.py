"""The receivables ledger: invoices and payments, one by one and by file; what is owed by age."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.caller import house_of
from api.problems import PROBLEM_RESPONSES
from api.routes.cases import CSV_BODY, csv_of
from api.routes.parameters import Bookkeeper, Cursor, Limit, Reader
from api.routes.shapes import Given
from config.words import Age
from models.operations.ledger import InvoiceGiven, PaymentGiven, record_invoice, record_payment
from models.operations.ledger_import import LedgerReport, import_invoices, import_payments
from models.queries.ledger import ageing, customer_number
from models.queries.ledger_lists import InvoiceLine, PaymentLine, account_holder, invoices, payments
from models.queries.rights import accounts_visible_to, must_keep_ledger

router = APIRouter(tags=["Ledger"], responses=PROBLEM_RESPONSES)

WhoseAccount = Annotated[
    str | None,
    Query(max_length=64, description="A customer's number or unified social credit code.", examples=["K-000123"]),
]


class InvoiceShown(Given):
    """An invoice. Amounts are yuan; `original` is the amount in `currency` where that is not CNY."""

    number: str
    customer: str
    name: str
    amount: str
    outstanding: str
    currency: str
    original: str | None
    issued_on: date
    due_on: date
    days_overdue: int
    open: bool
    disputed: bool
    settled_on: date | None
    written_off: str | None
    written_off_by: str | None


class Settled(Given):
    """A part of a payment and the invoice it settled."""

    invoice: str
    amount: str


class PaymentShown(Given):
    """A payment. `unallocated` is what is left as the customer's credit."""

    reference: str
    customer: str
    name: str
    amount: str
    unallocated: str
    currency: str
    original: str | None
    received_on: date
    source: str
    note: str
    settled: list[Settled]


class InvoiceList(Given):
    items: list[InvoiceShown]
    next_cursor: str | None


class PaymentList(Given):
    items: list[PaymentShown]
    next_cursor: str | None


class InvoiceEntered(Given):
    """An invoice as it is in the ledger; a credit of the customer may have settled it at once."""

    number: str
    customer: str
    amount: str
    outstanding: str
    open: bool


class PaymentEntered(Given):
    """A payment as it is in the ledger. `repeated`: it was there already and nothing has changed."""

    reference: str
    customer: str
    amount: str
    unallocated: str
    settled: list[Settled]
    repeated: bool


class FileEntered(Given):
    """What came of a file. `settled` and `credit` (yuan) are for payments: what they settled, what they left."""

    rows: int
    encoding: str
    new: int
    repeated: int
    settled: str
    credit: str


class AgeShown(Given):
    age: Age
    amount: str
    invoices: int


class Ageing(Given):
    """What is outstanding on a day, by age: every age once."""

    on: date
    customer: str | None
    total: str
    ages: list[AgeShown]


@router.post("/invoices", status_code=201, summary="Enter an invoice")
def enter_invoice(request: Request, response: Response, caller: Bookkeeper, body: InvoiceGiven) -> InvoiceEntered:
    """The same invoice again is the same entry; the same number with other content is a conflict (409) that says what
    differs. Finance and the client administrator only. Token scope: `ledger`."""
    must_keep_ledger(caller.person)
    with house_of(request).work(caller.actor) as work:
        row = record_invoice(work, body)
    response.headers["location"] = f"/ledger/{customer_number(row.customer_id)}"
    return InvoiceEntered(
        number=row.number,
        customer=customer_number(row.customer_id),
        amount=yuan(row.amount),
        outstanding=yuan(row.outstanding),
        open=row.open,
    )


@router.post("/invoices/import", summary="Enter many invoices from a CSV file", openapi_extra=CSV_BODY)
def invoices_from_file(request: Request, caller: Bookkeeper, data: Annotated[bytes, Depends(csv_of)]) -> FileEntered:
    """Columns: number, customer, amount, currency, issued_on, due_on. Every row is entered, or none is: a wrong file
    is answered with 422 and a problem for each row that has one. The same file again changes nothing. Token scope:
    `ledger`."""
    must_keep_ledger(caller.person)
    return entered(import_invoices(house_of(request), caller.actor, data))


@router.get("/invoices", summary="List invoices")
def list_invoices(
    request: Request,
    caller: Reader,
    customer: WhoseAccount = None,
    open_only: Annotated[bool, Query(alias="open", description="Only those with something outstanding.")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> InvoiceList:
    """Invoices of the customers the caller may see, the latest entered first. Token scope: `read`."""
    house = house_of(request)
    today = house.calendar.day_of(house.clock())
    with house.read() as session:
        holder = account_holder(session, house.keys, caller.person, customer) if customer else None
        whose = holder.id if holder else None
        page = invoices(
            session, caller.person, today, customer_id=whose, open_only=open_only, limit=limit, cursor=cursor
        )
    return InvoiceList(items=[_invoice(line) for line in page.items], next_cursor=page.next_cursor)


@router.post("/payments", status_code=201, summary="Enter a payment")
def enter_payment(request: Request, response: Response, caller: Bookkeeper, body: PaymentGiven) -> PaymentEntered:
    """Money received settles the oldest due invoice first, unless `invoices` says which; what is left is kept as the
    customer's credit. A collections case of the customer is told at once. A payment is known by its `reference`: again
    with the same content it changes nothing (`repeated`), with other content it is a conflict (409). Finance and the
    client administrator only. Token scope: `ledger`."""
    must_keep_ledger(caller.person)
    with house_of(request).work(caller.actor) as work:
        taken = record_payment(work, body, caller.via)
    if taken.repeated:
        response.status_code = 200
    return PaymentEntered(
        reference=taken.payment.reference,
        customer=customer_number(taken.payment.customer_id),
        amount=yuan(taken.payment.amount),
        unallocated=yuan(taken.payment.unallocated),
        settled=[Settled(invoice=part.number, amount=yuan(part.amount)) for part in taken.allocations],
        repeated=taken.repeated,
    )


@router.post("/payments/import", summary="Enter many payments from a CSV file", openapi_extra=CSV_BODY)
def payments_from_file(request: Request, caller: Bookkeeper, data: Annotated[bytes, Depends(csv_of)]) -> FileEntered:
    """Columns: reference, customer, amount, currency, received_on, invoices (several separated by `;`), note. Every
    row is entered, or none is. The same file again changes nothing. Token scope: `ledger`."""
    must_keep_ledger(caller.person)
    return entered(import_payments(house_of(request), caller.actor, data))


@router.get("/payments", summary="List payments")
def list_payments(
    request: Request, caller: Reader, customer: WhoseAccount = None, limit: Limit = 50, cursor: Cursor = None
) -> PaymentList:
    """Payments of the customers the caller may see, the latest entered first. Token scope: `read`."""
    house = house_of(request)
    with house.read() as session:
        holder = account_holder(session, house.keys, caller.person, customer) if customer else None
        whose = holder.id if holder else None
        page = payments(session, caller.person, customer_id=whose, limit=limit, cursor=cursor)
    return PaymentList(items=[_payment(line) for line in page.items], next_cursor=page.next_cursor)


@router.get("/ageing", summary="What is owed, by age")
def by_age(
    request: Request,
    caller: Reader,
    customer: WhoseAccount = None,
    on: Annotated[date | None, Query(description="Today if not given. What is open is what is open now.")] = None,
) -> Ageing:
    """What is outstanding of one customer, or of all the caller may see. Token scope: `read`."""
    house = house_of(request)
    day = on or house.calendar.day_of(house.clock())
    with house.read() as session:
        holder = account_holder(session, house.keys, caller.person, customer) if customer else None
        whose = accounts_visible_to(caller.person) if holder is None else None
        bands = ageing(session, day, holder.id if holder else None, whose=whose)
    return Ageing(
        on=day,
        customer=customer_number(holder.id or 0) if holder else None,
        total=yuan(sum((band.amount for band in bands), Decimal(0))),
        ages=[AgeShown(age=band.age, amount=yuan(band.amount), invoices=band.invoices) for band in bands],
    )


def yuan(amount: Decimal) -> str:
    """An amount as every answer gives it."""
    return f"{amount:.2f}"


def entered(report: LedgerReport) -> FileEntered:
    """What came of a file, for a program."""
    return FileEntered(
        rows=report.rows,
        encoding=report.encoding,
        new=report.new,
        repeated=report.repeated,
        settled=yuan(report.settled),
        credit=yuan(report.credit),
    )


def _invoice(line: InvoiceLine) -> InvoiceShown:
    facts = line.model_dump()
    return InvoiceShown(**{name: yuan(value) if isinstance(value, Decimal) else value for name, value in facts.items()})


def _payment(line: PaymentLine) -> PaymentShown:
    facts = {
        name: yuan(value) if isinstance(value, Decimal) else value
        for name, value in line.model_dump(exclude={"settled"}).items()
    }
    settled = [Settled(invoice=number, amount=yuan(amount)) for number, amount in line.settled]
    return PaymentShown(**facts, settled=settled)
