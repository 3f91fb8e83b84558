"""``python -m tests.faults``: disturb the product in every way and print what came of it; 1 if a promise broke."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated

import typer
from rich.console import Console

from tests.faults.campaign import AT_ONCE, killed, undisturbed
from tests.faults.disturbances import DISTURBANCES
from tests.faults.disturbances.plan import Plan
from tests.faults.figures import Row, table_of
from tests.faults.ground import POSTGRESQL, SQLITE, NotHere, running_ground

KILLS = "kills"
FAULTS = (KILLS, *DISTURBANCES)
DATABASES = (SQLITE, POSTGRESQL)
SEED = 20260310
console = Console(width=180, force_terminal=None)


def run(
    only: Annotated[list[str] | None, typer.Argument(help=f"Which: {', '.join(FAULTS)}. All without.")] = None,
    kills: Annotated[int, typer.Option(help="How often something is killed, on each database.", min=1)] = 200,
    seed: Annotated[int, typer.Option(help="Draws moments, victims and the order of the cases.")] = SEED,
    database: Annotated[list[str] | None, typer.Option(help="Kill on sqlite or postgresql; both without.")] = None,
    seconds: Annotated[float, typer.Option(help="How long each other disturbance lasts.", min=4)] = 60.0,
    at_once: Annotated[int, typer.Option(help="How many cases are under way at the same time.", min=1)] = AT_ONCE,
) -> None:
    """Prove what docs/faults.md promises."""
    wanted, databases = only or FAULTS, database or DATABASES
    for given, known in ((wanted, FAULTS), (databases, DATABASES)):
        if unknown := [one for one in given if one not in known]:
            raise typer.BadParameter(f"there is no {', '.join(unknown)}; there are {', '.join(known)}")
    plan = Plan(seconds=seconds, seed=seed, at_once=at_once)
    rows = [*_killed(databases, kills, plan)] if KILLS in wanted else []
    rows += [_tried(name, DISTURBANCES[name], plan) for name in wanted if name != KILLS]
    rows = _compared(rows, at_once)
    console.print(table_of(rows))
    for row in rows:
        for line in row.told():
            console.print(f"{row.fault}: {line}", markup=False, highlight=False)
    raise typer.Exit(0 if all(row.kept for row in rows) else 1)


def _killed(databases: Sequence[str], kills: int, plan: Plan) -> Iterator[Row]:
    for database in databases:

        def campaign(plan: Plan, database: str = database) -> Row:
            with running_ground(database) as ground:
                return killed(ground, database, kills, plan.seed, plan.at_once)

        yield _tried(f"kill -9 on {database}", campaign, plan)


def _tried(name: str, disturb: Callable[[Plan], Row], plan: Plan) -> Row:
    began = time.monotonic()
    try:
        row = disturb(plan)
    except NotHere as reason:
        row = Row(name, 0, 0, 0, skipped=str(reason))
    except Exception as error:  # the others are still to be tried
        row = Row(name, 0, 0, 0, problems=[f"{type(error).__name__}: {error}"])
    console.print(f"{row.fault}: {row.in_a_line} in {time.monotonic() - began:.0f} s", markup=False, highlight=False)
    return row


def _compared(rows: Sequence[Row], at_once: int) -> list[Row]:
    """Every case of these rows is played once more, where nothing is disturbed, and compared."""
    played = {name: journey for row in rows for name, journey in row.played.items()}
    if not played:
        return list(rows)
    began = time.monotonic()
    endings = undisturbed([played[name] for name in sorted(played)], at_once)
    console.print(f"the same {len(played)} cases, undisturbed: {time.monotonic() - began:.0f} s", highlight=False)
    return [row.compared_with(endings) for row in rows]


if __name__ == "__main__":
    typer.run(run)
