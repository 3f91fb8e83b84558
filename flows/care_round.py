"""Round of customer care 回访监测巡检 (X, C, B): every business morning, what is due towards customers is begun."""

from __future__ import annotations

from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE

from config.words import CareKind
from flows.routine_flow import routine_flow
from flows.routine_report import report as write_down
from models.installation import installed_house
from models.processes import CARE_ROUND
from tasks.care_round import CareReport, go_round


@routine_flow(CARE_ROUND)
def care_round(only: str = "", anyway: bool = False) -> dict[str, Any]:
    """Begin the visits, monitoring, archive refreshes and festival greetings that are due.

    Started by its schedule every morning at 08:00, or by operations at any time. Nobody acts. ``only`` names the duties
    wanted (monitoring, visit, archive_refresh, greeting; commas between them), all if it is empty: so each may have a
    schedule of its own. On a day off it ends at once and says so, unless told to work anyway. It may be run again, and
    beside itself: a customer has one open turn of a duty, never two.
    """
    report = go_the_round(only, anyway)
    write_down(CARE_ROUND, summary(report), "What the round did, in numbers")
    return report.model_dump(mode="json")


@task(
    name="Go the round",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=3,
    retry_delay_seconds=[1, 10, 60],
)
def go_the_round(only: str, anyway: bool) -> CareReport:
    """What there is to do on the company's today."""
    return go_round(installed_house(), kinds=kinds_named(only), anyway=anyway)


def kinds_named(only: str) -> tuple[CareKind, ...]:
    """The duties that ``only`` names, in the order of the vocabulary.

    Raises:
        ValueError: one of them is not a duty; says which there are.
    """
    named = {one.strip() for one in only.split(",") if one.strip()}
    strange = sorted(named - set(CareKind))
    if strange:
        raise ValueError(f"no such duty: {', '.join(strange)}; there are {', '.join(CareKind)}")
    return tuple(kind for kind in CareKind if not named or kind in named)


def summary(report: CareReport) -> str:
    """The round for managers in Prefect: counts only, nobody's name."""
    if report.day_off:
        return f"{report.on}: not a business day. Nothing was begun."
    rows = {
        "Duties planned for customers who had none": report.planned,
        "Customers monitored by the system, nothing standing out": report.quiet,
        "Cases opened": report.opened,
        "Due, waiting for the next round": report.waiting,
    }
    lines = [f"| {name} | {value:,} |" for name, value in rows.items()]
    return "\n".join([f"Round of customer care on {report.on}", "", "| | |", "|---|---:|", *lines])
