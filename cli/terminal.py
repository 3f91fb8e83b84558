"""What every command for operators shares: the house it looks into, and how it speaks."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy.exc import DatabaseError

from config.policy import PolicyError, load_policy
from config.problem import Problem
from config.settings import Settings, get_settings
from config.words import ActorKind, Department, Language, Role
from models.audit import Actor
from models.errors import Invalid, Refused
from models.house import House, open_house
from models.installation import store_policy
from models.migrate import current, latest
from models.tables import Person

WIDTH_OF_A_FILE = 160
"""Columns of what is written to a file or a pipe, where there is no terminal to fit."""


def console() -> Console:
    """The terminal. Nothing it is given is read as markup: names of customers contain brackets."""
    width = None if sys.stdout.isatty() else WIDTH_OF_A_FILE
    return Console(markup=False, emoji=False, highlight=False, width=width)


def say(text: str, style: str = "") -> None:
    """One line, or several, on the terminal."""
    console().print(text, style=style or None, soft_wrap=True)


def complain(text: str) -> None:
    """One line on standard error."""
    sys.stderr.write(f"clientrisk: {text}\n")


def table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "", right: Sequence[int] = ()
) -> None:
    """Rows under their columns; those numbered in ``right`` are numbers. Cells may be ``Text`` to be in colour."""
    drawn = Table(header_style="bold")
    for number, name in enumerate(columns):
        drawn.add_column(name, justify="right" if number in right else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(cell if isinstance(cell, Text) else Text("" if cell is None else str(cell)) for cell in row))
    if title:
        say(title, "bold")
    console().print(drawn)


def operator() -> Actor:
    """In whose name a command acts: the program's, with the account it runs under; never in a member of staff's."""
    try:
        account = getpass.getuser()
    except (KeyError, OSError):
        account = "unknown"
    return Actor(ActorKind.PROGRAM, f"command line: {account}"[:80])


def operations() -> Person:
    """What operations may see, as a reader who is on no staff register."""
    return Person(id="command line", name="command line", department=Department.MANAGEMENT, roles=[Role.OPS])


@contextmanager
def refusals_told() -> Iterator[None]:
    """A request that cannot be carried out is told in its own words, and ends the command with 1."""
    try:
        yield
    except Refused as refusal:
        complain(refusal.text(Language.EN))
        for problem in refusal.problems if isinstance(refusal, Invalid) else ():
            complain(f"  {problem.field}: {problem.text(Language.EN)}")
        raise typer.Exit(1) from None


def opened_house(*, adopting_policy: bool = False) -> House:
    """This installation's house, its database at this version. ``adopting_policy`` is for what opens cases.

    Raises:
        Problem: there is no database yet, it is of another version, or the policy has mistakes; says what to do.
    """
    settings = get_settings()
    require_database(settings)
    try:
        house = open_house(settings, load_policy(settings.policy_folder))
        at = current(house.engine)
        if at != latest():
            raise Problem(
                f"The database is at revision {at or 'none'}, this version of clientrisk needs {latest()}. "
                "Run `clientrisk db upgrade`, or use the version the database was made with."
            )
        if adopting_policy:
            store_policy(house)
    except PolicyError as error:
        raise Problem(f"The policy has mistakes:\n{error}") from None
    except DatabaseError as error:
        raise Problem(f"The database cannot be used: {error.orig}. `clientrisk doctor` says more.") from None
    return house


def require_database(settings: Settings) -> None:
    """An SQLite file is not made by looking for it.

    Raises:
        Problem: there is none.
    """
    path = sqlite_file(settings)
    if path is not None and not path.is_file():
        raise Problem(
            f"There is no database yet at {path}. Run `clientrisk up` or `clientrisk db upgrade`, or name the "
            "installation's folder with CLIENTRISK_HOME."
        )


def sqlite_file(settings: Settings) -> Path | None:
    """The database's file; none for PostgreSQL."""
    path = settings.database_url.removeprefix("sqlite:///")
    return None if path == settings.database_url else Path(path)


def on_clock(house: House, at: datetime | None) -> str:
    """An instant on the company's clock, to the minute."""
    return house.calendar.local(at).strftime("%Y-%m-%d %H:%M") if at else ""
