"""The audit trail: append-only, each event hashed with its predecessor's hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel
from sqlmodel import Session, col, select

from config.words import ActorKind
from models.tables import AuditEvent, ChainHead

GENESIS = "0" * 64


def canonical(data: Any) -> str:
    """The one JSON text of ``data``: sorted keys, no spaces. What is hashed anywhere is hashed in this form."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, frozenset | set):
        return sorted(value)
    return str(value)


def digest(data: Any) -> str:
    """SHA-256 of the canonical form, in hex."""
    return hashlib.sha256(canonical(data).encode()).hexdigest()


def event_hash(event: AuditEvent) -> str:
    """The hash an event must have, from its own fields and its predecessor's hash."""
    at = event.at.astimezone(UTC).isoformat(timespec="microseconds")
    actor = [str(event.actor_kind), event.actor_id]
    return digest([event.previous, event.seq, at, event.case_ref, actor, event.event, event.data])


@dataclass(frozen=True)
class Actor:
    """In whose name something is done."""

    kind: ActorKind
    id: str | None = None


@dataclass(frozen=True)
class Noted:
    """An event of a unit of work that is still open."""

    event: str
    case_ref: str | None
    data: Mapping[str, Any]
    actor: Actor | None = None  # whoever works, unless said otherwise


def seal(session: Session, now: datetime, actor: Actor, notes: Sequence[Noted]) -> None:
    """Chain the events noted in one unit of work. The chain's head is locked last, and shortly."""
    if not notes:
        return
    head = session.exec(select(ChainHead).where(ChainHead.id == 1).with_for_update()).one()
    for note in notes:
        event = AuditEvent(
            seq=head.seq + 1,
            at=now,
            case_ref=note.case_ref,
            actor_kind=(note.actor or actor).kind,
            actor_id=(note.actor or actor).id,
            event=note.event,
            data=json.loads(canonical(note.data)),
            previous=head.hash,
            hash="",
        )
        event.hash = event_hash(event)
        head.seq, head.hash = event.seq, event.hash
        session.add(event)
    session.flush()


@dataclass(frozen=True)
class Verdict:
    """Whether the chain holds: how many events were read, and the first one that does not fit."""

    events: int
    broken_at: int | None = None
    why: str | None = None


def verify(session: Session) -> Verdict:
    """Read the chain from its beginning and find the first broken link."""
    previous, expected, count = GENESIS, 1, 0
    for event in _in_order(session):
        if event.seq != expected:
            return Verdict(count, expected, "an event is missing")
        if event.previous != previous:
            return Verdict(count, event.seq, "it does not follow the event before it")
        if event.hash != event_hash(event):
            return Verdict(count, event.seq, "its content was changed")
        previous, expected, count = event.hash, expected + 1, count + 1
    head = session.get(ChainHead, 1)
    if head is not None and (head.seq, head.hash) != (count, previous):
        return Verdict(count, expected, "the last events are missing")
    return Verdict(count)


def verify_last(session: Session, number: int) -> Verdict:
    """Whether the last ``number`` events fit each other, the event before them, and the head of the chain."""
    newest = select(AuditEvent).order_by(col(AuditEvent.seq).desc()).limit(number + 1)
    events = list(reversed(session.exec(newest).all()))
    head = session.get(ChainHead, 1)
    if not events:
        return Verdict(0) if head is None or head.seq == 0 else Verdict(0, 1, "the last events are missing")
    before = events.pop(0) if len(events) > number else None
    previous, expected = (before.hash, before.seq + 1) if before else (GENESIS, 1)
    for read, event in enumerate(events):
        if event.seq != expected:
            return Verdict(read, expected, "an event is missing")
        if event.previous != previous:
            return Verdict(read, event.seq, "it does not follow the event before it")
        if event.hash != event_hash(event):
            return Verdict(read, event.seq, "its content was changed")
        previous, expected = event.hash, expected + 1
    if head is not None and (head.seq, head.hash) != (expected - 1, previous):
        return Verdict(len(events), expected, "the last events are missing")
    return Verdict(len(events))


def _in_order(session: Session) -> Iterator[AuditEvent]:
    statement = select(AuditEvent).order_by(AuditEvent.seq)  # type: ignore[arg-type]
    yield from session.exec(statement.execution_options(yield_per=2000))
