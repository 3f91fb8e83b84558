"""The register of the staff: who is there, changing entries, in and out of service, addresses, handing on, files."""

from __future__ import annotations

import csv
import io

import pytest
from sqlmodel import select

from config.words import Department, Role, SignerState
from models.operations.absences import set_absence
from models.queries.staff_list import masked
from models.tables import Channel, OutboxMessage, Person, Signer


def who(office, person_id: str) -> Person:
    with office.house.read() as session:
        return session.get_one(Person, person_id)


def listed(office, query: str = "") -> list[str]:
    answer = office.browser.get(f"/api/v1/staff{query}", headers=office.token("xu.ming"))
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["items"]]


def api(office, method: str, path: str, by: str = "xu.ming", **body):
    return office.browser.request(method, f"/api/v1/staff{path}", headers=office.token(by), json=body or None)


def entry(office, person_id: str, **differing) -> dict:
    """The whole entry of a person as a program sends it back."""
    read = api(office, "GET", f"/{person_id}").json()
    kept = ("name", "department", "roles", "email", "manager_id", "language", "version")
    return {**{name: read[name] for name in kept}, **differing}


# -- the register -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?role=finance_officer", ["zheng.li"]),
        ("?department=legal", ["feng.bo"]),
        ("?text=钱", ["qian.wei"]),
        ("?text=FENG.BO@", ["feng.bo"]),
        ("?text=%25", []),
        ("?role=ops&department=risk", []),
    ],
)
def test_people_are_found_by_what_they_are(office, query, found):
    assert listed(office, query) == found


def test_whoever_is_away_is_found_with_their_substitute(office):
    with office.house.work() as work:
        ends = work.now.replace(day=20)
        set_absence(work, "zhao.min", "qian.wei", work.now, ends)
    office.clock.now = office.clock.now.replace(hour=2)
    assert listed(office, "?absent=true") == ["zhao.min"]
    assert "离岗，由 钱伟 代理" in office.sign_in("xu.ming").get("/operations/staff").text


def test_the_register_goes_on_where_the_page_before_ended(office):
    headers, seen, query = office.token("xu.ming"), [], "?limit=4"
    while query:
        page = office.browser.get(f"/api/v1/staff{query}", headers=headers).json()
        seen += [one["id"] for one in page["items"]]
        query = f"?limit=4&cursor={page['next_cursor']}" if page["next_cursor"] else ""
    assert len(seen) == len(set(seen)) == 13
    assert seen[:2] == ["li.na", "qian.wei"], "business first, then by id"


def test_one_person_with_all_that_hangs_on_them(office):
    office.at_approval()
    page = office.sign_in("xu.ming").get("/operations/staff/wang.jun").text
    assert "徐州恒远钢铁贸易有限公司" in page
    assert "额度与账期审批" in page
    assert 'href="/operations/staff/zhao.min"' in page, "whom they report to"
    assert 'href="/operations/staff/li.na"' in page, "who reports to them"


# -- changing an entry ------------------------------------------------------------------------------------------------


def test_somebody_new_is_put_on_the_register(office):
    browser = office.sign_in("xu.ming")
    form = office.forms("/operations/staff/new", browser)["entry"]
    given = {**form, "id": "lin.feng", "name": "林峰", "department": "business", "roles": ["handler"]}
    assert (
        browser.post("/operations/staff/new", data=given).headers["location"] == "/operations/staff/lin.feng?done=added"
    )
    assert who(office, "lin.feng").roles == ["handler"]
    taken = browser.post("/operations/staff/new", data=given)
    assert taken.status_code == 409
    assert 'value="林峰"' in taken.text, "what was typed is kept"


def test_a_wrong_entry_is_told_at_its_fields(office):
    browser = office.sign_in("xu.ming")
    form = office.forms("/operations/staff/new", browser)["entry"]
    answer = browser.post("/operations/staff/new", data={**form, "id": "Lin Feng", "name": "林峰", "email": "nonsense"})
    assert answer.status_code == 422
    for field in ("id", "email", "department"):
        assert f'id="e-{field}-wrong"' in answer.text


def test_a_change_of_roles_is_on_record_before_and_after(office):
    browser = office.sign_in("xu.ming")
    form = office.forms("/operations/staff/sun.tao/change", browser)["entry"]
    answer = browser.post("/operations/staff/sun.tao/change", data={**form, "roles": ["handler", "sales_manager"]})
    assert answer.status_code == 303
    [event] = office.events("person.changed")
    assert event.actor_id == "xu.ming"
    assert event.data == {"person": "sun.tao", "changes": {"roles": [["handler"], ["handler", "sales_manager"]]}}
    page = browser.get("/operations/staff/sun.tao?lang=en").text
    assert "Business handler, Sales manager" in page


def test_an_entry_sent_back_as_it_is_changes_nothing(office):
    assert api(office, "PUT", "/sun.tao", **entry(office, "sun.tao")).status_code == 200
    assert office.events("person.changed") == []


def test_nobody_overwrites_what_somebody_else_has_just_changed(office):
    stale = entry(office, "sun.tao", name="孙滔")
    assert api(office, "PUT", "/sun.tao", **entry(office, "sun.tao", department="risk")).status_code == 200
    refused = api(office, "PUT", "/sun.tao", **stale)
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    person = who(office, "sun.tao")
    assert (person.name, person.department) == ("孙涛", Department.RISK)


def test_the_same_on_pages(office):
    browser = office.sign_in("xu.ming")
    form = office.forms("/operations/staff/sun.tao/change", browser)["entry"]
    api(office, "PUT", "/sun.tao", **entry(office, "sun.tao", department="risk"))
    answer = browser.post("/operations/staff/sun.tao/change", data={**form, "name": "孙滔"})
    assert answer.status_code == 409
    assert "信息已被他人修改" in answer.text


def test_the_last_of_operations_stays(office):
    refused = api(office, "PUT", "/xu.ming", **entry(office, "xu.ming", roles=["manager"]))
    assert refused.status_code == 422
    assert refused.json()["problems"][0]["field"] == "roles"
    version = entry(office, "xu.ming")["version"]
    refused = api(office, "POST", "/xu.ming/service", active=False, reason="退休", version=version)
    assert (refused.status_code, refused.json()["problems"][0]["field"]) == (422, "active")
    api(office, "PUT", "/he.jing", **entry(office, "he.jing", roles=["client_administrator", "ops"]))
    assert api(office, "PUT", "/xu.ming", **entry(office, "xu.ming", roles=["manager"])).status_code == 200


def test_nobody_becomes_their_own_superior(office):
    refused = api(office, "PUT", "/zhou.hong", **entry(office, "zhou.hong", manager_id="wang.jun"))
    assert (refused.status_code, refused.json()["problems"][0]["field"]) == (422, "manager")


# -- in and out of service --------------------------------------------------------------------------------------------


def test_whoever_leaves_is_signed_out_everywhere_and_what_waits_is_handed_on(office):
    ref = office.at_approval()
    theirs, token = office.sign_in("wang.jun"), office.token("wang.jun")
    link = office.link(ref, "wang.jun")
    browser = office.sign_in("xu.ming")
    form = office.forms("/operations/staff/wang.jun", browser)["deactivate"]
    answer = browser.post("/operations/staff/wang.jun/deactivate", data={**form, "to": "zhou.hong", "reason": "调任"})
    assert answer.status_code == 303
    assert not who(office, "wang.jun").active
    assert theirs.get("/").status_code == 303
    assert office.browser.get("/api/v1/steps", headers=token).status_code == 401
    assert office.new_browser().get(link).status_code == 410
    assert list(office.asked(ref)) == ["zhou.hong"]
    version = entry(office, "wang.jun")["version"]
    assert api(office, "POST", "/wang.jun/service", active=True, reason="回任", version=version).json()["active"]
    assert theirs.get("/").status_code == 303, "an old session does not come back to life"


def test_leaving_needs_a_reason(office):
    browser = office.sign_in("xu.ming")
    form = office.forms("/operations/staff/wang.jun", browser)["deactivate"]
    answer = browser.post("/operations/staff/wang.jun/deactivate", data=form)
    assert answer.status_code == 422
    assert "请说明原因" in answer.text
    assert who(office, "wang.jun").active


def test_whoever_leaves_stands_in_for_nobody(office):
    ref = office.at_approval()
    with office.house.work() as work:
        set_absence(work, "wang.jun", "zhou.hong", work.now, work.now.replace(day=20))
    assert list(office.asked(ref)) == ["zhou.hong"]
    version = entry(office, "zhou.hong")["version"]
    api(office, "POST", "/zhou.hong/service", active=False, reason="离职", version=version)
    assert list(office.asked(ref)) == ["wang.jun"], "what was held in their name is theirs again"


def test_what_somebody_may_not_sign_stays_and_it_is_told_why(office):
    ref = office.at_approval()
    answer = api(office, "POST", "/wang.jun/hand-on", to="li.na", reason="病假")
    assert answer.json()["moved"] == 0
    [stayed] = answer.json()["stayed"]
    assert stayed["case"] == ref
    assert stayed["why"]
    assert list(office.asked(ref)) == ["wang.jun"]


def test_everything_is_handed_on_as_a_transfer_by_operations(office):
    ref = office.at_approval()
    place = office.asked(ref)["wang.jun"].id
    browser = office.sign_in("xu.ming")
    form = office.forms("/operations/staff/wang.jun", browser)["hand-on"]
    answer = browser.post("/operations/staff/wang.jun/hand-on", data={**form, "to": "zhou.hong", "reason": "病假"})
    assert answer.status_code == 303
    assert office.signer(place).state is SignerState.TRANSFERRED
    [event] = office.events("step.transferred")
    assert (event.actor_id, event.case_ref, event.data["to"]) == ("xu.ming", ref, "zhou.hong")
    office.answer(ref, "zhou.hong", "approve")
    with office.house.read() as session:
        told = session.exec(select(OutboxMessage.payload).where(OutboxMessage.person_id == "zhou.hong")).all()
    assert {payload["how"] for payload in told} == {"transferred"}


def test_a_delegates_place_goes_on_and_still_comes_back(office):
    from models.house import person
    from models.operations.moves import delegate

    ref = office.at_approval()
    with office.house.work(person("wang.jun")) as work:
        delegate(work, office.asked(ref)["wang.jun"].id or 0, "feng.bo", "请核对")
    assert api(office, "POST", "/feng.bo/hand-on", to="zheng.li", reason="离职").json()["moved"] == 1
    office.answer(ref, "zheng.li", "approve")
    with office.house.read() as session:
        place = session.exec(select(Signer).where(Signer.person_id == "wang.jun", Signer.case_ref == ref)).one()
    assert place.state is SignerState.ASKED
    assert place.advice is not None
    assert place.advice["person_id"] == "zheng.li"


# -- addresses and absences -------------------------------------------------------------------------------------------


def test_an_address_is_added_once_shown_masked_and_taken_away(office):
    address = "wecombot://693a91f6-7aaa-4bc4-97a0-0ec2sifa5aaa"
    added = api(office, "POST", "/wang.jun/channels", address=address)
    assert added.status_code == 201
    [channel] = added.json()["channels"]
    assert channel["kind"] == "wecom"
    assert "693a91f6" not in channel["hint"]
    assert api(office, "POST", "/wang.jun/channels", address=address).status_code == 409
    assert api(office, "POST", "/wang.jun/channels", address="nonsense").status_code == 422
    browser = office.sign_in("xu.ming")
    form = office.forms("/operations/staff/wang.jun", browser)[f"remove-{channel['id']}"]
    assert browser.post("/operations/staff/wang.jun/remove-channel", data=form).status_code == 303
    assert browser.post("/operations/staff/wang.jun/remove-channel", data=form).status_code == 404
    with office.house.read() as session:
        assert not session.get_one(Channel, channel["id"]).active
    assert len(office.events("channel.removed")) == 1


@pytest.mark.parametrize(
    ("address", "hint"),
    [
        ("li.na@hengyuan.example", "l***@hengyuan.example"),
        ("wecombot://693a91f6-7aaa-4bc4", "wecombot://…4bc4"),
        ("json://short", "json://…"),
    ],
)
def test_an_address_is_told_from_others_and_not_given_away(address, hint):
    assert masked(address) == hint


def test_a_wrong_address_is_told_on_the_page(office):
    browser = office.sign_in("xu.ming")
    form = office.forms("/operations/staff/wang.jun", browser)["add-channel"]
    for address in ("", "neither this nor that"):
        answer = browser.post("/operations/staff/wang.jun/add-channel", data={**form, "address": address})
        assert answer.status_code == 422


def test_operations_name_a_substitute_for_somebody(office):
    browser = office.sign_in("xu.ming")
    form = office.forms("/operations/staff/wang.jun", browser)["absence"]
    days = {"first_day": "2026-03-16", "last_day": "2026-03-20"}
    answer = browser.post("/operations/staff/wang.jun/absence", data={**form, **days, "substitute": "zhao.min"})
    assert answer.status_code == 303
    assert "赵敏" in browser.get("/operations/staff/wang.jun").text
    backwards = {"first_day": "2026-03-20", "last_day": "2026-03-16"}
    wrong = browser.post("/operations/staff/qian.wei/absence", data={**form, **backwards, "substitute": "zhao.min"})
    assert wrong.status_code == 403, "a form of another person's page"
    form = office.forms("/operations/staff/qian.wei", browser)["absence"]
    wrong = browser.post("/operations/staff/qian.wei/absence", data={**form, **backwards, "substitute": "zhao.min"})
    assert wrong.status_code == 422
    assert 'id="abs-last-wrong"' in wrong.text
    nonsense = browser.post("/operations/staff/qian.wei/absence", data={**form, "first_day": "9999-12-31"})
    assert nonsense.status_code == 422


def test_a_sign_in_link_goes_to_the_person_and_to_nobody_else(office):
    browser = office.sign_in("xu.ming")
    form = office.forms("/operations/staff/wang.jun", browser)["sign-in-link"]
    for _ in range(2):
        answer = browser.post("/operations/staff/wang.jun/sign-in-link", data=form)
        assert answer.status_code == 303
        assert "/sign-in/" not in answer.text
    with office.house.read() as session:
        sent = session.exec(select(OutboxMessage.person_id).where(OutboxMessage.kind == "sign_in")).all()
    assert sent == ["wang.jun"], "once a minute at most"


# -- files ------------------------------------------------------------------------------------------------------------


def upload(office, text: str, path: str = "/import"):
    headers = {**office.token("xu.ming"), "content-type": "text/csv"}
    return office.browser.post(f"/api/v1/staff{path}", headers=headers, content=text.encode())


def test_the_register_goes_out_and_comes_back_the_same(office):
    with office.house.work() as work:
        work.session.get_one(Person, "sun.tao").name = "=HYPERLINK(1)"
    browser = office.sign_in("xu.ming")
    content = browser.get("/operations/staff.csv").content
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig")))}
    assert rows["sun.tao"]["name"] == "'=HYPERLINK(1)"
    assert rows["zhou.hong"]["roles"] == "vice_president manager"
    back = office.browser.post(
        "/api/v1/staff/import", headers={**office.token("xu.ming"), "content-type": "text/csv"}, content=content
    )
    assert back.json() == {"rows": 13, "added": [], "changed": {}}
    assert browser.get("/operations/staff.xlsx").content[:2] == b"PK"
    assert browser.get("/operations/staff.pdf").status_code == 404


def test_a_file_says_what_it_would_change_before_it_does(office):
    text = "id,name,department,roles\nsun.tao,孙涛,business,handler sales_manager\nlin.feng,林峰,risk,\n"
    checked = upload(office, text, "/import?check=true")
    assert checked.json()["added"] == ["lin.feng"]
    changed = {"sun.tao": {"roles": {"before": ["handler"], "after": ["handler", "sales_manager"]}}}
    assert checked.json()["changed"] == changed
    assert who(office, "sun.tao").roles == [Role.HANDLER]
    assert office.events("staff.imported") == []
    assert upload(office, text).json()["changed"] == changed
    assert [event.data["person"] for event in office.events("person.changed")] == ["sun.tao"]


def test_a_file_may_not_take_the_last_of_operations_away(office):
    refused = upload(office, "id,name,department,roles,active\nxu.ming,徐明,management,ops,no\n")
    assert refused.status_code == 422
    assert refused.json()["problems"][0]["field"] == "row 2: active"
    assert who(office, "xu.ming").active


def test_the_page_tells_what_is_wrong_row_by_row(office):
    browser = office.sign_in("xu.ming")
    form = office.forms("/operations/staff/import", browser)["staff-file"]
    files = {"file": ("staff.csv", "id,name,department\nx,林峰,nowhere\n".encode(), "text/csv")}
    answer = browser.post("/operations/staff/import", data=form, files=files)
    assert answer.status_code == 422
    assert '<td class="num">2</td><td>department</td>' in answer.text
    right = {"file": ("staff.csv", "id,name,department\nlin.feng,林峰,risk\n".encode(), "text/csv")}
    assert "lin.feng" in browser.post("/operations/staff/import", data={**form, "check": "1"}, files=right).text
    with office.house.read() as session:
        assert session.get(Person, "lin.feng") is None
    assert browser.post("/operations/staff/import", data=form, files=right).status_code == 200
    assert who(office, "lin.feng").name == "林峰"
    assert browser.post("/operations/staff/import", data=form).status_code == 422


# -- who may ----------------------------------------------------------------------------------------------------------


def test_managers_look_and_only_operations_act(office):
    browser = office.sign_in("zhou.hong")
    page = browser.get("/operations/staff/wang.jun")
    assert page.status_code == 200
    assert "<form" not in page.text.split('<main id="main">')[1]
    for path in ("/operations/staff/new", "/operations/staff/import", "/operations/staff/wang.jun/change"):
        assert browser.get(path).status_code == 403
        assert browser.post(path).status_code == 403
    for act in ("deactivate", "hand-on", "add-channel", "sign-in-link", "absence", "activate", "remove-channel"):
        assert browser.post(f"/operations/staff/wang.jun/{act}").status_code == 403
    assert api(office, "PUT", "/sun.tao", "zhou.hong", **entry(office, "sun.tao", name="x")).status_code == 403
    assert api(office, "POST", "/sun.tao/sign-in-link", "zhou.hong").status_code == 403
    assert who(office, "sun.tao").name == "孙涛"


def test_the_register_is_closed_to_everybody_else(office):
    browser = office.sign_in("li.na")
    for path in ("/operations/staff", "/operations/staff/li.na", "/operations/staff.csv"):
        assert browser.get(path).status_code == 403
    assert api(office, "GET", "/li.na", "li.na").status_code == 403


def test_who_does_not_exist_is_told(office):
    browser = office.sign_in("xu.ming")
    assert browser.get("/operations/staff/nobody").status_code == 404
    assert browser.post("/operations/staff/wang.jun/promote").status_code == 404
    assert api(office, "POST", "/nobody/hand-on", to="li.na", reason="x").status_code in (200, 404)
    assert browser.get("/operations/staff?department=x&role=y&active=z&cursor=bad").status_code == 422
