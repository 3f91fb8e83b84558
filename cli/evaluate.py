"""``clientrisk evaluate``: open the evaluation of a quarter, and watch it go on."""

from __future__ import annotations

import time
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from sqlmodel import select

from cli.terminal import console, opened_house, operator, refusals_told, say
from config.words import CaseState, StepState
from models.house import House
from models.operations.evaluation import open_evaluation
from models.queries.evaluation import progress_of
from models.tables import Case, Step
from models.tables import Progress as Kept

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Evaluate the portfolio.")

EVERY = 0.3
PATIENCE = 20.0
"""Seconds after which a case that nobody carries is said to wait for a worker."""


@app.command()
def evaluate(
    period: Annotated[str, typer.Argument(help="A quarter that is over, such as 2026Q3.")],
    watch: Annotated[
        bool, typer.Option("--watch", help="Stay, and show how far it is, until people are asked.")
    ] = False,
) -> None:
    """Open the evaluation of a quarter, or name the one there is. A worker carries it.

    With --watch it may be left at any time (Ctrl-C): the evaluation goes on.
    """
    house = opened_house(adopting_policy=True)
    with refusals_told(), house.work(operator()) as work:
        before = work.now
        case = open_evaluation(work, period, origin="command")
        ref, again = case.ref, case.opened_at != before
    say(f"{ref}: the evaluation of {case.title} " + ("there is." if again else "is opened."))
    if watch:
        try:
            follow(house, ref)
        except KeyboardInterrupt:
            say(f"{ref} goes on without being watched.")
            raise typer.Exit(0) from None
    say(_where(house, ref))


def follow(house: House, ref: str) -> None:
    """Show how far ``ref`` is until it has asked somebody, ended or failed."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    began, told = time.monotonic(), False
    with Progress(*columns, console=console()) as shown:
        bar = shown.add_task("Waiting for a worker", total=None)
        while not _at_rest(house, ref):
            with house.read() as session:
                how_far, kept = progress_of(session, ref), session.get(Kept, ref)
            if how_far is not None:
                shown.update(bar, description=how_far.what, completed=how_far.done, total=how_far.total)
            elif kept is not None:
                shown.update(bar, description=kept.what, completed=kept.done, total=kept.total)
            elif not told and time.monotonic() - began > PATIENCE:
                shown.console.print("No worker has taken it up yet. `clientrisk up` or `clientrisk worker` starts one.")
                told = True
            time.sleep(EVERY)
        with house.read() as session:
            kept = session.get(Kept, ref)
        if kept is not None:
            shown.update(bar, description=kept.what, completed=kept.done, total=kept.total)


def _at_rest(house: House, ref: str) -> bool:
    with house.read() as session:
        case = session.get_one(Case, ref)
        asked = session.exec(select(Step.id).where(Step.case_ref == ref, Step.state == StepState.OPEN)).first()
    return case.state is not CaseState.RUNNING or asked is not None


def _where(house: House, ref: str) -> str:
    with house.read() as session:
        case = session.get_one(Case, ref)
        titles = session.exec(select(Step.title).where(Step.case_ref == ref, Step.state == StepState.OPEN)).all()
    if case.state is CaseState.CLOSED and case.outcome is not None:
        return f"{ref} has ended: {case.outcome.label}."
    if case.state is CaseState.FAILED:
        return f"{ref} stopped on an error: `clientrisk cases show {ref}` says which."
    if titles:
        return f"{ref} waits at: {', '.join(titles)}. {house.settings.base_url}/cases/{ref}"
    return f"{ref} is taken up as soon as a worker looks at it; --watch shows how far it is."
