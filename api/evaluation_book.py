"""The report of an evaluation as a workbook: figures, migration, changes one by one, concentration, indicators."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from api.spreadsheets import Book, workbook
from config.languages import N_
from models.evaluation import Report
from models.queries.evaluation import ChangeLine
from models.rules.migration import Migration

Say = Callable[[Any], str]


def report_book(report: Report, changes: Iterable[ChangeLine], say: Say, t: Say) -> bytes:
    """The workbook. ``t`` translates a text, ``say`` any value of a read model."""
    with workbook() as (book, path):
        _figures(book, report, say, t)
        _migrations(book, report, t)
        _changes(book, changes, say, t)
        _concentration(book, report, t)
        _indicators(book, report, say, t)
        book.close()
        return path.read_bytes()


def _figures(book: Book, report: Report, say: Say, t: Say) -> None:
    summary, totals = report.summary, report.summary.totals
    sheet = book.sheet(t(N_("Figures")), (44, 20, 14))
    sheet.head((t(N_("Quarterly evaluation")), summary.period))
    for label, value in (
        (N_("Measured up to"), summary.cut_off),
        (N_("Made on"), summary.on),
        (N_("Customers"), totals.customers),
        (N_("Exposure"), totals.exposure),
        (N_("Overdue"), totals.overdue),
        (N_("Overdue in percent"), totals.overdue_percent),
        (N_("Limits in force"), totals.limits),
        (N_("Limits in use, in percent"), totals.used_percent),
        (N_("Average score"), totals.average_points),
        (N_("Figures missing"), totals.figures_missing),
        (N_("Upgrades"), report.changes.up),
        (N_("Downgrades"), report.changes.down),
        (N_("Unchanged"), report.changes.same),
        (N_("Exceptions"), report.changes.exceptions),
        (N_("New high risks"), summary.new_high),
        (N_("Trading without a credit line"), summary.breaches.no_line),
        (N_("Limits above the cap"), summary.breaches.above_cap),
        (N_("Owing more than the limit"), summary.breaches.over_limit),
        (N_("Limits raised"), report.limits.raised),
        (N_("Limits cut"), report.limits.cut),
        (N_("Nominations for a list"), len(summary.candidates) + summary.more_candidates),
    ):
        sheet.row((t(label), value))
    sheet.gap()
    sheet.head((t(N_("Age")), t(N_("Outstanding")), t(N_("Invoices"))))
    first = sheet.at
    for age in report.ageing:
        sheet.row((t(age.label), age.amount, age.invoices))
    sheet.chart(book.columns(sheet, t(N_("Outstanding by age")), first, sheet.at - 1, 0, (1,)), "E2")


def _migrations(book: Book, report: Report, t: Say) -> None:
    sheet = book.sheet(t(N_("Migration")), (22, *(12,) * 6))
    summary = report.summary
    tables: tuple[tuple[str, Migration], ...] = (
        (N_("Credit grade"), summary.grades),
        (N_("Risk level"), summary.levels),
        (N_("Customer class"), summary.classes),
    )
    for title, table in tables:
        names = [word_label(title, word, t) for word in table.words]
        sheet.head((f"{t(title)}: {t(N_('before'))} ↓ {t(N_('after'))} →", *names, t(N_("Sum"))))
        for name, row in zip(names, table.counts, strict=True):
            sheet.row((name, *row, sum(row)))
        sheet.row((t(N_("First evaluation")), *table.first, sum(table.first)))
        sheet.row((t(N_("Sum")), *table.after, table.total))
        sheet.gap()


def _changes(book: Book, changes: Iterable[ChangeLine], say: Say, t: Say) -> None:
    sheet = book.sheet(t(N_("Changes")), (12, 34, 8, 14, 14, 14, 14, 14, 14, 16, 16, 16, 16, 8, 8, 30, 40))
    columns = (
        N_("Number"),
        N_("Customer"),
        N_("Score"),
        N_("Change"),
        N_("Grade before"),
        N_("Grade after"),
        N_("Level before"),
        N_("Level after"),
        N_("Class after"),
        N_("Exposure"),
        N_("Overdue"),
        N_("Limit before"),
        N_("Limit after"),
        N_("Term before"),
        N_("Term after"),
        N_("Found"),
        N_("Exception"),
    )
    sheet.head(t(column) for column in columns)
    for one in changes:
        exception = f"{say(one.exception)}: {one.exception_reason}" if one.exception else ""
        sheet.row(
            (
                one.number,
                one.name,
                one.points,
                say(one.change),
                _word(one.old_grade, say),
                say(one.new_grade),
                _word(one.old_level, say),
                say(one.new_level),
                say(one.new_class),
                one.exposure,
                one.overdue,
                one.old_limit,
                one.new_limit,
                one.old_term,
                one.new_term,
                " · ".join(say(flag) for flag in one.flags),
                exception,
            )
        )


def _concentration(book: Book, report: Report, t: Say) -> None:
    sheet = book.sheet(t(N_("Concentration")), (14, 36, 18, 12))
    for title, found in (
        (N_("Largest customers"), report.spread.customers),
        (N_("Industries"), report.spread.industries),
    ):
        sheet.head((t(title), "", t(N_("Exposure")), "%"))
        for share in found.largest:
            sheet.row((share.key, t(share.name), share.amount, share.percent))
        sheet.row((t(N_("Herfindahl–Hirschman index")), "", found.index))
        sheet.gap()


def _indicators(book: Book, report: Report, say: Say, t: Say) -> None:
    sheet = book.sheet(t(N_("Assessment")), (34, 14, 14, 14, 14, 20))
    columns = (N_("Indicator"), N_("Value (%)"), N_("Target (%)"), N_("Weight"), N_("Resting on"), N_("Result"))
    sheet.head(t(column) for column in columns)
    for one in report.assessment.indicators:
        result = {None: N_("No data"), True: N_("Target met"), False: N_("Target missed")}[one.met]
        sheet.row((say(one.label), one.value, one.target, one.weight, one.basis, t(result)))


def _word(word: Any, say: Say) -> str:
    return "" if word is None else say(word)


def word_label(title: str, word: str, t: Say) -> str:
    """The label of a word of a migration table."""
    from config.words import CreditGrade, CustomerClass, RiskLevel

    words = {"Credit grade": CreditGrade, "Risk level": RiskLevel, "Customer class": CustomerClass}[title]
    return t(words(word).label)
