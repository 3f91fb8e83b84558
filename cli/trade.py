"""``clientrisk trade``: may this customer trade now, how much, on what terms, and why."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from cli.terminal import opened_house, refusals_told, say, table
from config.words import Language
from models.errors import Invalid, Problem
from models.queries.ledger import customer_number
from models.queries.trading import known_customer, may_trade
from models.rules.trading import TradingAnswer

app = typer.Typer(add_completion=False, no_args_is_help=True, help="May this customer trade now?")

EN = Language.EN


@app.command()
def trade(
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="K-000123, or a unified social credit code.")],
    amount: Annotated[str, typer.Option(help="Yuan: whether a trade of this size may be made on credit.")] = "",
) -> None:
    """May this customer trade now, how much, on what terms, and why. Ends with 1 if it may not."""
    house = opened_house()
    with refusals_told(), house.read() as session:
        found = known_customer(session, house.keys, customer)
        answer = may_trade(session, house, found.id or 0, house.calendar.day_of(house.clock()), _yuan(amount))
    _told(answer, f"{customer_number(found.id or 0)} {found.name}")
    raise typer.Exit(0 if answer.may else 1)


def _yuan(text: str) -> Decimal | None:
    if not text:
        return None
    try:
        amount = Decimal(text.replace(",", ""))
    except InvalidOperation:
        amount = Decimal(0)
    if not amount.is_finite() or amount <= 0:
        raise Invalid("The amount cannot be used.", [Problem("amount", "An amount in yuan above zero.")])
    return amount


def _told(answer: TradingAnswer, who: str) -> None:
    how = "only against payment before delivery" if answer.prepay else "on credit"
    say(f"{who}: {'may trade, ' + how if answer.may else 'may not trade'}.", "bold")
    rows: list[tuple[str, object]] = [
        ("Credit limit", f"{answer.limit:,.2f}"),
        ("Used", f"{answer.used:,.2f}"),
        ("Available", f"{answer.available:,.2f}"),
        ("Term", f"{answer.term_days} days"),
        ("Security", ", ".join(one.label for one in answer.securities)),
    ]
    table(("Terms", ""), [row for row in rows if row[1]])
    for heading, reasons in (("Because", answer.because), ("On condition", answer.conditions)):
        for reason in reasons:
            say(f"{heading}: {reason.render(EN)}.")
