"""The register on pages and for programs: kept by the risk manager and operations, one's own for everybody."""

from __future__ import annotations

from datetime import date

from config.words import Department, QualificationKind, Role
from models.operations.qualifications import qualification_given, record_qualification
from models.tables import Person

GIVEN = {"person": "chen.yu", "kind": "reception_training", "reference": "PX-1", "valid_from": "2026-01-01"}


def on_record(office, **given: object) -> int:
    with office.house.work() as work:
        return record_qualification(work, qualification_given({**GIVEN, **given})).id or 0


def test_the_risk_manager_records_and_renews_on_the_page(office):
    browser = office.sign_in("wu.gang")
    form = office.forms("/qualifications", browser)["record"]
    sent = form | {
        "person": "陈宇 (chen.yu)",
        "kind": "confidentiality",
        "reference": "BM-1",
        "valid_from": "2026-03-01",
    }
    assert browser.post("/qualifications", data=sent).headers["location"] == "/qualifications?done=recorded"
    page = browser.get("/qualifications?lang=en").text
    assert "BM-1" in page
    assert "Confidentiality agreement" in page


def test_a_wrong_entry_comes_back_as_it_was_typed(office):
    browser = office.sign_in("wu.gang")
    form = office.forms("/qualifications", browser)["record"]
    sent = form | {"person": "chen.yu", "kind": "confidentiality", "reference": "BM-1", "valid_from": "2026-03-01"}
    page = browser.post("/qualifications", data=sent | {"valid_until": "2026-02-01"})
    assert page.status_code == 422
    assert 'id="record-valid_until-wrong"' in page.text
    assert 'value="BM-1"' in page.text


def test_an_entry_is_revoked_with_a_reason(office):
    number = on_record(office)
    browser = office.sign_in("xu.ming")
    path = f"/qualifications/{number}/revoke"
    form = office.forms("/qualifications", browser)[path]
    assert browser.post(path, data=form).status_code == 422, "without a reason nothing is revoked"
    assert browser.post(path, data=form | {"reason": "调离接待岗位"}).status_code == 303
    assert "调离接待岗位" in browser.get("/qualifications").text
    assert browser.post(path, data=form | {"reason": "x"}).status_code == 409


def test_everybody_else_sees_only_what_is_theirs(office):
    on_record(office)
    page = office.sign_in("liu.yang").get("/qualifications").text
    assert "刘洋" in page
    assert "PX-1" not in page
    assert "PX-1" in office.sign_in("chen.yu").get("/qualifications").text
    for path in ("/qualifications", "/qualifications/1/revoke", "/qualifications/import"):
        assert office.sign_in("liu.yang").post(path, data={"reason": "x"}).status_code == 403


def test_a_file_on_the_page(office):
    browser = office.sign_in("wu.gang")
    token = office.forms("/qualifications", browser)["import-qualifications"]["_csrf"]

    def sent(text: str):
        files = {"file": ("register.csv", text.encode(), "text/csv")}
        return browser.post("/qualifications/import?lang=en", data={"_csrf": token}, files=files)

    header = "person,kind,reference,valid_from,valid_until\n"
    wrong = sent(header + "nobody,confidentiality,BM-1,2026-01-01,\n")
    assert wrong.status_code == 422
    assert "There is no such active person." in wrong.text
    assert "Entries recorded: 1." in sent(header + "chen.yu,confidentiality,BM-1,2026-01-01,\n").text


def test_programs_read_record_revoke_and_import(office):
    keeper, own = office.token("wu.gang"), office.token("chen.yu")
    made = office.browser.post("/api/v1/qualifications", json=GIVEN, headers=keeper)
    assert (made.status_code, made.json()["kind"]) == (201, QualificationKind.RECEPTION_TRAINING)
    again = office.browser.post("/api/v1/qualifications", json=GIVEN, headers=keeper)
    assert again.json() == made.json()
    assert office.browser.post("/api/v1/qualifications", json=GIVEN, headers=own).status_code == 403
    (mine,) = office.browser.get("/api/v1/qualifications", headers=own).json()["items"]
    assert (mine["person"], mine["lacks"], mine["entries"][0]["validity"]) == ("chen.yu", ["confidentiality"], "valid")
    path = f"/api/v1/qualifications/{made.json()['id']}/revoke"
    assert office.browser.post(path, json={"reason": "x"}, headers=keeper).json()["valid_until"] == "2026-03-09"
    data = "person,kind,reference,valid_from\nli.na,confidentiality,BM-3,2026-01-01\n"
    answer = office.browser.post("/api/v1/qualifications/import", content=data.encode(), headers=keeper)
    assert answer.json() == {"rows": 1, "new": 1, "repeated": 0}


def test_what_ends_soon_is_marked(office):
    on_record(office, valid_until=date(2026, 3, 31))
    items = office.browser.get("/api/v1/qualifications", headers=office.token("chen.yu")).json()["items"]
    assert items[0]["entries"][0]["validity"] == "ending"


def test_a_large_company_is_shown_page_by_page_and_somebody_is_found_by_name(office):
    with office.house.work() as work:
        work.add(
            *(
                Person(id=f"clerk.{n:03d}", name=f"职员{n:03d}", department=Department.BUSINESS, roles=[Role.HANDLER])
                for n in range(80)
            )
        )
    browser = office.sign_in("wu.gang")
    page = browser.get("/qualifications?lang=en").text
    assert page.count('class="row-main"') == 60
    assert 'href="/qualifications?who=&amp;start=60"' in page
    rest = browser.get("/qualifications?start=60&lang=en").text
    assert page.count('class="row-main"') + rest.count('class="row-main"') == 80 + 13
    found = browser.get("/qualifications?who=职员007&lang=en").text
    assert found.count('class="row-main"') == 1
    assert browser.get("/qualifications?start=x&who=%25").status_code == 200
