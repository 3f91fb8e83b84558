"""A clothing wholesaler disputes a delivery and is received: it is agreed and signed, or the client objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.words import Outcome
from tests.faults.journeys.script import Answers, DayComes, Move, OutsiderAnswers, Scene, Script
from tests.processes.received import EVALUATION, LESSONS, OPINION, RULING, TALK, VENUE

TEAM = [
    {"person": "chen.yu", "role": "lead"},
    {"person": "li.na", "role": "negotiator"},
    {"person": "wu.gang", "role": "finance"},
]
CLIENT = "周雅"
SIGNS = OutsiderAnswers({"answer": "sign", "name": CLIENT, "capacity": "总经理", "agreed": "true"})
OBJECTS = OutsiderAnswers({"answer": "decline", "name": CLIENT, "capacity": "总经理", "reason": "会谈内容与实际不符"})


def asks(scene: Scene) -> Mapping[str, Any]:
    return {"customer": scene.customer, "trigger": "disputed_debt", "reason": "客户以色差为由拒付货款"}


def meeting(scene: Scene) -> Mapping[str, Any]:
    return {
        "held_on": scene.in_days(0),
        "client_side": "周雅（总经理）",
        "our_side": "陈宇、李娜、吴刚",
        "demands": "要求对第三批面料降价10%",
        "problems": "认为第三批面料色差",
        "answered": "同意送检，检测结果出来前不加收滞纳金",
        "commitments": [{"what": "检测结果出来前不加收滞纳金", "given_by": "李娜"}],
    }


def minutes(scene: Scene) -> Mapping[str, Any]:
    return {
        "language": "zh_CN",
        "participants": "客户方：周雅；公司方：陈宇、李娜、吴刚",
        "demands": "对第三批面料降价10%",
        "discussed": "面料色差，双方送检",
        "solution": "优惠3万元，余款分两期",
        "consensus": "余款一个月内付清",
        "party_name": CLIENT,
        "party_capacity": "总经理",
        "party_email": f"zhouya{scene.number}@jinxiu.example",
    }


def offer(scene: Scene) -> Mapping[str, Any]:
    payments = [{"due_on": scene.in_days(30), "amount": "590000"}]
    return {"terms": "优惠3万元，余款一个月内付清", "discount": "30000", "payments": payments}


def _script(name: str, outcome: Outcome, negotiation: Answers, client: OutsiderAnswers, **more: Any) -> Script:
    steps: dict[str, tuple[Move, ...]] = {
        "reception-background": (Answers("decide", RULING),),
        "reception-team": (Answers("form", {"members": TEAM}),),
        "team-acceptance": (Answers("accept"),),
        "reception-venue": (Answers("ready", lambda scene: {**VENUE, "meeting_on": scene.in_days(0)}),),
        "first-meeting": (Answers("record", meeting),),
        "in-depth-talk": (Answers("record", lambda scene: {**TALK, "held_on": scene.in_days(0)}),),
        "reception-opinions": (Answers("give", OPINION),),
        "solution": (Answers("propose", offer),),
        "negotiation": (negotiation,),
        "minutes-review": (Answers("issue", minutes),),
        "minutes-signing": (Answers("sign", {"agree": True}),),
        "risk-response": (Answers("none", {"reason": "已有书面安排"}),),
        "tracking-plan": (Answers("nothing", {"reason": "款已付清"}),),
        "effect-evaluation": (Answers("evaluate", {**EVALUATION, **more.pop("effect", {})}),),
        "reception-lessons": (Answers("record", LESSONS),),
        "reception-closing": (Answers("close"),),
        **more.pop("steps", {}),
    }
    waits: dict[str, tuple[Move, ...]] = {"client-signature": (client,), "effect-due": (DayComes(),)}
    return Script(name, "risk-reception", outcome, "liu.yang", asks, "disputes", steps, waits)


RECEPTION = (
    _script(
        "reception, agreed and signed outside",
        Outcome.SETTLED,
        Answers("agreed", lambda scene: {"agreed_on": scene.in_days(0), "consensus": "优惠3万元，余款一个月内付清"}),
        SIGNS,
    ),
    _script(
        "reception, failed, the client objects",
        Outcome.NOT_SETTLED,
        Answers("failed", {"reason": "客户拒绝任何付款安排"}),
        OBJECTS,
        effect={"resolution": "not", "satisfaction": 2, "loss_avoided": "0"},
        steps={"unsigned-minutes": (Answers("without", {"reason": "客户拒签，存档备查"}),)},
    ),
)
