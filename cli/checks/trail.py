"""The audit trail: its last events chained as they should be, or all of them."""

from __future__ import annotations

from collections.abc import Iterator

from cli.checks.finding import Finding, fail, ok
from cli.checks.ground import Ground, count
from models.audit import verify, verify_last

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
