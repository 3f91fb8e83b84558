"""A listing decision (B): from a nomination to the black list, and what it changes."""

from __future__ import annotations

from cli.demo.beginning import begins, tries_to_begin
from cli.demo.money import tell_trading
from cli.demo.stage import Stage
from config.words import Outcome
from models.processes import LISTING

CUSTOMER, CODE = "徐州永利金属材料商行", "91320311MA22B6J9KW"
HANDLER, RISK, MANAGER, LEGAL = "sun.tao", ("chen.yu", "liu.yang"), "wu.gang", ("feng.bo", "shen.yan")
NOMINATION = {
    "customer": CUSTOMER,
    "kind": "grey",
    "criterion": "fraud",
    "reason": "提供的仓储合同与仓库方核对不一致，涉嫌虚构库存。",
    "evidence.0.what": "仓库方书面复函：无此库存",
    "evidence.0.reference": "ZJ-2026-031",
}


def play_listing(stage: Stage) -> str:
    """Named for the grey list; risk proposes the black one, risk and legal list the customer; it may not trade now."""
    account = stage.account
    before = tell_trading(stage, CODE, "before")
    account.expect(before["may_trade"], f"{CUSTOMER} to be free to trade before")
    case = begins(stage, HANDLER, LISTING, NOMINATION)
    account.scene(f"Nominated, weighed, listed · {CUSTOMER}", case)
    account.line(f"{stage.name(HANDLER)} names the customer for the grey list, with evidence")
    view = {
        "kind": "black",
        "criterion": "fraud",
        "view": "库存系伪造，属虚构订单骗取账期，建议列入黑名单。",
        "evidence.0.what": "现场盘点记录",
        "evidence.0.reference": "ZJ-2026-032",
    }
    stage.decides(case, "liu.yang", "propose", view, told="proposes the black list for fraud", then=[MANAGER, *LEGAL])
    stage.decides(case, MANAGER, "list", told="decides for risk: listed", signs_in=True)
    stage.decides(case, LEGAL[0], "list", told="decides for legal: listed", signs_in=True, ends=Outcome.LISTED)
    after = tell_trading(stage, CODE, "after")
    account.expect(not after["may_trade"], f"{CUSTOMER} not to be free to trade after")
    again = tries_to_begin(stage, HANDLER, LISTING, NOMINATION)
    account.expect("already" in again.text, f"a second nomination to be refused, not: {again.text[:300]}")
    account.line("Named for the list again: refused, it is on the stricter one already")
    return case
