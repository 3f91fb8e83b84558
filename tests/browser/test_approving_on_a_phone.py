"""A manager stands in a corridor with a phone: opens the link, approves, sees that it is recorded. No JavaScript."""

from __future__ import annotations

from typing import Any

import pytest

from config.words import SignerState
from models.house import House
from models.tables import Signer
from tests.browser.conftest import PHONE, link


def test_open_the_link_approve_and_see_it_recorded(house: House, address: str, place: Signer, phone: Any) -> None:
    phone.goto(link(house, address, place))
    button = phone.locator(".dock button")
    assert button.inner_text() == "同意"
    assert button.bounding_box()["y"] < PHONE["height"], "in reach without scrolling"
    button.tap()
    assert "已记录，谢谢。" in phone.locator(".notice.good").inner_text()
    with house.read() as session:
        assert session.get_one(Signer, place.id).action == "approve"


def test_a_wrong_form_comes_back_with_what_was_typed(house: House, address: str, place: Signer, phone: Any) -> None:
    phone.goto(link(house, address, place))
    phone.locator(".other summary", has_text="附条件同意").tap()
    form = phone.locator("#answer-approve-with-conditions")
    form.locator("[name=limit]").fill("9,000,000")
    form.locator("textarea").fill("先交保证金")
    form.locator("button").tap()
    assert "1,240,000.00" in phone.inner_text("#notice")
    form = phone.locator("#answer-approve-with-conditions")
    assert form.locator("[name=limit]").input_value() == "9,000,000"
    assert form.locator("textarea").input_value() == "先交保证金"
    with house.read() as session:
        assert session.get_one(Signer, place.id).state is SignerState.ASKED


@pytest.mark.parametrize("width", [320, 390, 1440])
def test_no_page_scrolls_sideways(house: House, address: str, place: Signer, chromium: Any, width: int) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 800}, locale="en")  # measuring needs scripts
    page = context.new_page()
    for path in (link(house, address, place), f"{address}/sign-in", f"{address}/nowhere"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_nothing_is_blocked_by_our_own_policy(house: House, address: str, place: Signer, chromium: Any) -> None:
    context = chromium.new_context(viewport=PHONE)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    page.goto(link(house, address, place))
    assert page.locator("body").evaluate("e => getComputedStyle(e).marginTop") == "0px", "the style sheet is applied"
    assert complaints == []
    context.close()
