"""The list of cases: what is found by which filter, in which order, by whom, and what is said of each."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlmodel import col, select

from config.words import CaseState, Department, Outcome
from models.operations.cases import open_case
from models.processes import COLLECTIONS, ONBOARDING, REPAIR
from models.tables import Case, Customer, Person, Run

STEEL, TIMBER, COAL = "徐州恒远钢铁贸易有限公司", "连云港木材有限公司", "淮北煤炭运销有限公司"


@pytest.fixture
def past(office) -> dict[str, str]:
    """Four cases: steel (open since 2 March), timber (admitted in February), coal's debt (recovered in January), and
    coal's repair, which nobody has begun to look at. Returns their references by a short name."""
    made = [
        ("steel", ONBOARDING, STEEL, "li.na", Department.BUSINESS, date(2026, 3, 2), None, None, "1240000"),
        ("timber", ONBOARDING, TIMBER, "sun.tao", Department.BUSINESS, date(2026, 2, 3), date(2026, 2, 20),
         Outcome.ADMITTED, "300000"),
        ("debt", COLLECTIONS, COAL, "zheng.li", Department.FINANCE, date(2025, 11, 4), date(2026, 1, 15),
         Outcome.RECOVERED, "87654.30"),
        ("repair", REPAIR, COAL, "sun.tao", Department.BUSINESS, date(2026, 3, 9), None, None, None),
    ]  # fmt: skip
    found, customers = {}, {}
    with office.house.work() as work:
        for short, kind, name, handler, department, opened, closed, outcome, amount in made:
            if name not in customers:
                customers[name] = Customer(type="small_enterprise", name=name, created_at=work.now)
                work.add(customers[name])
            case = open_case(
                work,
                kind,
                title=name,
                initiator=None,
                handler=work.session.get_one(Person, handler),
                department=department,
                origin="page",
                customer_id=customers[name].id,
                amount=Decimal(amount) if amount else None,
            )
            case.opened_at = datetime(opened.year, opened.month, opened.day, 2, tzinfo=UTC)
            if closed:
                case.state, case.outcome = CaseState.CLOSED, outcome
                case.closed_at = datetime(closed.year, closed.month, closed.day, 2, tzinfo=UTC)
            work.add(case)
            found[short] = case.ref
    return found


def found(office, past, who: str = "zhou.hong", **query: str) -> list[str]:
    answer = office.browser.get("/api/v1/cases", params=query, headers=office.token(who))
    assert answer.status_code == 200, answer.text
    names = {ref: short for short, ref in past.items()}
    return [names[item["ref"]] for item in answer.json()["items"]]


@pytest.mark.parametrize(
    ("query", "cases"),
    [
        ({}, ["repair", "steel", "timber", "debt"]),
        ({"process": "onboarding-review"}, ["steel", "timber"]),
        ({"state": "closed"}, ["timber", "debt"]),
        ({"outcome": "recovered"}, ["debt"]),
        ({"department": "finance"}, ["debt"]),
        ({"customer": COAL}, ["repair", "debt"]),
        ({"customer": "K-000002"}, ["timber"]),
        ({"person": "sun.tao"}, ["repair", "timber"]),
        ({"text": "木材"}, ["timber"]),
        ({"text": "col-2026"}, ["debt"]),
        ({"text": "%"}, []),
        ({"opened_from": "2026-02-03", "opened_to": "2026-03-02"}, ["steel", "timber"]),
        ({"closed_from": "2026-02-20"}, ["timber"]),
        ({"closed_to": "2026-02-19"}, ["debt"]),
        ({"least": "300000"}, ["steel", "timber"]),
        ({"most": "87654.30"}, ["debt"]),
        ({"order": "oldest"}, ["debt", "timber", "steel", "repair"]),
        ({"order": "amount"}, ["steel", "timber", "debt", "repair"]),
        ({"order": "longest_open"}, ["steel", "repair"]),
        ({"order": "last_closed"}, ["timber", "debt"]),
        ({"process": "onboarding-review", "state": "closed", "least": "1"}, ["timber"]),
    ],
)
def test_cases_are_found_by_what_is_known_of_them(office, past, query, cases):
    assert found(office, past, **query) == cases


@pytest.mark.parametrize("order", ["newest", "oldest", "amount", "longest_open", "last_closed"])
def test_page_after_page_gives_the_whole_list_once(office, past, order):
    headers = office.token("zhou.hong")
    whole = found(office, past, order=order)
    seen, cursor = [], None
    while True:
        page = office.browser.get(
            "/api/v1/cases", params={"order": order, "limit": 1, "cursor": cursor or ""}, headers=headers
        ).json()
        seen += [item["ref"] for item in page["items"]]
        if not (cursor := page["next_cursor"]):
            break
    assert seen == [past[short] for short in whole]


@pytest.mark.parametrize(
    "cursor", ["nonsense", "bmV3ZXN0fHh8eQ", "YW1vdW50fDFlOTk5fHg", "b2xkZXN0fDIwMjZ8eA", "%00", "A" * 200]
)
def test_a_cursor_that_is_not_ours_is_refused(office, past, cursor):
    for order in ("newest", "amount"):
        answer = office.browser.get(
            "/api/v1/cases", params={"order": order, "cursor": cursor}, headers=office.token("zhou.hong")
        )
        assert answer.status_code == 422


def test_whoever_does_not_watch_over_all_finds_their_own_alone(office, past):
    assert found(office, past, "sun.tao") == ["repair", "timber"]
    assert found(office, past, "sun.tao", customer=COAL) == ["repair"]
    assert found(office, past, "sun.tao", person="zheng.li") == []
    assert found(office, past, "feng.bo") == []


def test_it_makes_no_difference_how_many_cases_somebody_has(office, monkeypatch):
    """From some thousands on the list is walked in order rather than looked up: what is found stays the same."""
    names = {"approval": office.at_approval(), "crabs": office.apply(by="sun.tao", name="兴化蟹业", identifier=None)}
    few = {who: found(office, names, who) for who in ("wang.jun", "li.na", "chen.yu")}
    assert few["chen.yu"] == ["approval"]
    monkeypatch.setattr("models.queries.case_filter.MANY", 1)
    assert {who: found(office, names, who) for who in few} == few
    assert found(office, names, person="chen.yu") == ["approval"]


def test_a_line_says_where_the_case_waits_on_whom_and_what_it_is_about(office):
    ref = office.at_approval()
    (item,) = office.browser.get("/api/v1/cases", headers=office.token("li.na")).json()["items"]
    assert item["amount"] == "1240000.00"
    assert item["customer"] == "K-000001"
    assert item["department"] == "business"
    (step,) = item["waits"]
    assert (step["title"], step["people"]) == ("额度与账期审批", ["王军"])
    page = office.sign_in("li.na").get("/cases?lang=zh_CN").text
    assert ref in page
    assert "1,240,000.00" in page
    assert "额度与账期审批" in page


# -- the page ---------------------------------------------------------------------------------------------------------


def test_what_cannot_be_understood_is_told_at_its_field_and_nothing_is_listed(office, past):
    browser = office.sign_in("zhou.hong")
    page = browser.get(
        "/cases?opened_from=yesterday&most=lots&customer=K-999999&person=%E6%9F%90%E4%BA%BA&lang=en&least=0.005"
    )
    assert page.status_code == 422
    for name in ("opened_from", "most", "customer", "person", "least"):
        assert f'id="f-{name}-wrong"' in page.text
    assert 'value="yesterday"' in page.text
    assert past["steel"] not in page.text


def test_old_links_with_words_that_are_no_longer_ours_still_open(office, past):
    page = office.sign_in("zhou.hong").get("/cases?process=barter&state=asleep&outcome=x&order=sideways&mine=yes")
    assert page.status_code == 200
    assert all(ref in page.text for ref in past.values())


def test_the_next_page_keeps_what_was_asked(office, past):
    with office.house.work() as work:
        handler = work.session.get_one(Person, "li.na")
        for _ in range(55):
            open_case(
                work,
                ONBOARDING,
                title=STEEL,
                initiator=handler,
                handler=handler,
                department=Department.BUSINESS,
                origin="page",
            )
    browser = office.sign_in("zhou.hong")
    page = browser.get("/cases?process=onboarding-review&lang=en").text
    assert "57 cases" in page
    address = next(part.split('"')[0].replace("&amp;", "&") for part in page.split('href="') if "cursor=" in part)
    assert parse_qs(urlsplit(address).query)["process"] == ["onboarding-review"]
    second = browser.get(address)
    assert past["timber"] in second.text
    assert past["debt"] not in second.text


@pytest.mark.parametrize("hostile", ["'", '"><script>', "\\", "_", "%", "\x00", "🦀" * 50, "a" * 5000])
def test_hostile_text_finds_nothing_and_harms_nothing(office, past, hostile):
    page = office.sign_in("zhou.hong").get("/cases", params={"text": hostile, "customer": hostile, "person": hostile})
    assert page.status_code in (200, 422)
    assert "<script>" not in page.text


def test_the_page_says_how_late_a_step_is_in_words_too(office):
    office.at_approval()
    office.clock.now += timedelta(days=30)
    page = office.sign_in("zhou.hong").get("/cases?lang=en").text
    assert 'class="waits late"' in page
    assert '<span class="small">overdue</span>' in page


def test_cases_that_ended_keep_how_long_they_took(office):
    ref = office.apply()
    office.clock.now += timedelta(hours=2)
    headers = office.token("li.na")
    office.browser.post(f"/api/v1/cases/{ref}/withdraw", json={"reason": "客户改为先款后货"}, headers=headers)
    office.runner.run_ready()
    (item,) = office.browser.get("/api/v1/cases", headers=headers).json()["items"]
    assert (item["state"], item["working_minutes"]) == ("closed", 120)
    with office.house.read() as session:
        assert session.exec(select(col(Case.working_minutes))).one() == 120


def test_those_who_see_runs_find_every_run_that_carried_the_case(office):
    ref = office.apply()
    with office.house.work() as work:
        for attempt, run in enumerate(("0c6f8f7a-1", "0c6f8f7a-2")):
            work.record("run.started", ref, flow_run=run, attempt=attempt)
        work.session.get_one(Run, ref).flow_run_id = "0c6f8f7a-2"
    page = office.sign_in("zhou.hong").get(f"/cases/{ref}?lang=en").text
    assert 'runs/flow-run/0c6f8f7a-2" rel="noreferrer">Show the run in Prefect' in page
    assert page.count("runs/flow-run/0c6f8f7a-1") == 1
    assert "flow-run" not in office.sign_in("li.na").get(f"/cases/{ref}").text
