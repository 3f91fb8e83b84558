"""Signing in: one link, one use, by a button that no scanner presses; nobody learns whose address is known."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models.operations.access import issue_sign_in_link
from models.tables import OutboxMessage, WebSession


def link_for(office, who):
    with office.house.work() as work:
        return f"/sign-in/{issue_sign_in_link(work, who)}"


def messages(office):
    with office.house.read() as session:
        return session.exec(select(OutboxMessage).where(OutboxMessage.kind == "sign_in")).all()


def test_looking_at_the_link_does_not_use_it(office, read_forms):
    path = link_for(office, "li.na")
    for method in ("GET", "HEAD", "GET"):
        assert office.browser.request(method, path).status_code == 200
    with office.house.read() as session:
        assert session.exec(select(WebSession)).all() == []
    form = read_forms(office.browser.get(path).text)[path]
    assert office.browser.post(path, data=form).headers["location"] == "/"
    assert "李娜" in office.browser.get("/").text


def test_the_link_works_once(office, read_forms):
    path = link_for(office, "li.na")
    form = read_forms(office.browser.get(path).text)[path]
    assert office.browser.post(path, data=form).status_code == 303
    again = office.browser.post(path, data=form)
    assert again.status_code == 410
    assert "/sign-in" in again.text
    assert len(office.events("sign-in.refused")) == 1


def test_the_link_lasts_minutes(office, read_forms):
    path = link_for(office, "li.na")
    form = read_forms(office.browser.get(path).text)[path]
    office.clock.now += timedelta(minutes=16)
    assert office.browser.post(path, data=form).status_code == 410


def test_signing_in_needs_a_form_of_this_browser(office, read_forms):
    path = link_for(office, "li.na")
    form = read_forms(office.browser.get(path).text)[path]
    assert office.new_browser().post(path, data=form).status_code == 403
    assert office.browser.post(path, data=form).status_code == 303


def test_known_and_unknown_addresses_get_the_same_answer(office):
    form = office.forms("/sign-in")["/sign-in"]
    known = office.browser.post("/sign-in", data=form | {"address": "li.na@hengyuan.example"})
    unknown = office.browser.post("/sign-in", data=form | {"address": "no.body@hengyuan.example"})
    assert known.status_code == unknown.status_code == 200
    assert known.text.replace("li.na@", "") == unknown.text.replace("no.body@", "")
    assert [message.person_id for message in messages(office)] == ["li.na"]


def test_pressing_the_button_often_sends_one_message_a_minute(office):
    form = office.forms("/sign-in")["/sign-in"] | {"address": " LI.NA@hengyuan.example "}
    for _ in range(3):
        office.browser.post("/sign-in", data=form)
    office.clock.now += timedelta(minutes=1)
    office.browser.post("/sign-in", data=form)
    assert len(messages(office)) == 2


def test_what_is_no_address_is_given_back(office):
    form = office.forms("/sign-in")["/sign-in"] | {"address": "李娜"}
    page = office.browser.post("/sign-in", data=form)
    assert page.status_code == 422
    assert 'value="李娜"' in page.text


@pytest.mark.parametrize("next_path", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"])
def test_after_signing_in_one_is_never_sent_elsewhere(office, read_forms, next_path):
    path = link_for(office, "li.na")
    form = read_forms(office.browser.get(path).text)[path]
    assert office.browser.post(path, params={"next": next_path}, data=form).headers["location"] == "/"


def test_whoever_was_sent_to_sign_in_comes_back_to_where_they_wanted_to_go(office, read_forms):
    away = office.browser.get("/cases")
    assert away.headers["location"] == "/sign-in?next=/cases"
    form = office.forms("/sign-in?next=/cases")["/sign-in"]
    office.browser.post("/sign-in", data=form | {"address": "li.na@hengyuan.example"})
    path = link_for(office, "li.na")
    entered = office.browser.post(path, data=read_forms(office.browser.get(path).text)[path])
    assert entered.headers["location"] == "/cases"


def test_signing_out_ends_the_session_itself(office):
    browser = office.sign_in("li.na")
    kept = dict(browser.cookies)
    form = office.forms("/", browser)["/sign-out"]
    assert browser.post("/sign-out", data=form).headers["location"] == "/sign-in"
    thief = office.new_browser()
    thief.cookies.update(kept)
    assert thief.get("/").status_code == 303


def test_a_session_ends_by_itself(office):
    browser = office.sign_in("li.na")
    assert browser.get("/").status_code == 200
    office.clock.now += timedelta(hours=13)
    assert browser.get("/").status_code == 303


def test_a_forged_session_cookie_is_nobody(office):
    browser = office.new_browser()
    browser.cookies.set("clientrisk_session", "ImxpLm5hIg.forged")
    assert browser.get("/").status_code == 303


def test_the_session_cookie_is_out_of_reach_of_scripts_and_of_other_sites(office, read_forms):
    path = link_for(office, "li.na")
    form = read_forms(office.browser.get(path).text)[path]
    cookie = office.browser.post(path, data=form).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
