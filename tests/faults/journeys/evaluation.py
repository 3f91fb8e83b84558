"""The whole portfolio is evaluated for a quarter, the newest that has none: reviewed, approved, signed, recorded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from config.words import Outcome
from models.rules.periods import quarter_of
from tests.faults.journeys.script import Answers, Scene, Script


def period(today: date, number: int) -> str:
    """The ``number``-th finished quarter, counted backwards from 1."""
    quarter = quarter_of(today)
    for _ in range(number):
        quarter = quarter.before
    return str(quarter)


def asks(scene: Scene) -> Mapping[str, Any]:
    return {"period": period(scene.today, scene.number)}


def entry(scene: Scene) -> Mapping[str, Any]:
    return {**scene.content["prefill"], "ledger_number": f"PG-{scene.number:02d}"}


EVALUATION = Script(
    "evaluation, signed off",
    "quarterly-evaluation",
    Outcome.SIGNED_OFF,
    "xu.ming",
    asks,
    "portfolio",
    {
        "evaluation-review": (Answers("confirm"),),
        "limit-changes": (Answers("approve"),),
        "evaluation-sign-off": (Answers("sign-off"),),
        "record-limits": (Answers("record", entry),),
    },
)
