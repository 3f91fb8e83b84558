"""The audit trail: append-only, each event hashed with its predecessor's hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Table
from sqlmodel import Session, select

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


def event_hash(event: Any) -> str:
    """The hash an event (or a row of its table) must have, from its own fields and its predecessor's hash."""
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


@dataclass(frozen=True)
class Anchor:
    """The chain's last link as it was once, kept outside the house: what came before it cannot be written anew."""

    seq: int
    hash: str


NOTHING = Anchor(0, GENESIS)
"""Where every chain begins."""


def anchor(session: Session) -> Anchor:
    """The last link of the chain, to be kept elsewhere.

    Raises:
        LookupError: the chain has no head; it was tampered with.
    """
    head = session.get(ChainHead, 1)
    if head is None:
        raise LookupError("the audit trail has no head")
    return Anchor(head.seq, head.hash)


def check_anchor(session: Session, kept: Anchor) -> str | None:
    """What is wrong with the event that ``kept`` is of; none if it is where it was, as it was."""
    if kept == NOTHING:
        return None
    found = session.execute(select(*_FIELDS).where(_TABLE.c.seq == kept.seq)).first()
    if found is None:
        return "the event of the anchor is missing"
    if event_hash(found) != kept.hash:  # its own note of its hash proves nothing
        return "it is not the event that the anchor was taken of"
    return None


def verify(session: Session, after: Anchor | None = None, told: Callable[[int], None] | None = None) -> Verdict:
    """Read the chain, from its beginning or ``after`` an anchor, and find the first broken link.

    Memory does not grow with the trail. ``told`` is called with the number of events read so far, now and then.
    """
    start = after or NOTHING
    wrong = check_anchor(session, start)
    if wrong is not None:
        return Verdict(0, start.seq, wrong)
    events = select(*_FIELDS).where(_TABLE.c.seq > start.seq).order_by(_TABLE.c.seq)
    with session.execute(events.execution_options(yield_per=BATCH)) as rows:
        last, verdict = _follow(start, rows, told)
    return verdict if verdict.broken_at is not None else _against_head(session, last, verdict)


def verify_last(session: Session, number: int) -> Verdict:
    """Whether the last ``number`` events fit each other, the event before them, and the head of the chain."""
    newest = select(*_FIELDS).order_by(_TABLE.c.seq.desc()).limit(number + 1)
    events = list(reversed(session.execute(newest).all()))
    before = events.pop(0) if len(events) > number else None
    last, verdict = _follow(Anchor(before.seq, before.hash) if before else NOTHING, events)
    return verdict if verdict.broken_at is not None else _against_head(session, last, verdict)


_TABLE: Table = AuditEvent.__table__  # type: ignore[attr-defined]
_FIELDS = tuple(_TABLE.c)
BATCH = 2000
"""Events in memory at a time."""


def _follow(start: Anchor, rows: Iterable[Any], told: Callable[[int], None] | None = None) -> tuple[Anchor, Verdict]:
    """The last link, and whether each of ``rows`` hangs in the one before it."""
    previous, expected, count = start.hash, start.seq + 1, 0
    for event in rows:
        if event.seq != expected:
            return Anchor(expected - 1, previous), Verdict(count, expected, "an event is missing")
        if event.previous != previous:
            why = "it does not follow the event before it"
            return Anchor(expected - 1, previous), Verdict(count, expected, why)
        if event.hash != event_hash(event):
            return Anchor(expected - 1, previous), Verdict(count, expected, "its content was changed")
        previous, expected, count = event.hash, expected + 1, count + 1
        if told is not None and count % BATCH == 0:
            told(count)
    return Anchor(expected - 1, previous), Verdict(count)


def _against_head(session: Session, last: Anchor, verdict: Verdict) -> Verdict:
    head = session.get(ChainHead, 1)
    if head is None:
        return Verdict(verdict.events, last.seq + 1, "the head of the trail is missing")
    if (head.seq, head.hash) != (last.seq, last.hash):
        return Verdict(verdict.events, last.seq + 1, "the last events are missing")
    return verdict
