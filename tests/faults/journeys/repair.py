"""A listed timber trader applies to come off the list: granted and relapsed, refused and appealed, or too early."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.words import Outcome
from tests.faults.journeys.script import Answers, DayComes, Move, Relapses, Scene, Script
from tests.processes.repairing import APPLICATION, APPROVAL


def asks(scene: Scene) -> Mapping[str, Any]:
    return {"customer": scene.customer, **APPLICATION}


REVIEWED: Mapping[str, tuple[Move, ...]] = {
    "papers-check": (Answers("complete"),),
    "repair-review": (
        Answers("review", {"recommendation": "supports", "grade": "C", "review": "整改到位，付款记录良好"}),
    ),
    "repair-countersign": (Answers("agree"),),
}
GRANTS = Answers("grant", APPROVAL)


def _script(
    name: str,
    outcome: Outcome,
    needs: str,
    steps: Mapping[str, tuple[Move, ...]],
    waits: Mapping[str, tuple[Move, ...]] | None = None,
) -> Script:
    return Script(name, "credit-repair", outcome, "li.na", asks, needs, {**REVIEWED, **steps}, waits or {})


REPAIR = (
    _script(
        "repair, granted and its probation passed",
        Outcome.REPAIRED,
        "listed long",
        {"repair-decision": (GRANTS,)},
        {"probation": (DayComes(),)},
    ),
    _script(
        "repair, granted and relapsed",
        Outcome.RELISTED,
        "listed long",
        {"repair-decision": (GRANTS,)},
        {"probation": (Relapses("又拖欠货款 86,000.00"),)},
    ),
    _script(
        "repair, refused and appealed in vain",
        Outcome.REFUSED,
        "listed long",
        {
            "repair-decision": (Answers("refuse", {"reason": "观察时间不足"}),),
            "repair-appeal": (Answers("appeal", {"grounds": "已连续十二个月准时付款"}),),
            "appeal-decision": (Answers("uphold", {"reason": "维持原决定"}),),
        },
    ),
    _script("repair, too early", Outcome.REFUSED, "listed lately", {}),
)
