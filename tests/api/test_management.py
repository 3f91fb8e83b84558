"""The manager's statistics: every figure is what a plain count of the record says, and only managers see them."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from statistics import median, quantiles

import pytest

from config.words import ClosedBy, Department, Outcome, StepState
from models.queries.load import By, workload
from models.queries.statistics import Wanted, statistics
from models.rules.reporting import Reported, reported
from models.rules.working_time import working_minutes
from models.tables import Case, Person, Signer, Step
from tests.management import Quarter

MANAGERS = ("zhou.hong", "wu.gang", "xu.ming")
OTHERS = ("li.na", "wang.jun", "qian.wei", "chen.yu", "zheng.li")
PAGES = ("/management", "/management/load", "/management/processes", "/management/processes/onboarding-review",
         "/management/portfolio")  # fmt: skip
ROUTES = ("/statistics", "/statistics/load", "/statistics/processes/onboarding-review", "/portfolio")


@pytest.fixture
def quarter(house, runner, clock) -> Quarter:
    return Quarter(house, runner, clock)


@pytest.fixture
def played(quarter) -> dict[str, str]:
    return quarter.play()


def figures(house, wanted: Wanted | None = None, period: Reported | None = None):
    today = house.calendar.day_of(house.clock())
    with house.read() as session:
        return statistics(session, house, period or reported("12m", today), wanted or Wanted())


# -- what is counted --------------------------------------------------------------------------------------------------


def test_cases_are_counted_by_when_they_were_opened_and_ended(house, quarter, played):
    found = figures(house).whole
    assert (found.opened, found.closed, found.open) == (4, 2, 2)
    assert {one.outcome: one.count for one in found.endings} == {Outcome.REFUSED: 1, Outcome.WITHDRAWN: 1}
    assert (found.refused, found.withdrawn, found.lapsed, found.cancelled) == (1, 1, 0, 0)
    assert found.refused_percent == 50


def test_months_hold_what_fell_into_them(house, quarter, played):
    found = figures(house)
    assert [part.name for part in found.parts][-1] == "2026-03"
    assert (found.parts[-1].opened, found.parts[-1].closed) == (4, 2)
    assert sum(part.opened for part in found.parts[:-1]) == 0


def test_nothing_is_counted_outside_of_the_period(house, quarter, played):
    found = figures(house, period=Reported(date(2026, 1, 1), date(2026, 2, 28)))
    assert (found.whole.opened, found.whole.closed, found.whole.answered) == (0, 0, 0)
    assert found.whole.open == 2, "what is open now is open whatever the period"
    assert found.whole.clock.median is None
    assert found.whole.in_time_percent is None


def test_durations_are_those_of_a_plain_computation(house, quarter, played):
    ended = [case for case in quarter.rows(Case) if case.closed_at]
    clock = [(case.closed_at - case.opened_at) // timedelta(minutes=1) for case in ended]
    worked = [working_minutes(house.calendar, case.opened_at, case.closed_at) for case in ended]
    found = figures(house).whole
    assert found.clock.median == round(median(clock) + 1e-9)
    assert found.clock.ninety == round(quantiles(clock, n=10, method="inclusive")[-1] + 1e-9)
    assert (found.working.count, found.working.total) == (len(ended), sum(worked))
    assert found.working.median == int(median(worked) + 0.5)


def test_steps_are_counted_with_their_deadlines_returns_and_refusals(house, quarter, played):
    closed = [step for step in quarter.rows(Step) if step.closed_by in (ClosedBy.ANSWER, ClosedBy.EXPIRY)]
    found = figures(house)
    assert found.whole.answered == len(closed) == 6
    assert found.whole.in_time == sum(step.closed_at <= step.due_at for step in closed)
    assert found.whole.in_time < 6, "the rejection came after its deadline"
    by_name = {one.name: one for one in found.steps}
    assert {name: one.answered for name, one in by_name.items()} == Counter(
        {"first-rating": 2, "risk-rerating": 2, "matrix-approval": 2}
    )
    approval = by_name["matrix-approval"]
    assert (approval.returned, approval.refused, approval.late) == (1, 1, 1)
    assert approval.title == "Approval of limit and term"
    assert approval.working.total == sum(step.working_minutes for step in closed if step.name == "matrix-approval")
    assert by_name["first-rating"].open == sum(
        step.state is StepState.OPEN and step.name == "first-rating" for step in quarter.rows(Step)
    )


def test_the_step_most_working_time_went_into_stands_first_and_shares_add_up(house, quarter, played):
    found = figures(house)
    totals = [one.working.total for one in found.bottlenecks]
    assert totals == sorted(totals, reverse=True)
    assert found.bottlenecks[0].name == "risk-rerating", "one of them lay for five days"
    assert abs(sum(one.share for one in found.steps) - 100) < 1


def test_a_step_taken_back_is_no_answer(house, quarter, played):
    withdrawn = [step for step in quarter.rows(Step) if step.closed_by is ClosedBy.WITHDRAWAL]
    assert withdrawn
    assert figures(house).whole.answered == len([s for s in quarter.rows(Step) if s.closed_by is ClosedBy.ANSWER])


@pytest.mark.parametrize(
    ("wanted", "opened"),
    [
        (Wanted(process="onboarding-review"), 4),
        (Wanted(process="risk-reception"), 0),
        (Wanted(department=Department.BUSINESS), 4),
        (Wanted(department=Department.LEGAL), 0),
        (Wanted(process="onboarding-review", department=Department.BUSINESS), 4),
    ],
)
def test_figures_of_one_process_or_department(house, quarter, played, wanted, opened):
    found = figures(house, wanted)
    assert found.whole.opened == opened
    assert (found.whole.answered > 0) == (opened > 0)
    assert bool(found.processes) == (opened > 0)


def test_a_house_without_cases_has_no_figures_and_says_so(house, office):
    found = figures(house)
    assert (found.whole.opened, found.whole.clock.median, found.steps, found.processes) == (0, None, (), ())
    page = office.sign_in("zhou.hong").get("/management?lang=en").text
    assert "Nothing happened in this period." in page
    assert "No case ended in this period." in page


# -- load -------------------------------------------------------------------------------------------------------------


def load(house, who: str, by: By = By.ROLE):
    today = house.calendar.day_of(house.clock())
    with house.read() as session:
        person = session.get_one(Person, who)
        return workload(session, house, person, reported("12m", today), Wanted(), by)


def test_load_is_told_by_role_and_adds_up(house, quarter, played):
    found = load(house, "zhou.hong").load
    signers = quarter.rows(Signer)
    assert sum(one.asked for one in found) == sum(signer.state == "asked" for signer in signers) == 2
    assert sum(one.answered for one in found) == sum(signer.signed_at is not None for signer in signers)
    manager = next(one for one in found if one.key == "sales_manager")
    minutes = [s.working_minutes for s in signers if s.role == "sales_manager" and s.signed_at]
    assert (manager.answered, manager.held.total) == (2, sum(minutes))


def test_load_is_told_by_department(house, quarter, played):
    found = {one.key: one for one in load(house, "zhou.hong", By.DEPARTMENT).load}
    assert set(found) == {"business", "risk"}
    assert found["business"].people == 2
    assert found["risk"].answered == 2


def test_single_people_are_told_only_to_those_they_report_to(house, office, quarter, played):
    assert [one.key for one in load(house, "xu.ming").reports] == []
    names = {one.key for one in load(house, "zhou.hong").reports}
    assert names == {"qian.wei", "wu.gang", "zheng.li", "feng.bo", "he.jing", "xu.ming"}
    page = office.sign_in("wu.gang").get("/management/load").text
    assert "陈宇" in page
    assert "王军" not in page
    assert "孙涛" not in page


# -- pages and the JSON API -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", MANAGERS)
def test_managers_see_every_page_in_both_languages(office, played, who):
    browser = office.sign_in(who)
    for page in PAGES:
        for language, word in (("en", "Statistics"), ("zh_CN", "统计")):
            answer = browser.get(f"{page}?lang={language}")
            assert answer.status_code == 200, answer.text
            assert word in answer.text
            assert "style=" not in answer.text
            assert len(answer.content) < 150_000
        assert browser.head(page).status_code == 200


@pytest.mark.parametrize("who", OTHERS)
def test_nobody_else_sees_them(office, who):
    browser = office.sign_in(who)
    assert {browser.get(page).status_code for page in PAGES} == {403}
    headers = office.token(who)
    assert {office.browser.get(f"/api/v1{route}", headers=headers).status_code for route in ROUTES} == {403}
    assert 'href="/management"' not in browser.get("/").text


def test_who_is_not_signed_in_is_sent_to_sign_in(office):
    assert {office.new_browser().get(page).status_code for page in PAGES} == {303}
    assert {office.new_browser().get(f"/api/v1{route}").status_code for route in ROUTES} == {401}


@pytest.mark.parametrize(
    "query",
    [
        "?period=2027",
        "?period=nonsense&process=none&department=none",
        "?from=2026-02-30&to=x",
        "?from=0001-01-01&to=9999-12-31",
        "?from=2026-03-31&to=2026-03-01",
        "?period=%00",
        "?period=" + "9" * 40,
    ],
)
def test_a_filter_that_is_none_counts_as_not_given(office, played, query):
    browser = office.sign_in("zhou.hong")
    for page in PAGES:
        assert browser.get(page + query).status_code == 200


def test_numbers_lead_to_the_cases_behind_them(office, played):
    page = office.sign_in("zhou.hong").get("/management?process=onboarding-review&lang=en").text
    assert "/cases?process=onboarding-review&amp;outcome=refused&amp;closed_from=2025-04-01" in page
    assert 'href="/management/processes/onboarding-review?process=onboarding-review"' in page


def test_programs_are_given_the_same_figures(office, house, played):
    answer = office.browser.get("/api/v1/statistics?period=2026Q1", headers=office.token("zhou.hong"))
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["first"], found["last"]) == ("2026-01-01", house.calendar.day_of(house.clock()).isoformat())
    assert found["whole"]["endings"] == {"refused": 1, "withdrawn": 1}
    assert found["processes"][0]["name"] == "onboarding-review"
    assert found["working_minutes_of_a_day"] == 480
    load = office.browser.get("/api/v1/statistics/load?by=department", headers=office.token("zhou.hong")).json()
    assert {one["key"] for one in load["load"]} == {"business", "risk"}
    assert "qian.wei" in {one["key"] for one in load["reports"]}


@pytest.mark.parametrize("query", ["?process=none", "?department=none", "?from=yesterday", "?by=person"])
def test_programs_are_told_what_is_wrong_with_a_filter(office, query):
    route = "/api/v1/statistics/load" if "by=" in query else "/api/v1/statistics"
    answer = office.browser.get(route + query, headers=office.token("zhou.hong"))
    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"].startswith("application/problem+json")
