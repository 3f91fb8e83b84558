"""The JSON API: whom a program acts for, within which scopes, and how it is told what is wrong."""

import pytest
from sqlmodel import select

from config.words import CaseState, SignerState
from models.operations.access import Scope
from models.tables import ApiToken, Case

MANAGER = "wang.jun"
GRAIN = {"customer_type": "small_enterprise", "name": "盐城大丰粮油有限公司", "requested_limit": "150000"}


def opening(**application):
    return {"process": "onboarding-review", "application": {**GRAIN, **application}}


def problem(answer, status, code):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert set(told) == {"type", "title", "status", "detail", "instance", "code", "problems"}
    assert (told["status"], told["code"]) == (status, code)
    assert told["type"] == f"urn:clientrisk:problem:{code}"
    return told


def test_a_program_opens_reads_and_decides_for_its_person(office):
    li_na, chen_yu = office.token("li.na"), office.token("chen.yu")
    opened = office.browser.post("/api/v1/cases", json=opening(**CASE_READY), headers=li_na)
    assert opened.status_code == 201
    ref = opened.json()["ref"]
    assert opened.headers["location"] == f"/api/v1/cases/{ref}"
    office.runner.run_ready()
    (waiting,) = office.browser.get("/api/v1/steps", headers=li_na).json()["items"]
    assert (waiting["case"], waiting["due"]["urgency"]) == (ref, "later")
    step = office.browser.get(f"/api/v1/steps/{waiting['signer_id']}", headers=li_na).json()
    decision = {"action": "confirm", "form": {"comment": "ok"}, "content_hash": step["content_hash"]}
    decided = office.browser.post(f"/api/v1/steps/{waiting['signer_id']}/decision", json=decision, headers=li_na)
    assert decided.json() == {"case": ref, "action": "confirm", "step_closed": True, "repeated": False}
    office.runner.run_ready()
    case = office.browser.get(f"/api/v1/cases/{ref}", headers=chen_yu | {"accept-language": "en"}).json()
    assert case["customer"]["identifier"] == "9132**********PX2H"
    assert "13805201234" not in str(case)
    assert case["steps"][0]["signatures"][0]["answer"] == [{"title": "意见", "text": "ok"}]  # chen.yu reads Chinese
    by_program = [event for event in case["timeline"] if event["actor"] == "program"]
    assert {event["who"] for event in by_program} == {"李娜"}


CASE_READY = {
    "customer_type": "medium_enterprise",
    "identifier": "91320300MA1MRWPX2H",
    "contact": "孙建国",
    "phone": "13805201234",
    "industry": "粮油",
    "requested_term_days": 30,
    "documents": {
        "business_licence": "A-1",
        "representative_id": "A-2",
        "financial_statements": "A-3",
        "credit_report": "A-4",
    },
}


def test_the_same_idempotency_key_opens_one_case(office):
    headers = office.token("li.na") | {"idempotency-key": "crm-4711"}
    refs = {office.browser.post("/api/v1/cases", json=opening(), headers=headers).json()["ref"] for _ in range(3)}
    assert len(refs) == 1


def test_the_key_of_another_person_is_another_key(office):
    key = {"idempotency-key": "crm-4711"}
    mine = office.browser.post("/api/v1/cases", json=opening(), headers=office.token("li.na") | key)
    theirs = office.browser.post("/api/v1/cases", json=opening(name="兴化蟹业"), headers=office.token("sun.tao") | key)
    assert mine.json()["ref"] != theirs.json()["ref"]


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/api/v1/cases", Scope.READ),
        ("GET", "/api/v1/steps", Scope.READ),
        ("POST", "/api/v1/cases", Scope.OPEN),
        ("POST", "/api/v1/cases/import", Scope.OPEN),
        ("POST", "/api/v1/steps/1/decision", Scope.DECIDE),
        ("POST", "/api/v1/cases/ONB-2026-000001/withdraw", Scope.DECIDE),
    ],
)
def test_a_token_is_good_for_its_scopes_only(office, method, path, scope):
    others = office.token("li.na", *(one for one in Scope if one is not scope))
    refused = office.browser.request(method, path, headers=others, json={} if method == "POST" else None)
    problem(refused, 403, "not-allowed")


@pytest.mark.parametrize(
    "header",
    [{}, {"authorization": "Bearer crk_wrong"}, {"authorization": "Basic bGk6bmE="}, {"authorization": "Bearer"}],
)
def test_without_a_good_token_nothing_is_served(office, header):
    answer = office.browser.get("/api/v1/cases", headers=header)
    problem(answer, 401, "not-signed-in")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_revoked_token_is_no_token(office):
    headers = office.token("li.na")
    with office.house.work() as work:
        row = work.session.exec(select(ApiToken)).one()
        row.revoked_at = work.now
        work.add(row)
    problem(office.browser.get("/api/v1/cases", headers=headers), 401, "not-signed-in")


def test_a_browser_may_call_with_its_session_but_writes_need_the_token_of_our_page(office):
    browser = office.sign_in("li.na")
    problem(browser.post("/api/v1/cases", json=opening()), 403, "form-stale")
    who = browser.get("/api/v1/session").json()
    assert (who["person"], who["name"]) == ("li.na", "李娜")
    opened = browser.post("/api/v1/cases", json=opening(), headers={"x-csrf-token": who["csrf_token"]})
    assert opened.status_code == 201


def test_anothers_step_and_case_do_not_exist(office):
    ref = office.apply()
    place = office.asked(ref)["li.na"]
    sun_tao = office.token("sun.tao")
    problem(office.browser.get(f"/api/v1/cases/{ref}", headers=sun_tao), 404, "not-found")
    problem(office.browser.get(f"/api/v1/steps/{place.id}", headers=sun_tao), 404, "not-found")
    decision = {"action": "confirm", "content_hash": "x"}
    answer = office.browser.post(f"/api/v1/steps/{place.id}/decision", json=decision, headers=sun_tao)
    problem(answer, 404, "not-found")
    assert office.signer(place.id).state is SignerState.ASKED


def test_even_who_sees_everything_answers_only_their_own_steps(office):
    ref = office.apply()
    place = office.asked(ref)["li.na"]
    operations = office.token("xu.ming")
    assert office.browser.get(f"/api/v1/cases/{ref}", headers=operations).status_code == 200
    decision = {"action": "confirm", "content_hash": "x"}
    answer = office.browser.post(f"/api/v1/steps/{place.id}/decision", json=decision, headers=operations)
    problem(answer, 404, "not-found")


def test_a_wrong_decision_names_the_fields_and_records_nothing(office):
    ref = office.at_approval()
    place, headers = office.asked(ref)[MANAGER], office.token(MANAGER) | {"accept-language": "en"}
    shown = office.browser.get(f"/api/v1/steps/{place.id}", headers=headers).json()["content_hash"]
    decision = {"action": "reject", "form": {"limit": 1}, "content_hash": shown}
    answer = office.browser.post(f"/api/v1/steps/{place.id}/decision", json=decision, headers=headers)
    told = problem(answer, 422, "invalid")
    assert {one["field"] for one in told["problems"]} == {"reason", "limit"}
    assert office.signer(place.id).state is SignerState.ASKED


def test_a_second_decision_is_told_what_stands(office):
    ref = office.at_approval()
    place, headers = office.asked(ref)[MANAGER], office.token(MANAGER)
    path = f"/api/v1/steps/{place.id}/decision"
    shown = office.browser.get(f"/api/v1/steps/{place.id}", headers=headers).json()["content_hash"]
    approve = {"action": "approve", "form": {}, "content_hash": shown}
    keyed = headers | {"idempotency-key": "k1"}
    assert office.browser.post(path, json=approve, headers=keyed).json()["repeated"] is False
    assert office.browser.post(path, json=approve, headers=keyed).json()["repeated"] is True
    reject = {"action": "reject", "form": {"reason": "no"}, "content_hash": shown}
    told = problem(office.browser.post(path, json=reject, headers=keyed), 409, "already-closed")
    assert "您已" in told["detail"]


def test_an_outdated_hash_asks_to_read_again(office):
    ref = office.at_approval()
    place, headers = office.asked(ref)[MANAGER], office.token(MANAGER)
    decision = {"action": "approve", "content_hash": "0" * 64}
    answer = office.browser.post(f"/api/v1/steps/{place.id}/decision", json=decision, headers=headers)
    problem(answer, 409, "content-changed")


def test_the_list_goes_on_page_by_page_without_loss_or_repeat(office):
    refs = [office.apply(name=f"客户{n}", identifier=None) for n in range(7)]
    headers, seen, cursor = office.token("li.na"), [], None
    for _ in range(4):
        query = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = office.browser.get("/api/v1/cases", params=query, headers=headers).json()
        seen += [item["ref"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == list(reversed(refs))


def test_steps_go_on_page_by_page_too(office):
    for n in range(5):
        office.apply(name=f"客户{n}", identifier=None)
    headers, seen, cursor = office.token("li.na"), set(), None
    for _ in range(3):
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = office.browser.get("/api/v1/steps", params=query, headers=headers).json()
        assert page["total"] == 5
        seen |= {item["signer_id"] for item in page["items"]}
        cursor = page["next_cursor"]
    assert (len(seen), cursor) == (5, None)


@pytest.mark.parametrize("cursor", ["x", "MjAyNg", "bm90LWEtZGF0ZXxrZXk", "☃", "MjAyNi0wMy0xMFQwMTozMDowMCswMDowMHw"])
def test_a_made_up_cursor_is_refused(office, cursor):
    headers = office.token("li.na")
    for path in ("/api/v1/cases", "/api/v1/steps"):
        problem(office.browser.get(path, params={"cursor": cursor}, headers=headers), 422, "invalid")


def test_lists_are_filtered(office):
    ref, other = office.apply(), office.apply(by="sun.tao", name="兴化蟹业", identifier=None)
    everything = office.token("xu.ming")

    def refs(**query):
        page = office.browser.get("/api/v1/cases", params=query, headers=everything).json()
        return {item["ref"] for item in page["items"]}

    assert refs() == refs(state="running") == refs(process="onboarding-review") == {ref, other}
    assert refs(state="closed") == refs(process="toy") == refs(mine=True) == set()


def test_the_initiator_withdraws(office):
    ref = office.apply()
    path, body = f"/api/v1/cases/{ref}/withdraw", {"reason": "客户改为先款后货"}
    problem(office.browser.post(path, json=body, headers=office.token("xu.ming")), 403, "not-allowed")
    assert office.browser.post(path, json=body, headers=office.token("li.na")).status_code == 200
    office.runner.run_ready()
    with office.house.read() as session:
        assert session.get_one(Case, ref).state is CaseState.CLOSED
    problem(office.browser.post(path, json=body, headers=office.token("li.na")), 409, "conflict")


def test_an_import_is_all_or_nothing_and_names_each_row(office):
    headers = office.token("li.na") | {"accept-language": "en"}
    wrong = "customer_type,name\nsmall_enterprise,盐城大丰\nmoon_base,王秀英\n".encode()
    told = problem(
        office.browser.post("/api/v1/cases/import", content=wrong, headers=headers | {"content-type": "text/csv"}),
        422,
        "import-refused",
    )
    assert [one["field"] for one in told["problems"]] == ["row 3: customer_type"]
    right = wrong.replace(b"moon_base", b"individual")
    taken = office.browser.post("/api/v1/cases/import", files={"file": ("a.csv", right)}, headers=headers)
    assert taken.json() == {"rows": 2, "encoding": "utf-8", "cases": ["ONB-2026-000001", "ONB-2026-000002"]}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"process": "onboarding-review"}, "application"),
        ({"process": "tea-ceremony", "application": {}}, "process"),
        (opening(customer_type="moon_base"), "customer_type"),
        (opening(requested_limit="-1"), "requested_limit"),
        (opening(surprise=1), "surprise"),
        (opening(figures={"horoscope": "5"}), "figures.horoscope"),
        (opening() | {"handler": "no.body"}, "handler"),
        (opening() | {"handler": "feng.bo"}, "handler"),
        (opening() | {"surprise": 1}, "surprise"),
        (opening(name="a\x00b"), "application"),
    ],
)
def test_a_wrong_application_names_the_field_and_opens_nothing(office, body, field):
    told = problem(office.browser.post("/api/v1/cases", json=body, headers=office.token("li.na")), 422, "invalid")
    assert field in {one["field"] for one in told["problems"]}
    with office.house.read() as session:
        assert session.exec(select(Case)).all() == []


@pytest.mark.parametrize(
    ("method", "path", "content", "status", "code"),
    [
        ("GET", "/api/v1/nowhere", b"", 404, "not-found"),
        ("DELETE", "/api/v1/cases", b"", 405, "method-not-allowed"),
        ("POST", "/api/v1/cases", b"{", 422, "invalid"),
        ("POST", "/api/v1/cases", b"\xff\xfe", 422, "invalid"),
        ("POST", "/api/v1/cases", b"[" * 100_000, 400, "bad-request"),
        ("POST", "/api/v1/cases", b'"' + b"x" * 2_000_000 + b'"', 413, "too-large"),
        ("GET", "/api/v1/steps/0", b"", 422, "invalid"),
        ("GET", "/api/v1/steps/99999999999999999999", b"", 422, "invalid"),
    ],
)
def test_every_error_is_problem_details(office, method, path, content, status, code):
    headers = office.token("li.na") | {"content-type": "application/json"}
    problem(office.browser.request(method, path, content=content, headers=headers), status, code)


def test_problems_are_told_in_the_callers_language(office):
    english = office.browser.get("/api/v1/cases", headers={"accept-language": "en"}).json()
    chinese = office.browser.get("/api/v1/cases", headers={"accept-language": "zh-CN"}).json()
    assert english["detail"] == "Please sign in first."
    assert chinese["detail"] == "请先登录。"
