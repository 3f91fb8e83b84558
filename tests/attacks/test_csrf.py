"""A form only works from our own page, in the browser that opened it: every address that changes something."""

from __future__ import annotations

import base64
import json
import re

import pytest

from tests.attacks.places import CHANGING, difference, furnish, record_of

OPS, OTHERS = "xu.ming", "wang.jun"
FORGED = {
    "no token": {},
    "an empty one": {"_csrf": ""},
    "a made-up one": {"_csrf": "WyIwMCIsImFwaSJd.forged"},
    "a list of them": {"_csrf": ["a", "b"]},
}
TYPED = {"reason": "x", "text": "x", "name": "x", "to": "sun.tao", "language": "en", "_action": "approve"}
BY_LINK = ("/a/", "/o/", "/sign-in")


@pytest.fixture
def furnished(office):
    return furnish(office)


@pytest.mark.parametrize("who", [OPS, OTHERS])
def test_no_page_takes_a_form_that_did_not_come_from_it(furnished, who):
    """As somebody who may: what stands between an attacker's page and the record is the token alone."""
    office = furnished.office
    browser = office.sign_in(who)
    before, walked, told = record_of(office), 0, set()
    for door in CHANGING:
        if door.for_programs:
            continue
        walked += 1
        path = furnished.path(door)
        for forged in FORGED.values():
            answer = browser.post(path, data={**TYPED, **forged})
            nothing_chosen = door.path == "/answer-several" and answer.status_code == 303
            assert nothing_chosen or answer.status_code in (403, 404, 410), f"{door}: {answer.status_code}"
            told.add((door.path, answer.status_code))
        assert set(difference(before, record_of(office))) <= {"routine_state"}, str(door)  # what Prefect has, kept
    assert walked > 60
    assert sum(status == 403 for _, status in told) > 25


def test_the_right_token_from_another_site_in_another_browser_or_for_another_form_is_none(furnished):
    office = furnished.office
    browser = office.sign_in(OPS)
    pages = ("/absence", "/me/notifications", "/me/tokens", "/operations/staff/wang.jun", "/operations/webhooks", "/me")
    forms = {action: csrf for page in pages for action, csrf in tokens(browser.get(page).text)}
    assert len(forms) > 8
    elsewhere = office.sign_in(OPS)  # the same person, another browser
    before = record_of(office)
    for action, token in forms.items():
        form = {**TYPED, "_csrf": token}
        crossed = browser.post(action, data=form, headers={"sec-fetch-site": "cross-site"})
        stolen = elsewhere.post(action, data=form)
        assert (crossed.status_code, stolen.status_code) == (403, 403), action
        for foreign in set(forms.values()) - {token}:
            if purpose(foreign) != purpose(token):
                assert browser.post(action, data={**form, "_csrf": foreign}).status_code == 403, action
    assert difference(before, record_of(office)) == []


def tokens(page: str) -> list[tuple[str, str]]:
    """The forms of a page that send something: where to, and the token in each."""
    found = re.findall(r'<form[^>]*action="([^"]+)"[^>]*>(.*?)</form>', page, re.DOTALL)
    inside = [(action, re.search(r'name="_csrf" value="([^"]+)"', body)) for action, body in found]
    return [(action, token[1]) for action, token in inside if token]


def purpose(token: str) -> str:
    return str(json.loads(base64.urlsafe_b64decode(token.partition(".")[0] + "==="))[1])


def test_a_browsers_session_does_not_change_anything_by_the_api_without_the_header(furnished):
    """A page elsewhere can send a form with our cookie, but no header of its own."""
    office = furnished.office
    browser = office.sign_in(OPS)
    before, walked, stale = record_of(office), 0, 0
    for door in CHANGING:
        if not door.for_programs:
            continue
        walked += 1
        path = furnished.path(door)
        for headers in ({}, {"x-csrf-token": "forged"}, {"origin": "https://evil.example"}):
            answer = browser.request(door.methods[0], path, json={}, headers=headers)
            assert answer.status_code == 403, f"{door}: {answer.status_code} {answer.text[:200]}"
            assert answer.json()["code"] in ("form-stale", "not-allowed"), str(door)
            stale += answer.json()["code"] == "form-stale"
    assert walked > 70
    assert stale > 150  # the others are not for operations at all
    assert difference(before, record_of(office)) == []


def test_no_address_changes_anything_by_being_opened(furnished):
    """GET and HEAD of every address, also with what a form would send, as those who may."""
    from tests.attacks.places import SHOWING

    office = furnished.office
    browser = office.sign_in(OPS)
    before = record_of(office)
    for door in SHOWING:
        browser.request("GET", furnished.path(door), params={**TYPED, "delete": "1", "confirmed": "true"})
    for door in CHANGING:
        if not door.for_programs:
            answer = browser.get(furnished.path(door), params=TYPED)
            assert answer.status_code in (200, 303, 403, 404, 405, 410, 422), str(door)
    assert set(difference(before, record_of(office))) <= NOTED


NOTED = {"look", "copy", "signer", "routine_state", "calendar_feed", "outside_link"}
"""What is put on record of a look: that it was looked at."""


def test_no_other_site_may_read_an_answer(furnished):
    browser = furnished.office.sign_in(OPS)
    for path in ("/", "/api/v1/session", "/cases"):
        answer = browser.get(path, headers={"origin": "https://evil.example"})
        assert not [name for name in answer.headers if name.startswith("access-control-")]
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        asked = browser.options(
            path, headers={"origin": "https://evil.example", "access-control-request-method": "POST"}
        )
        assert asked.status_code in (404, 405)


def test_cookies_are_sent_to_nobody_else_and_read_by_no_script(furnished):
    browser = furnished.office.new_browser()
    page = browser.get("/sign-in?lang=en")
    for cookie in page.headers.get_list("set-cookie"):
        assert "httponly" in cookie.lower(), cookie
        assert "samesite=lax" in cookie.lower(), cookie
        assert "domain=" not in cookie.lower(), cookie
