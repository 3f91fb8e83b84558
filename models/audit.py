"""The audit trail: append-only, each event hashed with its predecessor's hash.

What people say in their own words is not in the chain: it lies beside it (``AuditPrivate``), and the chain holds its
salted hash. So it can be erased when its time is over, and the chain still holds.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Select, Table
from sqlmodel import Session, col, func, select

from config.words import ActorKind
from models.audit_words import ERASED, commitment, erased_by, split
from models.canonical import canonical, digest
from models.tables import AuditEvent, AuditPrivate, ChainHead
from models.tables.records import PRIVATE

__all__ = [
    "Actor",
    "Anchor",
    "Noted",
    "Verdict",
    "anchor",
    "canonical",
    "check_anchor",
    "digest",
    "event_hash",
    "seal",
    "verify",
    "verify_last",
]

GENESIS = "0" * 64


def event_hash(event: Any) -> str:
    """The hash an event (or a row of its table) must have, from its own fields and its predecessor's hash."""
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
    found = session.execute(_events().where(_TABLE.c.seq == kept.seq)).first()
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
    events = _events().where(_TABLE.c.seq > start.seq).order_by(_TABLE.c.seq)
    gone: set[int] = set()
    with session.execute(events.execution_options(yield_per=BATCH)) as rows:
        last, verdict = _follow(start, rows, gone, told)
    if verdict.broken_at is None:
        verdict = _against_head(session, last, verdict)
    if verdict.broken_at is None and gone:
        return Verdict(verdict.events, min(gone), "its words were taken away, and no erasure on record says so")
    return verdict if verdict.broken_at is not None else Verdict(verdict.events, erased=_count_erased(session))


def verify_last(session: Session, number: int) -> Verdict:
    """Whether the last ``number`` events fit each other, the event before them, and the head of the chain.

    Whether words that are gone were erased is for ``verify`` to say: the erasure may stand further back or ahead.
    """
    newest = _events().order_by(_TABLE.c.seq.desc()).limit(number + 1)
    events = list(reversed(session.execute(newest).all()))
    before = events.pop(0) if len(events) > number else None
    last, verdict = _follow(Anchor(before.seq, before.hash) if before else NOTHING, events, set())
    return verdict if verdict.broken_at is not None else _against_head(session, last, verdict)


_TABLE: Table = AuditEvent.__table__  # type: ignore[attr-defined]
_BESIDE: Table = AuditPrivate.__table__  # type: ignore[attr-defined]
BATCH = 2000
"""Events in memory at a time."""


def _events() -> Select[Any]:
    """The events as rows, each with what lies beside it."""
    own = [column.label("chained" if column.name == "data" else column.name) for column in _TABLE.c]
    beside = (_BESIDE.c.seq.label("beside"), _BESIDE.c.salt, _BESIDE.c.content)
    return sa.select(*own, *beside).select_from(_TABLE.outerjoin(_BESIDE, _BESIDE.c.seq == _TABLE.c.seq))


def _follow(
    start: Anchor, rows: Iterable[Any], gone: set[int], told: Callable[[int], None] | None = None
) -> tuple[Anchor, Verdict]:
    """The last link, and whether each of ``rows`` hangs in the one before it; ``gone`` is left with the events whose
    words were taken away without an erasure that says so."""
    previous, expected, count = start.hash, start.seq + 1, 0
    for event in rows:
        fault = _fault(event, expected, previous)
        if fault is not None:
            return Anchor(expected - 1, previous), Verdict(count, expected, fault)
        if _is_erased(event):
            gone.add(event.seq)
        if event.event == ERASED:
            gone.difference_update(erased_by(event))
        previous, expected, count = event.hash, expected + 1, count + 1
        if told is not None and count % BATCH == 0:
            told(count)
    return Anchor(expected - 1, previous), Verdict(count)


def _fault(event: Any, expected: int, previous: str) -> str | None:
    """What is wrong with an event in its place, if anything."""
    if event.seq != expected:
        return "an event is missing"
    if event.previous != previous:
        return "it does not follow the event before it"
    if event.hash != event_hash(event):
        return "its content was changed"
    if PRIVATE not in event.chained or _is_erased(event):
        return None
    if event.salt is None or event.content is None:
        return "its words are missing"
    if commitment(event.salt, event.content) != event.chained[PRIVATE]:
        return "its words were changed"
    return None


def _is_erased(event: Any) -> bool:
    return PRIVATE in event.chained and event.beside is not None and event.salt is None and event.content is None


def _count_erased(session: Session) -> int:
    gone = select(func.count()).select_from(AuditPrivate).where(col(AuditPrivate.salt).is_(None))
    return session.exec(gone).one()


def _against_head(session: Session, last: Anchor, verdict: Verdict) -> Verdict:
    head = session.get(ChainHead, 1)
    if head is None:
        return Verdict(verdict.events, last.seq + 1, "the head of the trail is missing")
    if (head.seq, head.hash) != (last.seq, last.hash):
        return Verdict(verdict.events, last.seq + 1, "the last events are missing")
    return verdict
