"""The registers of processes and routines: what each is called, how cases are numbered, when a routine runs."""

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

PROCESSES: dict[str, ProcessKind] = {
    kind.name: kind for kind in (ONBOARDING, LISTING, RECEPTION, EVALUATION, COLLECTIONS, REPAIR)
}
"""Every process there is. Its flow lies in ``flows/<name>.py`` (underscores for hyphens)."""


@dataclass(frozen=True)
class RoutineKind:
    """Something done again and again for no case of its own. ``name`` is also its Prefect flow's and deployment's name.

    ``cron`` is its first schedule, on the company's clock; operations may change it in Prefect, and that stays.
    """

    name: str
    title: str
    cron: str


# Every day: a make-up working day may be a Saturday or a Sunday. On days off it only says so.
OVERDUE_SCAN = RoutineKind("overdue-scan", N_("Overdue scan"), "30 7 * * *")

# On the fifth day of each quarter, when the last invoices of the one before are in the ledger.
EVALUATION_ROUND = RoutineKind("evaluation-round", N_("Evaluation round"), "0 6 5 1,4,7,10 *")

# On Monday mornings: agreements and trainings end by the calendar, not by the business day.
QUALIFICATION_REMINDERS = RoutineKind("qualification-reminders", N_("Qualification reminders"), "30 8 * * 1")

ROUTINES: dict[str, RoutineKind] = {
    kind.name: kind for kind in (OVERDUE_SCAN, EVALUATION_ROUND, QUALIFICATION_REMINDERS)
}
"""Every routine there is. Its flow lies in ``flows/<name>.py`` (underscores for hyphens)."""
