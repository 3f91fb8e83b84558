"""How the events of customer care are told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.languages import N_
from config.words import CareKind, RiskLevel, VisitWay, Word
from models.queries.shown import Sentence, Shown
from models.queries.telling import Referred, Teller, plain, saying
from models.rules.reasons import Label


def _worded(message: str, vocabularies: Mapping[str, type[Word]], *names: str) -> Teller:
    """A sentence of which some places hold words of the field, the others what the event holds."""

    def tell(_case: Referred, data: Mapping[str, Any]) -> Sentence:
        values: dict[str, Shown | Sentence] = {}
        for name in (*vocabularies, *names):
            value, words = data.get(name), vocabularies.get(name)
            known = words is not None and value in list(words)
            values[name] = Label(label=words(str(value)).label) if words and known else _as_it_is(value)
        return Sentence(message=message, values=values)

    return tell


def _as_it_is(value: Any) -> Shown:
    return value if isinstance(value, int) else str(value if value not in (None, "") else "–")


TELLERS: dict[str, Teller] = {
    "care.opened": _worded(N_("{kind} was due on {due_on}"), {"kind": CareKind}, "due_on"),
    "care.put-off": saying(N_("Put off to {until}: {reason}"), "until", "reason"),
    "care.visited": _worded(N_("Visited on {done_on} ({way}): {met}"), {"way": VisitWay}, "done_on", "met"),
    "care.nothing-found": plain(N_("Monitored: nothing stood out")),
    "care.found": saying(N_("Monitoring found: {findings}"), "findings"),
    "care.level-raised": _worded(
        N_("The risk level was raised from {before} to {level}"), {"before": RiskLevel, "level": RiskLevel}
    ),
    "care.received": saying(N_("The client is received: {reception}"), "reception"),
    "care.confirmed": plain(N_("The archive was confirmed")),
    "care.corrected": saying(
        N_("The archive was corrected: {fields} entries, {papers} papers renewed"), "fields", "papers"
    ),
    "care.greeted": _worded(N_("Greeted on {done_on} ({way})"), {"way": VisitWay}, "done_on"),
    "care.missed": _worded(N_("{kind}: nobody carried this turn out ({times} in a row)"), {"kind": CareKind}, "times"),
    "care.next-turn": _worded(N_("{kind} comes round again on {next_on}"), {"kind": CareKind}, "next_on"),
}
