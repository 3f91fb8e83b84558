"""What opens a case by hand: a form for each process, whoever may fill it in, and the operation behind it.

Pages and the JSON API offer what is registered here; nothing about a process is written down twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from sqlmodel import Session

from config.words import Role
from models.forms.base import StepForm
from models.house import Work
from models.processes import ProcessKind
from models.rights import RULES, Right, holds
from models.tables import Case, Person

Opener = Callable[[Work, Any, Person, str], Case]
"""``opener(work, form, by, request_key)``: the case it opened, or the one that the same key opened before."""


def nothing_more(_session: Session) -> Mapping[str, Any]:
    """A form that needs nothing to be known beforehand."""
    return {}


@dataclass(frozen=True)
class Start:
    """One way to begin a process.

    ``intro`` says in one sentence what will happen. ``content`` gives the form what it offers to choose from, by block
    name, as a step's content does.
    """

    kind: ProcessKind
    intro: str
    form: type[StepForm]
    opener: Opener
    right: Right
    content: Callable[[Session], Mapping[str, Any]] = field(default=nothing_more)

    @property
    def roles(self) -> frozenset[Role]:
        """Whose roles may begin it."""
        return RULES[self.right].roles

    def open_to(self, person: Person) -> bool:
        """Whether this person may begin it."""
        return holds(person, self.right)


_STARTS: dict[str, Start] = {}


def startable(start: Start) -> Start:
    """Register a way to begin a process."""
    _STARTS[start.kind.name] = start
    return start


def starts() -> Mapping[str, Start]:
    """Every way to begin, by the process's name."""
    _register_all()
    return _STARTS


@cache
def _register_all() -> None:
    """Modules of ``models.starts`` register what they open by being imported."""
    import models.starts

    for module in iter_modules(models.starts.__path__):
        import_module(f"models.starts.{module.name}")
