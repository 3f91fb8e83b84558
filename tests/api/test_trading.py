"""May this customer trade: asked by programs, answered with reasons; and the pages beside credit repair."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import select

from config.words import ListingKind, MeasureKind, Security
from models.operations.standing import set_measure
from models.tables import Case, CreditLine, Customer, Listing, OutboxMessage, OutsideLink
from tests.outsiders import Mailbox
from tests.processes.listed import on_the_list, owes, timber_trader
from tests.processes.repairing import APPROVAL


def asked(office: Any, number: str = "K-000001", who: str = "zheng.li", **query: str) -> Any:
    query = {"lang": "en", **query}
    return office.browser.get(f"/api/v1/customers/{number}/trading", params=query, headers=office.token(who))


@pytest.fixture
def trader(office: Any) -> int:
    """The timber trader with a line of 600,000 over 30 days, of which 150,000 are used; a case to refer to."""
    ref = office.apply()
    customer = timber_trader(office)
    with office.house.work() as work:
        line = CreditLine(
            customer_id=customer,
            case_ref=ref,
            limit=Decimal("600000"),
            term_days=30,
            securities=[Security.DEPOSIT],
            recorded_by="he.jing",
            effective_from=work.now,
        )
        work.add(line)
    owes(office, customer, "150000", date(2026, 4, 1))
    return customer


def test_the_answer_says_how_much_on_what_terms_and_why(office: Any, trader: int) -> None:
    answer = asked(office, f"K-{trader:06d}")
    assert answer.status_code == 200
    assert answer.json() == {
        "customer": f"K-{trader:06d}",
        "name": "徐州恒丰木业有限公司",
        "may_trade": True,
        "amount": None,
        "credit_limit": "600000.00",
        "used": "150000.00",
        "available": "450000.00",
        "term_days": 30,
        "prepay": False,
        "securities": ["deposit"],
        "conditions": [],
        "because": ["The credit line: 600,000.00 yuan, 30 days"],
    }


def test_an_amount_is_held_against_what_is_available(office: Any, trader: int) -> None:
    assert asked(office, f"K-{trader:06d}", amount="450000").json()["may_trade"] is True
    refused = asked(office, f"K-{trader:06d}", amount="450000.01").json()
    assert refused["may_trade"] is False
    assert refused["because"][0] == "450,000.01 yuan are asked for; 450,000.00 are available"


def test_a_frozen_line_leaves_prepayment(office: Any, trader: int) -> None:
    with office.house.work() as work:
        ref = work.session.exec(select(Case.ref)).first()
        set_measure(work, trader, ref or "", MeasureKind.FREEZE, until=date(2026, 6, 30))
    answer = asked(office, f"K-{trader:06d}").json()
    assert (answer["may_trade"], answer["prepay"], answer["available"]) == (True, True, "0.00")


@pytest.mark.parametrize("amount", ["0", "-5", "abc", "1.001", "NaN", "1e30"])
def test_an_amount_that_is_none_is_refused(office: Any, trader: int, amount: str) -> None:
    assert asked(office, f"K-{trader:06d}", amount=amount).status_code == 422


def test_unknown_customers_and_those_of_others_are_not_there(office: Any, trader: int) -> None:
    assert asked(office, "K-999999").status_code == 404
    assert asked(office, f"K-{trader:06d}", who="sun.tao").status_code == 404
    assert asked(office, f"K-{trader:06d}", who="li.na").status_code == 200
    assert office.browser.get(f"/api/v1/customers/K-{trader:06d}/trading").status_code == 401


# -- credit repair besides its steps ---------------------------------------------------------------------------------


@pytest.fixture
def listed(office: Any) -> int:
    customer = timber_trader(office)
    on_the_list(office, customer, date(2025, 2, 1))
    return customer


def test_the_customer_applies_by_link_and_code_and_hears_of_the_result(
    office: Any, listed: int, read_forms: Any
) -> None:
    handler = office.sign_in("li.na")
    form = office.forms(f"/repair/invite?customer=K-{listed:06d}", handler)["repair"]
    assert form["customer"] == f"K-{listed:06d}"
    sent = handler.post("/repair/invite", data={**form, "name": "刘恒丰", "email": "liu@hengfeng.example"})
    assert sent.headers["location"] == f"/customers/K-{listed:06d}"
    mail, outsider = Mailbox(office.house), office.new_browser()
    link = mail.link()
    page = outsider.get(link)
    assert "徐州恒丰木业有限公司" in page.text
    assert "李娜" not in page.text
    answers = {
        **read_forms(page.text)["outside"],
        "corrected": "结清货款，更换财务负责人",
        "standing": "在手订单 620 万元",
        "evidence.0.what": "结清证明",
        "evidence.0.reference": "JQ-2025-31",
        "applicant": "刘恒丰 总经理",
    }
    outsider.post(f"{link}/code", data=answers)
    assert outsider.post(link, data={**answers, "_code": mail.code()}).status_code == 303
    office.runner.run_ready()
    with office.house.read() as session:
        case = session.exec(select(Case)).one()
    assert (case.origin, case.handler_id, case.input["application"]["evidence"]) == (
        "outside",
        "li.na",
        ["结清证明 [JQ-2025-31]"],
    )
    office.answer(case.ref, "li.na", "complete")
    office.answer(case.ref, "chen.yu", "review", recommendation="supports", grade="C", review="整改到位")
    for who in ("wu.gang", "feng.bo", "zheng.li"):
        office.answer(case.ref, who, "agree")
    office.answer(case.ref, "qian.wei", "grant", **APPROVAL)
    with office.house.read() as session:
        told = session.exec(select(OutboxMessage).where(OutboxMessage.kind == "repair_answered")).one()
        assert session.exec(select(Listing)).one().until == date(2026, 3, 10)
    assert told.payload["result"] == "approved"


def test_a_step_of_the_repair_shows_everything_in_both_languages(office: Any, listed: int) -> None:
    browser = office.sign_in("li.na")
    form = office.forms(f"/start/credit-repair?customer=K-{listed:06d}", browser)["start"]
    opened = browser.post(
        "/start/credit-repair",
        data={**form, "corrected": "结清货款", "standing": "正常经营", "evidence.0.what": "结清证明"},
    )
    assert opened.status_code == 303, opened.text
    office.runner.run_ready()
    ref = opened.headers["location"].rpartition("/")[2]
    signer = office.asked(ref)["li.na"]
    english = browser.get(f"/steps/{signer.id}?lang=en").text
    for words in ("Conditions of credit repair", "All arrears are paid", "结清证明", "Malicious arrears"):
        assert words in english
    chinese = browser.get(f"/steps/{signer.id}?lang=zh_CN").text
    for words in ("信用修复条件", "逾期款项已全部结清", "恶意拖欠"):
        assert words in chinese


def test_an_invitation_for_somebody_never_listed_is_answered_clearly(office: Any) -> None:
    customer = timber_trader(office)
    browser = office.sign_in("li.na")
    form = office.forms("/repair/invite", browser)["repair"]
    given = {**form, "customer": f"K-{customer:06d}", "name": "刘恒丰", "email": "liu@hengfeng.example"}
    browser.get("/repair/invite?lang=en")
    answer = browser.post("/repair/invite", data=given)
    assert answer.status_code == 409
    assert "is not on the grey or black list" in answer.text
    with office.house.read() as session:
        assert session.exec(select(OutsideLink)).all() == []


def test_only_those_whose_business_it_is_invite_and_report(office: Any, listed: int) -> None:
    assert office.sign_in("zheng.li").get("/repair/invite").status_code == 403
    assert office.sign_in("li.na").get("/repair/relapse").status_code == 403
    assert office.sign_in("li.na").get("/repair/anything").status_code == 404
    number = f"K-{listed:06d}"
    body = {"name": "刘恒丰", "email": "liu@hengfeng.example"}
    path = f"/api/v1/customers/{number}/repair-link"
    assert office.browser.post(path, json=body, headers=office.token("chen.yu")).status_code == 403
    made = office.browser.post(path, json=body, headers=office.token("li.na"))
    assert made.status_code == 201
    assert made.json()["customer"] == number
    wrong = office.browser.post(path, json={**body, "email": "nobody"}, headers=office.token("li.na"))
    assert wrong.status_code == 422


def test_a_relapse_is_reported_by_risk_and_only_where_there_is_something_to_relapse_from(
    office: Any, listed: int
) -> None:
    path = f"/api/v1/customers/K-{listed:06d}/relapse"
    headers = office.token("chen.yu")
    assert office.browser.post(path, json={"reason": "再次拖欠"}, headers=headers).status_code == 409
    assert office.browser.post(path, json={"reason": ""}, headers=headers).status_code == 422
    browser = office.sign_in("li.na")
    form = office.forms(f"/start/credit-repair?customer=K-{listed:06d}", browser)["start"]
    given = {**form, "corrected": "结清", "standing": "正常", "evidence.0.what": "结清证明"}
    ref = browser.post("/start/credit-repair", data=given).headers["location"].rpartition("/")[2]
    office.runner.run_ready()
    told = office.browser.post(path, json={"reason": "再次拖欠"}, headers=headers)
    assert told.json()["ref"] == ref
    assert office.events("repair.relapse-noted")[0].data["why"] == "再次拖欠"


def test_the_nomination_is_made_on_a_page_and_a_second_one_joins_it(office: Any) -> None:
    customer = timber_trader(office)
    browser = office.sign_in("chen.yu")

    def nominates(what: str) -> Any:
        form = office.forms("/start/listing-decision", browser)["start"]
        facts = {"customer": f"K-{customer:06d}", "kind": "grey", "criterion": "breach_of_contract"}
        return browser.post(
            "/start/listing-decision", data={**form, **facts, "reason": "擅自转卖", "evidence.0.what": what}
        )

    first, second = nominates("合同"), nominates("转卖发票")
    assert first.headers["location"] == second.headers["location"]
    on_the_list(office, customer, date(2026, 1, 1), ListingKind.BLACK)
    browser.get("/start/listing-decision?lang=en")
    with office.house.read() as session:
        assert session.get_one(Customer, customer).name in nominates("再次").text
