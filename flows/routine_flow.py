"""``@routine_flow``: something done again and again, for no case of its own, as an ordinary scheduled Prefect flow.

A routine is safe to run twice, at any time and beside itself: one whose worker died is simply run again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from inspect import getdoc
from typing import Any, ParamSpec, TypeVar

from prefect import Flow, flow
from prefect.runtime import flow_run
from prefect.utilities.callables import parameter_schema

from models.installation import installed_house
from models.processes import ROUTINES, RoutineKind

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class RoutineFlow:
    """A routine as the product runs it. ``entrypoint`` is where any Prefect worker finds its flow."""

    kind: RoutineKind
    flow: Flow[..., Any]
    entrypoint: str

    def flow_schema(self) -> dict[str, Any]:
        """The parameters as Prefect's pages ask for them."""
        return parameter_schema(self.flow).model_dump_for_openapi()


REGISTER: dict[str, RoutineFlow] = {}


def routine_named(name: str) -> RoutineFlow:
    """The routine called ``name``; its flow lies in the module named after it, and registers itself.

    Raises:
        KeyError: there is none.
    """
    if name not in REGISTER and name in ROUTINES:
        import_module(f"flows.{name.replace('-', '_')}")
    return REGISTER[name]


def routine_flow(kind: RoutineKind) -> Callable[[Callable[P, R]], Flow[P, R]]:
    """Make a function the Prefect flow of ``kind``. Its parameters are asked for in Prefect's pages."""

    def declare(body: Callable[P, R]) -> Flow[P, R]:
        prefect_flow = flow(
            name=kind.name, flow_run_name=_named_by_day, description=getdoc(body), persist_result=False
        )(body)
        REGISTER[kind.name] = RoutineFlow(kind, prefect_flow, f"{body.__module__}.{body.__name__}")
        return prefect_flow

    return declare


def _named_by_day() -> str:
    """What a run of a routine is called in Prefect: what it is, and the company's day and hour."""
    house = installed_house()
    return f"{flow_run.flow_name} {house.calendar.local(house.clock()):%Y-%m-%d %H:%M}"
