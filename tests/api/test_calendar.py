"""The calendar feed: deadlines for a telephone's calendar, behind a secret address, saying no more than it must."""

from datetime import date, timedelta

import pytest
from icalendar import Calendar

from config.words import Language
from models.house import person
from models.operations.remarks import ask_question
from models.tables import CalendarFeed, Person, TrackingItem

MANAGER = "wang.jun"


@pytest.fixture
def browser(office):
    return office.sign_in(MANAGER)


@pytest.fixture
def address(office, browser):
    """The path of 王军's feed, as the page shows it once."""
    return made(office, browser)


def made(office, browser):
    page = browser.post("/me/calendar", data=office.forms("/me/calendar", browser)["make"])
    assert page.status_code == 200
    url = page.text.split('value="http')[1].split('"')[0]
    assert f'href="webcal{url.removeprefix("s")}"' in page.text
    return "/calendar/" + url.rpartition("/")[2]


def events(office, path):
    answer = office.browser.get(path)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    return list(Calendar.from_ical(answer.content).walk("VEVENT"))


def test_a_step_that_waits_for_me_stands_in_my_calendar_until_it_is_answered(office, address):
    assert events(office, address) == []
    ref = office.at_approval()
    place = office.asked(ref)[MANAGER]
    (event,) = events(office, address)
    assert str(event["summary"]) == "办理：额度与账期审批 · 徐州恒远钢铁贸易有限公司"
    assert event["dtend"].dt.isoformat() == "2026-03-12T01:30:00+00:00"
    assert event["dtend"].dt - event["dtstart"].dt == timedelta(minutes=30), "long enough to be drawn"
    assert str(event["uid"]) == f"step-{place.id}@127.0.0.1"
    assert str(event["url"]) == f"http://127.0.0.1:8000/steps/{place.id}"
    assert str(event["transp"]) == "TRANSPARENT", "nobody is busy because of it"
    office.tap(office.link(ref, MANAGER), "approve")
    assert events(office, address) == []


def test_questions_and_what_i_am_to_track_stand_in_it_too(office, address):
    ref = office.at_approval()
    with office.house.work(person("chen.yu")) as work:
        ask_question(work, office.asked(ref)[MANAGER].step_id, MANAGER, "抵押物是否已评估？")
        for what, day in (("补签担保合同", date(2026, 3, 20)), ("上月已办", date(2026, 2, 20))):
            work.add(
                TrackingItem(case_ref=ref, what=what, owner_id=MANAGER, due_on=day, planned_for=day),
            )
    told = {str(event["summary"]): event["dtstart"].dt for event in events(office, address)}
    assert told["跟踪检查：徐州恒远钢铁贸易有限公司"] == date(2026, 3, 20)
    assert "答复提问：额度与账期审批 · 徐州恒远钢铁贸易有限公司" in told
    assert len(told) == 3, "what is past is asked by its own step"


def test_it_says_no_more_than_the_title_of_the_case(office, address):
    ref = office.at_approval()
    with office.house.work(person("chen.yu")) as work:
        ask_question(work, office.asked(ref)[MANAGER].step_id, MANAGER, "孙建国的电话 13805201234 还通吗？")
    text = office.browser.get(address).content.decode().replace("\r\n ", "")
    for secret in ("13805201234", "孙建国", "91320300MA1MRWPX2H", "1240000", "1,240,000", "还通"):
        assert secret not in text
    assert "customer’s name" in office.sign_in(MANAGER).get("/me/calendar?lang=en").text


def test_a_title_with_line_breaks_writes_no_lines_of_its_own(office, address):
    office.at_approval(name="恶意公司 END:VEVENT; ATTENDEE:x, \\n")
    (event,) = events(office, address)
    assert "ATTENDEE" not in event
    assert "END:VEVENT; ATTENDEE:x" in str(event["summary"])


def test_it_is_in_its_owners_language(office, address):
    office.at_approval()
    with office.house.work() as work:
        work.session.get_one(Person, MANAGER).language = Language.EN
    assert str(events(office, address)[0]["summary"]).startswith("Answer: Approval of limit and term · ")


def test_a_calendar_that_has_it_already_is_told_so(office, address):
    ref = office.at_approval()
    first = office.browser.get(address)
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "private, max-age=300"
    office.clock.now += timedelta(hours=3)
    again = office.browser.get(address, headers={"if-none-match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert office.browser.get(address, headers={"if-none-match": f'"x", W/{tag}'}).status_code == 304
    office.tap(office.link(ref, MANAGER), "approve")
    assert office.browser.get(address, headers={"if-none-match": tag}).status_code == 200
    assert office.browser.head(address).status_code == 200


def test_that_it_is_read_is_noted_once_an_hour(office, address):
    def read_at():
        with office.house.read() as session:
            return session.get_one(CalendarFeed, 1).read_at

    office.browser.head(address)
    assert read_at() is None
    office.browser.get(address)
    first = read_at()
    assert first == office.clock.now
    office.clock.now += timedelta(minutes=59)
    office.browser.get(address)
    assert read_at() == first
    office.clock.now += timedelta(minutes=1)
    office.browser.get(address)
    assert read_at() == office.clock.now


@pytest.mark.parametrize("token", ["x", "a" * 43, "a" * 5000, "..%2f..%2fetc%2fpasswd", "%00"])
def test_an_unknown_address_is_not_found(office, token):
    assert office.browser.get(f"/calendar/{token}.ics").status_code == 404


def test_a_revoked_address_is_dead_and_so_is_one_made_before(office, browser, address):
    second = made(office, browser)
    assert office.browser.get(address).status_code == 404
    assert office.browser.get(second).status_code == 200
    page = browser.get("/me/calendar").text
    assert second not in page, "it is shown once"
    form = office.forms("/me/calendar", browser)["revoke"]
    assert browser.post("/me/calendar/revoke", data=form).headers["location"] == "/me/calendar?done=revoked"
    assert office.browser.get(second).status_code == 404
    assert [len(office.events(name)) for name in ("calendar-feed.made", "calendar-feed.revoked")] == [2, 1]


def test_whoever_leaves_has_no_calendar_any_more(office, address):
    with office.house.work() as work:
        work.session.get_one(Person, MANAGER).active = False
    assert office.browser.get(address).status_code == 404


def test_no_address_is_kept_readably(office, address):
    with office.house.read() as session:
        stored = session.get_one(CalendarFeed, 1)
    token = address.removeprefix("/calendar/").removesuffix(".ics")
    assert token not in str(stored.model_dump())
    assert all(token not in str(event.data) for event in office.events("calendar-feed.made"))


def test_making_one_takes_a_form_of_ours(browser):
    assert browser.post("/me/calendar", data={"_csrf": "x"}).status_code == 403


def test_by_json_a_feed_is_made_read_about_and_revoked(office):
    headers = office.token(MANAGER)
    assert office.browser.get("/api/v1/calendar-feed", headers=headers).json() == {
        "made_at": None,
        "read_at": None,
        "url": None,
    }
    url = office.browser.post("/api/v1/calendar-feed", headers=headers).json()["url"]
    path = url.removeprefix("http://127.0.0.1:8000")
    assert office.browser.get(path).status_code == 200
    shown = office.browser.get("/api/v1/calendar-feed", headers=headers).json()
    assert shown["url"] is None
    assert shown["read_at"] is not None
    office.browser.delete("/api/v1/calendar-feed", headers=headers)
    assert office.browser.get(path).status_code == 404
