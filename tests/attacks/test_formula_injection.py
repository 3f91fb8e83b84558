"""What somebody wrote is text in every file that a spreadsheet program opens: never a formula, a link or a macro."""

from __future__ import annotations

import csv
import io
import re
import zipfile

import pytest

from api.table_files import harmless
from tests.attacks.places import SHOWING

STARTS = ("=", "+", "-", "@", "\t", "\r")
A_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
FILES = [door for door in SHOWING if re.search(r"\.(csv|xlsx|\{kind\})$", door.path) and "template" not in door.path]


def addresses(place):
    """Every address that gives out a table as a file, of this house."""
    for door in FILES:
        path = door.path
        if path in ("/import/customers.csv", "/import/template.csv"):  # empty ones, to be filled in
            continue
        for ref in place.refs if "{ref}" in path else [""]:
            for kind in ("csv", "xlsx") if "{kind}" in path else [""]:
                for what in ("customers", "invoices", "payments") if "{what}" in path else [""]:
                    yield path.replace("{ref}", ref).replace("{kind}", kind).replace("{what}", what)


def taken(company):
    found = 0
    for place in company:
        browser = place.signed_in("zhou.hong")
        token = None
        for path in addresses(place):
            if path.startswith("/api/"):
                continue  # the same files by another door: ``test_programs_are_given_the_same_files``
            answer = browser.get(path, headers=token)
            if answer.status_code == 200:
                found += 1
                yield path, answer
    assert found > 40


@pytest.fixture(scope="module")
def files(company):
    return list(taken(company))


def test_no_cell_of_a_csv_file_is_a_formula(files):
    attacked = 0
    for path, answer in files:
        if not answer.headers["content-type"].startswith("text/csv"):
            continue
        for row in csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))):
            for cell in row:
                attacked += "1+1" in cell
                assert not cell.startswith(STARTS) or A_NUMBER.fullmatch(cell), (path, cell[:60])
    assert attacked > 20


def test_no_cell_of_a_workbook_is_a_formula_or_a_link(files):
    attacked = 0
    for path, answer in files:
        if "spreadsheetml" not in answer.headers["content-type"]:
            continue
        with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
            whole = {name: book.read(name).decode("utf-8", "replace") for name in book.namelist()}
        attacked += any("1+1" in part for part in whole.values())
        for name, part in whole.items():
            assert "vbaProject" not in name, path
            if name.startswith("xl/worksheets/"):
                assert "<f>" not in part, (path, name)
                assert "<f " not in part, (path, name)
                assert "<hyperlink" not in part, (path, name)
            assert 'TargetMode="External"' not in part, (path, name)
            assert "<xss-probe" not in part, (path, name)
    assert attacked > 5


def test_programs_are_given_the_same_files():
    """Each file has a door on the pages and one in the API; both go through the same writer."""
    by_page = {door.path for door in FILES if not door.for_programs}
    by_program = {door.path.removeprefix("/api/v1") for door in FILES if door.for_programs}
    assert by_program <= by_page
    for door in FILES:
        if door.path == "/import/customers.csv":  # a heading to be filled in, without anybody's words
            continue
        names = door.route.endpoint.__code__.co_names
        module = door.route.endpoint.__globals__
        writers = {"table_file", "export_file", "case_file", "workbook", "as_workbook", "report_file", "pack_file"}
        known = writers | {name for name in names if "book" in name or "file" in name or "export" in name}
        assert known & set(names) & set(module), door


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "=cmd|'/c calc'!A1", '=HYPERLINK("http://evil.example")'],
)
def test_each_beginning_of_a_formula_is_made_text(cell):
    assert harmless(cell) == "'" + cell


@pytest.mark.parametrize("cell", [" =1+1", "\n=1+1", "\u00a0=1+1", "\ufeff=1+1", "＝1+1", "＋1", "－1+1", "＠SUM(1)"])
def test_what_hides_the_beginning_of_a_formula_does_not_help(cell):
    """Some programs trim cells, or take full-width signs for plain ones, before they look for a formula."""
    assert harmless(cell).startswith("'")


@pytest.mark.parametrize("cell", ["-5", "+86", "-12.50", "0", "2026-03-10", "李娜", "K-000001", ""])
def test_plain_values_stay_as_they_are(cell):
    assert harmless(cell) == cell
