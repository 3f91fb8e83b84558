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
CARE = ProcessKind("customer-care", "CAR", N_("Customer care"))
MEETING = ProcessKind("coordination-meeting", "MTG", N_("Coordination meeting"))
ASSESSMENT = ProcessKind("work-assessment", "ASM", N_("Assessment of the work"))

PROCESSES: dict[str, ProcessKind] = {
    kind.name: kind
    for kind in (ONBOARDING, LISTING, RECEPTION, EVALUATION, COLLECTIONS, REPAIR, CARE, MEETING, ASSESSMENT)
}
"""Every process there is. Its flow lies in ``flows/<name>.py`` (underscores for hyphens)."""


@dataclass(frozen=True)
class RoutineKind:
    """Something done again and again for no case of its own. ``name`` is also its Prefect flow's and deployment's name.

    ``cron`` is its first schedule, on the company's clock; operations may change it, and that stays. ``about`` says
    what it does, ``asks`` what each parameter of its flow is called.
    """

    name: str
    title: str
    cron: str
    about: str = ""
    asks: tuple[tuple[str, str], ...] = ()


# Every day: a make-up working day may be a Saturday or a Sunday. On days off it only says so.
OVERDUE_SCAN = RoutineKind(
    "overdue-scan",
    N_("Overdue scan"),
    "30 7 * * *",
    N_("Opens a collections case for every customer who owes overdue money and has none. Does nothing on days off."),
    (("anyway", N_("Scan even on a day off")),),
)

# On the fifth day of each quarter, when the last invoices of the one before are in the ledger.
EVALUATION_ROUND = RoutineKind(
    "evaluation-round",
    N_("Evaluation round"),
    "0 6 5 1,4,7,10 *",
    N_("Opens the quarterly evaluation of the quarter that is over. A quarter has one, however often this runs."),
    (("period", N_("Quarter, like 2026Q3; empty for the last one that is over")),),
)

# On Monday mornings: agreements and trainings end by the calendar, not by the business day.
QUALIFICATION_REMINDERS = RoutineKind(
    "qualification-reminders",
    N_("Qualification reminders"),
    "30 8 * * 1",
    N_("Reminds people, and their managers, of agreements and trainings that are about to end."),
)

# Every day, after the overdue scan: monitoring shows what the scan has found.
CARE_ROUND = RoutineKind(
    "care-round",
    N_("Round of customer care"),
    "0 8 * * *",
    N_("Begins visits, monitoring, archive refreshes and festival greetings that are due. Does nothing on days off."),
    (
        ("only", N_("Only these duties: monitoring, visit, archive_refresh, greeting; commas between them")),
        ("anyway", N_("Even on a day off")),
    ),
)

# On the first day of each month, for the month that is over.
MEETING_PACK = RoutineKind(
    "meeting-pack",
    N_("Meeting pack"),
    "0 6 1 * *",
    N_("Opens the coordination meeting about the month that is over. A month has one, however often this runs."),
    (("period", N_("Month, like 2026-03; empty for the last one that is over")),),
)

# On the tenth day of each half-year, when the evaluation of its last quarter is under way.
ASSESSMENT_ROUND = RoutineKind(
    "assessment-round",
    N_("Assessment round"),
    "0 6 10 1,7 *",
    N_("Opens the assessment of the work of the half-year that is over. A half-year has one, however often this runs."),
    (("period", N_("Half-year, like 2026H1; empty for the last one that is over")),),
)

# Every night, when nobody is at work: what has had its time is erased, and consents about to end are spoken of.
PRIVACY_ROUND = RoutineKind(
    "privacy-round",
    N_("Privacy round"),
    "30 2 * * *",
    N_("Erases personal data whose time is over by policy, and reminds of consents that are about to end."),
)

ROUTINES: dict[str, RoutineKind] = {
    kind.name: kind
    for kind in (
        OVERDUE_SCAN,
        EVALUATION_ROUND,
        QUALIFICATION_REMINDERS,
        CARE_ROUND,
        MEETING_PACK,
        ASSESSMENT_ROUND,
        PRIVACY_ROUND,
    )
}
"""Every routine there is. Its flow lies in ``flows/<name>.py`` (underscores for hyphens)."""
