"""``@case_flow``: a process function becomes a Prefect flow and an entry in the register."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from inspect import getdoc
from typing import Any

from prefect import Flow, flow
from prefect.utilities.callables import parameter_schema

from config.words import Outcome
from flows.case_run import CaseRun
from models.processes import PROCESSES, ProcessKind

Story = Callable[[CaseRun], Outcome]


@dataclass(frozen=True)
class Process:
    """A process as the product runs it. ``entrypoint`` is where any Prefect worker finds its flow."""

    kind: ProcessKind
    story: Story
    flow: Flow[[str], str]

    @property
    def entrypoint(self) -> str:
        return f"{self.story.__module__}.{self.story.__name__}"

    def flow_schema(self) -> dict[str, Any]:
        """The parameters as Prefect's pages ask for them."""
        return parameter_schema(self.flow).model_dump_for_openapi()


REGISTER: dict[str, Process] = {}


def process_named(name: str) -> Process:
    """The process called ``name``; its flow lies in the module named after it, and registers itself.

    Raises:
        KeyError: there is none.
    """
    if name not in REGISTER and name in PROCESSES:
        import_module(f"flows.{name.replace('-', '_')}")
    return REGISTER[name]


def case_flow(kind: ProcessKind) -> Callable[[Story], Flow[[str], str]]:
    """Make ``story`` the Prefect flow of ``kind``. It takes the case's reference and returns the outcome's value.

    Flow-level retries stay off: they do not go together with suspending.
    """

    def declare(story: Story) -> Flow[[str], str]:
        def carry(case_ref: str) -> str:
            from flows.prefect_driver import carry_case

            return carry_case(story, case_ref).value

        carry.__name__, carry.__qualname__, carry.__module__ = story.__name__, story.__qualname__, story.__module__
        carry.__doc__ = getdoc(story)
        prefect_flow = flow(
            name=kind.name,
            flow_run_name="{case_ref}",
            description=getdoc(story),
            persist_result=False,
            validate_parameters=False,
        )(carry)
        REGISTER[kind.name] = Process(kind, story, prefect_flow)
        return prefect_flow

    return declare
