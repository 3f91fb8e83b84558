"""Customers, invoices and payments as files, each within the rights of whoever asks. Every export is on record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from fastapi import Request
from starlette.responses import Response

from api.caller import house_of
from api.language import language_of
from api.table_files import CSV, XLSX, table_file
from config.languages import N_, translate
from config.words import CreditGrade, CustomerClass, CustomerStatus, Language, ListingKind, RiskLevel, Word
from models.audit import Actor
from models.errors import NotFound
from models.house import House
from models.queries.customers import CustomerFilter, customers
from models.queries.ledger_lists import invoices, payments
from models.tables import Person

AT_ONCE = 500
Rows = Iterator[Sequence[object]]

HEADS: dict[str, tuple[str, ...]] = {
    "customers": (
        N_("Number"),
        N_("Name"),
        N_("Type"),
        N_("Status"),
        N_("Risk level"),
        N_("Credit grade"),
        N_("Customer class"),
        N_("Handler"),
        N_("Lists"),
    ),
    "invoices": (
        N_("Number"),
        N_("Customer number"),
        N_("Customer"),
        N_("Amount (yuan)"),
        N_("Outstanding (yuan)"),
        N_("Issued"),
        N_("Due"),
        N_("Days overdue"),
        N_("Open"),
        N_("Disputed"),
        N_("Settled on"),
        N_("Written off (yuan)"),
    ),
    "payments": (
        N_("Reference"),
        N_("Customer number"),
        N_("Customer"),
        N_("Amount (yuan)"),
        N_("Not yet used (yuan)"),
        N_("Received"),
        N_("Settles"),
        N_("Note"),
    ),
}


def export_file(request: Request, what: str, kind: str, person: Person, actor: Actor) -> Response:
    """A list as a file, on record as taken by ``actor``.

    Raises:
        NotFound: there is no such list, or no such kind of file.
    """
    if what not in HEADS or kind not in (CSV, XLSX):
        raise NotFound(N_("There is no such page."))
    house, language = house_of(request), language_of(request, person)
    wanted = {name: value[:200] for name, value in request.query_params.items() if name in FILTERS and value}
    with house.work(actor) as work:
        work.record("export.taken", what=what, format=kind, filters=wanted)
    head = [translate(one, language) for one in HEADS[what]]
    rows = ROWS[what](house, person, wanted, language)
    return table_file(what, kind, head, rows, widths=WIDTHS[what])


FILTERS = frozenset({"text", "status", "level", "grade", "class", "listed", "mine"})
WIDTHS = {
    "customers": (12, 36, 18, 12, 14, 14, 22, 12, 12),
    "invoices": (20, 14, 36, 16, 16, 12, 12, 10, 8, 8, 12, 16),
    "payments": (20, 14, 36, 16, 16, 12, 40, 30),
}


def _word(vocabulary: type[Word], value: str | None) -> Any:
    return vocabulary(value) if value in list(vocabulary) else None


def _said(value: Word | bool | None, language: Language) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return translate(N_("Yes") if value else N_("No"), language)
    return translate(value.label, language)


def _customers(house: House, person: Person, asked: dict[str, str], language: Language) -> Rows:
    wanted = CustomerFilter(
        text=asked.get("text", "").strip(),
        status=_word(CustomerStatus, asked.get("status")),
        level=_word(RiskLevel, asked.get("level")),
        grade=_word(CreditGrade, asked.get("grade")),
        customer_class=_word(CustomerClass, asked.get("class")),
        listed=_word(ListingKind, asked.get("listed")),
        mine=bool(asked.get("mine")),
    )
    on, cursor = house.calendar.day_of(house.clock()), None
    with house.read() as session:
        while True:
            page = customers(session, house.keys, person, wanted, on, limit=AT_ONCE, cursor=cursor)
            for one in page.items:
                words = (one.type, one.status, one.risk_level, one.credit_grade, one.customer_class)
                said = [_said(word, language) for word in words]
                yield one.number, one.name, *said, one.handler, _said(one.listed, language)
            session.expunge_all()
            if (cursor := page.next_cursor) is None:
                return


def _invoices(house: House, person: Person, _asked: dict[str, str], language: Language) -> Rows:
    on, cursor = house.calendar.day_of(house.clock()), None
    with house.read() as session:
        while True:
            page = invoices(session, person, on, limit=AT_ONCE, cursor=cursor)
            for one in page.items:
                facts = (one.number, one.customer, one.name, one.amount, one.outstanding, one.issued_on, one.due_on)
                stand = (one.days_overdue, _said(one.open, language), _said(one.disputed, language))
                yield *facts, *stand, one.settled_on, one.written_off
            session.expunge_all()
            if (cursor := page.next_cursor) is None:
                return


def _payments(house: House, person: Person, _asked: dict[str, str], _language: Language) -> Rows:
    cursor = None
    with house.read() as session:
        while True:
            page = payments(session, person, limit=AT_ONCE, cursor=cursor)
            for one in page.items:
                settles = " ".join(f"{number}:{amount}" for number, amount in one.settled)
                facts = (one.reference, one.customer, one.name, one.amount, one.unallocated, one.received_on)
                yield *facts, settles, one.note
            session.expunge_all()
            if (cursor := page.next_cursor) is None:
                return


ROWS: dict[str, Callable[[House, Person, dict[str, str], Language], Rows]] = {
    "customers": _customers,
    "invoices": _invoices,
    "payments": _payments,
}
