"""What happened to a case, in plain words, from its audit events."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from config.languages import N_
from config.words import ActorKind, ClosedBy, CreditGrade, CustomerClass, Department, Outcome, RiskLevel, Word
from models.queries.answers import humanised
from models.queries.shown import Read, Sentence, Shown
from models.rules.reasons import Label
from models.tables import AuditEvent, Person, Step

LONGEST = 500
"""Events shown at most; the audit trail itself keeps every one."""


class TimelineEntry(Read):
    """One thing that happened, or the same look ``times`` over. ``who`` is absent where nobody acted by themselves."""

    at: datetime
    event: str
    actor: ActorKind
    who: str | None
    sentence: Sentence
    times: int = 1


class _Case:
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


Teller = Callable[[_Case, Mapping[str, Any]], Sentence | None]


def _plain(message: str) -> Teller:
    return lambda _case, _data: Sentence(message=message)


def _of_step(message: str) -> Teller:
    return lambda case, data: Sentence(message=message, values={"step": case.step(data)})


def _with(message: str, *names: str) -> Teller:
    return lambda _case, data: Sentence(message=message, values={name: _text(data.get(name)) for name in names})


def _text(value: Any) -> Shown:
    return value if isinstance(value, int) else str(value or "–")


def _asked(case: _Case, data: Mapping[str, Any]) -> Sentence:
    values: dict[str, Shown] = {"step": case.step(data), "people": case.names(data.get("people", []))}
    return Sentence(message=N_("“{step}” is put to {people}"), values=values)


def _answered(case: _Case, data: Mapping[str, Any]) -> Sentence:
    values: dict[str, Shown] = {"step": case.step(data), "action": case.action(data)}
    return Sentence(message=N_("answered “{step}”: {action}"), values=values)


_CLOSED_BY = {
    ClosedBy.EXPIRY: N_("“{step}” expired: nobody had answered in time"),
    ClosedBy.WITHDRAWAL: N_("“{step}” is no longer asked: the case was withdrawn"),
    ClosedBy.CANCELLATION: N_("“{step}” is no longer asked: the case was cancelled"),
}


def _closed(case: _Case, data: Mapping[str, Any]) -> Sentence | None:
    by = str(data.get("by"))
    message = _CLOSED_BY.get(ClosedBy(by)) if by in list(ClosedBy) else None
    return Sentence(message=message, values={"step": case.step(data)}) if message else None


def _ended(_case: _Case, data: Mapping[str, Any]) -> Sentence:
    outcome = str(data.get("outcome"))
    label = Outcome(outcome).label if outcome in list(Outcome) else outcome
    return Sentence(message=N_("The case ended: {outcome}"), values={"outcome": Label(label=label)})


def _admitted(_case: _Case, data: Mapping[str, Any]) -> Sentence:
    values: dict[str, Shown] = {
        "grade": _word(CreditGrade, data.get("grade")),
        "level": _word(RiskLevel, data.get("level")),
        "klass": _word(CustomerClass, data.get("klass")),
    }
    return Sentence(message=N_("The customer is admitted: grade {grade}, {level}, class {klass}"), values=values)


def _warned(_case: _Case, data: Mapping[str, Any]) -> Sentence:
    departments = tuple(_word(Department, one) for one in data.get("departments", []))
    values: dict[str, Shown] = {"level": _word(RiskLevel, data.get("level")), "departments": departments}
    return Sentence(message=N_("A warning ({level}) went to: {departments}"), values=values)


def _line(_case: _Case, data: Mapping[str, Any]) -> Sentence:
    values: dict[str, Shown] = {"limit": str(data.get("limit", "–")), "days": _text(data.get("term_days"))}
    return Sentence(message=N_("The credit line is effective: {limit} yuan, {days} days"), values=values)


def _word(vocabulary: type[Word], value: Any) -> Label:
    return Label(label=vocabulary(value).label if value in list(vocabulary) else str(value))


def _untold(_case: _Case, _data: Mapping[str, Any]) -> None:
    """Told by another event of the same moment."""


TELLERS: dict[str, Teller] = {
    "case.opened": _plain(N_("opened the case")),
    "case.withdrawn": _with(N_("withdrew the case: {reason}"), "reason"),
    "case.withdrawal-late": _plain(N_("tried to withdraw the case after it had ended")),
    "case.closed": _ended,
    "case.stumbled": _with(N_("The run met an error and will try again ({times}): {failure}"), "times", "failure"),
    "case.failed": _with(N_("The run stopped on an error; operations were told: {failure}"), "failure"),
    "case.tried-again": _plain(N_("let the run try again")),
    "case.looked": _plain(N_("looked at the case")),
    "step.opened": _untold,
    "step.asked": _asked,
    "step.answered": _answered,
    "step.closed": _closed,
    "step.reminded": _of_step(N_("Reminder about “{step}” to those who have not answered")),
    "step.looked": _of_step(N_("looked at “{step}”")),
    "answer.second": _of_step(N_("tried to answer “{step}” a second time, differently; the first answer stands")),
    "answer.late": _of_step(N_("answered “{step}” too late; it was closed already")),
    "answer.conflict-of-interest": _of_step(N_("was refused at “{step}”: nobody approves what they started")),
    "credit-line.effective": _line,
    "customer.admitted": _admitted,
    "customer.refused": _plain(N_("The customer is refused")),
    "risk-warning.issued": _warned,
    "run.started": _untold,
    "run.worker-lost": _plain(N_("The worker that carried the case was lost; another takes over")),
    "run.recovered": _plain(N_("The run was put right after an interruption")),
    "run.ended-early": _plain(N_("The run had ended before the case did; it was started again")),
    "wait.opened": _untold,
    "wait.ended": _untold,
}
LOOKS = frozenset({"case.looked", "step.looked"})
BY_ITSELF = frozenset({"step.asked", "step.closed", "case.closed"})
"""What follows from an answer by itself, although it is recorded in one go with the answer."""


def timeline(session: Session, case_ref: str, *, with_looks: bool = False) -> tuple[TimelineEntry, ...]:
    """The case's history, oldest first: the latest ``LONGEST`` events. Looks are for those who supervise."""
    statement = select(AuditEvent).where(AuditEvent.case_ref == case_ref).order_by(col(AuditEvent.seq).desc())
    if not with_looks:
        statement = statement.where(col(AuditEvent.event).not_in(LOOKS))
    events = list(reversed(session.exec(statement.limit(LONGEST)).all()))
    steps = session.exec(select(Step).where(Step.case_ref == case_ref)).all()
    case = _Case(_names(session, events), {step.key: step for step in steps})
    told = ((event, _tell(case, event)) for event in events)
    return _gathered([_entry(case, event, sentence) for event, sentence in told if sentence is not None])


def _gathered(entries: Sequence[TimelineEntry]) -> tuple[TimelineEntry, ...]:
    """Looks of one person in a row become one entry, at the time of the last."""
    found: list[TimelineEntry] = []
    for entry in entries:
        last = found[-1] if found else None
        same = last is not None and (last.event, last.who, last.sentence) == (entry.event, entry.who, entry.sentence)
        if last is not None and same and entry.event in LOOKS:
            found[-1] = entry.model_copy(update={"times": last.times + 1})
        else:
            found.append(entry)
    return tuple(found)


def _tell(case: _Case, event: AuditEvent) -> Sentence | None:
    teller = TELLERS.get(event.event)
    if teller is None:  # an event of a process newer than this page: named rather than hidden
        return Sentence(message=humanised(event.event.replace(".", ": ")))
    return teller(case, event.data)


def _entry(case: _Case, event: AuditEvent, sentence: Sentence) -> TimelineEntry:
    by_itself = event.actor_kind is ActorKind.SYSTEM or event.actor_id is None or event.event in BY_ITSELF
    who = None if by_itself else case.people.get(event.actor_id or "", event.actor_id)
    actor = ActorKind.SYSTEM if by_itself else event.actor_kind
    return TimelineEntry(at=event.at, event=event.event, actor=actor, who=who, sentence=sentence)


def _names(session: Session, events: Sequence[AuditEvent]) -> dict[str, str]:
    ids = {event.actor_id for event in events if event.actor_id}
    for event in events:
        ids.update(str(one) for one in event.data.get("people", []))
    if not ids:
        return {}
    return dict(session.exec(select(Person.id, Person.name).where(col(Person.id).in_(ids))).all())
