"""How a task is declared: a stable name, a title managers read, and whether it works inside a transaction.

An **effect** gets the unit of work and the case; whatever it changes is committed together with its journal entry,
so it happens exactly once. A **lookup** asks elsewhere (a registry, a file) with no transaction held; its answer is
journaled, and a crash in between only asks again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, get_type_hints

from pydantic import TypeAdapter

from models.house import House, Work
from models.tables import Case

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class CaseTask(Generic[P, R]):
    """A task of a flow. ``key`` is what the journal remembers it by; ``title`` is translatable."""

    name: str
    title: str
    function: Callable[..., R]
    result: TypeAdapter[R]
    lookup: bool = False
    round: int | str | None = None

    @property
    def key(self) -> str:
        return self.name if self.round is None else f"{self.name}#{self.round}"

    def at(self, turn: int | str) -> CaseTask[P, R]:
        """The same task in another round of the flow."""
        return replace(self, round=turn)

    def named(self, name: str, turn: int | str) -> CaseTask[P, R]:
        """The same task for another purpose, remembered under a name of its own."""
        return replace(self, name=name, round=turn)


def _result_type(function: Callable[..., Any]) -> TypeAdapter[Any]:
    return TypeAdapter(get_type_hints(function)["return"])


def effect(name: str, title: str) -> Callable[[Callable[Concatenate[Work, Case, P], R]], CaseTask[P, R]]:
    """Declare a task that changes the record: ``function(work, case, …) -> result``."""

    def declare(function: Callable[Concatenate[Work, Case, P], R]) -> CaseTask[P, R]:
        return CaseTask(name, title, function, _result_type(function))

    return declare


def lookup(name: str, title: str) -> Callable[[Callable[Concatenate[House, Case, P], R]], CaseTask[P, R]]:
    """Declare a task that only asks: ``function(house, case, …) -> result``, outside any transaction."""

    def declare(function: Callable[Concatenate[House, Case, P], R]) -> CaseTask[P, R]:
        return CaseTask(name, title, function, _result_type(function), lookup=True)

    return declare
