"""Assessment round 考核启动 (R, B): twice a year, the assessment of the half-year that is over."""

from __future__ import annotations

from prefect import task
from prefect.cache_policies import NO_CACHE

from flows.routine_flow import routine_flow
from flows.routine_report import case_link, report
from models.house import SYSTEM
from models.installation import installed_house
from models.operations.assessments import open_assessment
from models.processes import ASSESSMENT_ROUND
from models.rules.periods import half_of


@routine_flow(ASSESSMENT_ROUND)
def assessment_round(period: str = "") -> str:
    """Open the assessment of the last half-year that is over, or of the ``period`` named (2026H1).

    Started by its schedule on the tenth day of each half-year, or by operations at any time. Nobody acts. A half-year
    has one assessment: run again, it gives the case there is. Ends with the case's reference.
    """
    ref = open_the_assessment(period)
    shown = f"The assessment: {case_link(installed_house().settings.base_url, ref)}"
    report(ASSESSMENT_ROUND, shown, "The case of the half-year, opened now or before")
    return ref


@task(
    name="Open the assessment",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=3,
    retry_delay_seconds=[1, 10, 60],
)
def open_the_assessment(period: str) -> str:
    """The case of the half-year, opened now or before."""
    house = installed_house()
    with house.work(SYSTEM) as work:
        last = half_of(house.calendar.day_of(work.now)).before
        return open_assessment(work, period or str(last)).ref
