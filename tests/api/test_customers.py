"""Customers on pages and for programs: who may see whom, what is found, what is shown, and that every look is kept."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import select

from config.words import (
    CreditGrade,
    CustomerStatus,
    CustomerType,
    Department,
    ListingCriterion,
    ListingKind,
    MeasureKind,
    RiskLevel,
)
from models.operations.applications import set_identifier
from models.operations.cases import open_case
from models.operations.standing import list_customer, set_measure
from models.processes import ProcessKind
from models.tables import CreditLine, Customer, CustomerFigures, Invoice, Listing, Person, Progress

CODE = "91320300MA1MRWPX2H"
STEEL, TIMBER, COAL = "徐州恒远钢铁贸易有限公司", "连云港木材有限公司", "淮北煤炭运销有限公司"


@pytest.fixture
def portfolio(office) -> str:
    """A steel trader of 李娜's on the black list, a timber trader of 孙涛's, a coal dealer that nobody handles.

    Returns the case of the steel trader."""
    ref = office.apply()
    with office.house.work() as work:
        steel = work.session.exec(select(Customer)).one()
        steel.status, steel.risk_level, steel.credit_grade = CustomerStatus.ADMITTED, RiskLevel.HIGH, CreditGrade.D
        timber = Customer(
            type=CustomerType.SMALL,
            name=TIMBER,
            handler_id="sun.tao",
            status=CustomerStatus.ADMITTED,
            risk_level=RiskLevel.LOW,
            credit_grade=CreditGrade.A,
            created_at=work.now,
        )
        coal = Customer(type=CustomerType.LARGE, name=COAL, created_at=work.now)
        set_identifier(work, coal, "91340600MA2N0K0X1Q")
        work.add(steel, timber, coal)
        list_customer(
            work,
            steel.id or 0,
            ListingKind.BLACK,
            ListingCriterion.MALICIOUS_ARREARS,
            "三次催收均拒付",
            ["催收函"],
            ref,
        )
        work.add(
            Listing(
                kind=ListingKind.GREY,
                criterion=ListingCriterion.BREACH,
                name=TIMBER,
                customer_id=timber.id,
                reason="延迟交货",
                since=date(2024, 1, 5),
                until=date(2025, 1, 5),
                ended_because="已整改",
            ),
            CreditLine(customer_id=timber.id, limit=Decimal(800000), term_days=45, effective_from=work.now),
            CustomerFigures(customer_id=timber.id, figures={"debt_ratio": "41"}, source="opening", as_of=work.now),
            Invoice(
                number="FP-1",
                customer_id=timber.id,
                amount=Decimal(300000),
                outstanding=Decimal(120000),
                issued_on=date(2026, 1, 5),
                due_on=date(2026, 2, 5),
                recorded_at=work.now,
            ),
        )
        set_measure(work, timber.id or 0, ref, MeasureKind.SHORTER_TERM, terms={"term_days": 15}, reason="回款变慢")
    return ref


def found(office, who: str, query: str = "") -> list[str]:
    answer = office.browser.get(f"/api/v1/customers{query}", headers=office.token(who))
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json()["items"]]


# -- the list ---------------------------------------------------------------------------------------------------------


def test_business_sees_the_customers_it_handles_and_the_others_see_all(office, portfolio):
    assert found(office, "li.na") == [STEEL]
    assert found(office, "sun.tao") == [TIMBER]
    for everyone in ("chen.yu", "zheng.li", "feng.bo", "zhou.hong", "xu.ming"):
        assert set(found(office, everyone)) == {STEEL, TIMBER, COAL}


def test_whoever_is_asked_in_a_case_sees_its_customer(office, portfolio):
    assert found(office, "wang.jun") == []
    office.answer(portfolio, "li.na", "confirm")
    office.answer(portfolio, "chen.yu", "adjust", points=83, reason="x")
    assert found(office, "wang.jun") == [STEEL]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (f"?text={TIMBER[3:5]}", {TIMBER}),
        ("?text=K-000002", {TIMBER}),
        (f"?text={CODE}", {STEEL}),
        ("?text=%25", set()),
        ("?level=high", {STEEL}),
        ("?grade=A", {TIMBER}),
        ("?listed=black", {STEEL}),
        ("?listed=grey", set()),
        ("?status=applicant", {COAL}),
        ("?mine=true", set()),
    ],
)
def test_customers_are_found_by_what_is_known_of_them(office, portfolio, query, names):
    assert set(found(office, "chen.yu", query)) == names


def test_the_list_goes_on_where_the_page_before_ended(office, portfolio):
    headers, seen, query = office.token("chen.yu"), [], "?limit=1"
    while query:
        page = office.browser.get(f"/api/v1/customers{query}", headers=headers).json()
        seen += [item["name"] for item in page["items"]]
        query = f"?limit=1&cursor={page['next_cursor']}" if page["next_cursor"] else ""
    assert sorted(seen) == sorted([STEEL, TIMBER, COAL])
    assert office.browser.get("/api/v1/customers?cursor=x", headers=headers).status_code == 422


def test_the_page_lists_them_and_keeps_the_filter(office, portfolio):
    page = office.sign_in("chen.yu").get("/customers?listed=black&lang=en").text
    assert STEEL in page
    assert TIMBER not in page
    assert '<option value="black" selected>' in page
    assert "Black list" in page


# -- one customer -----------------------------------------------------------------------------------------------------


def test_a_customers_page_says_how_it_stands_and_whether_it_may_trade(office, portfolio):
    page = office.sign_in("chen.yu").get("/customers/K-000001?lang=en").text
    assert "May this customer trade now?" in page
    assert '<span class="pill bad">No</span>' in page
    assert "Malicious arrears" in page
    assert "三次催收均拒付" in page
    assert portfolio in page
    assert CODE not in page, "identity numbers are masked"
    assert "9132**********PX2H" in page


def test_debts_line_and_measures_are_shown(office, portfolio):
    page = office.sign_in("chen.yu").get("/customers/K-000002?lang=en").text
    assert "¥ 120,000.00" in page
    assert "31–60 days overdue" in page
    assert "Shorter payment term" in page
    assert "Opening figure" in page
    assert "since" not in page.split("Grey list")[1][:120], "that entry is over"
    assert "Debt ratio" in page or "资产负债率" in page


def test_whom_one_may_not_see_is_not_to_be_known(office, portfolio):
    browser = office.sign_in("li.na")
    for number in ("K-000002", "K-000099", "nonsense"):
        assert browser.get(f"/customers/{number}").status_code == 404
        answer = office.browser.get(f"/api/v1/customers/{number}", headers=office.token("li.na"))
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


def test_every_look_is_on_record(office, portfolio):
    office.sign_in("chen.yu").get("/customers/K-000001")
    office.sign_in("chen.yu").head("/customers/K-000001")
    office.browser.get(f"/api/v1/customers/{CODE}", headers=office.token("zheng.li"))
    looks = [(event.actor_id, event.data["customer"]) for event in office.events("customer.looked")]
    assert looks == [("chen.yu", "K-000001"), ("zheng.li", "K-000001")]


def test_programs_read_a_customer_whole(office, portfolio):
    whole = office.browser.get("/api/v1/customers/K-000002?lang=en", headers=office.token("zheng.li")).json()
    assert whole["customer"]["number"] == "K-000002"
    assert whole["credit_line"] == {
        "limit": "800000.00",
        "term_days": 45,
        "securities": [],
        "since": whole["credit_line"]["since"],
        "case": None,
    }
    assert (whole["debts"]["total"], whole["debts"]["oldest_due"]) == ("120000.00", "2026-02-05")
    assert [one["until"] for one in whole["listings"]] == ["2025-01-05"]
    assert whole["measures"][0]["in_force"]
    assert whole["trading"]["may_trade"] in (True, False)


def test_a_case_leads_to_its_customer(office, portfolio):
    assert 'href="/customers/K-000001"' in office.sign_in("li.na").get(f"/cases/{portfolio}").text


# -- taking over a portfolio ------------------------------------------------------------------------------------------

HEADER = "客户类型,客户名称,统一社会信用代码,经办人,信用等级,风险等级,先款后货,授信额度,账期,debt_ratio\n"
PORT = 'medium_enterprise,宿迁港务物流有限公司,91321300MA1T0XK28G,sun.tao,良好,中风险,否,"1,200,000.00",60,47\n'
MILL = "小型企业,睢宁面粉有限公司,,li.na,C,low,是,,,\n"


def sent(office, text: str, who: str = "xu.ming"):
    headers = office.token(who) | {"content-type": "text/csv"}
    return office.browser.post("/api/v1/customers/import", content=text.encode("gb18030"), headers=headers)


def test_customers_are_taken_over_with_their_opening_figures(office):
    answer = sent(office, HEADER + PORT + MILL)
    assert answer.status_code == 200, answer.text
    assert answer.json() | {"encoding": ""} == {"rows": 2, "encoding": "", "new": 2, "repeated": 0, "lines": 1}
    whole = office.browser.get("/api/v1/customers/K-000001", headers=office.token("sun.tao")).json()
    assert (whole["customer"]["status"], whole["customer"]["credit_grade"]) == ("admitted", "B")
    assert (whole["customer"]["risk_level"], whole["figures_as_of"] is not None) == ("medium", True)
    assert (whole["credit_line"]["limit"], whole["credit_line"]["case"]) == ("1200000.00", None)
    assert found(office, "li.na") == ["睢宁面粉有限公司"]


def test_the_same_file_again_changes_nothing(office):
    sent(office, HEADER + PORT + MILL)
    assert sent(office, HEADER + PORT + MILL).json()["repeated"] == 2
    assert len(found(office, "chen.yu")) == 2


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (PORT.replace("91321300MA1T0XK28G", "91321300MA1T0XK28A"), "identifier"),
        (PORT.replace("sun.tao", "nobody"), "handler"),
        (PORT.replace(",60,", ",,"), "term_days"),
        (PORT.replace("中风险", "很高"), "risk_level"),
        (PORT.replace("否", "是"), "limit"),
        (PORT.replace("否", "也许"), "prepays"),
        (PORT.replace("1,200,000.00", "-5"), "limit"),
        (MILL, "name"),
        (PORT.rstrip("\n"), ""),
    ],
)
def test_one_wrong_row_and_nothing_is_taken_over(office, row, column):
    answer = sent(office, HEADER + MILL + row)
    assert answer.status_code == 422
    assert answer.json()["code"] == "import-refused"
    assert [one["field"] for one in answer.json()["problems"]] == [f"row 3: {column}".removesuffix(": ")]
    assert found(office, "chen.yu") == []


def test_a_number_that_is_somebody_elses_is_told(office):
    sent(office, HEADER + PORT)
    answer = sent(office, HEADER + PORT.replace("宿迁港务", "淮安港务"))
    assert answer.status_code == 422
    assert "K-000001 宿迁港务物流有限公司" in answer.json()["problems"][0]["message"]


def test_customers_are_taken_over_on_a_page_too_but_not_by_everybody(office):
    browser = office.sign_in("xu.ming")
    form = office.forms("/import/customers", browser)["import-customers"]
    files = {"file": ("kunden.csv", (HEADER + PORT).encode(), "text/csv")}
    page = browser.post("/import/customers", data={"_csrf": form["_csrf"]}, files=files)
    assert page.status_code == 200
    assert found(office, "chen.yu") == ["宿迁港务物流有限公司"]
    wrong = {"file": ("kunden.csv", (HEADER + PORT.replace("sun.tao", "nobody")).encode(), "text/csv")}
    page = browser.post("/import/customers?lang=en", data={"_csrf": form["_csrf"]}, files=wrong)
    assert page.status_code == 422
    assert "There is no such active person." in page.text
    assert office.sign_in("li.na").get("/import/customers").status_code == 403
    assert sent(office, HEADER + PORT, "li.na").status_code == 403


# -- cases that are nobody's or everybody's ---------------------------------------------------------------------------


def test_a_case_of_the_whole_portfolio_shows_how_far_it_has_come(office):
    with office.house.work() as work:
        li_na = work.session.get_one(Person, "li.na")
        kind = ProcessKind("toy-portfolio", "TOY", "Toy")
        case = open_case(
            work, kind, title="2026Q1", initiator=None, handler=li_na, department=Department.RISK, origin="schedule"
        )
        work.add(Progress(case_ref=case.ref, what="Score everybody", done=25_000, total=100_000, at=work.now))
    browser = office.sign_in("li.na")
    page = browser.get(f"/cases/{case.ref}?lang=en").text
    assert "25,000 / 100,000" in page
    assert "The system" in page
    shown = office.browser.get(f"/api/v1/cases/{case.ref}", headers=office.token("li.na")).json()
    assert (shown["customer"], shown["initiator"]) == (None, None)
    assert shown["progress"] == {"what": "Score everybody", "done": 25_000, "total": 100_000}


def test_a_case_that_came_from_outside_says_so(office):
    with office.house.work() as work:
        li_na = work.session.get_one(Person, "li.na")
        kind = ProcessKind("toy-outside", "TOY", "Toy")
        case = open_case(
            work, kind, title="x", initiator=None, handler=li_na, department=Department.RISK, origin="outside"
        )
    assert "The customer, from outside" in office.sign_in("li.na").get(f"/cases/{case.ref}?lang=en").text
