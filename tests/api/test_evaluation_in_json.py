"""An evaluation by API: the same list, exceptions and report as on the pages, with the same refusals."""

import io
import zipfile

import pytest

from config.words import CreditGrade
from tests.processes.conftest import Office as Inside
from tests.processes.portfolio import (
    FALLING,
    STEADY,
    evaluates,
    furnish_portfolio,
    row_of,
    through_the_matrix,
    to_the_matrix,
)


@pytest.fixture
def inside(house, clock, runner):
    """The same house, as its people work in it."""
    return Inside(house, clock, runner)


@pytest.fixture
def ids(inside):
    """A portfolio whose evaluation waits for its review."""
    found = furnish_portfolio(inside)
    evaluates(inside)
    return found


@pytest.fixture
def call(office, inside):
    def call(who, method, path, **more):
        extra = more.pop("headers", {})
        headers = {**office.token(who), **extra}
        return office.browser.request(method, f"/api/v1/cases/{inside.ref}{path}", headers=headers, **more)

    return call


EXCEPTION = {"grade": "C", "reason": "新厂投产"}


def test_the_list_says_what_changes_for_whom(call, ids):
    changes = call("chen.yu", "GET", "/changes").json()["items"]
    assert FALLING in [one["name"] for one in changes]
    assert STEADY not in [one["name"] for one in changes]
    everybody = call("chen.yu", "GET", "/changes", params={"show": "everybody"}).json()["items"]
    assert STEADY in [one["name"] for one in everybody]
    assert all(one["exposure"].count(".") == 1 for one in everybody), "amounts are text in yuan"


def test_the_list_comes_in_pages(call, ids):
    everybody = call("chen.yu", "GET", "/changes", params={"show": "everybody"}).json()["items"]
    seen, cursor = [], None
    while True:
        query = {"show": "everybody", "limit": 2, **({"cursor": cursor} if cursor else {})}
        page = call("chen.yu", "GET", "/changes", params=query).json()
        seen += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == everybody


def test_a_reviewer_makes_an_exception_and_drops_it(call, office, inside, ids):
    number = f"K-{ids[FALLING]:06d}"
    made = call("chen.yu", "PUT", f"/changes/{number}/exception", json=EXCEPTION)
    assert (made.status_code, made.json()["exception"]) == (200, "C")
    assert row_of(inside, ids[FALLING]).exception is CreditGrade.C
    assert call("chen.yu", "DELETE", f"/changes/{number}/exception").json()["exception"] is None
    assert [len(office.events(f"evaluation.{name}")) for name in ("exception", "exception-dropped")] == [1, 1]


def test_an_exception_based_on_what_is_no_longer_so_is_refused(call, inside, ids):
    path = f"/changes/K-{ids[FALLING]:06d}"
    tag = call("chen.yu", "GET", path).headers["etag"]
    assert call("liu.yang", "PUT", f"{path}/exception", json=EXCEPTION).status_code == 200
    late = call("chen.yu", "PUT", f"{path}/exception", json={**EXCEPTION, "grade": "B"}, headers={"if-match": tag})
    assert (late.status_code, late.json()["code"]) == (412, "version-changed")
    assert row_of(inside, ids[FALLING]).exception is CreditGrade.C


def test_only_who_reviews_makes_exceptions_and_only_who_may_see_knows_of_it(call, ids):
    path = f"/changes/K-{ids[FALLING]:06d}/exception"
    assert call("wu.gang", "PUT", path, json=EXCEPTION).status_code == 403
    assert call("sun.tao", "PUT", path, json=EXCEPTION).status_code == 404
    assert call("sun.tao", "GET", "/changes").status_code == 404
    assert call("chen.yu", "PUT", "/changes/K-999999/exception", json=EXCEPTION).status_code == 404
    wrong = call("chen.yu", "PUT", path, json={"grade": "E", "reason": ""})
    assert {one["field"] for one in wrong.json()["problems"]} == {"grade", "reason"}


def test_the_report_is_there_once_it_is_drawn_up(call, office, inside, ids):
    assert call("wu.gang", "GET", "/report").status_code == 404
    to_the_matrix(inside)
    through_the_matrix(inside)
    told = call("zhou.hong", "GET", "/report").json()
    assert told["case"] == inside.ref
    assert told["report"]["summary"]["totals"]["customers"] == 6, "an applicant is not evaluated"
    book = call("zhou.hong", "GET", "/report.xlsx")
    assert "xl/workbook.xml" in zipfile.ZipFile(io.BytesIO(book.content)).namelist()


def test_another_cases_changes_are_not_there(office, house):
    ref = office.apply()
    answer = office.browser.get(f"/api/v1/cases/{ref}/changes", headers=office.token("li.na"))
    assert answer.status_code == 404
