"""Customer care (X, C, B): a visit out of turn shows a risk, and the risk officer looks at the customer at once."""

from __future__ import annotations

from cli.demo.beginning import begins, tries_to_begin
from cli.demo.stage import Stage
from config.words import Outcome
from models.processes import CARE

CUSTOMER = "徐州大湖煤炭运销有限公司"
HANDLER, RISK = "sun.tao", ("chen.yu", "liu.yang")


def play_care(stage: Stage) -> str:
    """Begun by hand, recorded by the handler, weighed by a risk officer in the same case."""
    asked = {"customer": CUSTOMER, "kind": "visit", "reason": "新任总经理到任"}
    case = begins(stage, HANDLER, CARE, asked)
    stage.account.scene(f"A visit shows a risk · {CUSTOMER}", case)
    again = tries_to_begin(stage, HANDLER, CARE, asked)
    stage.account.expect(case in again.text, f"a second visit to be refused, naming {case}, not: {again.text[:300]}")
    stage.account.line("The same visit once more is refused: one turn of a duty at a time")
    visit = {
        "visited_on": stage.today(),
        "met": "总经理 岳明",
        "place": "大湖堆场",
        "findings": "堆场库存明显下降，两台装载机已出租。",
        "promises": "月底前结清到期货款",
        "satisfaction": "4",
        "concern": "true",
    }
    stage.decides(case, HANDLER, "record", visit, told="files the visit record: a risk shows", then=RISK)
    found = {"payments": "库存与设备减少，回款依赖月底承诺", "other": "两周内复核堆场"}
    stage.decides(case, RISK[0], "findings", found, told="files what monitoring found", ends=Outcome.DONE)
    return case
