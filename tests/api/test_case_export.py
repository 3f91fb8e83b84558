"""The list of cases as a file: what the list shows and no more, harmless, in the reader's language, and on record."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET
import zipfile

import pytest

from api import case_book


def rows_of(answer) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"\xef\xbb\xbf"), "spreadsheet programs read it right"
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheet_of(answer) -> list[list[tuple[str, str]]]:
    """The cells of a workbook's one sheet, row by row: how each is written (``inlineStr``, ``n``, ``f``), and what."""
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        (name,) = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        sheet = ET.fromstring(book.read(name))
    rows = []
    for row in sheet.iter(f"{NAMESPACE}row"):
        cells = []
        for cell in row:
            kind = "f" if cell.find(f"{NAMESPACE}f") is not None else cell.get("t", "n")
            cells.append((kind, "".join(cell.itertext())))
        rows.append(cells)
    return rows


def test_the_csv_holds_what_the_list_shows(office):
    ref = office.at_approval()
    office.apply(by="sun.tao", name="兴化蟹业", identifier=None)
    answer = office.browser.get("/api/v1/cases.csv?lang=en", headers=office.token("li.na"))
    (row,) = rows_of(answer)
    assert row["Reference"] == ref
    assert row["Process"] == "Onboarding review"
    assert row["Amount (yuan)"] == "1240000.00"
    assert (row["Waits at"], row["Waits for"]) == ("Approval of limit and term", "王军")
    assert row["Opened"] == "2026-03-10 09:30", "on the company's clock"
    assert answer.headers["content-disposition"] == 'attachment; filename="cases-2026-03-10.csv"'


def test_columns_and_words_are_in_the_readers_language(office):
    office.apply()
    answer = office.sign_in("li.na").get("/cases.csv?lang=zh_CN")
    (row,) = rows_of(answer)
    assert row["流程"] == "客户准入审查"
    assert row["状态"] == "进行中"


def test_a_file_holds_the_filtered_list_in_its_order(office):
    small = office.apply(requested_limit="90000.00")
    large = office.apply(by="sun.tao", name="兴化蟹业", identifier=None, requested_limit="2000000.00")
    office.apply(name="邳州银杏食品", identifier=None, requested_limit=None)
    browser = office.sign_in("zhou.hong")
    refs = [row["Reference"] for row in rows_of(browser.get("/cases.csv?least=1&order=amount&lang=en"))]
    assert refs == [large, small]


@pytest.mark.parametrize("title", ["=cmd|' /C calc'!A0", "+1", "-2+3", "@SUM(A1)", "\t=1"])
def test_no_title_becomes_a_formula(office, title):
    office.apply(name=f"{title}有限公司", identifier=None)
    browser = office.sign_in("zhou.hong")
    (row,) = rows_of(browser.get("/cases.csv?lang=en"))
    assert not row["Title"].startswith(("=", "+", "-", "@", "\t"))
    kind, text = sheet_of(browser.get("/cases.xlsx?lang=en"))[1][2]
    assert kind == "inlineStr"
    assert text.strip() == f"{title}有限公司".strip(), "a workbook knows what is text"


def test_the_workbook_holds_numbers_as_numbers(office):
    ref = office.apply()
    answer = office.browser.get("/api/v1/cases.xlsx?lang=en", headers=office.token("li.na"))
    assert answer.headers["content-type"].startswith("application/vnd.openxmlformats")
    heads, only = sheet_of(answer)
    row = dict(zip([text for _, text in heads], only, strict=True))
    assert row["Reference"] == ("inlineStr", ref)
    assert row["Amount (yuan)"] == ("n", "1240000")


def test_every_case_is_in_the_file_however_many_pieces_it_is_read_in(office, monkeypatch):
    monkeypatch.setattr(case_book, "PIECE", 2)
    refs = [office.apply(name=f"第{n}号公司", identifier=None) for n in range(5)]
    rows = rows_of(office.sign_in("zhou.hong").get("/cases.csv?lang=en"))
    assert [row["Reference"] for row in rows] == refs[::-1]


def test_what_was_taken_out_is_on_record_before_it_is_out(office):
    office.apply()
    office.sign_in("zhou.hong").get("/cases.csv?state=running")
    office.browser.get("/api/v1/cases.xlsx", headers=office.token("li.na"))
    first, second = office.events("cases.exported")
    assert (first.actor_id, first.data["format"], first.data["rows"]) == ("zhou.hong", "csv", 1)
    assert first.data["filters"] == {"state": "running"}
    assert (second.actor_id, second.actor_kind, second.data["format"]) == ("li.na", "program", "xlsx")


def test_asking_only_for_the_head_takes_nothing(office):
    office.apply()
    answer = office.sign_in("zhou.hong").head("/cases.csv")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    assert office.events("cases.exported") == []


def test_more_than_a_file_may_hold_is_refused_rather_than_cut(office, monkeypatch):
    monkeypatch.setattr(case_book, "MOST_ROWS", 1)
    office.apply()
    office.apply(by="sun.tao", name="兴化蟹业", identifier=None)
    answer = office.browser.get("/api/v1/cases.csv", headers=office.token("zhou.hong"))
    assert answer.status_code == 409
    assert office.events("cases.exported") == []


def test_a_filter_that_cannot_be_understood_gives_no_file(office):
    office.apply()
    answer = office.sign_in("zhou.hong").get("/cases.csv?opened_from=yesterday")
    assert answer.status_code == 422
    assert office.events("cases.exported") == []
