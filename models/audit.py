"""The audit trail: append-only, each event hashed with its predecessor's hash.

What people say in their own words is not in the chain: it lies beside it (``AuditPrivate``), and the chain holds its
salted hash. So it can be erased when its time is over, and the chain still holds.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, col, func, select

from config.words import ActorKind
from models.audit_words import ERASED, commitment, erased_by, split
from models.canonical import canonical, digest
from models.tables import AuditEvent, AuditPrivate, ChainHead
from models.tables.records import PRIVATE

__all__ = ["Actor", "Noted", "Verdict", "canonical", "digest", "event_hash", "seal", "verify", "verify_last"]

GENESIS = "0" * 64


def event_hash(event: AuditEvent) -> str:
    """The hash an event must have, from its own fields and its predecessor's hash."""
    at = event.at.astimezone(UTC).isoformat(timespec="microseconds")
    actor = [str(event.actor_kind), event.actor_id]
    return digest([event.previous, event.seq, at, event.case_ref, actor, event.event, event.chained])


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
        chained, private = split(note.event, note.data)
        event = AuditEvent(
            seq=head.seq + 1,
            at=now,
            case_ref=note.case_ref,
            actor_kind=(note.actor or actor).kind,
            actor_id=(note.actor or actor).id,
            event=note.event,
            chained=chained,
            previous=head.hash,
            hash="",
        )
        if private:
            salt = secrets.token_hex(16)
            event.chained = {**chained, PRIVATE: commitment(salt, private)}
            event.private = AuditPrivate(seq=event.seq, case_ref=note.case_ref, salt=salt, content=private)
        event.hash = event_hash(event)
        head.seq, head.hash = event.seq, event.hash
        session.add(event)
    session.flush()


@dataclass(frozen=True)
class Verdict:
    """Whether the chain holds: how many events were read, and the first one that does not fit.

    ``erased`` counts events whose own words are gone, as erasures on the same chain say.
    """

    events: int
    broken_at: int | None = None
    why: str | None = None
    erased: int = 0


def verify(session: Session) -> Verdict:
    """Read the chain from its beginning and find the first broken link."""
    previous, expected, count = GENESIS, 1, 0
    erased: set[int] = set()
    for event in _in_order(session):
        fault = _fault(event, expected, previous)
        if fault is not None:
            return Verdict(count, expected if event.seq != expected else event.seq, fault)
        if _is_erased(event):
            erased.add(event.seq)
        if event.event == ERASED:
            erased.difference_update(erased_by(event))
        previous, expected, count = event.hash, expected + 1, count + 1
    head = session.get(ChainHead, 1)
    if head is not None and (head.seq, head.hash) != (count, previous):
        return Verdict(count, expected, "the last events are missing")
    if erased:
        return Verdict(count, min(erased), "its words were taken away, and no erasure on record says so")
    return Verdict(count, erased=_count_erased(session))


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
        fault = _fault(event, expected, previous)
        if fault is not None:
            return Verdict(read, expected if event.seq != expected else event.seq, fault)
        previous, expected = event.hash, expected + 1
    if head is not None and (head.seq, head.hash) != (expected - 1, previous):
        return Verdict(len(events), expected, "the last events are missing")
    return Verdict(len(events))


def _fault(event: AuditEvent, expected: int, previous: str) -> str | None:
    """What is wrong with an event in its place, if anything."""
    if event.seq != expected:
        return "an event is missing"
    if event.previous != previous:
        return "it does not follow the event before it"
    if event.hash != event_hash(event):
        return "its content was changed"
    if PRIVATE not in event.chained or _is_erased(event):
        return None
    beside = event.private
    if beside is None or beside.salt is None or beside.content is None:
        return "its words are missing"
    if commitment(beside.salt, beside.content) != event.chained[PRIVATE]:
        return "its words were changed"
    return None


def _is_erased(event: AuditEvent) -> bool:
    beside = event.private
    return PRIVATE in event.chained and beside is not None and beside.salt is None and beside.content is None


def _count_erased(session: Session) -> int:
    gone = select(func.count()).select_from(AuditPrivate).where(col(AuditPrivate.salt).is_(None))
    return session.exec(gone).one()


def _in_order(session: Session) -> Iterator[AuditEvent]:
    statement = select(AuditEvent).order_by(AuditEvent.seq)  # type: ignore[arg-type]
    yield from session.exec(statement.execution_options(yield_per=2000))
