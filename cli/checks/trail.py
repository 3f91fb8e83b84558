"""The audit trail: its last events chained as they should be, or all of them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import Session, col, select

from cli.checks.finding import Finding, fail, ok
from cli.checks.ground import Ground, count
from models.audit import Verdict, event_hash, verify
from models.tables import AuditEvent, ChainHead

LAST = 1000


def look(ground: Ground) -> Iterator[Finding]:
    """The last thousand links of the chain; every one when asked to look deep."""
    with ground.house.read() as session:
        verdict = verify(session) if ground.deep else verify_last(session, LAST)
    if verdict.broken_at is not None:
        told = f"Event {verdict.broken_at} breaks the chain: {verdict.why}"
        yield fail("audit trail", f"{told}. Keep the database as it is and compare it with the last backup.")
    else:
        which = "all" if ground.deep else "the last"
        more = "" if ground.deep else " `clientrisk audit verify` reads all."
        yield ok("audit trail", f"{count(verdict.events, 'event')} read ({which}), every one unchanged.{more}")


def verify_last(session: Session, number: int) -> Verdict:
    """Whether the last ``number`` events fit each other, the event before them, and the head of the chain."""
    newest = select(AuditEvent).order_by(col(AuditEvent.seq).desc()).limit(number + 1)
    events = list(reversed(session.exec(newest).all()))
    head = session.get(ChainHead, 1)
    if not events:
        return Verdict(0) if head is None or head.seq == 0 else Verdict(0, 1, "the last events are missing")
    before = events.pop(0) if len(events) > number else None
    previous, expected = (before.hash, before.seq + 1) if before else ("0" * 64, 1)
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
