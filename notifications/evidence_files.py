"""What goes into an evidence pack, file by file. Names are ours: nothing that was typed leads out of the folder."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import resources
from typing import Any

from sqlmodel import Session, col, select

from config.languages import N_, translate
from config.words import Language, Word
from models.audit import canonical
from models.errors import NotFound
from models.house import House
from models.operations.attachments import clean_name, read_attachment
from models.operations.papers import text_of
from models.queries.case import customer_facts
from models.queries.papers import paper_read
from models.queries.steps import names_of
from models.tables import (
    Allocation,
    Attachment,
    AuditEvent,
    Case,
    CollectionContact,
    Customer,
    Document,
    Invoice,
    JournalEntry,
    Paper,
    Payment,
)
from notifications.evidence_steps import steps_told
from notifications.papers import Signed, as_docx, as_html

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for a formula if a text begins with it."""


@dataclass(frozen=True)
class Content:
    """One file: where it lies in the pack, what it holds, and since when. ``what`` is translatable."""

    path: str
    data: bytes
    what: str
    at: datetime | None = None
    values: dict[str, object] = field(default_factory=dict)


def contents(house: House, session: Session, case: Case, language: Language) -> Iterator[Content]:
    """Every file of the pack but its index."""
    yield _record(session, case)
    yield from _papers(house, session, case)
    yield from _files(house, session, case)
    yield from _steps(session, case, language)
    yield from _contacts(session, case, language)
    if case.customer_id is not None:
        yield from _ledger(session, case.customer_id, language)
    yield _trail(session, case)


def _papers(house: House, session: Session, case: Case) -> Iterator[Content]:
    papers = session.exec(select(Paper).where(Paper.case_ref == case.ref).order_by(col(Paper.id))).all()
    for paper in papers:
        text, facts = text_of(paper), paper_read(session, paper).facts
        signed = [Signed(one.name, one.capacity, one.at, one.person_id) for one in facts.signatures]
        shape: dict[str, Any] = {"version": paper.version, "time_zone": house.settings.time_zone}
        name = f"papers/{paper.id:06d}-{_plain(paper.kind)}-{_plain(paper.number)}-v{paper.version}"
        what = N_("Paper: {title}, version {version}") if not paper.superseded else _SUPERSEDED
        values: dict[str, object] = {"title": text.title, "version": paper.version}
        page = as_html(text, signed, **shape, stylesheet="paper.css")
        yield Content(f"{name}.html", page.encode(), what, paper.made_at, values)
        yield Content(
            f"{name}.docx", as_docx(text, signed, **shape, made_at=paper.made_at), what, paper.made_at, values
        )
        # The exact text that signatures bind: its SHA-256 is the paper's fingerprint.
        yield Content(f"{name}.json", canonical(paper.content).encode(), _BOUND, paper.made_at, values)
    if papers:
        sheet = (resources.files("notifications") / "papers" / "paper.css").read_bytes()
        yield Content("papers/paper.css", sheet, N_("Style sheet of the papers"))


_SUPERSEDED = N_("Paper: {title}, version {version}, superseded")
_LOST = N_("File handed in, and lost or changed in the store: {name}")
_BOUND = N_("Exact text of {title}, version {version}, that signatures bind")


def _files(house: House, session: Session, case: Case) -> Iterator[Content]:
    statement = select(Attachment).where(Attachment.case_ref == case.ref).order_by(col(Attachment.id))
    for one in session.exec(statement):
        values: dict[str, object] = {"name": one.name}
        path = f"files/{one.id:06d}-{clean_name(one.name)}"
        try:
            yield Content(path, read_attachment(house, one), N_("File handed in: {name}"), one.at, values)
        except NotFound:
            lost = f"{one.sha256}  {one.name}\n".encode()
            yield Content(f"{path}.missing.txt", lost, _LOST, one.at, values)


def _steps(session: Session, case: Case, language: Language) -> Iterator[Content]:
    """Who was asked what, saw what, and answered what."""
    shown = steps_told(session, case, language)
    if shown:
        yield Content("steps.json", _json(shown), N_("Steps: what each showed, who was asked, who answered"))


def _record(session: Session, case: Case) -> Content:
    """The case itself, its customer as everyone on the case may see them, and what it did by itself."""
    customer = session.get(Customer, case.customer_id) if case.customer_id is not None else None
    papers = session.exec(select(Document).where(Document.case_ref == case.ref).order_by(col(Document.id))).all()
    entries = select(JournalEntry).where(JournalEntry.case_ref == case.ref).order_by(col(JournalEntry.id))
    told = {
        "case": about(case),
        "customer": customer_facts(customer).model_dump(mode="json") if customer else None,
        "documents": [
            {"kind": one.kind, "reference": one.reference, "received_at": _instant(one.received_at)} for one in papers
        ],
        "journal": [{"key": one.key, "verb": one.verb, "at": _instant(one.at)} for one in session.exec(entries)],
    }
    return Content("record.json", _json(told), N_("The case itself: its facts, its customer, its journal"))


def about(case: Case) -> dict[str, Any]:
    """What the case is, in the words of the record."""
    told = case.model_dump(
        mode="json",
        include={"ref", "process", "title", "state", "outcome", "because", "origin", "policy_version", "initiator_id"}
        | {"handler_id", "department", "amount", "opened_at", "closed_at", "withdrawal"},
    )
    return {name: told[name] for name in sorted(told)}


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")


def _json(data: Any) -> bytes:
    return (json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n").encode()


def _contacts(session: Session, case: Case, language: Language) -> Iterator[Content]:
    statement = select(CollectionContact).where(CollectionContact.case_ref == case.ref)
    found = session.exec(statement.order_by(col(CollectionContact.id))).all()
    if not found:
        return
    names = names_of(session, {one.by_person_id for one in found if one.by_person_id})
    rows = [
        (
            one.at.isoformat(),
            one.rung,
            one.way,
            one.answer,
            one.owed,
            names.get(one.by_person_id or "", one.by_person_id or ""),
            one.promise_on,
            one.promised,
            one.promise_kept,
            canonical(one.facts),
        )
        for one in found
    ]
    head = ("at", "rung", "way", "answer", "owed", "by", "promise_on", "promised", "promise_kept", "facts")
    yield Content("contacts.csv", table_of(head, rows, language), N_("Collection contacts"))


_INVOICE = (
    "number",
    "amount",
    "outstanding",
    "currency",
    "original",
    "issued_on",
    "due_on",
    "disputed",
    "settled_on",
    "written_off",
)
_PAYMENT = ("reference", "amount", "unallocated", "currency", "original", "received_on", "source", "note")


def _ledger(session: Session, customer_id: int, language: Language) -> Iterator[Content]:
    invoices = session.exec(
        select(Invoice).where(Invoice.customer_id == customer_id).order_by(col(Invoice.due_on), col(Invoice.id))
    ).all()
    payments = session.exec(
        select(Payment).where(Payment.customer_id == customer_id).order_by(col(Payment.received_on), col(Payment.id))
    ).all()
    if invoices:
        rows = [[getattr(one, name) for name in _INVOICE] for one in invoices]
        yield Content("ledger/invoices.csv", table_of(_INVOICE, rows, language), N_("Invoices of the customer"))
    if payments:
        rows = [[getattr(one, name) for name in _PAYMENT] for one in payments]
        yield Content("ledger/payments.csv", table_of(_PAYMENT, rows, language), N_("Payments of the customer"))
        numbers, references = {one.id: one.number for one in invoices}, {one.id: one.reference for one in payments}
        parts = session.exec(
            select(Allocation)
            .join(Payment, col(Payment.id) == Allocation.payment_id)
            .where(Payment.customer_id == customer_id)
            .order_by(col(Allocation.id))
        ).all()
        settled = [
            (references.get(one.payment_id), numbers.get(one.invoice_id), one.amount, one.at.isoformat())
            for one in parts
        ]
        head = ("payment", "invoice", "amount", "at")
        yield Content("ledger/allocations.csv", table_of(head, settled, language), N_("Which payment settled what"))


def _trail(session: Session, case: Case) -> Content:
    statement = select(AuditEvent).where(AuditEvent.case_ref == case.ref).order_by(col(AuditEvent.seq))
    lines = [
        canonical(
            {
                "seq": one.seq,
                "at": one.at.isoformat(timespec="microseconds"),
                "case_ref": one.case_ref,
                "actor": [one.actor_kind.value, one.actor_id],
                "event": one.event,
                "data": one.chained,
                "previous": one.previous,
                "hash": one.hash,
            }
            | ({"private": {"salt": one.private.salt, "content": one.private.content}} if one.private else {})
        )
        for one in session.exec(statement)
    ]
    return Content("audit.jsonl", ("\n".join(lines) + "\n").encode(), N_("Audit trail of the case, event by event"))


def table_of(head: Sequence[str], rows: Iterable[Sequence[object]], language: Language) -> bytes:
    """Rows as CSV that spreadsheets open rightly, and in which no text is taken for a formula."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([_cell(value, language) for value in row] for row in rows)
    return made.getvalue().encode("utf-8-sig")


def _cell(value: object, language: Language) -> str:
    if value is None:
        return ""
    if isinstance(value, Word):
        return translate(value.label, language)
    if isinstance(value, str) and value.startswith(FORMULA):
        return "'" + value
    return str(value)


def _plain(name: str) -> str:
    """A kind or number as a part of a file's name."""
    return re.sub(r"[^A-Za-z0-9-]+", "-", name).strip("-")[:40] or "paper"
