"""Saved views: kept, shared by those who manage, shown by default, and nobody else's to change."""

from __future__ import annotations

import pytest
from sqlmodel import select

from models.operations import saved_views
from models.tables import AuditEvent, SavedView

WAITING = {"state": "running", "order": "longest_open"}


def keep(office, who, name="待批一周以上", expect=201, **more):
    body = {"name": name, "filters": WAITING, **more}
    answer = office.browser.post("/api/v1/views", json=body, headers=office.token(who))
    assert answer.status_code == expect, answer.text
    return answer.json()


def mine(office, who):
    return [view["name"] for view in office.browser.get("/api/v1/views", headers=office.token(who)).json()["items"]]


def test_a_view_is_kept_under_its_name_and_found_by_its_owner_alone(office):
    view = keep(office, "li.na")
    assert view["filters"] == WAITING
    assert mine(office, "li.na") == ["待批一周以上"]
    assert mine(office, "sun.tao") == []
    with office.house.read() as session:
        (event,) = session.exec(select(AuditEvent).where(AuditEvent.event == "view.saved"))
        assert (event.actor_id, event.data["name"]) == ("li.na", "待批一周以上")


def test_the_same_name_again_replaces_what_was_kept(office):
    first = keep(office, "li.na")
    again = keep(office, "li.na", filters={"state": "closed"})
    assert (again["id"], again["filters"]) == (first["id"], {"state": "closed"})
    assert mine(office, "li.na") == ["待批一周以上"]


def test_those_who_manage_share_a_view_with_everybody(office):
    keep(office, "zhou.hong", shared=True)
    assert mine(office, "li.na") == ["待批一周以上"]
    keep(office, "li.na", name="我的", shared=True, expect=403)
    assert mine(office, "sun.tao") == ["待批一周以上"]


def test_somebody_elses_view_is_not_ones_to_change(office):
    view = keep(office, "zhou.hong", shared=True)
    path = f"/api/v1/views/{view['id']}"
    for answer in (
        office.browser.get(path, headers=office.token("li.na")),
        office.browser.put(path, json={"name": "x"}, headers=office.token("li.na")),
        office.browser.delete(path, headers=office.token("li.na")),
    ):
        assert answer.status_code == 404
    assert mine(office, "zhou.hong") == ["待批一周以上"]


def test_two_who_change_one_at_the_same_time_are_told(office):
    view = keep(office, "li.na")
    path, headers = f"/api/v1/views/{view['id']}", office.token("li.na")
    tag = office.browser.get(path, headers=headers).headers["etag"]
    changed = office.browser.put(path, json={"name": "新名"}, headers={**headers, "if-match": tag})
    assert changed.status_code == 200
    late = office.browser.put(path, json={"name": "旧名"}, headers={**headers, "if-match": tag})
    assert late.status_code == 412
    assert mine(office, "li.na") == ["新名"]


def test_a_view_that_is_deleted_is_gone_for_those_it_was_shared_with(office):
    view = keep(office, "zhou.hong", shared=True)
    answer = office.browser.delete(f"/api/v1/views/{view['id']}", headers=office.token("zhou.hong"))
    assert answer.status_code == 204
    assert mine(office, "li.na") == []


@pytest.mark.parametrize(
    "body", [{"name": "  "}, {"name": "长" * 61}, {"name": "x", "filters": {"sql": "1"}}, {"filters": {}}, {"name": 7}]
)
def test_what_makes_no_view_is_refused(office, body):
    answer = office.browser.post("/api/v1/views", json=body, headers=office.token("li.na"))
    assert answer.status_code == 422
    assert mine(office, "li.na") == []


def test_nobody_has_more_than_may_be(office, monkeypatch):
    monkeypatch.setattr(saved_views, "MOST_VIEWS", 2)
    keep(office, "li.na", name="一")
    keep(office, "li.na", name="二")
    keep(office, "li.na", name="三", expect=409)
    keep(office, "li.na", name="二")


def test_two_views_of_one_person_are_never_called_the_same(office):
    first, second = keep(office, "li.na", name="一"), keep(office, "li.na", name="二")
    answer = office.browser.put(
        f"/api/v1/views/{second['id']}", json={"name": first["name"]}, headers=office.token("li.na")
    )
    assert answer.status_code == 409


# -- on the page ------------------------------------------------------------------------------------------------------


def test_the_filters_of_the_page_are_kept_and_opened_again(office, read_forms):
    browser = office.sign_in("zhou.hong")
    page = browser.get("/cases?state=running&order=longest_open")
    form = read_forms(page.text)["save-view"]
    answer = browser.post("/views", data={**form, "name": "待批", "is_default": "1", "shared": "1"})
    assert answer.status_code == 303
    with office.house.read() as session:
        view = session.exec(select(SavedView)).one()
    assert (view.filters, view.shared, view.is_default) == (WAITING, True, True)
    opened = browser.get("/cases")
    assert opened.headers["location"] == f"/cases?state=running&order=longest_open&view={view.id}"
    assert browser.get(opened.headers["location"]).status_code == 200
    assert browser.get("/cases?view=0").status_code == 200, "and everything can still be seen"
    assert office.sign_in("li.na").get("/cases").status_code == 200, "a default is nobody else's"


def test_a_view_is_renamed_and_deleted_on_the_page(office, read_forms):
    keep(office, "zhou.hong")
    browser = office.sign_in("zhou.hong")
    address = "/cases?state=running&order=longest_open&view=1"
    form = read_forms(browser.get(address).text)["change-view"]
    assert browser.post("/views/1", data={**form, "name": "新名"}).status_code == 303
    assert mine(office, "zhou.hong") == ["新名"]
    form = read_forms(browser.get(address).text)["change-view"]
    assert browser.post("/views/1", data={**form, "delete": "1"}).headers["location"].endswith("view=0")
    assert mine(office, "zhou.hong") == []


def test_a_name_that_cannot_be_comes_back_with_what_was_typed(office, read_forms):
    browser = office.sign_in("li.na")
    form = read_forms(browser.get("/cases?state=running").text)["save-view"]
    page = browser.post("/views?lang=en", data={**form, "name": "长" * 61})
    assert page.status_code == 422
    assert "长" * 61 in page.text
    assert "Running" in page.text


def test_only_the_page_itself_keeps_a_view(office):
    browser = office.sign_in("li.na")
    assert browser.post("/views", data={"name": "x", "query": "state=running"}).status_code == 403
    with office.house.read() as session:
        assert session.exec(select(SavedView)).all() == []
