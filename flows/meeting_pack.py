"""Meeting pack 沟通会议资料 (B): once a month, the coordination meeting about the month that is over."""

from __future__ import annotations

from prefect import task
from prefect.cache_policies import NO_CACHE

from flows.routine_flow import routine_flow
from flows.routine_report import case_link, report
from models.house import SYSTEM
from models.installation import installed_house
from models.operations.meetings import open_meeting
from models.processes import MEETING_PACK
from models.rules.periods import month_of


@routine_flow(MEETING_PACK)
def meeting_pack(period: str = "") -> str:
    """Open the meeting about the last month that is over, or about the ``period`` named (2026-03).

    Started by its schedule on the first day of each month, or by operations at any time. Nobody acts. A month has one
    meeting: run again, it gives the case there is. Ends with the case's reference.
    """
    ref = open_the_meeting(period)
    shown = f"The meeting: {case_link(installed_house().settings.base_url, ref)}"
    report(MEETING_PACK, shown, "The case of the month, opened now or before")
    return ref


@task(
    name="Open the meeting",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=3,
    retry_delay_seconds=[1, 10, 60],
)
def open_the_meeting(period: str) -> str:
    """The case of the month, opened now or before."""
    house = installed_house()
    with house.work(SYSTEM) as work:
        last = month_of(house.calendar.day_of(work.now)).before
        return open_meeting(work, period or str(last)).ref
