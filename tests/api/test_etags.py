"""Programs keep what they have read, change only what they have seen, and send twice without harm."""

import pytest
from sqlmodel import func, select

from api.etags import matches, tag_of
from models.tables import Absence, MadeOnce, Remark


@pytest.fixture
def li_na(office):
    headers = office.token("li.na")

    def call(method, path, **more):
        extra = more.pop("headers", {})
        return office.browser.request(method, f"/api/v1{path}", headers={**headers, **extra}, **more)

    return call


def test_what_has_not_changed_is_not_sent_again(office, li_na):
    office.apply()
    first = li_na("GET", "/cases")
    again = li_na("GET", "/cases", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert "content-type" not in again.headers


def test_what_has_changed_is_sent(office, li_na):
    office.apply()
    tag = li_na("GET", "/cases").headers["etag"]
    office.apply(name="徐州第二钢铁贸易有限公司", identifier="91320300MA1WXYZ016")
    assert li_na("GET", "/cases", headers={"if-none-match": tag}).status_code == 200


def test_a_case_has_one_tag_for_as_long_as_nothing_happens_but_looks(office):
    """Whoever watches over all cases is shown who has looked: that alone is no change of the case."""
    ref = office.apply()
    headers = office.token("xu.ming")

    def read(**more):
        return office.browser.get(f"/api/v1/cases/{ref}", headers={**headers, **more})

    tag = read().headers["etag"]
    office.browser.get(f"/api/v1/cases/{ref}", headers=office.token("li.na"))
    assert read(**{"if-none-match": tag}).status_code == 304
    office.answer(ref, "li.na", "confirm")
    assert read(**{"if-none-match": tag}).status_code == 200


def test_a_step_has_one_tag_until_it_is_answered(office):
    ref = office.apply()
    path = f"/api/v1/steps/{office.asked(ref)['li.na'].id}"
    headers = office.token("li.na")
    tag = office.browser.get(path, headers=headers).headers["etag"]
    assert office.browser.get(path, headers={**headers, "if-none-match": tag}).status_code == 304
    office.answer(ref, "li.na", "confirm")
    assert office.browser.get(path, headers={**headers, "if-none-match": tag}).status_code == 200


def test_in_another_language_it_is_another_answer(office, li_na):
    office.apply()
    english = li_na("GET", "/processes", headers={"accept-language": "en"})
    assert "Accept-Language" in english.headers["vary"]


def test_pages_and_refusals_have_no_tag(office, li_na):
    assert "etag" not in office.browser.get("/sign-in").headers
    assert "etag" not in li_na("GET", "/cases/ONB-2026-999999").headers


@pytest.mark.parametrize(
    ("header", "tag", "strongly", "so"),
    [
        ('"a"', '"a"', False, True),
        ('"b", "a"', '"a"', False, True),
        ('W/"a"', '"a"', False, True),
        ('W/"a"', '"a"', True, False),
        ('"b"', '"a"', False, False),
        ("*", '"a"', True, True),
        ("", '"a"', False, False),
        ("nonsense,,", '"a"', False, False),
    ],
)
def test_how_tags_are_compared(header, tag, strongly, so):
    assert matches(header, tag, strongly=strongly) is so


def test_a_tag_follows_the_content_and_nothing_else():
    assert tag_of({"a": 1, "b": 2}) == tag_of({"b": 2, "a": 1})
    assert tag_of({"a": 1}) != tag_of({"a": 2})


# -- lists -----------------------------------------------------------------------------------------------------------


def test_the_next_page_is_linked_with_the_same_filters(office, li_na):
    for number in range(3):
        office.apply(
            name=f"徐州第{number}钢铁贸易有限公司",
            identifier=None,
            customer_type="individual",
            figures={},
            documents={},
        )
    first = li_na("GET", "/cases", params={"limit": 2, "process": "onboarding-review"})
    link = first.headers["link"]
    assert link.endswith('>; rel="next"')
    address = link[1:].partition(">")[0]
    assert "process=onboarding-review" in address
    second = li_na("GET", address.removeprefix("/api/v1"))
    assert len(second.json()["items"]) == 1
    assert "link" not in second.headers
    seen = [one["ref"] for page in (first, second) for one in page.json()["items"]]
    assert len(set(seen)) == 3


def test_a_cursor_within_a_text_is_no_next_page(office, li_na):
    office.apply(name='x"next_cursor":"abc"')
    page = li_na("GET", "/cases")
    assert "next_cursor" in page.json()["items"][0]["title"]
    assert "link" not in page.headers


def test_the_register_comes_in_pages(office):
    headers = office.token("wu.gang")
    seen, cursor = [], None
    while True:
        page = office.browser.get(
            "/api/v1/qualifications", params={"limit": 5, **({"cursor": cursor} if cursor else {})}, headers=headers
        ).json()
        seen += [one["person"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == sorted(seen)
    assert len(seen) == 13


# -- sending twice ---------------------------------------------------------------------------------------------------


KEY = {"idempotency-key": "crm-4711"}


def test_a_comment_that_is_sent_twice_is_said_once(office, li_na, house):
    ref = office.apply()
    body = {"text": "They asked for the same terms last year."}
    first = li_na("POST", f"/cases/{ref}/comment", json=body, headers=KEY)
    again = li_na("POST", f"/cases/{ref}/comment", json=body, headers=KEY)
    assert first.status_code == again.status_code == 201
    assert first.json()["id"] == again.json()["id"]
    with house.read() as session:
        assert session.exec(select(func.count()).select_from(Remark)).one() == 1


def test_a_question_that_is_sent_twice_is_asked_once(office, li_na, house):
    ref = office.apply()
    path = f"/steps/{office.asked(ref)['li.na'].id}/question"
    body = {"to": "zheng.li", "text": "What do they owe since March?"}
    first, again = (li_na("POST", path, json=body, headers=KEY).json()["id"] for _ in range(2))
    assert first == again


def test_an_absence_that_is_sent_twice_is_one(office, li_na, house):
    body = {
        "substitute": "sun.tao",
        "starts_at": "2026-03-16T00:00:00+08:00",
        "ends_at": "2026-03-21T00:00:00+08:00",
    }
    first, again = (li_na("POST", "/absences", json=body, headers=KEY) for _ in range(2))
    assert first.json()["id"] == again.json()["id"]
    with house.read() as session:
        assert session.exec(select(func.count()).select_from(Absence)).one() == 1


def test_a_key_is_not_good_for_something_else(office, li_na):
    ref = office.apply()
    li_na("POST", f"/cases/{ref}/comment", json={"text": "First."}, headers=KEY)
    other = li_na("POST", f"/cases/{ref}/comment", json={"text": "Second."}, headers=KEY)
    assert (other.status_code, other.json()["problems"][0]["field"]) == (422, "Idempotency-Key")


def test_everybodys_keys_are_their_own(office, house):
    ref = office.apply()
    office.answer(ref, "li.na", "confirm")
    for who in ("li.na", "chen.yu"):
        body = {"text": "Seen."}
        made = office.browser.post(f"/api/v1/cases/{ref}/comment", json=body, headers={**office.token(who), **KEY})
        assert made.status_code == 201
    with house.read() as session:
        assert session.exec(select(func.count()).select_from(Remark)).one() == 2


def test_what_is_kept_of_a_key_is_not_the_key(office, li_na, house):
    ref = office.apply()
    li_na("POST", f"/cases/{ref}/comment", json={"text": "First."}, headers=KEY)
    with house.read() as session:
        assert "crm-4711" not in str(session.exec(select(MadeOnce)).one().model_dump())


def test_a_refused_request_uses_no_key_up(office, li_na, house):
    ref = office.apply()
    assert li_na("POST", f"/cases/{ref}/comment", json={"text": ""}, headers=KEY).status_code == 422
    assert li_na("POST", f"/cases/{ref}/comment", json={"text": "Now."}, headers=KEY).status_code == 201
