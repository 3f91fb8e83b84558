"""Which part of an audit event is chained as it is, and which lies beside the chain, where it can be erased.

Numbers, dates, switches and words of closed vocabularies are chained. A text is chained only where its name is known
to hold a reference, a code or the id of a member of staff (``PLAIN``). Everything else may name somebody or quote what
they said: it lies beside the chain. So an event that is new, and that nobody has thought about, is on the safe side.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, time
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from cryptography.fernet import InvalidToken

from models.canonical import canonical, digest
from models.columns import blind, unseal_text
from models.tables import AuditEvent

ERASED = "privacy.erased"
"""The event that says whose words are gone; its ``events`` are stretches of the chain."""

# fmt: off
PLAIN = frozenset([
    "absent", "act", "action", "added", "after", "asked_by", "authority_kind", "back_to", "before", "by", "case",
    "cases", "change", "channel", "criterion", "currency", "customer", "customers", "decided_by", "delegator",
    "department", "departments", "digest", "digest_at", "erasure", "event", "event_awaited", "events", "field",
    "fields", "flow_run", "form", "format", "given_in", "grade", "handler", "invoices", "key", "keys", "kind",
    "klass", "language", "level", "list", "measure", "measures", "members", "number", "on", "opened", "origin",
    "outcome", "owner", "paper", "part", "payments", "people", "period", "person", "process", "quiet_from",
    "quiet_until", "raised_by", "reception", "recorded_by", "ref", "reference", "resolution", "result", "roles",
    "route", "routine", "rules", "rung", "schedule", "scopes", "seat", "set_by", "sha256", "shares", "since",
    "source", "state", "step", "steps", "substitute", "timer", "to", "told", "until", "version", "via", "wait",
    "was", "way", "webhook", "where", "who", "worker",
])
# fmt: on
"""Names of fields whose text is a reference, a code or the id of a member of staff, in every event."""

PLAIN_IN: Mapping[str, frozenset[str]] = {
    "customer.looked": frozenset({"what"}),
    "step.opened": frozenset({"content"}),
    "step.shown-anew": frozenset({"content"}),
    "export.taken": frozenset({"what"}),
    "answer.conflict-of-interest": frozenset({"why"}),
    "move.refused": frozenset({"why"}),
    "step.substitute-barred": frozenset({"why"}),
    "collections.contact": frozenset({"answer"}),
    "ledger.scanned": frozenset({"day"}),
}
"""Fields that are codes in one event only."""


def split(event: str, data: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What of an event is chained as it is, and what lies beside the chain; both as JSON."""
    known = PLAIN | PLAIN_IN.get(event, frozenset())
    private = {name for name, value in data.items() if name not in known and not _is_code(value)}
    written = json.loads(canonical(data))
    chained = {name: value for name, value in written.items() if name not in private}
    return chained, {name: _unsealed(value) for name, value in written.items() if name in private}


def _is_code(value: Any) -> bool:
    if value is None or isinstance(value, (bool, int, float, Decimal, date, time, Enum, UUID)):
        return True
    if isinstance(value, Mapping):
        return all(_is_code(one) for one in value.values())
    return isinstance(value, (list, tuple, set, frozenset)) and all(_is_code(one) for one in value)


def _unsealed(value: Any) -> Any:
    """What identifies a person is told by its keyed hash: the trail needs no key to be kept for it."""
    if isinstance(value, dict):
        return {name: _unsealed(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_unsealed(one) for one in value]
    if isinstance(value, str) and value.startswith("sealed:"):
        try:
            return "digest:" + blind(unseal_text(value.removeprefix("sealed:")))
        except (ValueError, InvalidToken):
            return "digest:unknown"
    return value


def commitment(salt: str, content: Mapping[str, Any]) -> str:
    """The hash by which the chain vouches for what lies beside it."""
    return digest([salt, content])


def stretches(seqs: Iterable[int]) -> list[list[int]]:
    """Numbers as stretches from … to, both included."""
    found: list[list[int]] = []
    for seq in sorted(set(seqs)):
        if found and found[-1][1] == seq - 1:
            found[-1][1] = seq
        else:
            found.append([seq, seq])
    return found


def erased_by(event: AuditEvent) -> set[int]:
    """The events whose words this erasure took away."""
    return {seq for first, last in event.chained.get("events", ()) for seq in range(first, last + 1)}
