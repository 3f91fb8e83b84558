"""An evaluation on pages: the list with exceptions, the report with its charts, the workbook."""

import io
import zipfile
from decimal import Decimal
from xml.etree import ElementTree

import pytest

from config.words import CreditGrade
from models.queries.evaluation import ON_A_PAGE
from models.tables import Customer, EvaluationRow
from tests.processes.conftest import Office as Inside
from tests.processes.portfolio import (
    FALLING,
    RISING,
    STEADY,
    Held,
    evaluates,
    furnish_portfolio,
    row_of,
    take_in,
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


def excepts(office, browser, ref, number, **fields):
    form = office.forms(f"/cases/{ref}/changes/{number}", browser)["exception"]
    return browser.post(f"/cases/{ref}/changes/{number}", data={**form, **fields})


def test_the_review_shows_what_was_found_and_leads_to_the_list(office, inside, ids):
    browser = office.sign_in("chen.yu")
    page = browser.get(f"/steps/{office.asked(inside.ref)['chen.yu'].id}?lang=en").text
    assert "3 downgrades" in page
    assert "2,226,000.00" in page
    assert f"/cases/{inside.ref}/changes" in page
    listed = browser.get(f"/cases/{inside.ref}/changes").text
    assert FALLING in listed
    assert STEADY not in listed, "who does not change is not listed"
    assert STEADY in browser.get(f"/cases/{inside.ref}/changes?show=everybody").text
    assert RISING not in browser.get(f"/cases/{inside.ref}/changes?show=down").text
    assert browser.get(f"/cases/{inside.ref}/changes?show=nonsense").status_code == 200


def test_a_reviewer_makes_an_exception_and_takes_it_back(office, inside, ids):
    browser = office.sign_in("chen.yu")
    sent = excepts(office, browser, inside.ref, "K-000002", grade="C", reason="新厂投产")
    assert sent.status_code == 303
    assert row_of(inside, ids[FALLING]).exception is CreditGrade.C
    assert "新厂投产" in browser.get(f"/cases/{inside.ref}/changes/K-000002").text
    form = office.forms(f"/cases/{inside.ref}/changes/K-000002", browser)["drop"]
    assert browser.post(f"/cases/{inside.ref}/changes/K-000002", data=form).status_code == 303
    assert row_of(inside, ids[FALLING]).exception is None
    assert [len(office.events(f"evaluation.{name}")) for name in ("exception", "exception-dropped")] == [1, 1]


def test_what_is_missing_or_forged_changes_nothing_and_keeps_what_was_typed(office, inside, ids):
    browser = office.sign_in("chen.yu")
    unreasoned = excepts(office, browser, inside.ref, "K-000002", grade="C", reason=" ")
    assert unreasoned.status_code == 422
    wrong = excepts(office, browser, inside.ref, "K-000002", grade="E", reason="<b>新厂投产</b>")
    assert wrong.status_code == 422
    assert "&lt;b&gt;新厂投产&lt;/b&gt;" in wrong.text
    forged = browser.post(f"/cases/{inside.ref}/changes/K-000002", data={"grade": "C", "reason": "x", "_csrf": "no"})
    assert forged.status_code == 403
    assert browser.get(f"/cases/{inside.ref}/changes/K-000999").status_code == 404
    assert browser.get(f"/cases/{inside.ref}/changes/../secret").status_code == 404
    assert row_of(inside, ids[FALLING]).exception is None


def test_only_those_asked_see_the_form_and_outsiders_see_nothing(office, inside, ids):
    watching = office.sign_in("wu.gang")
    page = watching.get(f"/cases/{inside.ref}/changes/K-000002")
    assert page.status_code == 200
    assert 'id="exception"' not in page.text
    stranger = office.sign_in("li.na")
    for path in ("changes", "changes/K-000002", "report", "report.xlsx"):
        assert stranger.get(f"/cases/{inside.ref}/{path}").status_code == 404
    office.apply()
    (other,) = [
        c.ref for c in inside.all(type(inside.case)) if c.ref.startswith("ONB-2026-00000") and c.title != "历史客户"
    ]
    assert stranger.get(f"/cases/{other}/changes").status_code == 404, "only evaluations have a list"


def test_the_list_goes_on_page_by_page_and_shows_everybody_once(office, inside):
    for number in range(ON_A_PAGE + 7):
        take_in(inside, Held(f"徐州第{number:03d}贸易有限公司", "D", "high", "D"))
    evaluates(inside)
    browser = office.sign_in("chen.yu")
    first = browser.get(f"/cases/{inside.ref}/changes").text
    more = first.split('class="pager"><a class="button" href="')[1].split('"')[0].replace("&amp;", "&")
    second = browser.get(more).text
    names = {c.name for c in inside.all(Customer)}
    assert all((name in first) != (name in second) for name in names)
    assert "pager" not in second
    assert browser.get(f"/cases/{inside.ref}/changes?cursor=nonsense").status_code == 422


def test_the_report_draws_its_charts_without_script_or_style(office, inside, ids):
    assert "There is no report yet" in office.sign_in("chen.yu").get(f"/cases/{inside.ref}/report?lang=en").text
    to_the_matrix(inside)
    through_the_matrix(inside)
    page = office.sign_in("zhou.hong").get(f"/cases/{inside.ref}/report?lang=en").text
    for word in ("<script", "style=", "<style", " onclick"):
        assert word not in page
    charts = [f"<svg{rest.split('</svg>')[0]}</svg>" for rest in page.split("<svg")[1:]]
    assert len(charts) == 6
    for chart in charts:
        root = ElementTree.fromstring(chart)
        assert root.get("aria-label")
    assert "No data" in page
    assert "83.3" in page
    assert "Above the share that policy allows" in page


def test_the_workbook_holds_every_change_and_no_formula(office, inside, house):
    take_in(inside, Held('=HYPERLINK("http://boese.example","Klick")', "D", "high", "D", line=("100000", 30)))
    evaluates(inside)
    to_the_matrix(inside)
    inside.answers("zhou.hong", "sign-off")
    answer = office.sign_in("zhou.hong").get(f"/cases/{inside.ref}/report.xlsx?lang=en")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == f'attachment; filename="{inside.ref}.xlsx"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        everything = "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    assert len(sheets) == 5
    assert "<f>" not in "".join(part for part in everything.split("<row")[1:])
    assert "=HYPERLINK(" in everything
    assert "Quarterly evaluation" in everything


def test_the_case_page_shows_the_way_to_list_and_report(office, inside, ids):
    page = office.sign_in("wu.gang").get(f"/cases/{inside.ref}?lang=en").text
    assert f'href="/cases/{inside.ref}/report"' in page
    assert "6 customers were evaluated for 2025Q4" in page


def test_it_is_begun_by_operations_or_risk_on_a_page(office, inside):
    browser = office.sign_in("xu.ming")
    form = next(f for name, f in office.forms("/start/quarterly-evaluation", browser).items() if "period" in f)
    refused = browser.post("/start/quarterly-evaluation", data={**form, "period": "2026Q1"})
    assert refused.status_code == 422
    opened = browser.post("/start/quarterly-evaluation", data={**form, "period": "2025Q4"})
    assert opened.status_code == 303
    assert opened.headers["location"] == "/cases/EVA-2026-000001"
    assert office.sign_in("li.na").get("/start/quarterly-evaluation").status_code in (403, 404)


def test_amounts_stay_exact_in_the_list(office, inside, ids):
    rows = {row.customer_id: row for row in inside.all(EvaluationRow)}
    assert rows[ids[RISING]].new_limit == Decimal("1200000.00")
    assert "1,200,000.00" in office.sign_in("chen.yu").get(f"/cases/{inside.ref}/changes").text
