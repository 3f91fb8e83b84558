"""The main journeys of each desk, as people make them: without any script, in their language, on their screen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlmodel import col, select

from config.words import SignerState
from models.house import House
from models.tables import AuditEvent, Look, Person, SavedView, Signer, Step
from tests.browser.conftest import sign_in
from tests.browser.looking import DESK, PHONE, browsing


@contextmanager
def at_desk(
    company: House, desks: str, chromium: Any, who: str, size: dict[str, int] = DESK, language: str = "zh_CN"
) -> Iterator[Any]:
    """``who``, signed in, without scripts."""
    with browsing(chromium, size, language, scripts=False) as page:
        sign_in(company, desks, page, who)
        page.goto(f"{desks}/?lang={language}")
        yield page


@pytest.mark.parametrize(("size", "language"), [(PHONE, "zh_CN"), (DESK, "en")], ids=["phone-zh", "desk-en"])
def test_an_approver_finds_what_waits_decides_and_finds_it_among_what_is_done(
    company: House, desks: str, chromium: Any, size: dict[str, int], language: str
) -> None:
    with company.read() as session:
        asked = select(Signer).where(Signer.person_id == "wang.jun", Signer.state == SignerState.ASKED)
        signer = session.exec(asked.order_by(col(Signer.id))).first()
        assert signer is not None
        title = session.get_one(Step, signer.step_id).case_ref
    with at_desk(company, desks, chromium, "wang.jun", size, language) as page:
        page.locator(f'a[href="/steps/{signer.id}"]').first.click()
        approve = "同意" if language == "zh_CN" else "Approve"
        page.locator("button:visible", has_text=approve).first.click()
        page.locator(".notice.good").wait_for()
        page.goto(f"{desks}/?box=done")
        assert title in page.inner_text("main")
    with company.read() as session:
        assert session.get_one(Signer, signer.id).state is SignerState.SIGNED


def test_a_manager_narrows_the_history_keeps_the_view_and_sees_who_held_a_case(
    company: House, desks: str, chromium: Any
) -> None:
    with at_desk(company, desks, chromium, "zhou.hong") as page:
        page.locator("nav a[href='/cases']").first.click()
        page.locator("main select[name=process]").select_option("collections-escalation")
        page.locator("main form button.primary").first.click()
        assert "COL-2026-000001" in page.inner_text("main")
        assert "ONB-2026-000001" not in page.inner_text("main")
        form = page.locator("form[action='/views']")
        if not form.is_visible():
            page.locator("details:has(form[action='/views']) > summary").click()
        form.locator("[name=name]").fill("在办催收")
        form.locator("button").click()
        page.goto(f"{desks}/cases")
        page.locator("main a", has_text="在办催收").first.click()
        assert "process=collections-escalation" in page.url or "view=" in page.url
        page.locator("main a[href='/cases/COL-2026-000002']").first.click()
        assert page.locator("main svg").count() >= 1
    with company.read() as session:
        assert [view.name for view in session.exec(select(SavedView))] == ["在办催收"]


def test_operations_change_a_role_and_it_is_on_record(company: House, desks: str, chromium: Any) -> None:
    with at_desk(company, desks, chromium, "xu.ming", language="en") as page:
        page.goto(f"{desks}/operations/staff/tang.li/change")
        page.locator("input[name=roles][value=handler]").check()
        page.locator("form[action$='/change'] button.primary").click()
        page.wait_for_url("**/operations/staff/tang.li**")
    with company.read() as session:
        assert "handler" in session.get_one(Person, "tang.li").roles
        events = session.exec(select(AuditEvent).where(AuditEvent.actor_id == "xu.ming")).all()
    assert any("handler" in str(event.data) and "tang.li" in str(event.data) for event in events)


def test_whoever_wants_to_see_a_number_says_why(company: House, desks: str, chromium: Any) -> None:
    with at_desk(company, desks, chromium, "chen.yu", PHONE) as page:
        page.goto(f"{desks}/customers/K-000004")
        shut = "details:not([open]):has(form[action*='/unmask']) > summary"
        for _ in range(page.locator(shut).count()):
            page.locator(shut).first.click()
        form = page.locator("form[action*='/unmask']:visible").first
        form.locator("[name=reason]").fill("核对开票信息")
        form.locator("button").click()
        assert "K-000004" in page.content()
    with company.read() as session:
        assert "核对开票信息" in {look.reason for look in session.exec(select(Look))}


def test_a_name_is_found_by_its_initials(company: House, desks: str, chromium: Any) -> None:
    with at_desk(company, desks, chromium, "chen.yu") as page:
        page.locator("#find").fill("dshnt")
        page.locator("#find").press("Enter")
        assert "徐州鼎盛混凝土有限公司" in page.inner_text("main")
