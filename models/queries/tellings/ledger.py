"""How what happens in the ledger is told on a case's timeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.languages import N_
from models.queries.shown import Sentence
from models.queries.telling import Referred, Teller, saying


def _invoices(message: str) -> Teller:
    """A sentence about the invoices that the event names."""

    def tell(_case: Referred, data: Mapping[str, Any]) -> Sentence:
        return Sentence(message=message, values={"invoices": ", ".join(map(str, data.get("invoices", ())))})

    return tell


def _received(_case: Referred, data: Mapping[str, Any]) -> Sentence:
    references = ", ".join(map(str, data.get("payments", ())))
    values = {"amount": str(data.get("amount", "–")), "payments": references}
    return Sentence(message=N_("{amount} yuan came in: {payments}"), values=values)


TELLERS: dict[str, Teller] = {
    "payment.received": _received,
    "invoices.disputed": _invoices(N_("The customer disputes: {invoices}")),
    "invoices.undisputed": _invoices(N_("No longer in dispute: {invoices}")),
    "invoice.written-off": saying(N_("Written off: {amount} yuan of the invoice {number}"), "amount", "number"),
}
