"""Ways in, and how they end: at once, for everybody, wherever they are used; what fails too often has to wait."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from models.operations.access import Scope, issue_api_token, issue_sign_in_link
from models.operations.feeds import make_feed
from models.operations.sessions import warn_of_ending
from models.operations.sign_ins import masked_network
from models.operations.staff import import_staff
from models.operations.staff_changes import set_active, version_of
from models.tables import OutboxMessage, Person, SignInEntry
from tests.api.conftest import Forms

ADDRESS = {"address": "li.na@hengyuan.example"}


def in_use(office: Any) -> dict[str, Any]:
    """Every way in of Li Na, open."""
    ref = office.apply()
    with office.house.work() as work:
        link, feed = issue_sign_in_link(work, "li.na"), make_feed(work, "li.na")
    return {
        "session": office.sign_in("li.na"),
        "token": office.token("li.na", Scope.READ),
        "link": f"/sign-in/{link}",
        "feed": f"/calendar/{feed}.ics",
        "approval": office.link(ref, "li.na"),
    }


def open_ways(office: Any, ways: dict[str, Any]) -> set[str]:
    found = set()
    if ways["session"].get("/api/v1/session").status_code == 200:
        found.add("session")
    if office.new_browser().get("/api/v1/steps", headers=ways["token"]).status_code == 200:
        found.add("token")
    for way in ("feed", "approval"):
        if office.new_browser().get(ways[way]).status_code == 200:
            found.add(way)
    browser = office.new_browser()
    form = Forms(browser.get(ways["link"]).text).all[ways["link"]]
    if browser.post(ways["link"], data=form).status_code == 303:
        found.add("link")
    return found


def leaves_by_page(office: Any) -> None:
    with office.house.work() as work:
        ops, leaver = work.session.get_one(Person, "xu.ming"), work.session.get_one(Person, "li.na")
        set_active(work, ops, "li.na", False, "Has left.", seen=version_of(leaver))


def leaves_by_file(office: Any) -> None:
    with office.house.work() as work:
        import_staff(work, b"id,name,department,active\nli.na,\xe6\x9d\x8e\xe5\xa8\x9c,business,no\n")


def test_every_way_in_works_while_somebody_is_in_service(office):
    assert open_ways(office, in_use(office)) == {"session", "token", "link", "feed", "approval"}


@pytest.mark.parametrize("leaves", [leaves_by_page, leaves_by_file])
def test_who_has_left_comes_in_by_no_way_any_more(office, leaves):
    ways = in_use(office)
    leaves(office)
    assert open_ways(office, ways) == set()


def test_and_coming_back_none_of_them_lives_again(office):
    ways = in_use(office)
    leaves_by_page(office)
    with office.house.work() as work:
        ops, back = work.session.get_one(Person, "xu.ming"), work.session.get_one(Person, "li.na")
        set_active(work, ops, "li.na", True, "Is back.", seen=version_of(back))
    assert open_ways(office, ways) == {"approval"}  # the step is still theirs


def test_operations_end_somebodys_ways_in_at_once_and_they_stay_in_service(office):
    ways = in_use(office)
    ops = office.sign_in("xu.ming")
    form = office.forms("/operations/staff/li.na", ops)["end-access"]
    assert ops.post("/operations/staff/li.na/end-access", data=form).status_code == 303
    assert open_ways(office, ways) == {"approval"}
    assert office.sign_in("li.na").get("/").status_code == 200


def test_one_ends_all_ways_in_of_ones_own(office):
    ways = in_use(office)
    form = office.forms("/me/sign-ins", ways["session"])["end-access"]
    assert ways["session"].post("/me/end-access", data=form).headers["location"] == "/sign-in"
    assert open_ways(office, ways) == {"approval"}


def test_nobody_ends_another_persons_ways_in_but_operations(office):
    path = "/api/v1/staff/li.na/end-access"
    assert office.browser.post(path, headers=office.token("wu.gang", Scope.OPERATE)).status_code == 403
    assert office.browser.post(path, headers=office.token("xu.ming", Scope.OPERATE)).json()["sessions"] == 0


def test_a_role_taken_away_is_gone_with_the_next_request(office):
    ops = office.sign_in("xu.ming")
    assert ops.get("/operations").status_code == 200
    with office.house.work() as work:
        work.session.get_one(Person, "xu.ming").roles = []
    assert ops.get("/operations").status_code == 403


def test_a_session_nobody_uses_ends_by_itself_and_one_in_use_does_not(office):
    used, left = office.sign_in("li.na"), office.sign_in("li.na")
    for _ in range(5):
        office.clock.now += timedelta(minutes=60)
        assert used.get("/api/v1/session").status_code == 200
    assert left.get("/api/v1/session").status_code == 401


def test_no_session_outlasts_its_day_however_it_is_used(office):
    used = office.sign_in("li.na")
    for _ in range(12):
        office.clock.now += timedelta(minutes=61)
        answer = used.get("/api/v1/session")
    assert answer.status_code == 401


def test_signing_in_ends_the_session_that_the_browser_brought(office):
    browser = office.sign_in("sun.tao")
    planted = dict(browser.cookies)
    office.sign_in("li.na", browser)
    other = office.new_browser()
    other.cookies.update(planted)
    assert other.get("/api/v1/session").status_code == 401


# -- failing -----------------------------------------------------------------------------------------------------------


def fails(office: Any, browser: Any = None) -> Any:
    browser = browser or office.new_browser()
    form = Forms(browser.get("/sign-in/guessed").text).all["/sign-in/guessed"]
    return browser.post("/sign-in/guessed", data=form)


def test_failing_too_often_locks_the_address_for_new_sign_ins_only(office):
    at_work, token = office.sign_in("li.na"), office.token("li.na", Scope.READ)
    statuses = [fails(office).status_code for _ in range(11)]
    assert statuses == [410] * 10 + [429]
    with office.house.work() as work:
        path = f"/sign-in/{issue_sign_in_link(work, 'li.na')}"
    browser = office.new_browser()
    form = Forms(browser.get(path).text).all[path]
    assert browser.post(path, data=form).status_code == 429
    assert at_work.get("/").status_code == 200
    assert office.new_browser().get("/api/v1/steps", headers=token).status_code == 200
    office.clock.now += timedelta(minutes=14, seconds=59)
    assert browser.post(path, data=form).status_code == 429
    office.clock.now += timedelta(seconds=2)
    with office.house.work() as work:
        path = f"/sign-in/{issue_sign_in_link(work, 'li.na')}"
    assert browser.post(path, data=Forms(browser.get(path).text).all[path]).status_code == 303


def test_each_further_lock_is_twice_as_long(office):
    for minutes in (15, 30, 60):
        for _ in range(10):
            fails(office)
        office.clock.now += timedelta(minutes=minutes) - timedelta(seconds=5)
        assert fails(office).status_code == 429
        office.clock.now += timedelta(seconds=10)


def test_a_lock_holds_in_every_api_process(office, house, runner, clock):
    for _ in range(10):
        fails(office)
    another = type(office)(house, runner, clock)
    assert fails(another).status_code == 429


def test_guessed_tokens_count_too(office):
    guess = {"authorization": "Bearer crk_guess"}
    statuses = [office.new_browser().get("/api/v1/steps", headers=guess).status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]


def test_whoever_asks_for_links_too_often_is_answered_alike_and_sent_no_more(office):
    answers = []
    for minute in range(8):
        office.clock.now += timedelta(minutes=1 if minute else 0)
        browser = office.new_browser()
        form = office.forms("/sign-in", browser)["/sign-in"]
        answers.append(browser.post("/sign-in", data=form | ADDRESS).status_code)
    assert answers == [200] * 8
    with office.house.read() as session:
        sent = session.exec(select(OutboxMessage).where(OutboxMessage.kind == "sign_in")).all()
    assert len(sent) == 5


# -- the book ----------------------------------------------------------------------------------------------------------


def lines(office: Any) -> list[tuple[str, str | None]]:
    with office.house.read() as session:
        return [(one.event.value, one.person_id) for one in session.exec(select(SignInEntry).order_by(SignInEntry.id))]


def test_what_is_done_and_what_fails_is_in_the_book(office):
    form = office.forms("/sign-in")["/sign-in"]
    office.browser.post("/sign-in", data=form | ADDRESS)
    browser = office.sign_in("li.na")
    fails(office)
    office.browser.get("/api/v1/steps", headers=office.token("li.na", Scope.READ))
    browser.post("/sign-out", data=office.forms("/me", browser)["/sign-out"])
    assert lines(office) == [
        ("asked", "li.na"),
        ("done", "li.na"),
        ("refused", None),
        ("token_used", "li.na"),
        ("ended", "li.na"),
    ]


def test_the_same_failure_again_is_counted_on_its_line(office):
    for _ in range(4):
        fails(office)
    with office.house.read() as session:
        (line,) = session.exec(select(SignInEntry)).all()
    assert line.times == 4


def test_one_reads_ones_own_lines_and_operations_everybodys(office):
    desk = office.sign_in("li.na")
    fails(office)
    mine = office.browser.get("/api/v1/sign-ins", headers=office.token("li.na", Scope.READ)).json()["items"]
    assert {one["person"] for one in mine} == {"li.na"}
    assert "sign-ins" in desk.get("/me/sign-ins").url.path
    assert desk.get("/operations/sign-ins").status_code == 403
    ops = office.sign_in("xu.ming")
    assert "李娜" in ops.get("/operations/sign-ins").text
    every = office.browser.get("/api/v1/sign-ins?limit=2", headers=office.token("xu.ming", Scope.READ)).json()
    assert (len(every["items"]), every["next_cursor"] is not None) == (2, True)


@pytest.mark.parametrize(
    ("address", "kept"),
    [("203.0.113.77", "203.0.113.0/24"), ("2001:db8:1:2::7", "2001:db8:1::/48"), ("testclient", ""), ("", "")],
)
def test_addresses_are_masked(address, kept):
    assert masked_network(address) == kept


# -- tokens ------------------------------------------------------------------------------------------------------------


def test_whose_token_ends_within_a_week_is_told_once(office, house):
    with house.work() as work:
        issue_api_token(work, "li.na", "ERP", [Scope.READ], 30)
        issue_api_token(work, "li.na", "A day's work", [Scope.READ], 1)
    assert warn_of_ending(house) == 0
    office.clock.now += timedelta(days=23, minutes=1)
    assert (warn_of_ending(house), warn_of_ending(house)) == (1, 0)
    with house.read() as session:
        (message,) = session.exec(select(OutboxMessage).where(OutboxMessage.kind == "token_expiring")).all()
    assert (message.person_id, message.payload["label"]) == ("li.na", "ERP")


def test_no_token_outlasts_what_the_settings_allow(office):
    desk = office.sign_in("li.na")
    form = office.forms("/me/tokens", desk)["make"] | {"label": "ERP", "scopes": "read"}
    assert form["days"] == "90"
    assert desk.post("/me/tokens", data=form | {"days": "366"}).status_code == 422
    assert desk.post("/me/tokens", data=form).status_code == 200
