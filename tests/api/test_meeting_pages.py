"""The pack of a coordination meeting on pages: for those it concerns, on a page of its own and as a workbook."""

import io
import zipfile
from datetime import date

import pytest
from sqlmodel import select

from models.tables import AuditEvent
from tests.api.conftest import Office
from tests.processes import conftest as playing
from tests.processes.cared import MILL, owes, paper_mill
from tests.processes.meeting import opens


@pytest.fixture
def ref(office: Office) -> str:
    """February's meeting, with a paper mill that owes too much."""
    played = playing.Office(office.house, office.clock, office.runner)
    owes(played, paper_mill(played), "480000", date(2026, 2, 18))
    return opens(played)


def test_the_pack_has_a_page_of_its_own_and_the_case_leads_there(office: Office, ref: str) -> None:
    browser = office.sign_in("wu.gang")
    assert f'href="/cases/{ref}/pack"' in browser.get(f"/cases/{ref}").text
    page = browser.get(f"/cases/{ref}/pack")
    assert page.status_code == 200
    assert MILL in page.text
    assert "480,000.00" in page.text
    assert browser.head(f"/cases/{ref}/pack").status_code == 200
    with office.house.read() as session:
        looks = session.exec(select(AuditEvent).where(AuditEvent.event == "case.looked")).all()
    assert [look.data for look in looks if look.data.get("part") == "pack"] == [{"part": "pack"}]


def test_the_workbook_holds_the_same(office: Office, ref: str) -> None:
    browser = office.sign_in("wu.gang")
    answer = browser.get(f"/cases/{ref}/pack.xlsx")
    assert answer.headers["content-disposition"] == f'attachment; filename="{ref}.xlsx"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        debtors = book.read("xl/worksheets/sheet4.xml").decode()
    assert len(sheets) == 6
    assert MILL in debtors
    assert debtors.count("<v>480000</v>") == 2


def test_whom_the_meeting_does_not_concern_learns_nothing_of_it(office: Office, ref: str) -> None:
    browser = office.sign_in("li.na")
    for path in (f"/cases/{ref}/pack", f"/cases/{ref}/pack.xlsx"):
        assert browser.get(path).status_code == 404


def test_another_case_has_no_pack(office: Office) -> None:
    other = office.apply()
    browser = office.sign_in("wu.gang")
    assert browser.get(f"/cases/{other}/pack").status_code == 404
