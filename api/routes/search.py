"""Search across cases and customers."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field

from api.caller import house_of
from api.problems import PROBLEM_RESPONSES
from api.routes.parameters import Reader
from api.routes.shapes import Given
from config.words import CaseState, CreditGrade, CustomerStatus, CustomerType, Outcome, RiskLevel
from models.queries.search import FOUND, find

router = APIRouter(tags=["Search"], responses=PROBLEM_RESPONSES)


class CustomerFound(Given):
    number: str = Field(examples=["K-000123"])
    name: str = Field(examples=["徐州恒远钢铁贸易有限公司"])
    type: CustomerType
    status: CustomerStatus
    risk_level: RiskLevel | None
    credit_grade: CreditGrade | None
    handler: str | None = Field(examples=["李娜"])


class CaseFound(Given):
    ref: str = Field(examples=["ONB-2026-000123"])
    process: str = Field(examples=["onboarding-review"])
    title: str = Field(examples=["徐州恒远钢铁贸易有限公司"])
    state: CaseState
    outcome: Outcome | None
    handler: str = Field(examples=["李娜"])
    opened_at: datetime


class SearchResult(Given):
    """The nearest customers and the newest cases; `more_…` says that there are others."""

    customers: list[CustomerFound]
    more_customers: bool
    cases: list[CaseFound]
    more_cases: bool


@router.get("/search", summary="Search cases and customers")
def search(
    request: Request,
    caller: Reader,
    q: Annotated[str, Query(max_length=10_000, description="Name, pinyin, number, reference.", examples=["hygt"])] = "",
    limit: Annotated[int, Query(ge=1, le=50, description="At most so many of each kind.")] = FOUND,
) -> SearchResult:
    """Customers by a part of the name, its pinyin or initials, by number (`K-000123`, `123`) or whole credit code;
    cases by reference or a part of it (`123`), title or customer. Every word must be found; the first 100 characters
    count. Only what the caller may see. All customers found: `GET /customers?text=`. Token scope: `read`."""
    house = house_of(request)
    with house.read() as session:
        found = find(session, house.keys, caller.person, q, limit=limit)
    in_pieces = {"name", "title", "shown_ref"}
    return SearchResult(
        customers=[CustomerFound(name=one.plain, **one.model_dump(exclude=in_pieces)) for one in found.customers.items],
        more_customers=found.customers.more,
        cases=[CaseFound(title=one.plain, **one.model_dump(exclude=in_pieces)) for one in found.cases.items],
        more_cases=found.cases.next_cursor is not None,
    )
