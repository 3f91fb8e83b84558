"""A reception on phones, without scripts: a handler begins it in the field, and the client signs its minutes."""

from __future__ import annotations

from typing import Any

import pytest

from config.words import ReceptionTrigger
from flows.direct_driver import DirectRunner, VirtualClock
from models.house import House
from models.queries.ledger import customer_number
from models.tables import Case, PaperSignature
from tests.browser.conftest import PHONE, sign_in
from tests.outsiders import Mailbox
from tests.processes.conftest import Office
from tests.processes.received import CLIENT, QUALIFIED, agreed, client, qualify, receives, signed_by_team


@pytest.fixture
def office(house: House, clock: VirtualClock, runner: DirectRunner) -> Office:
    return Office(house, clock, runner)


def test_the_client_opens_the_link_from_the_mail_asks_for_the_code_and_signs(
    office: Office, address: str, phone: Any
) -> None:
    receives(office)
    agreed(office)
    signed_by_team(office)
    assert office.waits_for() == {}, "nobody inside is asked: the client is"
    mail = Mailbox(office.house)
    phone.goto(address + mail.link())
    assert "4月、5月各付29.5万元" in phone.inner_text("main")
    form = phone.locator("#outside")
    form.locator("[value=sign]").check()
    form.locator("button", has_text="获取验证码").tap()
    phone.locator(".notice.good").wait_for()
    form = phone.locator("#outside")
    assert form.locator("[value=sign]").is_checked(), "what was filled in is still there"
    form.locator("[name=name]").fill("周雅")
    form.locator("[name=capacity]").fill("总经理")
    form.locator("[name=agreed]").check()
    form.locator("[name=_code]").fill(mail.code())
    send = form.locator("button.primary")
    assert send.bounding_box()["width"] <= PHONE["width"]
    with phone.expect_navigation():
        send.tap()
    assert "您的答复已记录" in phone.inner_text("main")
    office.runner.run_ready()
    assert office.waits_for() == {"risk-response#1": ["chen.yu", "liu.yang"]}
    outside = [one for one in office.all(PaperSignature) if one.via == "outside"]
    assert [(one.name, one.capacity) for one in outside] == [("周雅", "总经理")]


def test_a_handler_begins_a_reception_from_the_customers_page(office: Office, address: str, phone: Any) -> None:
    qualify(office, *QUALIFIED)
    number = customer_number(client(office))
    sign_in(office.house, address, phone, "li.na")
    phone.goto(f"{address}/customers/{number}")
    phone.get_by_role("link", name="风险客户接待", exact=True).tap()
    form = phone.locator("#start")
    assert number in form.locator("[name=customer]").input_value()
    form.locator(f"[name=trigger][value={ReceptionTrigger.COMPLAINT}]").check()
    form.locator("[name=reason]").fill("客户当面称第三批面料色差，要求当天答复")
    form.locator("button.primary").tap()
    phone.wait_for_url(f"{address}/cases/*")
    assert CLIENT in phone.inner_text("main")
    (case,) = office.all(Case)
    assert (case.process, case.initiator_id, case.origin) == ("risk-reception", "li.na", "page")
    assert phone.url == f"{address}/cases/{case.ref}"
    office.ref = case.ref
    office.runner.run_ready()
    assert list(office.waits_for().values()) == [["chen.yu", "liu.yang"]]
