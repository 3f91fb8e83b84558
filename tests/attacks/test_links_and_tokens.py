"""A secret is found by its hash and in no other way; guessed, replayed, passed on or planted, it opens nothing more."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event

from api.rate_limit import GUESSES_PER_MINUTE
from models.operations.access import issue_sign_in_link
from models.tables import ApiToken, ApprovalLink, CalendarFeed, OutsideLink, SignInLink, WebSession
from tests.api.conftest import Forms

MANAGER = "wang.jun"


@contextmanager
def counted(house):
    """The statements that the database is given."""
    asked: list[str] = []

    def note(_c, _cursor, statement, _parameters, _context, _many):
        asked.append(statement)

    event.listen(house.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(house.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("table", [ApprovalLink, SignInLink, WebSession, ApiToken, CalendarFeed, OutsideLink])
def test_of_every_secret_only_a_hash_is_kept(table):
    columns = {column.name for column in table.__table__.columns}
    assert "token_hash" in columns
    assert not {"token", "secret", "key"} & columns


@pytest.mark.parametrize("path", ["/a/{}", "/o/{}", "/calendar/{}.ics"])
def test_a_guess_costs_the_same_work_whatever_it_is_like(office, path):
    """One look for one hash: how much of a guess is right cannot be told by the time that the answer takes."""
    ref = office.at_approval()
    token = office.link(ref, MANAGER).rpartition("/")[2]
    asked = []
    for guess in (
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        token[:20] + "x" * 23,
        "x" * 43,
        "x",
        "%" * 9,
        "_" * 43,
    ):
        with counted(office.house) as statements:
            answer = office.new_browser().get(path.format(guess))
        assert answer.status_code in (404, 410)
        assert not any("LIKE" in one for one in statements)
        asked.append([one.partition("WHERE ")[2] for one in statements if "token_hash" in one])
    assert all(one == asked[0] for one in asked)
    assert len(asked[0]) == 1
    assert "token_hash = ?" in asked[0][0]


def test_guessing_programs_are_stopped_and_others_are_not(house, runner, clock):
    from tests.api.conftest import Office

    house.settings = house.settings.model_copy(update={"rate_limit_per_minute": 600})
    office = Office(house, runner, clock)
    good, browser = office.token("li.na"), office.new_browser()
    assert browser.get("/api/v1/cases?limit=1", headers=good).status_code == 200
    guesses = [
        browser.get(
            "/api/v1/cases?limit=1", headers={"authorization": f"Bearer crk_{secrets.token_urlsafe(32)}"}
        ).status_code
        for _ in range(GUESSES_PER_MINUTE + 5)
    ]
    assert guesses[:GUESSES_PER_MINUTE] == [401] * GUESSES_PER_MINUTE
    assert guesses[-1] == 429
    assert browser.get("/api/v1/cases?limit=1", headers=good).status_code == 200


def test_asking_for_a_sign_in_link_tells_nobody_whose_addresses_are_known(office):
    """The same page after the same work; the message is queued when the answer is out."""
    told = []
    for address in ("li.na@hengyuan.example", "nobody@hengyuan.example"):
        browser = office.new_browser()
        form = Forms(browser.get("/sign-in?lang=en").text).all["/sign-in"]
        before_answer: list[str] = []
        with counted(office.house) as statements:
            from api.pages import sign_in

            real = sign_in._queue_for_address

            def later(*given, real=real, statements=statements, before_answer=before_answer):
                before_answer.extend(statements)
                real(*given)

            sign_in._queue_for_address = later
            try:
                answer = browser.post("/sign-in", data={**form, "address": address})
            finally:
                sign_in._queue_for_address = real
        told.append((answer.status_code, before_answer, answer.text.replace(address, "…")))
    assert told[0][0] == told[1][0] == 200
    assert told[0][1] == told[1][1]
    assert strip(told[0][2]) == strip(told[1][2])


def strip(page: str) -> str:
    import re

    return re.sub(r'name="_csrf" value="[^"]*"', "", page)


def test_a_sign_in_link_opens_one_session_once(office):
    with office.house.work() as work:
        path = f"/sign-in/{issue_sign_in_link(work, 'li.na')}"
    browser = office.new_browser()
    form = Forms(browser.get(path).text).all[path]
    assert browser.post(path, data=form).status_code == 303
    thief = office.new_browser()
    again = thief.post(path, data=Forms(thief.get(path).text).all[path])
    assert again.status_code == 410
    assert thief.get("/me").status_code == 303
    assert browser.get("/me").status_code == 200


def test_a_session_that_was_planted_before_signing_in_is_not_the_one_that_is_signed_in(office):
    """Fixation: whoever knows the cookie from before knows nothing after."""
    attacker = office.sign_in("sun.tao")
    planted = attacker.cookies.get("clientrisk_session")
    victim = office.new_browser()
    victim.cookies.set("clientrisk_session", planted)
    office.sign_in("li.na", victim)
    values = [cookie.value for cookie in victim.cookies.jar if cookie.name == "clientrisk_session"]
    assert any(value != planted for value in values)
    assert attacker.get("/me").status_code == 303, "signing in ends the session that the browser brought along"


def test_a_session_that_is_over_opens_nothing_however_its_cookie_is_kept(office):
    browser = office.sign_in("li.na")
    kept = browser.cookies.get("clientrisk_session")
    form = Forms(browser.get("/me").text).all["/sign-out"]
    assert browser.post("/sign-out", data=form).status_code == 303
    replayed = office.new_browser()
    replayed.cookies.set("clientrisk_session", kept)
    assert replayed.get("/me").status_code == 303
    tampered = office.new_browser()
    tampered.cookies.set("clientrisk_session", kept[:-2] + "xx")
    assert tampered.get("/me").status_code == 303


def test_a_link_that_was_passed_on_says_so_and_cannot_be_used_in_the_others_name(office):
    """Forwarded to a colleague who is signed in: the page tells whose link it is; what is decided is the holder's."""
    ref = office.at_approval()
    link, place = office.link(ref, MANAGER), office.asked(ref)[MANAGER]
    colleague = office.sign_in("sun.tao")
    page = colleague.get(link + "?lang=en")
    assert "王军" in page.text
    assert "孙涛" in page.text, "whose browser this is"
    answer = colleague.post(link, data=Forms(page.text).all["answer-approve"])
    assert answer.status_code == 303
    assert (office.signer(place.id).person_id, office.signer(place.id).via) == (MANAGER, "link")


def test_an_answer_that_is_sent_again_changes_nothing(office):
    ref = office.at_approval()
    link = office.link(ref, MANAGER)
    form = office.forms(link)["answer-approve"]
    office.browser.post(link, data=form)
    decided = len(office.events("step.answered"))
    office.clock.now += timedelta(hours=1)
    for _ in range(3):
        office.browser.post(link, data=form)
    assert len(office.events("step.answered")) == decided


# -- what scans mails -------------------------------------------------------------------------------------------------


def test_a_mail_scanner_that_follows_every_link_and_presses_nothing_changes_nothing(office):
    """GET, HEAD and OPTIONS of every link of every message, and of every link on the pages behind them, twice."""
    from tests.attacks.company import Addresses
    from tests.attacks.places import difference, record_of
    from tests.outsiders import Mailbox, asks_to_sign

    ref = office.at_approval()
    asks_to_sign(office.house, ref)
    with office.house.work() as work:
        from models.messages import SignIn, queue

        queue(work, SignIn(), "li.na", "sign-in:test")
    mail = Mailbox(office.house)
    mail.fetch("")
    links = {one.link for one in mail.sent if one.link}
    assert len(links) >= 3, "approvals, a sign-in, an invitation from outside"
    before, followed = record_of(office), set()
    for _ in range(2):
        scanner = office.new_browser()
        waiting = [link.removeprefix(office.house.settings.base_url) for link in links]
        while waiting:
            path = waiting.pop()
            if not path.startswith("/") or path in followed or path.startswith("/static"):
                continue
            followed.add(path)
            for method in ("OPTIONS", "HEAD", "GET"):
                answer = scanner.request(method, path)
                scanner.cookies.clear()  # scanners keep none
                assert answer.status_code < 500, path
            if answer.headers.get("content-type", "").startswith("text/html"):
                waiting += Addresses(answer.text).links
    assert len(followed) > len(links)
    assert difference(before, record_of(office)) == [], "nothing is decided, signed, used up or seen"
    looks = office.events("step.looked")
    assert {one.data["via"] for one in looks} == {"link"}, "what there is on record says that a link was opened"
