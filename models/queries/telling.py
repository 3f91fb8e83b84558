"""How each event of a case is told: one sentence, from what the event holds and what it refers to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from config.languages import N_
from config.words import ClosedBy, CreditGrade, CustomerClass, Department, Outcome, Place, RiskLevel, Word
from models.queries.answers import humanised
from models.queries.shown import Sentence, Shown, reasons_of
from models.rules.reasons import Label
from models.tables import Step

FEN = Decimal("0.01")


class Referred:
    """What the events of a case refer to: people by id, steps by key."""

    def __init__(self, people: Mapping[str, str], steps: Mapping[str, Step]) -> None:
        self.people, self.steps = people, steps

    def step(self, data: Mapping[str, Any]) -> Label:
        key = str(data.get("step", ""))
        step = self.steps.get(key)
        return Label(label=step.title if step else humanised(key.partition("#")[0]))

    def action(self, data: Mapping[str, Any]) -> Label:
        step, name = self.steps.get(str(data.get("step", ""))), data.get("action")
        actions = step.actions if step else []
        return Label(label=next((a["label"] for a in actions if a["name"] == name), humanised(str(name))))

    def names(self, ids: Sequence[str]) -> tuple[Label, ...]:
        return tuple(Label(label=self.people.get(one, one)) for one in ids)

    def name(self, person_id: Any) -> str:
        return self.people.get(str(person_id or ""), str(person_id or "–"))


Teller = Callable[[Referred, Mapping[str, Any]], Sentence | None]


def plain(message: str) -> Teller:
    """A sentence that needs nothing of the event."""
    return lambda _case, _data: Sentence(message=message)


def of_step(message: str) -> Teller:
    """A sentence about the step that the event names as ``{step}``."""
    return lambda case, data: Sentence(message=message, values={"step": case.step(data)})


def saying(message: str, *names: str) -> Teller:
    """A sentence whose places are filled from the event by name."""
    return lambda _case, data: Sentence(message=message, values={name: told_as(name, data.get(name)) for name in names})


AMOUNTS = frozenset({"amount", "awarded", "limit", "owed", "paid", "promised"})
"""What events call sums of money (yuan); stored as text."""


def told_as(name: str, value: Any) -> Shown:
    """One value of an event: sums grouped with two places, the rest as it is."""
    if name in AMOUNTS and value not in (None, ""):
        try:
            return Decimal(str(value)).quantize(FEN)
        except InvalidOperation:
            return str(value)
    return value if isinstance(value, int) else str(value or "–")


def _asked(case: Referred, data: Mapping[str, Any]) -> Sentence:
    values: dict[str, Shown] = {"step": case.step(data), "people": case.names(data.get("people", []))}
    return Sentence(message=N_("“{step}” is put to {people}"), values=values)


def _answered(case: Referred, data: Mapping[str, Any]) -> Sentence:
    values: dict[str, Shown] = {"step": case.step(data), "action": case.action(data)}
    return Sentence(message=N_("answered “{step}”: {action}"), values=values)


_CLOSED_BY = {
    ClosedBy.EXPIRY: N_("“{step}” expired: nobody had answered in time"),
    ClosedBy.WITHDRAWAL: N_("“{step}” is no longer asked: the case was withdrawn"),
    ClosedBy.EVENT: N_("“{step}” is no longer asked: something happened that changes the case"),
    ClosedBy.CANCELLATION: N_("“{step}” is no longer asked: the case was cancelled"),
}


def _closed(case: Referred, data: Mapping[str, Any]) -> Sentence | None:
    by = str(data.get("by"))
    message = _CLOSED_BY.get(ClosedBy(by)) if by in list(ClosedBy) else None
    return Sentence(message=message, values={"step": case.step(data)}) if message else None


def _ended(_case: Referred, data: Mapping[str, Any]) -> Sentence:
    outcome = str(data.get("outcome"))
    label = Outcome(outcome).label if outcome in list(Outcome) else outcome
    return Sentence(message=N_("The case ended: {outcome}"), values={"outcome": Label(label=label)})


def _admitted(_case: Referred, data: Mapping[str, Any]) -> Sentence:
    values: dict[str, Shown] = {
        "grade": _word(CreditGrade, data.get("grade")),
        "level": _word(RiskLevel, data.get("level")),
        "klass": _word(CustomerClass, data.get("klass")),
    }
    return Sentence(message=N_("The customer is admitted: grade {grade}, {level}, class {klass}"), values=values)


def _warned(_case: Referred, data: Mapping[str, Any]) -> Sentence:
    departments = tuple(_word(Department, one) for one in data.get("departments", []))
    values: dict[str, Shown] = {"level": _word(RiskLevel, data.get("level")), "departments": departments}
    return Sentence(message=N_("A warning ({level}) went to: {departments}"), values=values)


def _line(_case: Referred, data: Mapping[str, Any]) -> Sentence:
    values: dict[str, Shown] = {
        "limit": told_as("limit", data.get("limit")),
        "days": told_as("term_days", data.get("term_days")),
    }
    return Sentence(message=N_("The credit line is effective: {limit} yuan, {days} days"), values=values)


def _word(vocabulary: type[Word], value: Any) -> Label:
    return Label(label=vocabulary(value).label if value in list(vocabulary) else str(value))


def to_person(message: str, *, name: str = "to", quote: str = "") -> Teller:
    """What is done with a step to or for somebody, and what was said with it."""

    def tell(case: Referred, data: Mapping[str, Any]) -> Sentence:
        values: dict[str, Shown] = {"step": case.step(data), "name": case.name(data.get(name))}
        said = str(data.get(quote) or "") if quote else ""
        if not said:
            return Sentence(message=message, values=values)
        return Sentence(message=QUOTED[message], values={**values, "said": said})

    return tell


QUOTED = {
    N_("transferred “{step}” to {name}"): N_("transferred “{step}” to {name}: “{said}”"),
    N_("delegated “{step}” to {name}"): N_("delegated “{step}” to {name}: “{said}”"),
}


def _added(case: Referred, data: Mapping[str, Any]) -> Sentence:
    where = str(data.get("where"))
    message = _ADDED.get(Place(where), _ADDED[Place.BESIDE]) if where in list(Place) else _ADDED[Place.BESIDE]
    values: dict[str, Shown] = {"step": case.step(data), "name": case.name(data.get("who"))}
    return Sentence(message=message, values={**values, "reason": str(data.get("reason") or "–")})


_ADDED = {
    Place.BEFORE: N_("added {name} to sign “{step}” first: “{reason}”"),
    Place.BESIDE: N_("added {name} to sign “{step}” too: “{reason}”"),
    Place.AFTER: N_("added {name} to sign “{step}” afterwards: “{reason}”"),
}


def _advised(case: Referred, data: Mapping[str, Any]) -> Sentence:
    values: dict[str, Shown] = {
        "step": case.step(data),
        "action": case.action(data),
        "name": case.name(data.get("delegator")),
    }
    return Sentence(message=N_("proposed “{action}” to {name} for “{step}”"), values=values)


def _barred(message: str, name: str) -> Teller:
    """Somebody who may not sign, and the rule that says so."""

    def tell(case: Referred, data: Mapping[str, Any]) -> Sentence:
        names: dict[str, Shown] = {"step": case.step(data), "name": case.name(data.get(name))}
        return Sentence(message=message, values={**names, "why": _why(data.get("why"))})

    return tell


def _why(stored: Any) -> Sentence:
    return reasons_of([dict(stored)])[0] if isinstance(stored, Mapping) else Sentence(message="–")


def _attached(case: Referred, data: Mapping[str, Any]) -> Sentence:
    values: dict[str, Shown] = {"step": case.step(data), "file": str(data.get("name", "–"))}
    return Sentence(message=N_("attached a file to “{step}”: {file}"), values=values)


def _opened_file(case: Referred, data: Mapping[str, Any]) -> Sentence:
    return Sentence(message=N_("opened the file {file}"), values={"file": str(data.get("name", "–"))})


def _urged(case: Referred, data: Mapping[str, Any]) -> Sentence:
    people = case.names(data.get("people", []))
    values: dict[str, Shown] = {"step": case.step(data), "name": case.name(data.get("asked_by")), "people": people}
    return Sentence(message=N_("“{step}” was urged with {people}; {name} had asked for it"), values=values)


def _escalated(case: Referred, data: Mapping[str, Any]) -> Sentence:
    told = case.names(data.get("told", []))
    if not told:
        return Sentence(
            message=N_("“{step}” is late; there is nobody further up to tell"), values={"step": case.step(data)}
        )
    return Sentence(message=N_("“{step}” is late; told: {people}"), values={"step": case.step(data), "people": told})


def _substituted(case: Referred, data: Mapping[str, Any]) -> Sentence:
    values: dict[str, Shown] = {
        "step": case.step(data),
        "absent": case.name(data.get("absent")),
        "substitute": case.name(data.get("substitute")),
    }
    return Sentence(message=N_("{substitute} stands in for {absent} at “{step}”"), values=values)


def _looked(case: Referred, data: Mapping[str, Any]) -> Sentence:
    """A link is opened by whoever holds it, and by what scans the mail that it came in: it is told as no more."""
    by_link = data.get("via") == "link"
    message = N_("“{step}” was opened by their link") if by_link else N_("looked at “{step}”")
    return Sentence(message=message, values={"step": case.step(data)})


def _untold(_case: Referred, _data: Mapping[str, Any]) -> None:
    """Told by another event of the same moment."""


TELLERS: dict[str, Teller] = {
    "case.opened": plain(N_("opened the case")),
    "case.withdrawn": saying(N_("withdrew the case: {reason}"), "reason"),
    "case.withdrawal-late": plain(N_("tried to withdraw the case after it had ended")),
    "case.closed": _ended,
    "case.stumbled": saying(N_("The run met an error and will try again ({times}): {failure}"), "times", "failure"),
    "case.failed": saying(N_("The run stopped on an error; operations were told: {failure}"), "failure"),
    "case.tried-again": plain(N_("let the run try again")),
    "case.looked": plain(N_("looked at the case")),
    "step.shown-anew": _untold,
    "step.opened": _untold,
    "step.asked": _asked,
    "step.answered": _answered,
    "step.closed": _closed,
    "step.reminded": of_step(N_("Reminder about “{step}” to those who have not answered")),
    "step.looked": _looked,
    "answer.second": of_step(N_("tried to answer “{step}” a second time, differently; the first answer stands")),
    "answer.late": of_step(N_("answered “{step}” too late; it was closed already")),
    "answer.conflict-of-interest": _barred(N_("was refused at “{step}”: {why}"), "person"),
    "move.refused": _barred(N_("could not give “{step}” to {name}: {why}"), "person"),
    "step.transferred": to_person(N_("transferred “{step}” to {name}"), quote="reason"),
    "step.delegated": to_person(N_("delegated “{step}” to {name}"), quote="request"),
    "step.taken-back": of_step(N_("took “{step}” back from their delegate")),
    "step.advised": _advised,
    "step.signer-added": _added,
    "step.signer-removed": to_person(N_("took {name} off the route of “{step}” again"), name="who"),
    "step.comment": of_step(N_("commented on “{step}”")),
    "step.question": to_person(N_("asked {name} a question about “{step}”")),
    "step.answer": to_person(N_("answered {name}'s question about “{step}”")),
    "step.copied": to_person(N_("sent {name} a copy of “{step}”")),
    "step.copy-read": plain(N_("read the copy")),
    "step.attached": _attached,
    "file.opened": _opened_file,
    "step.urged": _urged,
    "step.escalated": _escalated,
    "step.substituted": _substituted,
    "step.substitute-ended": to_person(N_("“{step}” is back with {name}"), name="back_to"),
    "step.substitute-barred": _barred(N_("{name} cannot stand in at “{step}”: {why}"), "substitute"),
    "credit-line.effective": _line,
    "customer.admitted": _admitted,
    "customer.refused": plain(N_("The customer is refused")),
    "risk-warning.issued": _warned,
    "run.started": _untold,
    "run.worker-lost": plain(N_("The worker that carried the case was lost; another takes over")),
    "run.recovered": plain(N_("The run was put right after an interruption")),
    "run.ended-early": plain(N_("The run had ended before the case did; it was started again")),
    "wait.opened": _untold,
    "wait.ended": _untold,
    "wait.over": _untold,
    "step.overtaken": of_step(N_("“{step}” was not asked: something had happened already")),
}
