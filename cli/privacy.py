"""``clientrisk privacy``: what is kept on one customer, erasing it, consents to share, and what has had its time."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import Session, col, select

from cli.import_ import read_file, tell_problems
from cli.terminal import console, on_clock, opened_house, operator, refusals_told, say, table
from config.problem import Problem
from models.errors import NotFound
from models.house import House
from models.operations.consents import import_consents
from models.operations.csv_rows import ImportRefused
from models.operations.erasure import ask_erasure
from models.operations.retention import erase_what_is_due
from models.queries.ledger import customer_by, customer_number
from models.queries.privacy import everything_on
from models.tables import Customer, Erasure

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Personal data: report, erase, consents.")

Named = Annotated[str, typer.Argument(metavar="CUSTOMER", help="A customer number such as K-000012.")]


@app.callback()
def privacy() -> None:
    """Personal data: report, erase, consents."""


@app.command()
def report(
    customer: Named, to: Annotated[Path, typer.Option(help="The file to write, readable by you alone.")]
) -> None:
    """Write everything kept on one customer into a file, for the person it is about. It is on record."""
    house = opened_house()
    with refusals_told(), house.work(operator()) as work:
        found = _customer(work.session, house, customer)
        told = everything_on(work.session, found)
        work.record("privacy.reported", customer=customer_number(found.id or 0))
    data = json.dumps(told, ensure_ascii=False, indent=1, default=str) + "\n"
    try:
        with open(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(data)
    except OSError as error:
        raise Problem(f"{to} cannot be written: {error.strerror}. It must not be there yet.") from None
    say(f"{to}: everything kept on {customer_number(found.id or 0)}. It is readable: hand it over with care.")


@app.command()
def erase(customer: Named, reason: Annotated[str, typer.Option(help="Who asks for it, and why.")]) -> None:
    """Ask that everything on a customer be erased. Another person confirms it on the customer's privacy page."""
    house = opened_house()
    with refusals_told(), house.work(operator()) as work:
        found = _customer(work.session, house, customer)
        row = ask_erasure(work, found, reason)
        number, page = row.id, f"{house.settings.base_url}/customers/{customer_number(found.id or 0)}/privacy"
    say(f"Request {number} waits for the risk manager or legal: {page}")


@app.command()
def requests() -> None:
    """List the requests for erasure, the newest first."""
    house = opened_house()
    with house.read() as session:
        rows = session.exec(select(Erasure).order_by(col(Erasure.id).desc()).limit(200)).all()
    table(
        ("No.", "Customer", "State", "Asked by", "Asked", "Decided by", "Done", "Values"),
        [
            (
                row.id,
                customer_number(row.customer_id),
                row.state.label,
                row.asked_by,
                on_clock(house, row.asked_at),
                row.decided_by,
                on_clock(house, row.done_at),
                sum(row.counts.values()) or None,
            )
            for row in rows
        ],
        right=(0, 7),
    )


@app.command()
def consents(file: Annotated[Path, typer.Argument(help="A CSV file, UTF-8 or GBK.")]) -> None:
    """Take over a list of consents to share: every row, or none.

    Columns: customer, purpose, recipient, shares (words separated by blanks), given_by, document, since, until.
    """
    data = read_file(file)
    try:
        done = import_consents(opened_house(), operator(), data)
    except ImportRefused as refusal:
        tell_problems(refusal.report)
        say(f"Nothing was imported: {refusal.report.wrong:,} problems in {file}.")
        raise typer.Exit(1) from None
    say(f"{done.rows} rows: {done.new} new, {done.repeated} on the register already.")


@app.command("round")
def go_round() -> None:
    """Erase now what has had its time by policy."""
    house = opened_house()
    with console().status("Erasing what has had its time …"):
        done = erase_what_is_due(house)
    table(("What", "Number"), [(name.replace("_", " "), f"{n:,}") for name, n in done.model_dump().items()], right=(1,))


def _customer(session: Session, house: House, text: str) -> Customer:
    found = customer_by(session, house.keys, text)
    if found is None:
        raise NotFound("There is no customer {number}.", number=text[:40])
    return found
