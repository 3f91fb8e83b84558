"""How the events of all processes are told: each module here adds its own ``TELLERS``."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from models.queries.telling import TELLERS, Teller


@cache
def tellers() -> dict[str, Teller]:
    """Every event's teller by the event's name."""
    found = dict(TELLERS)
    for module in iter_modules(__path__):
        found |= import_module(f"{__name__}.{module.name}").TELLERS
    return found
