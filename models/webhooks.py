"""What other programs are told of (webhooks): a closed vocabulary, derived from the audit trail.

A notice holds references and codes only: no names, no texts, no amounts. Whoever needs more asks the API for it, with
the rights of its own token. ``docs/webhooks.md`` describes every event; a test compares.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config.words import Word
from models.tables import AuditEvent, Case

VERSION = 1
"""Of the notices: raised when a receiver would have to change."""


class WebhookEvent(Word):
    """An event that a webhook may be told of."""

    CASE_OPENED = "case.opened", "Case opened"
    CASE_CLOSED = "case.closed", "Case closed"
    CASE_WITHDRAWN = "case.withdrawn", "Case withdrawn"
    CASE_FAILED = "case.failed", "Case stopped on an error"
    STEP_OPENED = "step.opened", "Step opened"
    STEP_ANSWERED = "step.answered", "Step answered by one person"
    STEP_CLOSED = "step.closed", "Step decided or closed"
    STANDING_CHANGED = "customer.standing_changed", "Customer's standing changed"
    EVALUATION_SIGNED = "evaluation.signed_off", "Quarterly evaluation signed off"
    INVOICE_RECORDED = "invoice.recorded", "Invoice recorded"
    INVOICE_WRITTEN_OFF = "invoice.written_off", "Invoice written off"
    PAYMENT_RECORDED = "payment.recorded", "Payment recorded"
    LEDGER_IMPORTED = "ledger.imported", "Invoices or payments imported"
    PAPER_SIGNED = "paper.signed", "Paper signed"
    PING = "ping", "Test notice"


@dataclass(frozen=True)
class Source:
    """Which notice an audit event becomes, with what of its data; ``change`` says which of several it is."""

    event: WebhookEvent
    takes: tuple[str, ...] = ()
    change: str | None = None


_STANDING = WebhookEvent.STANDING_CHANGED
SOURCES: Mapping[str, Source] = {
    "case.opened": Source(WebhookEvent.CASE_OPENED, ("origin",)),
    "case.closed": Source(WebhookEvent.CASE_CLOSED, ("outcome",)),
    "case.withdrawn": Source(WebhookEvent.CASE_WITHDRAWN),
    "case.failed": Source(WebhookEvent.CASE_FAILED),
    "step.opened": Source(WebhookEvent.STEP_OPENED, ("step",)),
    "step.answered": Source(WebhookEvent.STEP_ANSWERED, ("step", "action")),
    "step.closed": Source(WebhookEvent.STEP_CLOSED, ("step", "by", "outcome", "action")),
    "customer.admitted": Source(_STANDING, ("level", "grade"), "admitted"),
    "customer.refused": Source(_STANDING, change="refused"),
    "customer.listed": Source(_STANDING, ("list", "criterion", "since"), "listed"),
    "listing.ended": Source(_STANDING, ("list", "criterion"), "delisted"),
    "measure.set": Source(_STANDING, ("measure", "since", "until"), "measure_set"),
    "measure.lifted": Source(_STANDING, ("measures",), "measure_lifted"),
    "credit-line.effective": Source(_STANDING, change="credit_line_set"),
    "credit.restored": Source(_STANDING, ("grade", "until"), "credit_restored"),
    "probation.passed": Source(_STANDING, change="probation_passed"),
    "probation.relapsed": Source(_STANDING, change="probation_relapsed"),
    "evaluation.signed-off": Source(WebhookEvent.EVALUATION_SIGNED, ("period",)),
    "invoice.recorded": Source(WebhookEvent.INVOICE_RECORDED, ("customer", "number")),
    "invoice.written-off": Source(WebhookEvent.INVOICE_WRITTEN_OFF, ("number",)),
    "payment.recorded": Source(WebhookEvent.PAYMENT_RECORDED, ("customer", "reference")),
    "invoices.imported": Source(WebhookEvent.LEDGER_IMPORTED, ("new",), "invoices"),
    "payments.imported": Source(WebhookEvent.LEDGER_IMPORTED, ("new",), "payments"),
    "paper.signed": Source(WebhookEvent.PAPER_SIGNED, ("paper",)),
    "webhook.pinged": Source(WebhookEvent.PING, ("webhook",)),
}
"""By the audit event's name."""

CHOSEN = tuple(event for event in WebhookEvent if event is not WebhookEvent.PING)
"""What a webhook may ask for; a test notice goes to whoever is tested."""

CHANGES = tuple(source.change for source in SOURCES.values() if source.event is _STANDING and source.change)


def sources_of(events: frozenset[str]) -> list[str]:
    """The audit events that become one of ``events``."""
    return [name for name, source in SOURCES.items() if source.event.value in events]


def notice_id(event: AuditEvent) -> str:
    """The notice's name: the same at every attempt, and never another's, whatever database it comes from."""
    return f"evt_{event.hash[:32]}"


def notice(event: AuditEvent, case: Case | None) -> dict[str, Any]:
    """What is sent of an audit event."""
    source = SOURCES[event.event]
    data: dict[str, Any] = {"sequence": event.seq, "case": event.case_ref}
    if case is not None:
        data["process"] = case.process
        data["customer"] = f"K-{case.customer_id:06d}" if case.customer_id is not None else None
    if source.change is not None:
        data["change"] = source.change
    data |= {name: event.data[name] for name in source.takes if event.data.get(name) is not None}
    return {
        "id": notice_id(event),
        "type": source.event.value,
        "version": VERSION,
        "timestamp": event.at.isoformat(),
        "data": data,
    }
