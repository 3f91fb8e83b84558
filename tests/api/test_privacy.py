"""A customer's privacy page and routes: consents, holds, erasure by two people, everything kept as a file."""

import csv
import io
from datetime import date

import pytest

from config.words import ConsentPurpose, SharedData
from models.queries.consents import may_share
from models.tables import Case, Customer

NUMBER = "K-000001"
CONSENT = {
    "purpose": "insurance",
    "recipient": "江苏信用保险有限公司",
    "shares": ["identity", "account"],
    "given_by": "孙建国",
    "document": "TY-2026-003",
    "since": "2026-03-01",
    "until": "2026-12-31",
}
WHY = {"reason": "客户书面要求删除"}


@pytest.fixture
def steel(office) -> str:
    """The steel trader, whom 李娜 handles; its application is withdrawn."""
    ref = office.apply()
    answer = api(office, "li.na", "POST", f"cases/{ref}/withdraw", reason="客户改变主意")
    assert answer.status_code == 200, answer.text
    office.runner.run_ready()
    return ref


def api(office, who: str, method: str, path: str, **body):
    given = {"json": body} if body else {}
    return office.browser.request(method, f"/api/v1/{path}", headers=office.token(who), **given)


def allowed(
    office, what: set[SharedData], on: date = date(2026, 3, 10), recipient: str = "江苏信用保险有限公司"
) -> bool:
    with office.house.read() as session:
        return may_share(session, 1, ConsentPurpose.INSURANCE, recipient, what, on) is not None


def test_nothing_may_be_shared_without_a_consent_that_covers_all_of_it(office, steel):
    both = {SharedData.IDENTITY, SharedData.ACCOUNT}
    assert not allowed(office, both)
    assert api(office, "li.na", "POST", f"customers/{NUMBER}/consents", **CONSENT).status_code == 201
    assert allowed(office, both)
    assert allowed(office, {SharedData.ACCOUNT}, recipient=" 江苏信用保险 有限公司")
    assert not allowed(office, both | {SharedData.CASES})
    assert not allowed(office, both, recipient="江苏信用保险有限公司徐州分公司")
    assert not allowed(office, set())
    assert [allowed(office, both, date(2026, month, 28)) for month in (2, 3)] == [False, True]
    assert [allowed(office, both, date(2026, 12, 31)), allowed(office, both, date(2027, 1, 1))] == [True, False]
    answer = api(
        office, "li.na", "GET",
        f"customers/{NUMBER}/may-share?purpose=insurance&recipient=江苏信用保险有限公司&what=identity&what=account",
    )  # fmt: skip
    assert answer.json() == {"may": True, "consent": 1}


def test_a_withdrawn_consent_lets_nothing_be_shared_from_that_day_on(office, steel):
    api(office, "li.na", "POST", f"customers/{NUMBER}/consents", **CONSENT)
    path = f"customers/{NUMBER}/consents/1/withdraw"
    assert api(office, "li.na", "POST", path, reason="客户来函撤回").status_code == 200
    assert not allowed(office, {SharedData.ACCOUNT})
    assert api(office, "li.na", "POST", path, reason="客户来函撤回").status_code == 409
    (shown,) = api(office, "wu.gang", "GET", f"customers/{NUMBER}/privacy").json()["consents"]
    assert (shown["state"], shown["withdrawn_because"]) == ("withdrawn", "客户来函撤回")


def test_the_same_consent_again_is_one_and_other_terms_are_refused(office, steel):
    path = f"customers/{NUMBER}/consents"
    assert [api(office, "li.na", "POST", path, **CONSENT).json()["id"] for _ in range(2)] == [1, 1]
    assert api(office, "li.na", "POST", path, **{**CONSENT, "until": "2027-12-31"}).status_code == 409


@pytest.mark.parametrize(
    "wrong",
    [{"shares": []}, {"until": "2026-02-01"}, {"purpose": "gossip"}, {"recipient": ""}, {"document": "长" * 121}],
)
def test_a_wrong_consent_is_refused_and_changes_nothing(office, steel, wrong):
    answer = api(office, "li.na", "POST", f"customers/{NUMBER}/consents", **{**CONSENT, **wrong})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert api(office, "li.na", "GET", f"customers/{NUMBER}/privacy").json()["consents"] == []


def test_who_does_not_keep_consents_is_refused(office, steel):
    assert api(office, "xu.ming", "POST", f"customers/{NUMBER}/consents", **CONSENT).status_code == 403


def file_of(*rows: dict[str, str]) -> bytes:
    made = io.StringIO()
    writer = csv.DictWriter(
        made, ["客户编号", "用途", "接收方", "共享内容", "同意人", "文件编号", "生效日期", "有效期至"]
    )
    writer.writeheader()
    writer.writerows(rows)
    return made.getvalue().encode("utf-8-sig")


ROW = {
    "客户编号": NUMBER,
    "用途": "信用保险或担保",
    "接收方": "江苏信用保险有限公司",
    "共享内容": "发票与回款；cases",
    "同意人": "孙建国",
    "文件编号": "TY-1",
    "生效日期": "2026-03-01",
}


def test_a_file_of_consents_is_taken_whole_or_not_at_all(office, steel):
    def send(*rows: dict[str, str]):
        return office.browser.post(
            "/api/v1/consents/import",
            content=file_of(*rows),
            headers={**office.token("wu.gang"), "content-type": "text/csv"},
        )

    refused = send(ROW, {**ROW, "客户编号": "K-999999", "用途": "闲聊"})
    assert refused.status_code == 422
    assert not allowed(office, {SharedData.CASES})
    assert send(ROW).json() == {"rows": 1, "new": 1, "repeated": 0}
    assert send(ROW).json() == {"rows": 1, "new": 0, "repeated": 1}
    assert allowed(office, {SharedData.CASES})


def test_an_erasure_takes_two_people_and_leaves_pages_that_can_be_read(office, steel):
    first = api(office, "wu.gang", "POST", f"customers/{NUMBER}/erasures", **WHY)
    assert first.status_code == 201
    number = first.json()["id"]
    assert api(office, "wu.gang", "POST", f"erasures/{number}/confirm").status_code == 403
    assert api(office, "li.na", "POST", f"erasures/{number}/confirm").status_code == 403
    assert api(office, "feng.bo", "POST", f"erasures/{number}/confirm").status_code == 200
    assert api(office, "feng.bo", "POST", f"erasures/{number}/confirm").status_code == 409
    boss = office.sign_in("wu.gang")
    for page in (
        f"/customers/{NUMBER}",
        f"/customers/{NUMBER}/privacy",
        f"/cases/{steel}",
        f"/customers/{NUMBER}/print",
    ):
        shown = boss.get(page)
        assert shown.status_code == 200, page
        assert "恒远" not in shown.text
        assert "孙建国" not in shown.text
    assert api(office, "wu.gang", "GET", f"cases/{steel}").status_code == 200
    with office.house.read() as session:
        assert session.get_one(Case, steel).erased_at is not None
        assert session.get_one(Customer, 1).phone is None


def test_what_stands_against_an_erasure_is_told(office, steel):
    hold = api(office, "feng.bo", "POST", f"customers/{NUMBER}/holds", reason="徐州中院民初17号")
    assert hold.status_code == 201
    refused = api(office, "wu.gang", "POST", f"customers/{NUMBER}/erasures", **WHY)
    assert (refused.status_code, refused.json()["code"]) == (409, "stands-against-erasure")
    assert "徐州中院民初17号" in refused.text
    lifted = api(office, "wu.gang", "POST", f"holds/{hold.json()['id']}/lift", reason="判决已生效")
    assert lifted.status_code == 200
    assert api(office, "wu.gang", "POST", f"customers/{NUMBER}/erasures", **WHY).status_code == 201
    assert api(office, "li.na", "GET", f"customers/{NUMBER}/privacy").json()["holds"] == []


def test_the_page_does_all_of_it_with_forms(office, steel):
    page = f"/customers/{NUMBER}/privacy"
    handler, risk, legal = (office.sign_in(who) for who in ("li.na", "wu.gang", "feng.bo"))
    wrong = handler.post(f"{page}/consent", data={**office.forms(page, handler)["record"], **CONSENT, "recipient": ""})
    assert wrong.status_code == 422
    form = office.forms(page, handler)["record"]
    assert handler.post(f"{page}/consent", data={**form, **CONSENT}).status_code in (200, 303)
    assert "江苏信用保险有限公司" in handler.get(page).text
    assert "ask-0" not in office.forms(page, handler)
    assert "ask-0" in office.forms(page, risk)
    risk.post(f"{page}/ask", data={**office.forms(page, risk)["ask-0"], **WHY})
    assert "confirm-1" not in office.forms(page, risk)
    legal.post(f"{page}/confirm", data=office.forms(page, legal)["confirm-1"])
    assert "江苏信用保险有限公司" not in legal.get(page).text
    assert legal.post(f"{page}/nonsense", data={}).status_code == 404
    assert risk.post(f"{page}/ask", data={"_csrf": "x", **WHY}).status_code == 403


def test_everything_kept_is_given_to_risk_and_legal_and_put_on_record(office, steel):
    assert api(office, "li.na", "GET", f"customers/{NUMBER}/everything").status_code == 403
    told = api(office, "feng.bo", "GET", f"customers/{NUMBER}/everything").json()
    assert told["customer"]["number"] == NUMBER
    assert told["customer"]["phone"] == "13805201234"
    assert steel in told["cases"]
    page = office.sign_in("feng.bo").get(f"/customers/{NUMBER}/privacy/report")
    assert page.headers["content-disposition"] == f'attachment; filename="{NUMBER}-everything.json"'
    assert page.json()["customer"] == told["customer"]
    assert [event.actor_id for event in office.events("privacy.reported")] == ["feng.bo", "feng.bo"]
