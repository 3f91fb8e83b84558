"""Debtors in Xuzhou: one pays while being called, one as promised, one in two parts, one by a plan after every rung."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.words import Outcome
from tests.faults.journeys.script import Answers, Move, Pays, Scene, Script

OWED = "124000.00"
CALLED = {"spoke_with": "马建国", "note": "称资金紧张"}
PAYS_ALL = Pays(OWED, "all")


def asks(scene: Scene) -> Mapping[str, Any]:
    return {"customer": scene.customer}


def promise(scene: Scene) -> Mapping[str, Any]:
    return {"answer": "promises", "promise_on": scene.in_days(5), "promised": OWED, **CALLED}


def posted(scene: Scene) -> Mapping[str, Any]:
    return {"posted_on": scene.in_days(0), "carrier": "EMS", "tracking_number": "EX 123456785 CN"}


def visited(scene: Scene) -> Mapping[str, Any]:
    return {
        "answer": "stalls",
        "visited_on": scene.in_days(0),
        "visitors": [{"person": "li.na"}, {"person": "sun.tao"}],
        "spoke_with": "马建国",
        "findings": "仓库仍有存货约三百吨，未见停产",
    }


def plan(scene: Scene) -> Mapping[str, Any]:
    return {
        "instalments": [
            {"due_on": scene.in_days(15), "amount": "24000.00"},
            {"due_on": scene.in_days(45), "amount": "100000.00"},
        ],
        "reason": "客户以设备抵押，并提供还款承诺书",
    }


EVIDENCE = {
    "items": [
        {"kind": kind, "reference": f"ZJ-{kind}"}
        for kind in ("contracts", "trades", "correspondence", "collection_records")
    ]
}
STALLS = Answers("record", {"answer": "stalls", **CALLED})


def _script(
    name: str,
    outcome: Outcome,
    needs: str,
    steps: Mapping[str, tuple[Move, ...]],
    waits: Mapping[str, tuple[Move, ...]] | None = None,
) -> Script:
    return Script(name, "collections-escalation", outcome, "zheng.li", asks, needs, steps, waits or {})


COLLECTIONS = (
    _script("collections, paid during the call", Outcome.RECOVERED, "owes 10", {"telephone": (PAYS_ALL,)}),
    _script(
        "collections, a promise kept",
        Outcome.RECOVERED,
        "owes 10",
        {"telephone": (Answers("record", promise),)},
        {"promise": (PAYS_ALL,)},
    ),
    _script(
        "collections, paid in two parts",
        Outcome.RECOVERED,
        "owes 24",
        {
            "telephone": (Pays("24000.00", "part"), STALLS),
            "post-letter": (Answers("record", posted),),
            "customer-reply": (Pays("100000.00", "rest"),),
        },
    ),
    _script(
        "collections, every rung and a plan",
        Outcome.PLAN_KEPT,
        "owes 100",
        {
            "telephone": (STALLS,),
            "post-letter": (Answers("record", posted),),
            "collection-visit": (Answers("report", visited),),
            "form-group": (Answers("form", {"legal": "feng.bo", "finance": "cao.xin", "business": "sun.tao"}),),
            "join-group": (Answers("accept"),),
            "collect-evidence": (Answers("hand-in", EVIDENCE),),
            "choose-strategy": (Answers("repayment_plan", plan),),
            "approve-strategy": (Answers("approve"),),
        },
        {"instalment": (Pays("24000.00", "first"), Pays("100000.00", "second"))},
    ),
)
