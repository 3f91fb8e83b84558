"""Customers: list, read, take over those whom the company trades with already."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from fastapi import Query as QueryParameter
from pydantic import BaseModel, ConfigDict, Field

from api.caller import house_of
from api.language import language_of
from api.problems import PROBLEM_RESPONSES
from api.routes.cases import CSV_BODY, csv_of
from api.routes.parameters import Cursor, Limit, Opener, Reader
from api.routes.shapes import CaseItem, CustomerShown, Given
from api.routes.shaping import Shaping
from api.routes.taken import Taken, Text
from config.words import (
    Age,
    CreditGrade,
    CustomerClass,
    CustomerStatus,
    CustomerType,
    Department,
    Language,
    ListingCriterion,
    ListingKind,
    MeasureKind,
    RiskLevel,
    Security,
)
from models.operations.customer_import import import_customers
from models.operations.looks import Looked, note_look
from models.operations.unmask import Secret, unmask
from models.queries.archive import looks
from models.queries.archive_parts import Part, must_watch
from models.queries.case_list import CaseList
from models.queries.customer import CustomerView, DebtView, customer_seen_by, customer_view
from models.queries.customers import CustomerFilter, customers
from models.queries.shown import spoken
from models.rights import Right, must_hold

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
    available: str | None
    because: list[str]


class AssessmentShown(Given):
    """One assessment; `score` in points, 0–100."""

    score: int | None
    credit_grade: CreditGrade
    risk_level: RiskLevel
    customer_class: CustomerClass
    made_at: datetime
    case: str


class CreditLineOnFile(Given):
    """A credit line, in force while `ended_at` is empty."""

    limit: str = Field(examples=["1200000.00"])
    term_days: int
    securities: list[Security]
    since: datetime
    ended_at: datetime | None
    case: str | None


class WarningShown(Given):
    risk_level: RiskLevel
    departments: list[Department]
    reason: str = Field(description="`score`, `listed`, or what an officer wrote.")
    issued_at: datetime
    case: str


class RoutineShown(Given):
    duty: str = Field(examples=["monitoring"])
    every: str = Field(examples=["monthly"])
    next_on: date


class PaperOnFile(Given):
    id: int = Field(description="See `GET /papers/{id}`.")
    title: str
    number: str
    made_at: datetime
    case: str


class DocumentOnFile(Given):
    kind: str
    reference: str
    received_at: datetime
    case: str


class LookShown(Given):
    person: str = Field(description="Person id.", examples=["chen.yu"])
    name: str = Field(examples=["陈宇"])
    what: Looked
    reason: str
    at: datetime


class LookPage(Given):
    items: list[LookShown]
    next_cursor: str | None


class Unmask(Taken):
    """Which masked field, and why."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"field": "phone", "reason": "回访电话核实付款日期"}]},
    )

    field: Secret
    reason: Annotated[Text, Field(max_length=1000, description="5 to 300 characters; kept on record.")]


class Unmasked(Given):
    field: Secret
    value: str = Field(examples=["13805201234"])


class CustomerWhole(Given):
    """One customer. Identity number and telephone are masked; `cases` are those the caller may see, newest first.

    `parts` are the parts of the archive that are open to the caller; what belongs to others is null or empty."""

    parts: list[Part]

    customer: CustomerShown
    email: str | None
    handler: str | None
    archive: str | None
    known_since: datetime
    trading: TradeShown
    credit_line: CreditLineShown | None
    listings: list[ListingShown]
    measures: list[MeasureShown]
    debts: DebtShown | None
    credit_lines: list[CreditLineOnFile]
    assessments: list[AssessmentShown]
    warnings: list[WarningShown]
    routines: list[RoutineShown]
    papers: list[PaperOnFile]
    documents: list[DocumentOnFile]
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
    text: Annotated[str, QueryParameter(max_length=200, description="Part of the name, its pinyin, or a number.")] = "",
    status: CustomerStatus | None = None,
    level: RiskLevel | None = None,
    grade: CreditGrade | None = None,
    customer_class: Annotated[CustomerClass | None, QueryParameter(alias="class")] = None,
    listed: Annotated[ListingKind | None, QueryParameter(description="On this list today.")] = None,
    mine: Annotated[bool, QueryParameter(description="Only those the caller handles.")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> CustomerPage:
    """The customers the caller may see, newest first. Token scope: `read`."""
    house = house_of(request)
    wanted = CustomerFilter(
        text=text, status=status, level=level, grade=grade, customer_class=customer_class, listed=listed, mine=mine
    )
    on = house.calendar.day_of(house.clock())
    with house.read() as session:
        page = customers(session, house.keys, caller.person, wanted, on, limit=limit, cursor=cursor)
    items = [CustomerItem(**item.model_dump()) for item in page.items]
    return CustomerPage(items=items, next_cursor=page.next_cursor)


@router.get("/customers/{number}", summary="Read a customer")
def read(request: Request, caller: Reader, number: Number) -> CustomerWhole:
    """A customer with rating, credit, lists, measures, debts, cases and the rest of its archive, the newest 20 of each;
    of the archive those parts that are open to the caller. `number` is the customer's number or its unified social
    credit code. Token scope: `read`. The look is put on record."""
    house = house_of(request)
    with house.read() as session:
        customer = customer_seen_by(session, house, caller.person, number)
        view = customer_view(session, house, customer, caller.person)
    with house.work(caller.actor) as work:
        note_look(work, customer.id or 0, caller.person.id, Looked.PROGRAM)
    return _whole(view, language_of(request, caller.person))


@router.get("/customers/{number}/looks", summary="Who looked at a customer")
def looked(request: Request, caller: Reader, number: Number, limit: Limit = 50, cursor: Cursor = None) -> LookPage:
    """Looks, the latest first: one for each person and thing looked at within an hour. For those above the customer's
    handler, the risk manager, internal audit and managers. Token scope: `read`. The look is put on record."""
    house = house_of(request)
    with house.read() as session:
        customer = customer_seen_by(session, house, caller.person, number)
        must_watch(session, caller.person, customer)
        page = looks(session, customer.id or 0, limit=limit, cursor=cursor)
    with house.work(caller.actor) as work:
        note_look(work, customer.id or 0, caller.person.id, Looked.REGISTER)
    items = [
        LookShown(person=one.person_id, name=one.person, what=one.what, reason=one.reason, at=one.at)
        for one in page.items
    ]
    return LookPage(items=items, next_cursor=page.next_cursor)


@router.post("/customers/{number}/unmask", summary="Read a masked field in full")
def show(request: Request, caller: Reader, number: Number, asked: Unmask) -> Unmasked:
    """An identity number or telephone in full, for a reason that is put on record. For the customer's handler, risk,
    legal, finance and the client administrator; only so many an hour for each person (429). Token scope: `read`."""
    house = house_of(request)
    with house.work(caller.actor) as work:
        customer = customer_seen_by(work.session, house, caller.person, number)
        value = unmask(work, customer, caller.person, asked.field, asked.reason)
    return Unmasked(field=asked.field, value=value)


@router.post("/customers/import", summary="Take over customers from a CSV file", openapi_extra=CSV_BODY)
def import_many(request: Request, caller: Opener, data: Annotated[bytes, Depends(csv_of)]) -> CustomersImported:
    """Customers whom the company trades with already, with their opening figures: every row, or none; a wrong file is
    answered with 422 and a problem for each row that has one. Who is on record already stays as they are. For
    operations and the client administrator. Token scope: `open`."""
    must_hold(caller.person, Right.IMPORT_CUSTOMERS)
    report = import_customers(house_of(request), caller.actor, data)
    return CustomersImported(
        rows=report.rows, encoding=report.encoding, new=report.new, repeated=report.repeated, lines=report.lines
    )


def _whole(view: CustomerView, language: Language) -> CustomerWhole:
    line, trade, file = view.line, view.trade, view.on_file
    return CustomerWhole(
        parts=[part for part in Part if part in file.parts],
        customer=CustomerShown(**view.facts.model_dump()),
        email=view.email,
        handler=view.handler,
        archive=view.archive,
        known_since=view.known_since,
        trading=TradeShown(
            may_trade=trade.may,
            prepay=trade.prepay,
            available=f"{trade.available:.2f}" if trade.available is not None else None,
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
        debts=_debts(view.debts) if view.debts else None,
        credit_lines=[
            CreditLineOnFile(
                limit=f"{one.limit:.2f}",
                case=one.case_ref,
                **one.model_dump(include={"term_days", "securities", "since", "ended_at"}),
            )
            for one in file.lines
        ],
        assessments=[AssessmentShown(case=one.case_ref, **_rest(one)) for one in file.assessments],
        warnings=[WarningShown(case=one.case_ref, **_rest(one)) for one in file.warnings],
        routines=[RoutineShown(**_rest(one)) for one in file.routines],
        papers=[PaperOnFile(case=one.case_ref, **_rest(one, "version")) for one in file.papers],
        documents=[DocumentOnFile(case=one.case_ref, **_rest(one)) for one in file.documents],
        figures={spoken(one.label, language): one.value for one in view.figures},
        figures_as_of=view.figures_as_of,
        cases=Shaping(language).cases(CaseList(items=view.cases)).items,
    )


def _rest(one: BaseModel, *without: str) -> dict[str, Any]:
    """The fields that are called the same here and there."""
    return one.model_dump(exclude={"case_ref", *without})


def _debts(debts: DebtView) -> DebtShown:
    return DebtShown(
        total=f"{debts.total:.2f}",
        overdue=f"{debts.overdue:.2f}",
        oldest_due=debts.oldest_due,
        credit=f"{debts.credit:.2f}",
        ageing=[AgeShown(age=b.age, amount=f"{b.amount:.2f}", invoices=b.invoices) for b in debts.ages],
    )
