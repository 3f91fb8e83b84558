"""What belongs to the end of a case, however it came: answered to its end, withdrawn, lapsed or cancelled.

A flow sets its house in order before it closes; but a withdrawal, an expiry or a cancellation ends a case from outside
the flow. What must happen then too is registered here, and done in the unit of work that ends the case.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from models.house import Work
from models.processes import ProcessKind
from models.tables import Case

Ending = Callable[[Work, Case], None]

_ENDINGS: dict[str, list[Ending]] = {}


def at_the_end_of(kind: ProcessKind) -> Callable[[Ending], Ending]:
    """Register what is done when a case of ``kind`` has ended; its outcome is set by then."""

    def register(ending: Ending) -> Ending:
        _ENDINGS.setdefault(kind.name, []).append(ending)
        return ending

    return register


def carry_out_endings(work: Work, case: Case) -> None:
    """Do what belongs to the end of ``case``."""
    _register_all()
    for ending in _ENDINGS.get(case.process, ()):
        ending(work, case)


@cache
def _register_all() -> None:
    """Modules of ``models.endings`` register theirs by being imported."""
    import models.endings

    for module in iter_modules(models.endings.__path__):
        import_module(f"models.endings.{module.name}")
