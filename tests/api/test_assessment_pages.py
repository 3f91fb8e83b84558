"""The report of an assessment of the work, on a page of its own, for those it concerns."""

import pytest

from tests.api.conftest import Office
from tests.processes import conftest as playing
from tests.processes.assessed import FINDINGS, assessed


@pytest.fixture
def played(office: Office) -> playing.Office:
    """An assessment with two findings that are to be put right."""
    inside = playing.Office(office.house, office.clock, office.runner)
    assessed(inside)
    inside.answers("han.xue", "findings", findings=FINDINGS)
    return inside


def test_figures_and_findings_have_a_page_and_the_case_leads_there(office: Office, played: playing.Office) -> None:
    browser = office.sign_in("han.xue")
    path = f"/cases/{played.ref}/assessment"
    assert f'href="{path}"' in browser.get(f"/cases/{played.ref}").text
    page = browser.get(path + "?lang=en")
    assert page.status_code == 200
    assert "Assessment of the work, 2025H2" in page.text
    assert "纪要未经客户签署" in page.text
    assert "no data" in page.text
    assert browser.head(path).status_code == 200


def test_an_owner_sees_the_report_others_learn_nothing_of_it(office: Office, played: playing.Office) -> None:
    path = f"/cases/{played.ref}/assessment"
    assert office.sign_in("chen.yu").get(path).status_code == 200
    assert office.sign_in("sun.tao").get(path).status_code == 404


def test_another_case_has_no_such_report(office: Office) -> None:
    other = office.apply()
    assert office.sign_in("wu.gang").get(f"/cases/{other}/assessment").status_code == 404
