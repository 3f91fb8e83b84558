"""Knowing a number is no right: every thing in every address, tried by somebody to whom it does not belong."""

from __future__ import annotations

import re

import pytest

from api.csrf import Csrf
from tests.attacks.places import CHANGING, NEWCOMER, SECRET, SHOWING, WORDS, difference, furnish, record_of

OPEN_TO_ALL = re.compile(r"^(/sign-in|/a/|/o/|/calendar/|/sign-out|/openid/)")
"""Where a secret of its own is the way in."""
REFUSED = {401, 403, 404, 405, 410}

EVERYBODY = {"/api/v1/schedules/{routine}/preview": "computes days, changes nothing"}
ONLY_SENDS_ON = {"/answer-several", "/me/notifications/channels/{channel_id}", "/me/notifications/test"}
"""Addresses of forms, opened by hand: they lead to the page that has the form."""


@pytest.fixture
def furnished(office):
    return furnish(office)


def of_somebody(door) -> bool:
    return bool(set(door.names) - WORDS) and not OPEN_TO_ALL.match(door.path)


def test_whoever_is_not_signed_in_gets_nothing(furnished):
    """Every address but those that are a way in themselves."""
    before, walked = record_of(furnished.office), 0
    for door in (*SHOWING, *CHANGING):
        if OPEN_TO_ALL.match(door.path):
            continue
        walked += 1
        stranger = furnished.office.new_browser()
        answer = stranger.request(door.methods[0], furnished.path(door))
        if door.for_programs:
            assert answer.status_code == 401, str(door)
        else:
            assert answer.status_code == 303, str(door)
            assert answer.headers["location"].startswith("/sign-in?next=") or door.path in ONLY_SENDS_ON, str(door)
        assert SECRET not in answer.text
    assert walked > 200
    assert difference(before, record_of(furnished.office)) == []


@pytest.mark.parametrize("who", [NEWCOMER, "sun.tao"])
def test_nothing_of_somebody_elses_is_shown(furnished, who):
    """To a newcomer without any role, and to a handler who has nothing to do with the case."""
    office = furnished.office
    browser, token = office.sign_in(who), office.token(who)
    walked = 0
    for door in SHOWING:
        if not of_somebody(door) or door.path in ONLY_SENDS_ON:
            continue
        walked += 1
        path = furnished.path(door)
        answer = office.new_browser().get(path, headers=token) if door.for_programs else browser.get(path)
        assert answer.status_code in REFUSED, f"{door} as {who}: {answer.status_code} {answer.text[:300]}"
        assert SECRET not in answer.text, str(door)
    assert walked > 50


@pytest.mark.parametrize("who", [NEWCOMER, "sun.tao"])
def test_nothing_of_somebody_elses_is_changed_on_a_page(furnished, who, monkeypatch):
    """With the form's own protection taken away: what is left is whether they may."""
    monkeypatch.setattr(Csrf, "check", lambda *_: None)
    office, browser = furnished.office, furnished.office.sign_in(who)
    before = record_of(office)
    walked = 0
    for door in CHANGING:
        if door.for_programs or not of_somebody(door):
            continue
        walked += 1
        answer = browser.request(door.methods[0], furnished.path(door), data=TYPED)
        assert answer.status_code in REFUSED, f"{door} as {who}: {answer.status_code}"
        assert SECRET not in answer.text, str(door)
        assert difference(before, record_of(office)) == [], str(door)
    assert walked > 25


TYPED = {
    **dict.fromkeys(("reason", "text", "note", "comment", "request"), "因为需要"),
    "to": "sun.tao",
    "who": "sun.tao",
    "substitute": "sun.tao",
    "name": "x",
    "_action": "approve",
    "delete": "1",
}


@pytest.mark.parametrize("who", [NEWCOMER, "sun.tao"])
def test_nothing_of_somebody_elses_is_changed_by_a_program(furnished, who):
    """With a body that is right, taken from the API's own examples: what is left is whether they may."""
    office = furnished.office
    spec = office.browser.get("/api/v1/openapi.json").json()
    browser, token, before, walked = office.new_browser(), office.token(who), None, 0
    before = record_of(office)
    for door in CHANGING:
        if not door.for_programs or not of_somebody(door) or door.path in EVERYBODY:
            continue
        walked += 1
        method = door.methods[0]
        answer = browser.request(
            method, furnished.path(door), json=example(spec, method, door.path), headers={**token, "if-match": "*"}
        )
        assert answer.status_code in REFUSED, f"{door} as {who}: {answer.status_code} {answer.text[:300]}"
        assert SECRET not in answer.text, str(door)
        assert difference(before, record_of(office)) == [], str(door)
    assert walked > 40


def example(spec, method, path):
    """The body that the document shows for an operation."""
    operation = spec["paths"][path][method.lower()]
    for media in operation.get("requestBody", {}).get("content", {}).values():
        if "example" in media:
            return media["example"]
        for one in media.get("examples", {}).values():
            return one["value"]
        named = media["schema"].get("$ref", "").rpartition("/")[2]
        for one in spec["components"]["schemas"].get(named, {}).get("examples", ()):
            return one
    return None


def test_numbers_of_things_that_are_not_there_are_answered_like_those_of_others(furnished):
    """Nobody learns by asking which cases, customers and steps there are."""
    office = furnished.office
    browser = office.sign_in(NEWCOMER)
    ref, number = furnished.ids["ref"]["/"], furnished.ids["number"]["/customers"]
    signer = furnished.ids["signer_id"]["/"]
    for there, not_there in (
        (f"/cases/{ref}", f"/cases/{ref[:-1]}9"),
        (f"/customers/{number}", "/customers/K-999999"),
        (f"/steps/{signer}", "/steps/999999"),
        (f"/files/{furnished.ids['attachment_id']['/']}", "/files/999999"),
        (f"/papers/{furnished.ids['paper_id']['/']}", "/papers/999999"),
        (f"/questions/{furnished.ids['question_id']['/']}", "/questions/999999"),
    ):
        theirs, nothing = browser.get(there), browser.get(not_there)
        assert (theirs.status_code, told(theirs)) == (nothing.status_code, told(nothing)), there


def told(answer) -> str:
    found = re.search(r"<main.*</main>", answer.text, re.DOTALL)
    without = re.sub(r"value=\"[^\"]*\"", "", found[0]) if found else ""
    return re.sub(r"(ONB-2026-|K-)\d{6}", "", without)
