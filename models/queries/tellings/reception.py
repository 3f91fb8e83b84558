"""How the events of a reception are told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.languages import N_
from config.words import PartyKind, Resolution, RiskLevel, TrackingState, Word
from models.queries.shown import Sentence, Shown
from models.queries.telling import Referred, Teller, saying
from models.rules.reasons import TEMPLATES, Label


def _worded(message: str, vocabularies: Mapping[str, type[Word]], *names: str) -> Teller:
    """A sentence of which some places hold words of the field, the others what the event holds."""

    def tell(_case: Referred, data: Mapping[str, Any]) -> Sentence:
        values: dict[str, Shown | Sentence] = {}
        for name in (*vocabularies, *names):
            value, words = data.get(name), vocabularies.get(name)
            known = words is not None and value in list(words)
            values[name] = Label(label=words(str(value)).label) if words and known else _plain(value)
        return Sentence(message=message, values=values)

    return tell


def _plain(value: Any) -> Shown:
    return value if isinstance(value, int) else str(value if value not in (None, "") else "–")


def _people(message: str) -> Teller:
    return lambda case, data: Sentence(message=message, values={"people": case.names(data.get("people", []))})


def _further_reason(_case: Referred, data: Mapping[str, Any]) -> Sentence:
    if data.get("raised_by"):
        told = N_("{case} sends the client here too: {reason}")
        return Sentence(message=told, values={"case": str(data["raised_by"]), "reason": str(data.get("reason"))})
    return Sentence(message=N_("gave a further reason: {reason}"), values={"reason": str(data.get("reason"))})


def _missed(case: Referred, data: Mapping[str, Any]) -> Sentence:
    values: dict[str, Shown | Sentence] = {"name": case.name(data.get("owner")), "item": str(data.get("item", "–"))}
    return Sentence(message=N_("{name} did not say how “{item}” stands; the risk officers are asked"), values=values)


def _major(_case: Referred, data: Mapping[str, Any]) -> Sentence:
    count = sum(code in TEMPLATES for code in data.get("rules", []))
    return Sentence(message=N_("This is a major case by {count} rules"), values={"count": count})


TELLERS: dict[str, Teller] = {
    "reception.further-reason": _further_reason,
    "reception.ended-told": saying(N_("The reception {reception} has ended"), "reception"),
    "reception.level-set": _worded(N_("The client's risk level is now: {level}"), {"level": RiskLevel}),
    "reception.team-proposed": _people(N_("A team is proposed: {people}")),
    "reception.team-formed": _people(N_("The team stands: {people}")),
    "reception.commitment": saying(N_("A commitment was given by {given_by}: {what}"), "given_by", "what"),
    "reception.evidence": saying(N_("Evidence was received: {what} ({reference})"), "what", "reference"),
    "reception.legal-action": saying(N_("Legal action is approved: {claim} yuan at {court}"), "claim", "court"),
    "reception.party-informed": _worded(
        N_("{kind} {name} was informed on {told_on} ({way}): {what}"),
        {"kind": PartyKind},
        "name",
        "told_on",
        "way",
        "what",
    ),
    "reception.tracking-planned": saying(N_("Put on the tracking plan: {items} items"), "items"),
    "reception.item-settled": _worded(N_("“{item}”: {state} ({note})"), {"state": TrackingState}, "item", "note"),
    "reception.item-adjusted": saying(
        N_("“{item}” was put off from {before} to {due_on}: {reason}"), "item", "before", "due_on", "reason"
    ),
    "reception.item-missed": _missed,
    "reception.evaluated": _worded(
        N_("The effect was evaluated: {resolution}, loss avoided {loss_avoided} yuan"),
        {"resolution": Resolution},
        "loss_avoided",
    ),
    "reception.major-case": _major,
}
