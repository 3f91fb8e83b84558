"""The pages: strict headers, both languages, nothing typed is ever run, nobody sees what is not theirs."""

import pytest

from config.words import CaseState, Outcome
from models.tables import Case, Run, Step

PAGES = ["/", "/cases", "/apply", "/import", "/sign-in", "/nowhere", "/static/nothing.css"]


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_carries_the_strict_headers(office, path):
    headers = office.sign_in("li.na").get(path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'")
    assert "unsafe" not in policy
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert "strict-transport-security" not in headers, "not over plain http"


def test_over_https_cookies_and_transport_are_bound_to_it(office, house, monkeypatch):
    monkeypatch.setitem(house.settings.__dict__, "base_url", "https://risk.hengyuan.example")
    secure = type(office)(house, office.runner, office.clock)
    answer = secure.browser.get("/sign-in")
    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-clientrisk_browser=")
    assert "Secure" in cookie


def test_static_files_are_named_by_their_content_and_kept_for_ever(office):
    page = office.browser.get("/sign-in").text
    href = page.split('rel="stylesheet" href="')[1].split('"')[0]
    style = office.browser.get(href)
    assert style.status_code == 200
    assert style.headers["content-type"] == "text/css; charset=utf-8"
    assert style.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_no_page_needs_scripts_or_inline_styles(office):
    browser = office.sign_in("li.na")
    ref = office.apply()
    for path in ("/", "/cases", f"/cases/{ref}", "/apply", "/import", f"/steps/{office.asked(ref)['li.na'].id}"):
        page = browser.get(path)
        assert page.status_code == 200, path
        assert "<script" not in page.text
        assert "style=" not in page.text
        assert " onclick" not in page.text


def test_what_people_type_is_shown_never_run(office):
    nasty = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    ref = office.apply(name=f"恶意{nasty}"[:60], contact=nasty)
    office.answer(ref, "li.na", "confirm", comment=nasty)
    link = office.link(ref, "chen.yu")
    for page in (office.browser.get(link).text, office.sign_in("li.na").get(f"/cases/{ref}").text):
        assert "<script" not in page
        assert "<img src=x" not in page
        assert "&lt;script&gt;" in page
    kept = office.tap(link, "ask", question="").text
    assert "<script" not in kept


def test_pages_speak_the_language_chosen_here_else_the_persons_else_the_browsers(office, house):
    assert "登录" in office.browser.get("/sign-in", headers={"accept-language": "zh-CN,zh;q=0.9"}).text
    assert "Sign in" in office.browser.get("/sign-in", headers={"accept-language": "en-GB"}).text
    browser = office.sign_in("li.na")  # whose language is Chinese
    assert "待我办理" in browser.get("/", headers={"accept-language": "en"}).text
    assert "Waiting for me" in browser.get("/?lang=en").text
    assert "Waiting for me" in browser.get("/").text, "the switch is remembered"


def test_the_inbox_lists_what_waits_by_urgency(office):
    first = office.apply()
    browser = office.sign_in("li.na")
    page = browser.get("/?lang=en").text
    assert "First rating" in page
    assert "徐州恒远钢铁贸易有限公司" in page
    assert first in page
    with office.house.work() as work:
        step = work.session.get_one(Step, office.asked(first)["li.na"].step_id)
        step.due_at = office.clock.now
        work.add(step)
    assert "Due today" in browser.get("/").text
    office.clock.now += office.clock.now.resolution
    assert "Overdue" in browser.get("/").text


def test_an_empty_inbox_says_so(office):
    assert "Nothing waits for you" in office.sign_in("feng.bo").get("/?lang=en").text


def test_a_step_is_answered_from_the_inbox_by_session(office):
    ref = office.apply()
    browser = office.sign_in("li.na")
    place = office.asked(ref)["li.na"]
    assert office.tap(f"/steps/{place.id}", "confirm", browser).status_code == 303
    assert office.signer(place.id).via == "session"


@pytest.mark.parametrize("stranger", ["sun.tao", "he.jing", "feng.bo"])
def test_a_case_of_others_does_not_exist_for_a_stranger(office, stranger):
    ref = office.apply()
    place = office.asked(ref)["li.na"]
    browser = office.sign_in(stranger)
    assert browser.get(f"/cases/{ref}").status_code == 404
    assert browser.get(f"/steps/{place.id}").status_code == 404
    assert browser.post(f"/steps/{place.id}", data={"_action": "confirm"}).status_code == 404
    assert browser.post(f"/cases/{ref}/withdraw", data={"reason": "x"}).status_code == 404
    assert ref not in browser.get("/cases").text


@pytest.mark.parametrize("reader", ["li.na", "xu.ming", "zhou.hong", "wu.gang"])
def test_a_case_is_open_to_those_it_concerns_and_to_those_who_supervise(office, reader):
    ref = office.apply()
    browser = office.sign_in(reader)
    assert browser.get(f"/cases/{ref}").status_code == 200
    assert ref in browser.get("/cases").text


def test_the_case_page_tells_what_happened_in_plain_words(office):
    ref = office.at_approval()
    office.answer(ref, "wang.jun", "approve", comment="同意")
    office.answer(ref, "zhao.min", "return", target="first-rating", reason="请说明账期。")
    page = office.sign_in("li.na").get(f"/cases/{ref}?lang=en").text
    for told in (
        "opened the case",
        "“First rating” is put to 李娜",
        "answered “Approval of limit and term”: Return",
        "Void: given before the case was returned",
        "请说明账期。",
    ):
        assert told in page


def test_looks_are_shown_to_those_who_supervise_only(office):
    ref = office.apply()
    office.sign_in("li.na").get(f"/cases/{ref}")
    assert "looked at the case" not in office.sign_in("li.na").get(f"/cases/{ref}?lang=en").text
    assert "looked at the case" in office.sign_in("wu.gang").get(f"/cases/{ref}?lang=en").text


def test_operations_find_the_run_behind_a_case(office):
    ref = office.apply()
    with office.house.work() as work:
        run = work.session.get_one(Run, ref)
        run.flow_run_id = "0c0ffee0-0000-4000-8000-000000000001"
        work.add(run)
    address = "/runs/flow-run/0c0ffee0-0000-4000-8000-000000000001"
    assert address in office.sign_in("xu.ming").get(f"/cases/{ref}").text
    assert address not in office.sign_in("li.na").get(f"/cases/{ref}").text


def test_the_initiator_withdraws_with_a_reason(office):
    ref = office.apply()
    browser = office.sign_in("li.na")
    form = office.forms(f"/cases/{ref}", browser)[f"/cases/{ref}/withdraw"]
    assert browser.post(f"/cases/{ref}/withdraw", data=form).status_code == 422
    assert browser.post(f"/cases/{ref}/withdraw", data=form | {"reason": "客户改为先款后货"}).status_code == 303
    office.runner.run_ready()
    with office.house.read() as session:
        case = session.get_one(Case, ref)
        assert (case.state, case.outcome) == (CaseState.CLOSED, Outcome.WITHDRAWN)
    assert "客户改为先款后货" in browser.get(f"/cases/{ref}").text


def test_only_the_initiator_withdraws(office):
    ref = office.apply()
    browser = office.sign_in("xu.ming")
    assert "withdraw" not in browser.get(f"/cases/{ref}").text
    csrf = office.forms("/", browser)["/sign-out"]["_csrf"]
    assert browser.post(f"/cases/{ref}/withdraw", data={"_csrf": csrf, "reason": "x"}).status_code == 403


def test_a_missing_page_is_a_page_with_a_way_out(office):
    page = office.browser.get("/nowhere?lang=en")
    assert page.status_code == 404
    assert "There is no such page." in page.text
    assert office.browser.put("/sign-in").status_code == 405


def test_the_log_never_holds_a_token(office, caplog):
    ref = office.at_approval()
    link = office.link(ref, "wang.jun")
    with caplog.at_level("INFO", logger="clientrisk.api"):
        office.browser.get(link)
        office.browser.get(link + "/extra")
    assert "GET /a/{token} 200" in caplog.text
    assert link.removeprefix("/a/") not in caplog.text


def test_a_fault_of_ours_is_a_page_without_details(office, house, monkeypatch, caplog):
    ref = office.at_approval()
    link = office.link(ref, "wang.jun")
    monkeypatch.setattr("api.pages.answering.step_view", lambda *_, **__: 1 / 0)
    answer = office.browser.get(link, headers={"accept-language": "en"})
    assert answer.status_code == 500
    assert "ZeroDivisionError" not in answer.text
    assert answer.headers["x-frame-options"] == "DENY"
    assert "ZeroDivisionError" in caplog.text, "but it is in the log"


def test_health_and_readiness(office, house):
    assert office.browser.get("/healthz").json() == {"status": "ok"}
    assert office.browser.get("/readyz").json()["parts"]["database"] == {
        "status": "ok"
    }  # test_metrics.py tells the rest
