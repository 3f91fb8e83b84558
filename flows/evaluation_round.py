"""Evaluation round 季度评估启动 (C): once a quarter, the evaluation of the quarter that is over."""

from __future__ import annotations

from typing import Annotated

from prefect import task
from prefect.cache_policies import NO_CACHE
from pydantic import Field

from flows.routine_flow import routine_flow
from flows.routine_report import case_link, report
from models.house import SYSTEM
from models.installation import installed_house
from models.operations.evaluation import open_evaluation
from models.processes import EVALUATION_ROUND
from models.rules.periods import quarter_of

Quarter = Annotated[str, Field(pattern=r"^([0-9]{4}Q[1-4])?$")]
"""A quarter like 2026Q3, or nothing."""


@routine_flow(EVALUATION_ROUND)
def evaluation_round(period: Quarter = "") -> str:
    """Open the evaluation of the last quarter that is over, or of the ``period`` named (2026Q3).

    Started by its schedule on the fifth day of each quarter, or by operations at any time. Nobody acts. A quarter has
    one evaluation: run again, it gives the case there is. Ends with the case's reference.
    """
    ref = open_the_evaluation(period)
    shown = f"The evaluation: {case_link(installed_house().settings.base_url, ref)}"
    report(EVALUATION_ROUND, shown, "The case of the quarter, opened now or before")
    return ref


@task(
    name="Open the evaluation",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=3,
    retry_delay_seconds=[1, 10, 60],
)
def open_the_evaluation(period: str) -> str:
    """The case of the period, opened now or before."""
    house = installed_house()
    with house.work(SYSTEM) as work:
        last = quarter_of(house.calendar.day_of(work.now)).before
        return open_evaluation(work, period or str(last)).ref
