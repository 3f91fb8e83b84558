"""``python -m bench``: measure, print each figure with its target, end with 1 if one is missed."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bench import (
    burst,
    crowd,
    evaluation,
    growth,
    idle,
    keeping,
    ledger,
    many_open,
    next_step,
    pages,
    scaling,
    side_by_side,
    sustained,
    trading,
)
from bench.figures import Figure
from cli.product import running_product
from config.settings import Settings

Measure = Callable[[Path, bool], Iterator[Figure]]


def _next_step(home: Path, quick: bool) -> Iterator[Figure]:
    with running_product(Settings(home=home)) as product:
        yield from next_step.measure(product, quick)


def _burst(home: Path, quick: bool) -> Iterator[Figure]:
    with running_product(Settings(home=home)) as product:
        yield from burst.measure(product, quick)


BENCHES: dict[str, Measure] = {
    "next-step": _next_step,
    "many-open": lambda home, quick: iter(many_open.measure(home, quick)),
    "burst": _burst,
    "idle": lambda home, quick: iter(idle.measure(home, quick)),
    "ledger": lambda home, quick: iter(ledger.measure(home, quick)),
    "trading": lambda home, quick: iter(trading.measure(home, quick)),
    "evaluation": lambda home, quick: iter(evaluation.measure(home, quick)),
    "crowd": lambda home, quick: iter(crowd.measure(home, quick)),
    "growth": lambda home, quick: iter(growth.measure(home, quick)),
    "sustained": lambda home, quick: iter(sustained.measure(home, quick)),
    "scaling": lambda home, quick: iter(scaling.measure(home, quick)),
    "side-by-side": lambda home, quick: iter(side_by_side.measure(home, quick)),
    "pages": lambda home, quick: iter(pages.measure(home, quick)),
    "keeping": lambda home, quick: iter(keeping.measure(home, quick)),
}


def run(
    only: Annotated[list[str] | None, typer.Argument(help=f"Which: {', '.join(BENCHES)}. All without.")] = None,
    quick: Annotated[bool, typer.Option(help="Fewer samples and a smaller database: an indication, no proof.")] = False,
) -> None:
    """Measure what the product must reach."""
    unknown = set(only or ()) - set(BENCHES)
    if unknown:
        raise typer.BadParameter(f"there is no bench {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is stopped then, too
    os.environ.setdefault("CLIENTRISK_RATE_LIMIT_PER_MINUTE", "0")  # what one caller may ask for is not measured here
    console = Console()
    figures: list[Figure] = []
    for name in only or BENCHES:
        with console.status(f"measuring {name} …"), tempfile.TemporaryDirectory(prefix="clientrisk-bench-") as home:
            figures += BENCHES[name](Path(home), quick)
    console.print(_table(figures))
    missed = [figure for figure in figures if not figure.reached]
    console.print(f"{len(figures) - len(missed)} figures in order, {len(missed)} missed.")
    raise typer.Exit(1 if missed else 0)


def _table(figures: list[Figure]) -> Table:
    table = Table("figure", "measured", "target", "")
    for figure in figures:
        colour = "green" if figure.reached else "red"
        table.add_row(
            figure.name, f"{figure.measured:.3g} {figure.unit}", figure.target, f"[{colour}]{figure.verdict}[/]"
        )
    return table


if __name__ == "__main__":
    typer.run(run)
