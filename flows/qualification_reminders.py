"""Qualification reminders 资质到期提醒 (R, B, X): whose agreement or training ends soon, and who is to see to it."""

from __future__ import annotations

from prefect import task
from prefect.cache_policies import NO_CACHE

from flows.routine_flow import routine_flow
from flows.routine_report import report
from models.installation import installed_house
from models.operations.qualifications import remind_expiring
from models.processes import QUALIFICATION_REMINDERS


@routine_flow(QUALIFICATION_REMINDERS)
def qualification_reminders() -> int:
    """Remind everybody whose confidentiality agreement or reception training ends within the policy's days.

    Started by its schedule on Monday mornings, or by operations at any time. The person and their manager are told
    once of each entry; what has been renewed is not spoken of. Ends with how many entries are about to end.
    """
    ending = remind()
    report(QUALIFICATION_REMINDERS, f"Entries about to end: {ending:,}", "How many were found, nobody by name")
    return ending


@task(
    name="Remind of what is about to end",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=3,
    retry_delay_seconds=[1, 10, 60],
)
def remind() -> int:
    """On the company's today."""
    return remind_expiring(installed_house())
