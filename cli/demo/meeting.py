"""A coordination meeting (B): the pack, the call, a resolution, and its owner on the day."""

from __future__ import annotations

import httpx

from cli.demo.beginning import begins
from cli.demo.days import lets_the_day_come
from cli.demo.stage import Stage
from config.words import Outcome
from models.processes import MEETING
from models.rules.periods import month_of

OPERATIONS, MANAGER, OWNER = "xu.ming", "wu.gang", "zheng.li"


def play_meeting(stage: Stage) -> str:
    """Begun by operations for the month that is over; asked for again, it is the same case."""
    today = stage.house.calendar.day_of(stage.house.clock())
    period = str(month_of(today).before)
    case = begins(stage, OPERATIONS, MEETING, {"period": period})
    stage.account.scene(f"The departments meet · {period}", case)
    stage.account.expect(begins(stage, OPERATIONS, MEETING, {"period": period}) == case, "a month to have one meeting")
    call = {
        "meeting_on": stage.today(),
        "meeting_at": "00:01",
        "place": "三楼会议室",
        "attendees.0.person": OWNER,
        "attendees.1.person": "feng.bo",
        "agenda": "重大案件、逾期超限客户、上月决议",
    }
    stage.decides(case, MANAGER, "call", call, told="reads the pack and calls the meeting", then=[MANAGER])
    pack = stage.comes_in(MANAGER).open(f"/cases/{case}/pack")
    stage.account.expect(pack.status == httpx.codes.OK, f"the pack to open, not {pack.status}")
    held = {
        "held_on": stage.today(),
        "present": "吴刚、郑丽、冯波",
        "items.0.what": "逐户核对逾期超限客户的对账单",
        "items.0.owner": OWNER,
        "items.0.due_on": stage.in_days(1),
    }
    stage.decides(case, MANAGER, "resolved", held, told="records the resolution", onward="its day is waited for")
    lets_the_day_come(stage, case, then=[OWNER])
    done = {"done_on": stage.today(), "result": "已核对并发送对账单"}
    stage.decides(case, OWNER, "done", done, told="has done it, and says so", ends=Outcome.DONE)
    return case
