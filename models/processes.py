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

RECEPTION = ProcessKind("risk-reception", "RCP", N_("Risk-client reception"))
COLLECTIONS = ProcessKind("collections-escalation", "COL", N_("Collections"))
EVALUATION = ProcessKind("quarterly-evaluation", "EVA", N_("Quarterly evaluation"))
REPAIR = ProcessKind("credit-repair", "REP", N_("Credit repair"))
LISTING = ProcessKind("listing-decision", "LST", N_("Listing decision"))

PROCESSES: dict[str, ProcessKind] = {kind.name: kind for kind in (ONBOARDING,)}
"""Every process there is. Its flow lies in ``flows/<name>.py`` (underscores for hyphens)."""
