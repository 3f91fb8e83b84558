"""How a coordination meeting is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.languages import N_
from models.queries.shown import Sentence, Shown
from models.queries.telling import Referred, Teller, saying


def _called(case: Referred, data: Mapping[str, Any]) -> Sentence:
    values: dict[str, Shown | Sentence] = {
        "people": case.names(data.get("people", [])),
        **{name: str(data.get(name) or "–") for name in ("on", "at", "place")},
    }
    return Sentence(message=N_("The meeting is called for {on}, {at}, {place}: {people}"), values=values)


TELLERS: dict[str, Teller] = {
    "meeting.pack-drawn-up": saying(N_("The meeting pack was drawn up for {period}"), "period"),
    "meeting.called": _called,
    "meeting.held": saying(
        N_("The meeting was held on {held_on}; {resolutions} resolutions"), "held_on", "resolutions"
    ),
}
