"""The pack of a coordination meeting as a workbook: a sheet for each of its lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from api.spreadsheets import Book, workbook
from config.languages import N_
from models.meeting import NamedCustomer, Pack

Say = Callable[[Any], str]


def pack_book(pack: Pack, say: Say, t: Say) -> bytes:
    """The workbook. ``t`` translates a text, ``say`` any value of a read model."""
    with workbook() as (book, path):
        _figures(book, pack, say, t)
        _major(book, pack, t)
        _late(book, pack, t)
        _customers(book, t(N_("Overdue above the threshold")), pack.debtors, pack.more_debtors, say, t)
        _customers(book, t(N_("High-risk customers")), pack.risky, pack.more_risky, say, t)
        _resolutions(book, pack, t)
        book.close()
        return path.read_bytes()


def _figures(book: Book, pack: Pack, say: Say, t: Say) -> None:
    sheet = book.sheet(t(N_("Figures")), (40, 20, 14))
    sheet.head((t(N_("Coordination meeting")), pack.period))
    for label, value in (
        (N_("Made on"), pack.on),
        (N_("Cases opened in the month"), pack.work.opened),
        (N_("Cases ended in the month"), pack.work.closed),
        (N_("Ended because nobody answered"), pack.work.lapsed),
        (N_("Duties of customer care missed"), pack.work.care_missed),
        (N_("Overdue in all"), pack.overdue),
    ):
        sheet.row((t(label), value))
    for one in pack.levels:
        sheet.row((say(one.level), one.customers))
    sheet.gap()
    sheet.head((t(N_("Age")), t(N_("Outstanding")), t(N_("Invoices"))))
    for band in pack.ageing:
        sheet.row((say(band.age), band.amount, band.invoices))


def _major(book: Book, pack: Pack, t: Say) -> None:
    sheet = book.sheet(t(N_("Open major cases")), (18, 22, 36, 18, 12, 30))
    sheet.head(
        tuple(
            t(one)
            for one in (N_("Case"), N_("Process"), N_("Customer"), N_("Amount (yuan)"), N_("Since"), N_("Waits at"))
        )
    )
    for case in pack.major:
        waits = t(case.waits_at) if case.waits_at else ""
        sheet.row((case.ref, t(case.process), case.title, case.amount, case.opened_on, waits))
    _more(sheet, pack.more_major, t)


def _late(book: Book, pack: Pack, t: Say) -> None:
    sheet = book.sheet(t(N_("Late steps")), (18, 22, 36, 26, 12, 30))
    sheet.head(
        tuple(
            t(one)
            for one in (N_("Case"), N_("Process"), N_("Customer"), N_("Step"), N_("Deadline"), N_("Not answered by"))
        )
    )
    for late in pack.late:
        people = ", ".join(late.people)
        sheet.row((late.ref, t(late.process), late.title, t(late.step), late.due_on, people))
    _more(sheet, pack.more_late, t)
    if pack.failed:
        sheet.gap()
        sheet.head((t(N_("Cases that stopped on an error")),))
        for failed in pack.failed:
            sheet.row((failed.ref, t(failed.process), failed.title))


def _customers(book: Book, title: str, rows: tuple[NamedCustomer, ...], more: int, say: Say, t: Say) -> None:
    sheet = book.sheet(title, (14, 36, 18, 18, 14, 14))
    headings = (N_("Number"), N_("Customer"), N_("Outstanding"), N_("Overdue"), N_("Overdue since"), N_("List"))
    sheet.head(tuple(t(one) for one in headings))
    for one in rows:
        listed = say(one.listed) if one.listed else ""
        sheet.row((one.number, one.name, one.exposure, one.overdue, one.oldest_due, listed))
    _more(sheet, more, t)


def _resolutions(book: Book, pack: Pack, t: Say) -> None:
    sheet = book.sheet(t(N_("Open resolutions")), (18, 60, 16, 12))
    sheet.head(tuple(t(one) for one in (N_("Case"), N_("What is to be done"), N_("Owner"), N_("Due on"))))
    for one in pack.resolutions:
        sheet.row((one.ref, one.what, one.owner, one.due_on))


def _more(sheet: Any, more: int, t: Callable[..., str]) -> None:
    if more:
        sheet.row((t(N_("And {count} more."), count=more),))
