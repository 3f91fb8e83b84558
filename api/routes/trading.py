"""May this customer trade now, how much, on what terms, and why."""

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from api.caller import house_of
from api.language import language_of
from api.problems import PROBLEM_RESPONSES
from api.routes.parameters import Reader
from api.routes.shapes import Given
from config.words import Language, Security
from models.queries.customer import customer_seen_by
from models.queries.ledger import customer_number
from models.queries.trading import may_trade
from models.rules.trading import TradingAnswer

router = APIRouter(tags=["Customers"], responses=PROBLEM_RESPONSES)

Number = Annotated[str, Path(max_length=32, examples=["K-000123"])]
Amount = Annotated[
    Decimal | None,
    Query(
        gt=0,
        le=Decimal("1000000000000"),
        decimal_places=2,
        description="Yuan: whether a trade of this size may be made.",
    ),
]


class TradingGiven(Given):
    """Whether the customer may trade now. Without `prepay` on credit, up to `available`; with it only against payment
    before delivery. `conditions` bind a trade that may be made; `because` says how the answer came about."""

    customer: str
    name: str
    may_trade: bool
    amount: str | None
    credit_limit: str
    used: str
    available: str
    term_days: int
    prepay: bool
    securities: list[Security]
    conditions: list[str]
    because: list[str]


@router.get("/customers/{number}/trading", summary="May this customer trade")
def may_this_customer_trade(request: Request, caller: Reader, number: Number, amount: Amount = None) -> TradingGiven:
    """Answered from status, lists, measures in force, class, credit line and what is owed, under the running policy.
    `number` is the customer's number or its unified social credit code. Token scope: `read`."""
    house = house_of(request)
    with house.read() as session:
        customer = customer_seen_by(session, house, caller.person, number)
        answer = may_trade(session, house, customer.id or 0, house.calendar.day_of(house.clock()), amount)
    return shaped(answer, customer_number(customer.id or 0), customer.name, amount, language_of(request, caller.person))


def shaped(answer: TradingAnswer, number: str, name: str, amount: Decimal | None, language: Language) -> TradingGiven:
    return TradingGiven(
        customer=number,
        name=name,
        may_trade=answer.may,
        amount=None if amount is None else f"{amount:.2f}",
        credit_limit=f"{answer.limit:.2f}",
        used=f"{answer.used:.2f}",
        available=f"{answer.available:.2f}",
        term_days=answer.term_days,
        prepay=answer.prepay,
        securities=list(answer.securities),
        conditions=[reason.render(language) for reason in answer.conditions],
        because=[reason.render(language) for reason in answer.because],
    )
