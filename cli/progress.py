"""How far long work has come, on the terminal; where there is none, nothing is drawn."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar for ``total`` things; what is given is called with how many are done."""
    with bars() as told:
        yield lambda done: told(what, done, total)


@contextmanager
def bars() -> Iterator[Callable[[str, int, int], None]]:
    """A bar for each stretch of the work; called with its name, how much is done, and of how much."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True, markup=False), disable=not sys.stderr.isatty()) as drawn:
        shown: dict[str, int] = {}

        def told(what: str, done: int, total: int) -> None:
            if what not in shown:
                shown[what] = int(drawn.add_task(what, total=total))
            drawn.update(shown[what], completed=done, total=total)  # type: ignore[arg-type]

        yield told
