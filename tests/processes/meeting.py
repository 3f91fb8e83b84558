"""Builders for coordination meetings: one about February, called for Thursday, with what it resolves."""

from __future__ import annotations

from datetime import date
from typing import Any

from models.operations.meetings import open_meeting
from tests.processes.conftest import Office
from tests.processes.received import comes

CALL: dict[str, Any] = {
    "meeting_on": "2026-03-12",
    "meeting_at": "14:30",
    "place": "三楼会议室",
    "attendees": [{"person": who} for who in ("qian.wei", "zheng.li", "feng.bo")],
    "agenda": "一、重大案件进展；二、逾期超限客户",
}
RESOLVED: dict[str, Any] = {
    "held_on": "2026-03-12",
    "present": "吴刚、钱伟、郑丽、冯波",
    "discussed": "恒通钢材货款与云龙纸业库存",
    "items": [
        {"what": "与恒通钢材签订还款协议", "owner": "feng.bo", "due_on": "2026-03-20"},
        {"what": "复核云龙纸业库存", "owner": "li.na", "due_on": "2026-03-27"},
    ],
}


def opens(office: Office, period: str = "2026-02") -> str:
    """The schedule opens the meeting; the risk manager is asked for the pack."""
    with office.house.work() as work:
        office.ref = open_meeting(work, period).ref
    office.runner.run_ready()
    return office.ref


def held(office: Office, **changes: Any) -> None:
    """Called, held on Thursday, two resolutions recorded."""
    office.answers("wu.gang", "call", **CALL)
    comes(office, date(2026, 3, 12), 16)
    office.answers("wu.gang", "resolved", **{**RESOLVED, **changes})
