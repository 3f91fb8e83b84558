"""The moves in a real browser, as wide as a phone and without scripts: the menu is one sheet, and it works."""

from __future__ import annotations

from typing import Any

import pytest
from stdnum.cn import uscc

from config.words import SignerState
from models.house import House, person
from models.operations.moves import delegate
from models.tables import Signer
from tests.browser.conftest import PHONE, answered, asked, at_approval, link, sign_in

GRAIN = "91320301MA1MRWPX2" + uscc.calc_check_digit("91320301MA1MRWPX2")


def test_open_the_link_transfer_it_and_the_other_approves(
    house: House,
    address: str,
    place: Signer,
    phone: Any,
) -> None:
    phone.goto(link(house, address, place))
    assert phone.locator(".dock button").inner_text() == "同意", "the primary answer stays first"
    more = phone.locator("#more > summary")
    assert more.inner_text() == "更多"
    assert more.bounding_box()["y"] < PHONE["height"], "in reach without scrolling"
    more.tap()
    sheet = phone.locator(".sheet-body")
    assert sheet.bounding_box()["y"] > 0, "what it is about stays in view above the sheet"
    sheet.locator("summary", has_text="转办").tap()
    form = phone.locator("#move-transfer")
    form.locator("select").select_option("zhou.hong")
    form.locator("textarea").fill("出差至周五")
    form.locator("button").tap()
    assert "已转办。" in phone.locator(".notice.good").inner_text()
    assert "您已将本环节转办周红。" in phone.locator("#became").inner_text()
    assert phone.locator(".dock").count() == 0

    phone.goto(link(house, address, asked(house, "zhou.hong")))
    assert "出差至周五" in phone.locator(".notice.info").inner_text()
    phone.locator(".dock button").tap()
    assert "已记录，谢谢。" in phone.locator(".notice.good").inner_text()
    with house.read() as session:
        states = {session.get_one(Signer, place.id).state}
    assert states == {SignerState.TRANSFERRED}


def test_a_move_sent_wrong_comes_back_in_the_open_sheet(
    house: House,
    address: str,
    place: Signer,
    phone: Any,
) -> None:
    phone.goto(link(house, address, place))
    phone.locator("#more > summary").tap()
    phone.locator(".sheet-body summary", has_text="加签").tap()
    form = phone.locator("#move-add-signer")
    form.locator("select").select_option("feng.bo")
    form.locator("[value=before]").check()
    form.locator("textarea").fill("   ")
    form.locator("button").tap()
    phone.locator("#notice").wait_for()
    form = phone.locator("#move-add-signer")
    assert form.is_visible(), "the sheet is open at the move"
    assert form.locator("select").input_value() == "feng.bo"
    assert form.locator("[value=before]").is_checked()
    assert form.locator(".error").count() == 1


def test_the_sheet_closes_again_and_one_move_is_open_at_a_time(
    house: House,
    address: str,
    place: Signer,
    phone: Any,
) -> None:
    phone.goto(link(house, address, place))
    phone.locator("#more > summary").tap()
    phone.locator(".sheet-body summary", has_text="转办").tap()
    phone.locator(".sheet-body summary", has_text="委派").tap()
    assert not phone.locator("#move-transfer").is_visible()
    assert phone.locator("#move-delegate").is_visible()
    phone.locator("#more > summary").tap()
    assert not phone.locator(".sheet-body").is_visible()


@pytest.mark.parametrize("width", [320, 390, 1440])
@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_nothing_scrolls_sideways_with_the_menu_open_or_a_proposal_to_confirm(
    house: House,
    address: str,
    place: Signer,
    chromium: Any,
    runner: Any,
    width: int,
    language: str,
) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 800})  # measuring needs scripts
    page = context.new_page()
    own = link(house, address, place)
    page.goto(f"{own}?lang={language}")
    page.locator("#more > summary").click()
    page.locator("#more .other > summary").nth(2).click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.querySelector('.sheet-body').scrollWidth") <= width
    with house.work(person("wang.jun")) as work:
        delegate(work, place.id or 0, "sun.tao", "请先核对合同")
    answered(house, runner, "sun.tao", "approve-with-conditions", {"limit": "900000.00", "comment": "先交保证金"})
    page.goto(own)
    assert page.locator("#answer-as-proposed").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_on_a_phone_several_are_ticked_and_answered_together_and_enter_answers_nothing(
    house: House,
    address: str,
    place: Signer,
    runner: Any,
    phone: Any,
) -> None:
    at_approval(house, runner, "盐城大丰粮油有限公司", GRAIN)
    sign_in(house, address, phone, "wang.jun")
    boxes = phone.locator("[name=place]")
    assert boxes.count() == 2
    for number in range(2):
        boxes.nth(number).check()
    with phone.expect_navigation():
        boxes.nth(0).press("Enter")
    assert phone.url == f"{address}/"
    assert boxes.count() == 2, "nothing was answered"
    for number in range(2):
        boxes.nth(number).check()
    phone.locator("#together > summary").tap()
    phone.locator(".kind textarea").fill("同意")
    phone.locator(".kind button").tap()
    assert "已办理 2 项" in phone.locator(".notice.good").inner_text()
    with house.read() as session:
        assert session.get_one(Signer, place.id).answer == {"comment": "同意"}
