"""How the events of listings, measures, nominations and credit repairs are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from config.languages import N_
from config.words import CreditGrade, ListingCriterion, ListingKind, MeasureKind, Word
from models.queries.shown import Sentence, Shown
from models.queries.telling import Referred, Teller, plain, saying
from models.rules.reasons import Label

_WORDS: Mapping[str, type[Word]] = {
    "list": ListingKind,
    "criterion": ListingCriterion,
    "measure": MeasureKind,
    "grade": CreditGrade,
}


def _telling(message: str, *names: str) -> Teller:
    """A sentence whose places are filled from the event; words of the field are told by their labels."""

    def tell(_case: Referred, data: Mapping[str, Any]) -> Sentence:
        return Sentence(message=message, values={name: _told(name, data.get(name)) for name in names})

    return tell


def _told(name: str, value: Any) -> Shown:
    words = _WORDS.get(name)
    if words is not None and value in list(words):
        return Label(label=words(value).label)
    return value if isinstance(value, int) else str(value or "–")


def _measure_set(_case: Referred, data: Mapping[str, Any]) -> Sentence:
    values = {name: _told(name, data.get(name)) for name in ("measure", "since", "until")}
    if data.get("until"):
        return Sentence(message=N_("Measure from {since} to {until}: {measure}"), values=values)
    values.pop("until")
    return Sentence(message=N_("Measure from {since} on: {measure}"), values=values)


def _lifted(_case: Referred, data: Mapping[str, Any]) -> Sentence:
    measures = tuple(Label(label=MeasureKind(one).label) for one in data.get("measures", []))
    values: dict[str, Shown] = {"measures": measures, "why": Label(label=str(data.get("because") or "–"))}
    return Sentence(message=N_("Measures lifted: {measures} ({why})"), values=values)


def _ended(_case: Referred, data: Mapping[str, Any]) -> Sentence:
    values = {name: _told(name, data.get(name)) for name in ("list", "since")}
    return Sentence(
        message=N_("The entry on the {list} since {since} ended: {why}"),
        values={**values, "why": Label(label=str(data.get("why") or "–"))},
    )


def _joined(_case: Referred, data: Mapping[str, Any]) -> Sentence:
    evidence = [str(one) for one in data.get("evidence", [])]
    if not evidence:
        return Sentence(message=N_("A further nomination joined this one: {reason}"), values=_reason(data))
    values: dict[str, Shown] = {**_reason(data), "evidence": tuple(Label(label=one) for one in evidence)}
    return Sentence(message=N_("A further nomination joined this one: {reason}. Evidence: {evidence}"), values=values)


def _reason(data: Mapping[str, Any]) -> dict[str, Shown]:
    return {"reason": str(data.get("reason") or "–")}


def _conditions(_case: Referred, data: Mapping[str, Any]) -> Sentence:
    if data.get("met"):
        return Sentence(message=N_("All conditions of credit repair are met"))
    return Sentence(message=N_("Conditions of credit repair not met: {unmet}"), values={"unmet": data.get("unmet", 0)})


TELLERS: dict[str, Callable[[Referred, Mapping[str, Any]], Sentence | None]] = {
    "measure.set": _measure_set,
    "measure.lifted": _lifted,
    "customer.listed": _telling(N_("Put on the {list}: {criterion}"), "list", "criterion"),
    "listing.ended": _ended,
    "listing.followed-by": saying(N_("Opened with the listing: {opened}"), "opened"),
    "nomination.raised": _telling(N_("Nominated for the {list}: {criterion}"), "list", "criterion"),
    "nomination.raised-here": _telling(
        N_("Nominated the customer for the {list}: {criterion} ({decided_by})"), "list", "criterion", "decided_by"
    ),
    "nomination.joined": _joined,
    "nomination.joined-here": _telling(
        N_("Added evidence to the nomination for the {list} ({decided_by})"), "list", "decided_by"
    ),
    "nomination.listed-already": _telling(N_("Not nominated: on the {list} already, since {since}"), "list", "since"),
    "nomination.viewed": _telling(N_("Risk proposes the {list}: {criterion}"), "list", "criterion"),
    "authorities.reported": _telling(
        N_("Reported to {authority} on {on} under {reference}"), "authority", "on", "reference"
    ),
    "authorities.not-reported": saying(N_("Not reported to the authorities: {reason}"), "reason"),
    "authorities.unanswered": plain(N_("Nobody decided in time on a report to the authorities")),
    "repair.conditions-checked": _conditions,
    "repair.papers-not-supplied": plain(N_("The applicant supplied nothing in time")),
    "repair.relapse-noted": saying(N_("A relapse was reported: {why}"), "why"),
    "repair.appealed": plain(N_("appealed against the refusal")),
    "repair.not-appealed": plain(N_("The refusal was not appealed")),
    "credit.restored": _telling(N_("Off the list, at grade {grade}, on probation until {until}"), "grade", "until"),
    "probation.passed": plain(N_("The probation was passed")),
    "probation.relapsed": saying(N_("Relapse in probation; listed again: {why}"), "why"),
}
