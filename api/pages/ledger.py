"""The receivables ledger on pages: who owes what by age, one customer's account, entering by form or file."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from api.caller import house_of, signed_in
from api.csrf import FIELD, Csrf
from api.forms import data_of, form_view
from api.posted import Posted, posted
from config.languages import N_
from config.words import Age
from models.errors import Invalid, NotFound, Problem, Refused
from models.forms.base import problem_of
from models.house import person as person_actor
from models.ledger import Given
from models.operations.csv_rows import FileReport, ImportRefused
from models.operations.ledger import InvoiceGiven, PaymentGiven, record_invoice, record_payment
from models.operations.ledger_import import INVOICE_COLUMNS, PAYMENT_COLUMNS, import_invoices, import_payments
from models.operations.looks import Looked, register_look
from models.queries.ledger import ageing, customer_number
from models.queries.ledger_lists import account, account_holder, accounts
from models.queries.rights import accounts_visible_to, keeps_ledger, must_keep_ledger
from models.tables import Person

router = APIRouter(include_in_schema=False)
ON_A_PAGE = 50
FURTHEST = 100_000
LONGEST_SEARCH = 100


@dataclass(frozen=True)
class Entry:
    """One of the two kinds of entry: its form, its columns in a file, its words."""

    name: str
    form: type[Given]
    columns: Sequence[str]
    title: str
    import_title: str
    hint: str


ENTRIES = {
    "invoice": Entry(
        "invoice",
        InvoiceGiven,
        INVOICE_COLUMNS,
        N_("Enter an invoice"),
        N_("Invoices"),
        N_("An invoice number is entered once; the same file again changes nothing."),
    ),
    "payment": Entry(
        "payment",
        PaymentGiven,
        PAYMENT_COLUMNS,
        N_("Enter a payment"),
        N_("Payments"),
        N_("Each payment settles the oldest due invoice first, unless it names others."),
    ),
}


def entry_named(name: str) -> Entry:
    """The kind of entry an address names.

    Raises:
        NotFound: there is none.
    """
    if name not in ENTRIES:
        raise NotFound(N_("There is no such page."))
    return ENTRIES[name]


@router.api_route("/ledger", methods=["GET", "HEAD"])
def overview(request: Request, person: Annotated[Person, Depends(signed_in)], q: str = "", page: str = "1") -> Response:
    """Everybody who owes, by age, whoever owes most overdue money first."""
    house = house_of(request)
    today = house.calendar.day_of(house.clock())
    number = min(int(page), FURTHEST) if page.isascii() and page.isdecimal() and len(page) < 8 and int(page) else 1
    wanted = q.strip()[:LONGEST_SEARCH]
    start = (number - 1) * ON_A_PAGE
    with house.read() as session:
        rows = accounts(session, house.keys, person, today, wanted=wanted, start=start, limit=ON_A_PAGE + 1)
        bands = ageing(session, today, whose=accounts_visible_to(person))
    more = urlencode({"q": wanted, "page": number + 1}) if len(rows) > ON_A_PAGE else ""
    response: Response = request.app.state.pages.page(
        request,
        "ledger.html",
        rows=rows[:ON_A_PAGE],
        bands=bands,
        total=sum(band.amount for band in bands),
        ages=list(Age),
        wanted=wanted,
        more=more,
        first=number == 1,
        keeps=keeps_ledger(person),
    )
    return response


@router.api_route("/ledger/import", methods=["GET", "HEAD"])
def file_page(request: Request, person: Annotated[Person, Depends(signed_in)]) -> Response:
    must_keep_ledger(person)
    return _file_page(request)


@router.post("/ledger/import")
def take_file(
    request: Request, person: Annotated[Person, Depends(signed_in)], form: Annotated[Posted, Depends(posted)]
) -> Response:
    must_keep_ledger(person)
    house, entry = house_of(request), entry_named(form.text("what"))
    take = import_invoices if entry.name == "invoice" else import_payments
    try:
        Csrf(request).check(form.text(FIELD), "ledger-import")
        data = form.file("file")
        if not data:
            raise Invalid(N_("Please choose a file."), [Problem("file", N_("This field is needed."))])
        report = take(house, person_actor(person.id), data)
    except ImportRefused as refusal:
        return _file_page(request, entry, refusal, refusal.report)
    except Refused as refusal:
        return _file_page(request, entry, refusal)
    return _file_page(request, entry, None, report)


@router.get("/ledger/template/{name}.csv")
def template(name: str, person: Annotated[Person, Depends(signed_in)]) -> Response:
    """An empty file with every column, marked as UTF-8 so that spreadsheet programs read it right."""
    must_keep_ledger(person)
    entry = entry_named(name)
    header = "\ufeff" + ",".join(entry.columns) + "\r\n"
    headers = {"content-disposition": f'attachment; filename="{entry.name}s.csv"'}
    return Response(header.encode(), media_type="text/csv; charset=utf-8", headers=headers)


@router.api_route("/ledger/enter/{name}", methods=["GET", "HEAD"])
def form_page(
    request: Request, name: str, person: Annotated[Person, Depends(signed_in)], customer: str = ""
) -> Response:
    must_keep_ledger(person)
    return _form_page(request, entry_named(name), prefill={"customer": customer[:LONGEST_SEARCH]} if customer else {})


@router.post("/ledger/enter/{name}")
def enter(
    request: Request,
    name: str,
    person: Annotated[Person, Depends(signed_in)],
    form: Annotated[Posted, Depends(posted)],
) -> Response:
    must_keep_ledger(person)
    house, entry = house_of(request), entry_named(name)
    try:
        Csrf(request).check(form.text(FIELD), f"ledger-{entry.name}")
        given = _given(entry, form)
        with house.work(person_actor(person.id)) as work:
            if isinstance(given, InvoiceGiven):
                customer_id = record_invoice(work, given).customer_id
            else:
                assert isinstance(given, PaymentGiven)
                customer_id = record_payment(work, given, "page").payment.customer_id
    except Refused as refusal:
        return _form_page(request, entry, form, refusal)
    return RedirectResponse(f"/ledger/{customer_number(customer_id)}?done={entry.name}", 303)


@router.api_route("/ledger/{number}", methods=["GET", "HEAD"])
def customer_page(
    request: Request, number: str, person: Annotated[Person, Depends(signed_in)], done: str = ""
) -> Response:
    """One customer's account: invoices, payments, and which payment settled what."""
    house = house_of(request)
    today = house.calendar.day_of(house.clock())
    with house.read() as session:
        holder = account_holder(session, house.keys, person, number)
        view = account(session, holder, today)
    if request.method == "GET":
        with house.work(person_actor(person.id)) as work:
            work.record("account.looked", customer=view.customer)
            register_look(work, holder.id or 0, person.id, Looked.ACCOUNT)
    response: Response = request.app.state.pages.page(
        request, "account.html", account=view, keeps=keeps_ledger(person), done=done if done in ENTRIES else ""
    )
    return response


def _given(entry: Entry, form: Posted) -> Given:
    try:
        return entry.form.model_validate(data_of(entry.form, form))
    except ValidationError as error:
        problems = [problem_of(detail) for detail in error.errors(include_url=False, include_input=False)]
        raise Invalid(N_("Please look at the marked fields."), problems) from None


def _form_page(
    request: Request,
    entry: Entry,
    form: Posted | None = None,
    refusal: Refused | None = None,
    prefill: dict[str, str] | None = None,
) -> Response:
    problems = refusal.problems if isinstance(refusal, Invalid) else ()
    view = form_view(entry.form, {"prefill": {"invoices": "", **(prefill or {})}}, posted=form, problems=problems)
    response: Response = request.app.state.pages.page(
        request, "ledger_enter.html", refusal.status if refusal else 200, entry=entry, form=view, refusal=refusal
    )
    return response


def _file_page(
    request: Request, entry: Entry | None = None, refusal: Refused | None = None, report: FileReport | None = None
) -> Response:
    response: Response = request.app.state.pages.page(
        request,
        "ledger_import.html",
        refusal.status if refusal else 200,
        entries=list(ENTRIES.values()),
        entry=entry,
        refusal=refusal,
        report=report,
    )
    return response
