"""Absence: named by oneself or by operations, on pages and by JSON; in the company's days."""

from datetime import UTC, datetime

import pytest
from sqlmodel import select

from models.tables import Absence

MANAGER = "wang.jun"


def absences(office):
    with office.house.read() as session:
        return list(session.exec(select(Absence).order_by(Absence.id)).all())


def name_substitute(office, browser, **fields):
    form = office.forms("/absence", browser)["absence"]
    given = {"substitute": "zheng.li", "first_day": "2026-03-10", "last_day": "2026-03-13", **fields}
    return browser.post("/absence", data=form | given)


def test_an_absence_runs_from_the_first_day_to_the_end_of_the_last_on_the_companys_clock(office):
    ref = office.at_approval()
    browser = office.sign_in(MANAGER)
    named = name_substitute(office, browser, up_to="2,000,000", reason="年假", processes="onboarding-review")
    assert (named.status_code, named.headers["location"]) == (303, "/absence?done=set")
    (absence,) = absences(office)
    assert absence.starts_at == datetime(2026, 3, 9, 16, tzinfo=UTC)
    assert absence.ends_at == datetime(2026, 3, 13, 16, tzinfo=UTC)
    assert (absence.processes, str(absence.up_to), absence.reason) == (["onboarding-review"], "2000000.00", "年假")
    assert set(office.asked(ref)) == {"zheng.li"}, "what is asked already goes to the substitute"
    page = browser.get("/absence?done=set&lang=en").text
    for shown in ("Your substitute is named.", "in force", "up to 2,000,000.00 yuan", "Onboarding review", "年假"):
        assert shown in page
    assert "郑丽" in office.sign_in("zheng.li").get("/absence").text, "the substitute sees whom they stand in for"
    assert "for 王军" in office.sign_in("zheng.li").get("/?lang=en").text


def test_ending_it_gives_back_what_was_not_answered(office):
    ref = office.at_approval()
    browser = office.sign_in(MANAGER)
    name_substitute(office, browser)
    path = f"/absence/{absences(office)[0].id}/cancel"
    form = office.forms("/absence", browser)[path]
    assert browser.post(path, data={"_csrf": "x"}).status_code == 403
    assert browser.post(path, data=form).headers["location"] == "/absence?done=cancelled"
    assert set(office.asked(ref)) == {MANAGER}
    assert browser.post(path, data=form).status_code == 409
    assert path not in office.forms("/absence", browser)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"substitute": ""}, "substitute"),
        ({"substitute": "nobody.here"}, "substitute"),
        ({"substitute": MANAGER}, "substitute"),
        ({"first_day": ""}, "first_day"),
        ({"first_day": "someday"}, "first_day"),
        ({"last_day": "2026-03-08"}, "last_day"),
        ({"first_day": "2026-03-01", "last_day": "2026-03-05"}, "last_day"),
        ({"last_day": "9999-12-31"}, "last_day"),
        ({"up_to": "-1"}, "up_to"),
        ({"up_to": "a lot"}, "up_to"),
        ({"processes": "tea-ceremony"}, None),
        ({"reason": "长" * 501}, "reason"),
    ],
)
def test_a_wrong_form_keeps_what_was_typed_and_sets_nothing(office, fields, field):
    browser = office.sign_in(MANAGER)
    page = name_substitute(office, browser, **{"reason": "年假", **fields})
    assert page.status_code == 422, page.text
    assert absences(office) == []
    if field:
        assert f'id="absence-{field}-wrong"' in page.text
    if "reason" not in fields:
        assert "年假" in page.text


def test_a_chain_of_substitutes_is_refused_where_it_was_chosen(office):
    name_substitute(office, office.sign_in("zheng.li"), substitute="feng.bo")
    page = name_substitute(office, office.sign_in(MANAGER))
    assert page.status_code == 422
    assert 'id="absence-substitute-wrong"' in page.text
    assert len(absences(office)) == 1


def test_only_operations_do_it_for_others(office):
    browser = office.sign_in("sun.tao")
    assert "absence-person" not in browser.get("/absence").text
    name_substitute(office, browser, person=MANAGER)
    assert [one.person_id for one in absences(office)] in ([], ["sun.tao"]), "never for 王军"
    operations = office.sign_in("xu.ming")
    assert name_substitute(office, operations, person=MANAGER, substitute="feng.bo").status_code == 303
    last = absences(office)[-1]
    assert (last.person_id, last.set_by) == (MANAGER, "xu.ming")
    assert "王军" in operations.get("/absence").text


def test_an_absence_of_others_does_not_exist(office):
    name_substitute(office, office.sign_in(MANAGER))
    (absence,) = absences(office)
    for who in ("sun.tao", "zheng.li"):
        browser = office.sign_in(who)
        token = office.forms("/absence", browser)["absence"]["_csrf"]
        refused = browser.post(f"/absence/{absence.id}/cancel", data={"_csrf": token})
        assert refused.status_code == 403, "a token for another form"
        answer = office.browser.post(f"/api/v1/absences/{absence.id}/cancel", headers=office.token(who))
        assert answer.status_code == 404
    assert absences(office)[0].cancelled_at is None


def test_by_json_absences_are_named_listed_and_ended(office):
    ref, headers = office.at_approval(), office.token(MANAGER) | {"accept-language": "en"}
    body = {
        "substitute": "zheng.li",
        "starts_at": "2026-03-10T09:00:00+08:00",
        "ends_at": "2026-03-14T00:00:00+08:00",
        "up_to": "2000000.00",
        "reason": "年假",
    }
    made = office.browser.post("/api/v1/absences", json=body, headers=headers)
    assert made.status_code == 201, made.text
    shown = made.json()
    assert (shown["person"], shown["substitute_name"], shown["up_to"], shown["over"]) == (
        MANAGER,
        "郑丽",
        "2000000.00",
        False,
    )
    assert set(office.asked(ref)) == {"zheng.li"}
    theirs = office.browser.get("/api/v1/absences", headers=office.token("zheng.li")).json()["items"]
    assert [one["id"] for one in theirs] == [shown["id"]]
    item = office.browser.get("/api/v1/steps", headers=office.token("zheng.li")).json()["items"][0]
    assert item["in_the_name_of"] == "王军"
    ended = office.browser.post(f"/api/v1/absences/{shown['id']}/cancel", headers=headers).json()
    assert ended["over"] is True
    assert set(office.asked(ref)) == {MANAGER}


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"starts_at": "2026-03-10T09:00:00"}, 422),
        ({"ends_at": "2026-03-09T09:00:00+08:00"}, 422),
        ({"substitute": "nobody"}, 422),
        ({"processes": ["tea-ceremony"]}, 422),
        ({"person": "sun.tao"}, 403),
        ({"surprise": 1}, 422),
    ],
)
def test_by_json_a_wrong_absence_is_refused(office, changes, status):
    body = {
        "substitute": "zheng.li",
        "starts_at": "2026-03-10T09:00:00+08:00",
        "ends_at": "2026-03-14T00:00:00+08:00",
    }
    answer = office.browser.post("/api/v1/absences", json=body | changes, headers=office.token(MANAGER))
    assert answer.status_code == status, answer.text
    assert absences(office) == []


def test_everybodys_absences_are_for_operations(office):
    name_substitute(office, office.sign_in(MANAGER))
    path = "/api/v1/absences?everybody=true"
    assert office.browser.get(path, headers=office.token("sun.tao")).status_code == 403
    items = office.browser.get(path, headers=office.token("xu.ming")).json()["items"]
    assert [one["person"] for one in items] == [MANAGER]
