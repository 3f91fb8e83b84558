"""``python -m tests.faults``: disturb the product in every way and print what came of it; 1 if a promise broke."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Annotated

import typer
from rich.console import Console

from tests.faults.campaign import Campaign, undisturbed
from tests.faults.disturbances import DISTURBANCES
from tests.faults.disturbances.plan import Compared, Plan
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
) -> None:
    """Prove what docs/faults.md promises."""
    wanted, databases = only or FAULTS, database or DATABASES
    for given, known in ((wanted, FAULTS), (databases, DATABASES)):
        if unknown := [one for one in given if one not in known]:
            raise typer.BadParameter(f"there is no {', '.join(unknown)}; there are {', '.join(known)}")
    rows: list[Row] = []
    if KILLS in wanted:
        rows += _killed(databases, kills, seed)
    rows += _disturbed([name for name in wanted if name != KILLS], Plan(seconds=seconds, seed=seed))
    console.print(table_of(rows))
    for row in rows:
        for line in row.told():
            console.print(f"[red]{row.fault}[/]: {line}", markup=True, highlight=False)
    raise typer.Exit(0 if all(row.kept for row in rows) else 1)


def _killed(databases: Sequence[str], kills: int, seed: int) -> Iterator[Row]:
    """A campaign on each database; then the longest of the loads undisturbed, to compare them with."""
    with ExitStack() as stack:
        done = []
        for database in databases:
            campaign = Campaign(database, kills, seed)
            try:
                ground = stack.enter_context(running_ground(database))
            except NotHere as reason:
                yield Row(f"kill -9 on {database}", 0, 0, 0, skipped=str(reason))
                continue
            with _told(f"kill -9 on {database}"):
                done.append((campaign, ground, campaign.run(ground)))
            ground.product.supervisor.stop()
        longest = max((campaign.played for campaign, _, _ in done), key=len, default=[])
        with _told("the same, undisturbed"):
            compared = undisturbed(longest) if longest else {}
        yield from (campaign.row(ground, struck, compared) for campaign, ground, struck in done)


def _disturbed(names: Sequence[str], plan: Plan) -> Iterator[Row]:
    if not names:
        return
    compared: Compared = None
    if set(names) - {"mail"}:
        with _told("undisturbed"):
            compared = undisturbed(plan.journeys(), plan.at_once)
    for name in names:
        with _told(name):
            yield _tried(lambda name=name: DISTURBANCES[name](plan, compared), name)  # type: ignore[misc]


def _tried(disturb: Callable[[], Row], name: str) -> Row:
    try:
        return disturb()
    except NotHere as reason:
        return Row(name, 0, 0, 0, skipped=str(reason))
    except Exception as error:  # the others are still to be tried
        return Row(name, 0, 0, 0, problems=[f"{type(error).__name__}: {error}"])


class _told:
    """Says how long it took."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        self._began = time.monotonic()

    def __exit__(self, *_: object) -> None:
        console.print(f"{self._what}: {time.monotonic() - self._began:.0f} s", highlight=False)


if __name__ == "__main__":
    typer.run(run)
