"""What happened to a case, in plain words, from its audit events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from config.words import ActorKind
from models.queries.answers import humanised
from models.queries.shown import Read, Sentence
from models.queries.telling import Referred
from models.queries.tellings import tellers
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


LOOKS = frozenset({"case.looked", "step.looked", "file.opened", "paper.looked"})
LISTS = ("people", "told")
PEOPLE = ("to", "who", "delegator", "person", "asked_by", "absent", "substitute", "back_to")
"""Fields of events that name people by their ids."""
BY_ITSELF = frozenset({"step.asked", "step.closed", "case.closed"})
"""What follows from an answer by itself, although it is recorded in one go with the answer."""


class TimelinePart(Read):
    """A part of a case's history, oldest first. ``before`` is where the part before it ends, if there is one."""

    entries: tuple[TimelineEntry, ...]
    before: int | None = None


def timeline(session: Session, case_ref: str, *, with_looks: bool = False) -> tuple[TimelineEntry, ...]:
    """The case's history, oldest first: the latest ``LONGEST`` events. Looks are for those who supervise."""
    return timeline_part(session, case_ref, with_looks=with_looks).entries


def timeline_part(
    session: Session,
    case_ref: str,
    *,
    with_looks: bool = False,
    events: int = LONGEST,
    before: int | None = None,
    steps: Sequence[Step] | None = None,
) -> TimelinePart:
    """The latest ``events`` events of the case before the audit trail's number ``before`` (all). Its steps may be at
    hand already."""
    statement = select(AuditEvent).where(AuditEvent.case_ref == case_ref).order_by(col(AuditEvent.seq).desc())
    if not with_looks:
        statement = statement.where(col(AuditEvent.event).not_in(LOOKS))
    if before is not None:
        statement = statement.where(col(AuditEvent.seq) < before)
    rows = session.exec(statement.limit(events + 1)).all()
    some = _without_drafts(list(reversed(rows[:events])))
    if steps is None:
        steps = session.exec(select(Step).where(Step.case_ref == case_ref)).all()
    case = Referred(_names(session, some), {step.key: step for step in steps})
    told = ((event, _tell(case, event)) for event in some)
    entries = _gathered([_entry(case, event, sentence) for event, sentence in told if sentence is not None])
    return TimelinePart(entries=entries, before=rows[events - 1].seq if len(rows) > events else None)


def _without_drafts(events: Sequence[AuditEvent]) -> list[AuditEvent]:
    """A delegate's answer is a proposal: it is told as such, and not as an answer besides."""
    proposals = {
        (event.at, event.actor_id, event.data.get("action")) for event in events if event.event == "step.advised"
    }
    return [
        event
        for event in events
        if event.event != "step.answered" or (event.at, event.actor_id, event.data.get("action")) not in proposals
    ]


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


def _tell(case: Referred, event: AuditEvent) -> Sentence | None:
    teller = tellers().get(event.event)
    if teller is None:  # an event of a process newer than this page: named rather than hidden
        return Sentence(message=humanised(event.event.replace(".", ": ")))
    return teller(case, event.data)


def _entry(case: Referred, event: AuditEvent, sentence: Sentence) -> TimelineEntry:
    by_itself = event.actor_kind is ActorKind.SYSTEM or event.actor_id is None or event.event in BY_ITSELF
    nameless = by_itself or event.actor_kind is ActorKind.OUTSIDE  # the sentence itself names who of outside it was
    who = None if nameless else case.people.get(event.actor_id or "", event.actor_id)
    actor = ActorKind.SYSTEM if by_itself else event.actor_kind
    return TimelineEntry(at=event.at, event=event.event, actor=actor, who=who, sentence=sentence)


def _names(session: Session, events: Sequence[AuditEvent]) -> dict[str, str]:
    ids = {event.actor_id for event in events if event.actor_id}
    for event in events:
        ids.update(str(one) for name in LISTS for one in event.data.get(name) or ())
        ids.update(str(event.data[name]) for name in PEOPLE if isinstance(event.data.get(name), str))
    if not ids:
        return {}
    return dict(session.exec(select(Person.id, Person.name).where(col(Person.id).in_(ids))).all())
