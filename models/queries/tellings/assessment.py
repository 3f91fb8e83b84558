"""How an assessment of the work is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.languages import N_
from models.queries.shown import Sentence, Shown
from models.queries.telling import Referred, Teller, saying


def _found(case: Referred, data: Mapping[str, Any]) -> Sentence:
    values: dict[str, Shown | Sentence] = {
        "number": int(data.get("number") or 0),
        "what": str(data.get("what") or "–"),
        "name": case.name(data.get("owner")),
        "due_on": str(data.get("due_on") or "–"),
    }
    return Sentence(message=N_("Finding {number}: {what} ({name}, until {due_on})"), values=values)


def _rectified(case: Referred, data: Mapping[str, Any]) -> Sentence:
    values: dict[str, Shown | Sentence] = {
        "number": int(data.get("number") or 0),
        "name": case.name(data.get("owner")),
    }
    return Sentence(message=N_("{name} has reported finding {number} as put right"), values=values)


def _signed(case: Referred, data: Mapping[str, Any]) -> Sentence:
    return Sentence(message=N_("{name} has signed the assessment"), values={"name": case.name(data.get("by"))})


def _decided(message: str) -> Teller:
    return lambda _case, data: Sentence(message=message, values={"count": len(data.get("rewards", []))})


TELLERS: dict[str, Teller] = {
    "assessment.measured": saying(N_("The work of {period} was measured"), "period"),
    "assessment.sampled": saying(N_("{samples} samples were drawn"), "samples"),
    "assessment.found": _found,
    "assessment.rectified": _rectified,
    "assessment.sent-back": saying(N_("Finding {number} was sent back: {why}"), "number", "why"),
    "assessment.verified": saying(N_("Finding {number} is verified as put right"), "number"),
    "assessment.proposed": saying(N_("{rewards} awards and sanctions are proposed"), "rewards"),
    "assessment.rewards-approved": _decided(N_("{count} awards and sanctions were approved")),
    "assessment.rewards-refused": _decided(N_("{count} awards and sanctions were refused")),
    "assessment.signed-off": _signed,
}
