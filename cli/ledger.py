"""``clientrisk ledger``: invoices and payments from files, one account, the overdue scan."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from cli.import_ import read_file, tell_problems
from cli.terminal import console, opened_house, operator, refusals_told, say, table
from models.errors import NotFound
from models.house import House
from models.operations.csv_rows import ImportRefused
from models.operations.ledger_import import LedgerReport, import_invoices, import_payments
from models.queries.ledger import ageing, customer_by
from models.queries.ledger_lists import InvoiceLine, account

app = typer.Typer(add_completion=False, no_args_is_help=True, help="The receivables ledger.")

File = Annotated[Path, typer.Argument(help="A CSV file, UTF-8 or GBK; its first line names the columns.")]
Tell = Callable[[int], None]


@app.command("import-invoices")
def invoices(file: File) -> None:
    """Enter every invoice of a file, or none. The same file again changes nothing. Ends with 1 when it was refused.

    Columns: number, customer, amount, currency, issued_on, due_on.
    """
    report = _taken(file, lambda house, data, tell: import_invoices(house, operator(), data, tell=tell))
    say(f"{report.new:,} invoices entered, {report.repeated:,} known already ({report.encoding}).")


@app.command("import-payments")
def payments(file: File) -> None:
    """Enter every payment of a file and settle what it settles, or none. The same file again changes nothing.

    Columns: reference, customer, amount, currency, received_on, invoices (several separated by ;), note.
    """
    report = _taken(file, lambda house, data, tell: import_payments(house, operator(), data, tell=tell))
    say(f"{report.new:,} payments entered, {report.repeated:,} known already ({report.encoding}).")
    if report.new:
        say(f"{report.settled:,.2f} yuan settled, {report.credit:,.2f} kept as credit; {report.woken} cases told.")


@app.command()
def show(
    customer: Annotated[str | None, typer.Argument(help="A customer's number (K-000123) or credit code.")] = None,
) -> None:
    """What is owed by age; of one customer also the invoices and payments. The look is put on record."""
    house = opened_house()
    with refusals_told(), house.work(operator()) as work:
        today = house.calendar.day_of(work.now)
        found = customer_by(work.session, house.keys, customer) if customer else None
        if customer and found is None:
            raise NotFound("There is no customer {customer}.", customer=customer[:40])
        bands = ageing(work.session, today, found.id if found else None)
        view = account(work.session, found, today) if found else None
        if view:
            work.record("account.looked", customer=view.customer)
    rows = [(band.age.label, f"{band.amount:,.2f}", f"{band.invoices:,}") for band in bands]
    title = f"{view.customer} {view.name}" if view else f"All customers, {today}"
    table(("Age", "Outstanding (yuan)", "Invoices"), rows, title=title, right=(1, 2))
    if view is None:
        return
    say(f"Overdue and undisputed: {view.overdue:,.2f}. Credit: {view.credit:,.2f}.")
    lines = [
        (one.number, one.issued_on, one.due_on, f"{one.amount:,.2f}", f"{one.outstanding:,.2f}", _state(one))
        for one in view.invoices
    ]
    table(("Invoice", "Issued", "Due", "Amount", "Outstanding", "State"), lines, right=(3, 4))
    paid = [
        (
            one.reference,
            one.received_on,
            f"{one.amount:,.2f}",
            ", ".join(f"{number} {amount:,.2f}" for number, amount in one.settled),
            f"{one.unallocated:,.2f}",
        )
        for one in view.payments
    ]
    if paid:
        table(("Payment", "Received", "Amount", "Settled", "Credit"), paid, right=(2, 4))


@app.command()
def scan(
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; today if not given.")] = None,
    anyway: Annotated[bool, typer.Option("--anyway", help="On a day off, too.")] = False,
) -> None:
    """Open a collections case for every customer who owes overdue money and has none. Safe to repeat."""
    from tasks.overdue_scan import scan_overdue

    house = opened_house(adopting_policy=True)
    with refusals_told(), _bar("cases") as (begin, advance):

        def tell(done: int, total: int) -> None:
            begin(total)
            advance(done)

        report = scan_overdue(house, on.date() if on else None, anyway=anyway, tell=tell)
    if report.day_off:
        say(f"{report.on} is not a business day; --anyway scans all the same.")
        return
    say(f"{report.customers:,} customers owe {report.overdue:,.2f} yuan overdue on {report.invoices:,} invoices.")
    say(f"{report.opened:,} collections cases opened, {report.under_way:,} under way already.")


def _taken(file: Path, take: Callable[[House, bytes, Tell], LedgerReport]) -> LedgerReport:
    data = read_file(file)
    house = opened_house()
    with refusals_told(), _bar("rows") as (begin, advance):
        begin(max(0, data.count(b"\n") - 1))
        try:
            return take(house, data, advance)
        except ImportRefused as refusal:
            refused = refusal.report
    tell_problems(refused)
    if refused.wrong > len(refused.problems):
        say(f"… and {refused.wrong - len(refused.problems):,} more.")
    say(f"Nothing was imported: {refused.wrong:,} problems in {file}.")
    raise typer.Exit(1)


@contextmanager
def _bar(what: str) -> Iterator[tuple[Callable[[int], None], Tell]]:
    """A progress bar on a terminal: how many there are, and how many are done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console(), transient=True) as progress:
        bar = progress.add_task(what, total=None)
        yield (lambda total: progress.update(bar, total=total)), (lambda done: progress.update(bar, completed=done))


def _state(one: InvoiceLine) -> str:
    if one.disputed:
        return "disputed"
    if one.open:
        return f"{one.days_overdue} days overdue" if one.days_overdue else "open"
    return f"written off {one.written_off:,.2f}" if one.written_off else f"paid {one.settled_on}"
