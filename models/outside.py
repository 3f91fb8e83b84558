"""What somebody outside the company may do through a link: one purpose each, with its form and what takes it over.

An outsider sees what the purpose shows, and nothing else; the one-time code says that the link is in the right hands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from sqlmodel import Session

from models.forms.base import StepForm
from models.house import Work
from models.tables import OutsideLink, OutsideParty

Shows = Callable[[Session, OutsideLink], Mapping[str, Any]]
"""What the page shows besides the form, by block name."""
Takes = Callable[[Work, OutsideLink, OutsideParty, Any], None]
"""Takes over what was filled in, in the unit of work that uses the link up."""


@dataclass(frozen=True)
class Purpose:
    """One thing that a link to the outside opens. ``title``, ``intro`` and ``done`` are translatable.

    ``needs_code``: a one-time code is asked for before the form is taken. ``valid_days``: how long the link opens.
    """

    name: str
    title: str
    intro: str
    done: str
    form: type[StepForm]
    shows: Shows
    takes: Takes
    needs_code: bool = True
    valid_days: int = 14


_PURPOSES: dict[str, Purpose] = {}


def outside_purpose(purpose: Purpose) -> Purpose:
    """Register a purpose."""
    _PURPOSES[purpose.name] = purpose
    return purpose


def purposes() -> Mapping[str, Purpose]:
    """Every purpose by its name."""
    _register_all()
    return _PURPOSES


@cache
def _register_all() -> None:
    """Modules of ``models.purposes`` register theirs by being imported."""
    import models.purposes

    for module in iter_modules(models.purposes.__path__):
        import_module(f"models.purposes.{module.name}")
