"""The register of processes: what each is called, how its cases are numbered, and what opens one."""

from __future__ import annotations

from dataclasses import dataclass

from config.languages import N_


@dataclass(frozen=True)
class ProcessKind:
    """One process of the policies. ``name`` is also its Prefect flow's and deployment's name."""

    name: str
    prefix: str
    title: str


ONBOARDING = ProcessKind("onboarding-review", "ONB", N_("Onboarding review"))

PROCESSES: dict[str, ProcessKind] = {kind.name: kind for kind in (ONBOARDING,)}
