"""Customers apply for 800,000 over 45 days: admitted, refused, sent back for another round, or withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.words import Outcome
from tests.faults.journeys.script import Answers, Scene, Script, Withdraws
from tests.processes.conftest import steel_trader, valid_uscc

CONFIRMS = Answers("confirm")
APPROVES = Answers("approve")
RATED = {"first-rating": (CONFIRMS,), "risk-rerating": (CONFIRMS,)}


def applies(scene: Scene) -> Mapping[str, Any]:
    """One of many steel traders in Xuzhou."""
    application = steel_trader(name=scene.customer, identifier=valid_uscc(f"91320300MA1H5{scene.number:04d}"))
    return {"process": "onboarding-review", "application": application.model_dump(mode="json")}


def _script(name: str, outcome: Outcome, **steps: Any) -> Script:
    named = {key.replace("_", "-"): moves for key, moves in steps.items()}
    return Script(name, "onboarding-review", outcome, "li.na", applies, "applicant", {**RATED, **named})


ONBOARDING = (
    _script(
        "onboarding, admitted",
        Outcome.ADMITTED,
        matrix_approval=(APPROVES,),
        record_line=(Answers("record", {"limit": "800000", "term_days": 45, "ledger_number": "L-77"}),),
    ),
    _script(
        "onboarding, refused",
        Outcome.REFUSED,
        matrix_approval=(Answers("reject", {"reason": "关联企业逾期"}),),
    ),
    _script(
        "onboarding, returned and refused",
        Outcome.REFUSED,
        matrix_approval=(
            Answers("return", {"target": "risk-rerating", "reason": "请复核诉讼情况"}),
            Answers("reject", {"reason": "仍无依据"}),
        ),
    ),
    _script("onboarding, withdrawn", Outcome.WITHDRAWN, risk_rerating=(Withdraws(),)),
)
