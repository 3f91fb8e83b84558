"""Customers: the list, and taking over those whom the company trades with already. One customer: see ``archive``."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.caller import house_of, signed_in
from api.csrf import FIELD, Csrf
from api.posted import Posted, posted
from config.languages import N_
from config.words import CreditGrade, CustomerClass, CustomerStatus, ListingKind, RiskLevel
from models.errors import Invalid, Problem, Refused
from models.house import person as person_actor
from models.operations.csv_rows import FileReport, ImportRefused
from models.operations.customer_import import customer_columns, import_customers, may_import_customers
from models.queries.customers import CustomerFilter, customers
from models.queries.rights import sees_every_customer
from models.rights import Right, must_hold
from models.tables import Person

router = APIRouter(include_in_schema=False)
FILE_PAGE = "import-customers"


@router.api_route("/customers", methods=["GET", "HEAD"])
def listed(
    request: Request,
    person: Annotated[Person, Depends(signed_in)],
    text: str = "",
    status: str = "",
    level: str = "",
    grade: str = "",
    customer_class: Annotated[str, Query(alias="class")] = "",
    listed: str = "",
    mine: str = "",
    cursor: str = "",
) -> Response:
    """The list. A filter that is no word of ours counts as none: links of old must not break."""
    house = house_of(request)
    wanted = CustomerFilter(
        text=text.strip()[:200],
        status=CustomerStatus(status) if status in list(CustomerStatus) else None,
        level=RiskLevel(level) if level in list(RiskLevel) else None,
        grade=CreditGrade(grade) if grade in list(CreditGrade) else None,
        customer_class=CustomerClass(customer_class) if customer_class in list(CustomerClass) else None,
        listed=ListingKind(listed) if listed in list(ListingKind) else None,
        mine=bool(mine),
    )
    on = house.calendar.day_of(house.clock())
    with house.read() as session:
        page = customers(session, house.keys, person, wanted, on, cursor=cursor or None)
    kept = {name: str(value) for name, value in wanted.model_dump(mode="json", exclude={"mine"}).items() if value}
    if klass := kept.pop("customer_class", None):
        kept["class"] = klass
    kept |= {"mine": "1"} if wanted.mine else {}
    response: Response = request.app.state.pages.page(
        request,
        "customers.html",
        page=page,
        wanted=wanted,
        next_query=urlencode({**kept, "cursor": page.next_cursor or ""}),
        choices=(
            ("status", N_("Status"), list(CustomerStatus), wanted.status),
            ("level", N_("Risk level"), list(RiskLevel), wanted.level),
            ("grade", N_("Credit grade"), list(CreditGrade), wanted.grade),
            ("class", N_("Customer class"), list(CustomerClass), wanted.customer_class),
            ("listed", N_("Lists"), list(ListingKind), wanted.listed),
        ),
        all_visible=sees_every_customer(person),
        imports=may_import_customers(person),
        filtered=bool(kept) or bool(cursor),
    )
    return response


@router.api_route("/import/customers", methods=["GET", "HEAD"])
def file_page(request: Request, person: Annotated[Person, Depends(signed_in)]) -> Response:
    _must_import(person)
    return _file_page(request)


@router.post("/import/customers")
def take_file(
    request: Request, person: Annotated[Person, Depends(signed_in)], form: Annotated[Posted, Depends(posted)]
) -> Response:
    _must_import(person)
    try:
        Csrf(request).check(form.text(FIELD), FILE_PAGE)
        data = form.file("file")
        if not data:
            raise Invalid(N_("Please choose a file."), [Problem("file", N_("This field is needed."))])
        report = import_customers(house_of(request), person_actor(person.id), data)
    except ImportRefused as refusal:
        return _file_page(request, refusal, refusal.report)
    except Refused as refusal:
        return _file_page(request, refusal)
    return _file_page(request, None, report)


@router.get("/import/customers.csv")
def template(request: Request, person: Annotated[Person, Depends(signed_in)]) -> Response:
    """An empty file with every column, marked as UTF-8 so that spreadsheet programs read it right."""
    _must_import(person)
    header = "\ufeff" + ",".join(customer_columns(house_of(request))) + "\r\n"
    headers = {"content-disposition": 'attachment; filename="customers.csv"'}
    return Response(header.encode(), media_type="text/csv; charset=utf-8", headers=headers)


def _must_import(person: Person) -> None:
    must_hold(person, Right.IMPORT_CUSTOMERS)


def _file_page(request: Request, refusal: Refused | None = None, report: FileReport | None = None) -> Response:
    response: Response = request.app.state.pages.page(
        request,
        "import_customers.html",
        refusal.status if refusal else 200,
        refusal=refusal,
        report=report,
        columns=customer_columns(house_of(request)),
    )
    return response
