"""Customers: list, read, take over those whom the company trades with already."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi import Query as QueryParameter
from pydantic import Field

from api.caller import house_of
from api.language import language_of
from api.problems import PROBLEM_RESPONSES
from api.routes.cases import CSV_BODY, csv_of
from api.routes.parameters import Cursor, Limit, Opener, Reader
from api.routes.shapes import CaseItem, CustomerShown, Given
from api.routes.shaping import Shaping
from config.languages import N_
from config.words import (
    Age,
    CreditGrade,
    CustomerClass,
    CustomerStatus,
    CustomerType,
    Language,
    ListingCriterion,
    ListingKind,
    MeasureKind,
    RiskLevel,
    Security,
)
from models.errors import NotAllowed
from models.operations.customer_import import import_customers, may_import_customers
from models.queries.case_list import CaseList
from models.queries.customer import CustomerView, customer_seen_by, customer_view
from models.queries.customers import CustomerFilter, customers
from models.queries.shown import spoken

router = APIRouter(tags=["Customers"], responses=PROBLEM_RESPONSES)
Number = Annotated[str, Path(max_length=32, examples=["K-000123"])]


class CustomerItem(Given):
    number: str
    name: str
    type: CustomerType
    status: CustomerStatus
    risk_level: RiskLevel | None
    credit_grade: CreditGrade | None
    customer_class: CustomerClass | None
    handler: str | None
    listed: ListingKind | None = Field(description="The strictest list the customer is on today.")


class CustomerPage(Given):
    items: list[CustomerItem]
    next_cursor: str | None


class CreditLineShown(Given):
    """The line in force. No `case`: an opening figure, agreed before the company began with this system."""

    limit: str
    term_days: int
    securities: list[Security]
    since: datetime
    case: str | None


class ListingShown(Given):
    kind: ListingKind
    criterion: ListingCriterion
    reason: str
    since: date
    until: date | None
    case: str | None


class MeasureShown(Given):
    kind: MeasureKind
    scope: str
    reason: str
    since: date
    until: date | None
    lifted_on: date | None
    in_force: bool
    case: str


class AgeShown(Given):
    age: Age
    amount: str
    invoices: int


class DebtShown(Given):
    """What the customer owes. `overdue` leaves out what is disputed; `credit` was paid above everything owed."""

    total: str
    overdue: str
    oldest_due: date | None
    credit: str
    ageing: list[AgeShown]


class TradeShown(Given):
    """`GET /customers/{number}/trading` in short."""

    may_trade: bool
    prepay: bool
    available: str
    because: list[str]


class CustomerWhole(Given):
    """One customer. Identity number and telephone are masked; `cases` are those the caller may see, newest first."""

    customer: CustomerShown
    email: str | None
    handler: str | None
    archive: str | None
    known_since: datetime
    trading: TradeShown
    credit_line: CreditLineShown | None
    listings: list[ListingShown]
    measures: list[MeasureShown]
    debts: DebtShown
    figures: dict[str, str] = Field(description="By their labels in the caller's language.")
    figures_as_of: datetime | None
    cases: list[CaseItem]


class CustomersImported(Given):
    """What came of a file: `new` customers, `repeated` ones that were on record already, opening credit `lines`."""

    rows: int
    encoding: str
    new: int
    repeated: int
    lines: int


@router.get("/customers", summary="List customers")
def listed(
    request: Request,
    caller: Reader,
    text: Annotated[str, QueryParameter(max_length=200, description="Part of the name, or a number.")] = "",
    status: CustomerStatus | None = None,
    level: RiskLevel | None = None,
    grade: CreditGrade | None = None,
    listed: Annotated[ListingKind | None, QueryParameter(description="On this list today.")] = None,
    mine: Annotated[bool, QueryParameter(description="Only those the caller handles.")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> CustomerPage:
    """The customers the caller may see, newest first. Token scope: `read`."""
    house = house_of(request)
    wanted = CustomerFilter(text=text, status=status, level=level, grade=grade, listed=listed, mine=mine)
    on = house.calendar.day_of(house.clock())
    with house.read() as session:
        page = customers(session, house.keys, caller.person, wanted, on, limit=limit, cursor=cursor)
    items = [CustomerItem(**item.model_dump()) for item in page.items]
    return CustomerPage(items=items, next_cursor=page.next_cursor)


@router.get("/customers/{number}", summary="Read a customer")
def read(request: Request, caller: Reader, number: Number) -> CustomerWhole:
    """A customer with rating, credit, lists, measures, debts and cases. `number` is the customer's number or its
    unified social credit code. Token scope: `read`. The look is put on record."""
    house = house_of(request)
    with house.read() as session:
        view = customer_view(session, house, customer_seen_by(session, house, caller.person, number), caller.person)
    with house.work(caller.actor) as work:
        work.record("customer.looked", customer=view.facts.number)
    return _whole(view, language_of(request, caller.person))


@router.post("/customers/import", summary="Take over customers from a CSV file", openapi_extra=CSV_BODY)
def import_many(request: Request, caller: Opener, data: Annotated[bytes, Depends(csv_of)]) -> CustomersImported:
    """Customers whom the company trades with already, with their opening figures: every row, or none; a wrong file is
    answered with 422 and a problem for each row that has one. Who is on record already stays as they are. For
    operations and the client administrator. Token scope: `open`."""
    if not may_import_customers(caller.person):
        raise NotAllowed(N_("Only operations and the client administrator take over customers."))
    report = import_customers(house_of(request), caller.actor, data)
    return CustomersImported(
        rows=report.rows, encoding=report.encoding, new=report.new, repeated=report.repeated, lines=report.lines
    )


def _whole(view: CustomerView, language: Language) -> CustomerWhole:
    line, debts, trade = view.line, view.debts, view.trade
    return CustomerWhole(
        customer=CustomerShown(**view.facts.model_dump()),
        email=view.email,
        handler=view.handler,
        archive=view.archive,
        known_since=view.known_since,
        trading=TradeShown(
            may_trade=trade.may,
            prepay=trade.prepay,
            available=f"{trade.available:.2f}",
            because=[reason.text(language) for reason in trade.because],
        ),
        credit_line=CreditLineShown(
            limit=f"{line.limit:.2f}",
            term_days=line.term_days,
            securities=list(line.securities),
            since=line.since,
            case=line.case_ref,
        )
        if line
        else None,
        listings=[ListingShown(case=one.case_ref, **one.model_dump(exclude={"case_ref"})) for one in view.listings],
        measures=[MeasureShown(case=one.case_ref, **one.model_dump(exclude={"case_ref"})) for one in view.measures],
        debts=DebtShown(
            total=f"{debts.total:.2f}",
            overdue=f"{debts.overdue:.2f}",
            oldest_due=debts.oldest_due,
            credit=f"{debts.credit:.2f}",
            ageing=[AgeShown(age=b.age, amount=f"{b.amount:.2f}", invoices=b.invoices) for b in debts.ages],
        ),
        figures={spoken(one.label, language): one.value for one in view.figures},
        figures_as_of=view.figures_as_of,
        cases=Shaping(language).cases(CaseList(items=view.cases)).items,
    )
