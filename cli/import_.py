"""``clientrisk import``: many applications, or customers there are already, from one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.terminal import opened_house, operator, refusals_told, say, table
from config.problem import Problem
from config.words import Language
from models.operations.application_import import import_applications
from models.operations.csv_rows import FileReport, ImportRefused
from models.operations.customer_import import import_customers
from models.operations.staff import person_named
from models.tables import Case

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Take over many applications or customers at once.")

LARGEST_FILE = 64 * 1024 * 1024


@app.callback()
def imports() -> None:
    """Take over many applications or customers at once."""


@app.command()
def applications(
    file: Annotated[Path, typer.Argument(help="A CSV file, UTF-8 or GBK; its first line names the columns.")],
    handler: Annotated[str, typer.Option(help="The person (id) who handles these applications.")],
) -> None:
    """Open an onboarding review for every row, or for none: each thing that is wrong is told, and the file refused.

    The same file again opens nothing twice. Ends with 1 when it was refused.
    """
    data = read_file(file)
    house = opened_house(adopting_policy=True)
    with refusals_told():
        try:
            with house.work(operator()) as work:
                report = import_applications(work, data, person_named(work, handler))
                titles = {ref: work.session.get_one(Case, ref).title for ref in report.cases}
        except ImportRefused as refusal:
            tell_problems(refusal.report)
            say(f"Nothing was imported: {refusal.report.wrong} problems in {file}.")
            raise typer.Exit(1) from None
    table(("Case", "Customer"), list(titles.items()), title=f"{report.rows} rows of {file.name} ({report.encoding})")
    say("They are taken up as soon as a worker runs.")


@app.command()
def customers(
    file: Annotated[Path, typer.Argument(help="A CSV file, UTF-8 or GBK; its first line names the columns.")],
) -> None:
    """Put customers on record with whom the company trades already, with their opening figures. All rows, or none.

    Columns: customer_type, name, handler (an id); optional identifier, contact, phone, email, industry, prepays,
    risk_level, credit_grade, customer_class, limit (yuan) with term_days, and the policy's figures by their names.
    Whoever is on record already stays as they are. Ends with 1 when the file was refused.
    """
    data = read_file(file)
    house = opened_house(adopting_policy=True)
    with refusals_told():
        try:
            report = import_customers(house, operator(), data)
        except ImportRefused as refusal:
            tell_problems(refusal.report)
            say(f"Nothing was imported: {refusal.report.wrong} problems in {file}.")
            raise typer.Exit(1) from None
    say(
        f"{report.rows} rows of {file.name} ({report.encoding}): {report.new} customers taken over, {report.lines} of "
        f"them with a credit line, {report.repeated} on record already."
    )


def read_file(file: Path) -> bytes:
    """The file's content.

    Raises:
        Problem: it cannot be read, or is larger than any such list.
    """
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise Problem(f"{file} is larger than {LARGEST_FILE // 1024 // 1024} MB: divide it.")
        return file.read_bytes()
    except OSError as error:
        raise Problem(f"{file} cannot be read ({error.strerror}).") from None


def tell_problems(report: FileReport) -> None:
    """What is to be mended, row by row."""
    rows = [(one.row, one.column, one.text(Language.EN)) for one in report.problems]
    table(("Row", "Column", "What is wrong"), rows, right=(0,))
