"""Privacy round 个人信息保护 (+): every night, what has had its time by policy is erased."""

from __future__ import annotations

from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE

from flows.routine_flow import routine_flow
from flows.routine_report import report as write_down
from flows.routine_report import table
from models.installation import installed_house
from models.operations.consents import remind_ending
from models.operations.retention import Erased, erase_what_is_due
from models.processes import PRIVACY_ROUND


@routine_flow(PRIVACY_ROUND)
def privacy_round() -> dict[str, Any]:
    """Erase personal data whose time is over, carry on erasures that were broken off, remind of consents that end.

    Started by its schedule every night at 02:30, or by operations at any time. Nobody acts. How long what is kept is
    the policy's (privacy.yaml); a legal hold on a customer stops it. It may be run again, and beside itself: what is
    erased is erased once.
    """
    report = erase()
    ending = remind()
    write_down(PRIVACY_ROUND, summary(report, ending), "What the round erased, in numbers")
    return {**report.model_dump(), "consents": ending}


@task(
    name="Erase what has had its time",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=3,
    retry_delay_seconds=[1, 10, 60],
)
def erase() -> Erased:
    """What is due now."""
    return erase_what_is_due(installed_house())


@task(
    name="Remind of consents about to end",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=3,
    retry_delay_seconds=[1, 10, 60],
)
def remind() -> int:
    """On the company's today."""
    return remind_ending(installed_house())


def summary(report: Erased, ending: int) -> str:
    """The round for managers in Prefect: counts only, nobody's name."""
    rows = {
        "Requests carried out": report.requests,
        "Applicants erased": report.applicants,
        "Cases erased": report.cases,
        "Files deleted": report.files,
        "Looks deleted": report.looks,
        "Messages deleted": report.messages,
        "Ways in deleted": report.ways_in,
        "Cases waiting for the next round": report.waiting,
        "Cases under a legal hold": report.held,
        "Consents about to end": ending,
    }
    return table("Privacy round", rows)
