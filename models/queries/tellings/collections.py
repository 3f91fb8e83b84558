"""How the events of a collections case are told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.languages import N_
from config.words import ContactAnswer, ContactWay, JudgmentResult, RungWay, StrategyWay, Word
from models.queries.answers import humanised
from models.queries.shown import Sentence, Shown
from models.queries.telling import Referred, Teller, plain, saying, told_as
from models.rules.reasons import Label


def labelled(vocabulary: type[Word], value: Any) -> Label:
    """A stored word by its label; what is not of the vocabulary, humanised."""
    known = str(value) in set(vocabulary)
    return Label(label=vocabulary(str(value)).label if known else humanised(str(value)))


def worded(message: str, *plainly: str, **words: type[Word]) -> Teller:
    """A sentence whose places are words of a vocabulary, and others that are shown as they are."""

    def tell(_case: Referred, data: Mapping[str, Any]) -> Sentence:
        values: dict[str, Shown | Sentence] = {name: labelled(kind, data.get(name)) for name, kind in words.items()}
        return Sentence(message=message, values=values | {name: told_as(name, data.get(name)) for name in plainly})

    return tell


def of_people(message: str) -> Teller:
    """A sentence about the people whom the event names."""
    return lambda case, data: Sentence(message=message, values={"people": case.names(data.get("people", []))})


def _ruled(_case: Referred, data: Mapping[str, Any]) -> Sentence:
    way = labelled(StrategyWay, data.get("way"))
    if data.get("approved"):
        return Sentence(message=N_("{way}: approved"), values={"way": way})
    # A reason may be a person's words or one of our own sentences: as a label it is translated where it can be.
    why = Label(label=str(data.get("reason") or "–"))
    return Sentence(message=N_("{way}: not approved: {reason}"), values={"way": way, "reason": why})


def _declined(_case: Referred, data: Mapping[str, Any]) -> Sentence:
    why = Label(label=str(data.get("reason") or "–"))
    return Sentence(message=N_("The special group did not come about: {reason}"), values={"reason": why})


def of_instalment(message: str) -> Teller:
    """A sentence about one instalment."""
    return saying(message, "number", "amount")


TELLERS: dict[str, Teller] = {
    "collections.rung-begun": worded(
        N_("{rung}: begun on business day {day}; {owed} yuan overdue"), "day", "owed", rung=RungWay
    ),
    "collections.rung-done": worded(N_("{rung}: carried out"), rung=RungWay),
    "collections.rung-not-done": worded(N_("{rung}: not carried out in time; the ladder goes on"), rung=RungWay),
    "collections.contact": worded(N_("{way}: {answer}"), way=ContactWay, answer=ContactAnswer),
    "collections.reminder-undelivered": plain(
        N_("The reminder could not be mailed: no address of the customer can be used; its handler passes it on")
    ),
    "collections.dispute-over": saying(N_("The dispute is over: reception {reception} has ended"), "reception"),
    "collections.promise-kept": saying(N_("The promise was kept: {promised} yuan by {by}"), "promised", "by"),
    "collections.promise-broken": saying(
        N_("The promise was broken: {promised} yuan by {by}, paid {paid}"), "promised", "by", "paid"
    ),
    "collections.instalment-kept": of_instalment(N_("Instalment {number} was paid in time: {amount} yuan")),
    "collections.instalment-late": of_instalment(N_("Instalment {number} was paid late: {amount} yuan")),
    "collections.instalment-overdue": of_instalment(N_("Instalment {number} is overdue: {amount} yuan")),
    "collections.instalment-broken": of_instalment(N_("Instalment {number} was not paid: {amount} yuan")),
    "collections.group-named": of_people(N_("Named for the special group: {people}")),
    "collections.group-declined": _declined,
    "collections.group-formed": of_people(N_("The special group is formed: {people}")),
    "collections.evidence-collected": saying(N_("Evidence was put together: {count} pieces"), "count"),
    "collections.strategy-proposed": worded(N_("{way} was proposed: {amount} yuan"), "amount", way=StrategyWay),
    "collections.strategy-ruled": _ruled,
    "collections.strategy-failed": worded(N_("{way} has come to nothing: {reason}"), "reason", way=StrategyWay),
    "collections.report": worded(N_("{way}: a report was handed in"), way=StrategyWay),
    "collections.suit-filed": saying(N_("The suit was filed at {court}: {number}"), "court", "number"),
    "collections.judgment": worded(N_("Judgment: {result}, {awarded} yuan awarded"), "awarded", result=JudgmentResult),
}
