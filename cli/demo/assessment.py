"""An assessment of the work (R, B): measured, sampled, one finding put right and verified, signed off."""

from __future__ import annotations

import httpx

from cli.demo.beginning import begins
from cli.demo.stage import Stage
from config.words import Outcome
from models.processes import ASSESSMENT
from models.rules.periods import half_of

AUDITOR, OWNER, MANAGER, MANAGEMENT = "han.xue", "chen.yu", "wu.gang", "zhou.hong"


def play_assessment(stage: Stage) -> str:
    """The half-year that is over; begun by internal audit itself."""
    today = stage.house.calendar.day_of(stage.house.clock())
    period = str(half_of(today).before)
    case = begins(stage, AUDITOR, ASSESSMENT, {"period": period})
    stage.account.scene(f"The work of a half-year · {period}", case)
    finding = {
        "findings.0.what": "二季度接待纪要归档超期",
        "findings.0.department": "risk",
        "findings.0.owner": OWNER,
        "findings.0.due_on": stage.in_days(7),
    }
    told = "looks at the samples and has one thing put right"
    stage.decides(case, AUDITOR, "findings", finding, told=told, then=[OWNER])
    report = {"done_on": stage.today(), "done": "已补归档，并设置归档提醒"}
    stage.decides(case, OWNER, "report", report, told="reports it as put right", then=[AUDITOR])
    stage.decides(case, AUDITOR, "verified", told="verifies it", then=[MANAGER])
    stage.decides(case, MANAGER, "none", told="proposes no awards and no sanctions", then=[MANAGEMENT])
    page = stage.comes_in(MANAGEMENT).open(f"/cases/{case}/assessment")
    stage.account.expect(page.status == httpx.codes.OK, f"the report to open, not {page.status}")
    told = "reads the report and signs it"
    stage.decides(case, MANAGEMENT, "sign-off", told=told, signs_in=True, ends=Outcome.SIGNED_OFF)
    return case
