"""The working queue: where each case waits and what is wrong with it, trying again, looking again, cancelling."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from config.words import CaseState, Outcome
from models.operations.cases import note_failure
from models.tables import Case, OutboxMessage, Person, Run, Step

LOCKED = "OperationalError: database is locked"


def queue(office, query: str = "", who: str = "xu.ming") -> list[dict]:
    answer = office.browser.get(f"/api/v1/operations/queue{query}", headers=office.token(who))
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def fail(office, ref: str, failure: str = LOCKED) -> None:
    """The run meets the same error until it is operations' to look at."""
    for _ in range(4):
        with office.house.work() as work:
            note_failure(work, ref, work.session.get_one(Run, ref).fence, failure)


@pytest.fixture
def failed(office) -> str:
    ref = office.at_approval()
    fail(office, ref)
    return ref


def state(office, ref: str) -> CaseState:
    with office.house.read() as session:
        return session.get_one(Case, ref).state


# -- what it shows ----------------------------------------------------------------------------------------------------


def test_a_case_that_waits_for_people_says_for_whom_and_until_when(office):
    ref = office.at_approval()
    [line] = queue(office)
    assert (line["ref"], line["standing"], line["why"]) == (ref, "people", None)
    assert [(wait["title"], wait["people"]) for wait in line["waits"]] == [("额度与账期审批", ["王军"])]
    assert line["due"]["urgency"] == "later"


def test_a_case_past_its_deadline_is_late(office):
    ref = office.at_approval()
    assert queue(office, "?which=late") == []
    office.runner.advance(timedelta(days=7))
    assert [line["ref"] for line in queue(office, "?which=late")] == [ref]


def test_the_oldest_come_first_or_those_due_next(office):
    first = office.apply()
    office.runner.advance(timedelta(hours=5))
    second = office.apply(name="连云港木材有限公司", identifier="91320700MA20RXH07Y")
    office.answer(first, "li.na", "confirm")
    office.runner.advance(timedelta(hours=1))
    assert [line["ref"] for line in queue(office)] == [first, second]
    due = {line["ref"]: line["due"]["at"] for line in queue(office)}
    by_deadline = [line["ref"] for line in queue(office, "?order=deadline")]
    assert by_deadline == sorted(due, key=lambda ref: (due[ref], ref))


@pytest.mark.parametrize("order", ["age", "deadline"])
def test_the_queue_goes_on_where_the_page_before_ended(office, failed, order):
    office.apply(name="连云港木材有限公司", identifier="91320700MA20RXH07Y")
    office.apply(name="淮北煤炭运销有限公司", identifier="91340600MA2N0K0X1Q")
    headers, seen, cursor = office.token("xu.ming"), [], ""
    while cursor is not None:
        query = f"?limit=1&order={order}" + (f"&cursor={cursor}" if cursor else "")
        page = office.browser.get(f"/api/v1/operations/queue{query}", headers=headers).json()
        seen += [line["ref"] for line in page["items"]]
        cursor = page["next_cursor"]
    assert sorted(seen) == sorted(set(seen))
    assert len(seen) == 3


def test_the_queue_is_filtered_by_whom_it_waits_for_and_by_process(office):
    ref = office.at_approval()
    assert [line["ref"] for line in queue(office, "?person=wang.jun")] == [ref]
    assert queue(office, "?person=zhao.min") == []
    assert queue(office, "?process=risk-reception") == []


def test_a_failed_case_says_why_in_plain_words(office, failed):
    [line] = queue(office, "?which=failed")
    assert line["standing"] == "failed"
    assert line["why"] == "数据库未及时响应。如现已恢复，请重试该案件。"
    assert (line["failure"], line["failures"]) == (LOCKED, 4)


def test_a_case_that_no_worker_takes_up_is_stuck(office):
    ref = office.at_approval()
    with office.house.work() as work:
        work.session.get_one(Run, ref).act_at = work.now
    assert queue(office, "?which=stuck") == []
    office.clock.now += timedelta(minutes=6)
    [line] = queue(office, "?which=stuck")
    assert "2026-03-10 09:30" in line["why"]


def test_a_case_whose_worker_fell_silent_is_stuck(office):
    ref = office.at_approval()
    with office.house.work() as work:
        run = work.session.get_one(Run, ref)
        run.lease_owner, run.lease_until = "host:1:2", work.now - timedelta(minutes=6)
    assert [line["standing"] for line in queue(office, "?which=stuck")] == ["stuck"]


def test_a_case_that_asks_nobody_and_waits_for_nothing_is_stuck(office):
    ref = office.at_approval()
    with office.house.work() as work:
        for step in work.session.exec(select(Step).where(Step.case_ref == ref, Step.state == "open")):
            step.state = "closed"
    [line] = queue(office, "?which=stuck")
    assert line["waits"] == []


def test_a_case_that_asks_only_people_who_have_left_is_stuck(office):
    office.at_approval()
    with office.house.work() as work:
        work.session.get_one(Person, "wang.jun").active = False
    [line] = queue(office, "?which=stuck")
    assert "王军" in line["why"]
    assert "额度与账期审批" in line["why"]


def test_an_ordinary_case_is_not_stuck(office):
    office.at_approval()
    office.runner.advance(timedelta(hours=1))
    assert queue(office, "?which=stuck") == []


# -- putting right ----------------------------------------------------------------------------------------------------


def test_a_failed_case_goes_on_where_it_stopped(office, failed):
    asked = {who: signer.id for who, signer in office.asked(failed).items()}
    browser = office.sign_in("xu.ming")
    form = office.forms(f"/operations/queue/{failed}", browser)["retry"]
    assert browser.post(f"/operations/queue/{failed}/retry", data=form).status_code == 303
    office.runner.run_ready()
    assert state(office, failed) is CaseState.RUNNING
    assert {who: signer.id for who, signer in office.asked(failed).items()} == asked, "nobody is asked twice"
    [event] = office.events("case.tried-again")
    assert (event.actor_id, event.case_ref) == ("xu.ming", failed)


def test_of_two_who_try_it_again_one_is_told_that_it_runs(office, failed):
    headers = office.token("xu.ming")
    answers = [office.browser.post(f"/api/v1/operations/queue/{failed}/retry", headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 409]
    assert answers[0].json() == {"case": failed, "state": "running"}
    assert len(office.events("case.tried-again")) == 1


def test_several_are_let_run_again_each_by_itself(office, failed):
    running = office.apply(name="连云港木材有限公司", identifier="91320700MA20RXH07Y")
    browser = office.sign_in("xu.ming")
    form = office.forms("/operations/queue?which=failed", browser)["retry-several"]
    answer = browser.post("/operations/queue/retry", data={**form, "case": [failed, running, "ONB-2026-999999"]})
    assert answer.headers["location"].endswith("done=retried&count=1&of=3")
    assert state(office, failed) is CaseState.RUNNING
    nothing = browser.post("/operations/queue/retry", data=form)
    assert nothing.status_code == 422


def test_a_running_case_is_looked_at_again_without_anything_happening(office):
    ref = office.at_approval()
    before = office.asked(ref).keys()
    answer = office.browser.post(f"/api/v1/operations/queue/{ref}/wake", headers=office.token("xu.ming"))
    assert answer.status_code == 200
    office.runner.run_ready()
    assert office.asked(ref).keys() == before
    assert [event.case_ref for event in office.events("case.woken")] == [ref]


def test_a_case_is_cancelled_with_a_reason_and_everybody_is_told(office):
    ref = office.at_approval()
    browser = office.sign_in("xu.ming")
    form = office.forms(f"/operations/queue/{ref}", browser)["cancel"]
    silent = browser.post(f"/operations/queue/{ref}/cancel", data=form)
    assert silent.status_code == 422
    assert "请说明原因" in silent.text
    assert browser.post(f"/operations/queue/{ref}/cancel", data={**form, "reason": "重复立案"}).status_code == 303
    office.runner.run_ready()
    with office.house.read() as session:
        case = session.get_one(Case, ref)
        told = session.exec(select(OutboxMessage.person_id).where(OutboxMessage.kind == "case_closed")).all()
    assert (case.state, case.outcome) == (CaseState.CLOSED, Outcome.CANCELLED)
    assert told == ["li.na"]
    assert office.asked(ref) == {}
    assert "取消了案件：重复立案" in browser.get(f"/cases/{ref}").text
    again = browser.post(f"/operations/queue/{ref}/cancel", data={**form, "reason": "再次"})
    assert again.status_code == 409


def test_a_failed_case_may_be_cancelled_too_and_is_not_woken_instead(office, failed):
    headers = office.token("xu.ming")
    assert office.browser.post(f"/api/v1/operations/queue/{failed}/wake", headers=headers).status_code == 409
    answer = office.browser.post(
        f"/api/v1/operations/queue/{failed}/cancel", headers=headers, json={"reason": "Opened twice."}
    )
    assert answer.json() == {"case": failed, "state": "closed"}
    assert office.browser.post(f"/api/v1/operations/queue/{failed}/wake", headers=headers).status_code == 409


# -- who may ----------------------------------------------------------------------------------------------------------


def test_managers_look_and_only_operations_act(office, failed):
    browser = office.sign_in("zhou.hong")
    page = browser.get(f"/operations/queue/{failed}")
    assert page.status_code == 200
    assert 'id="retry"' not in page.text
    assert 'name="case"' not in browser.get("/operations/queue?which=failed").text
    assert browser.post(f"/operations/queue/{failed}/retry").status_code == 403
    headers = office.token("zhou.hong")
    assert office.browser.post(f"/api/v1/operations/queue/{failed}/retry", headers=headers).status_code == 403
    assert state(office, failed) is CaseState.FAILED


def test_the_queue_is_closed_to_everybody_else(office, failed):
    browser = office.sign_in("li.na")
    for path in ("/operations", "/operations/queue", f"/operations/queue/{failed}"):
        assert browser.get(path).status_code == 403
    for path in ("/operations", "/operations/queue", f"/operations/queue/{failed}"):
        assert office.browser.get(f"/api/v1{path}", headers=office.token("li.na")).status_code == 403


def test_a_form_of_another_page_is_refused(office, failed):
    browser = office.sign_in("xu.ming")
    form = office.forms("/operations/queue?which=failed", browser)["retry-several"]
    assert browser.post(f"/operations/queue/{failed}/retry", data=form).status_code == 403
    assert state(office, failed) is CaseState.FAILED


def test_a_token_that_may_only_read_lets_nothing_run(office, failed):
    from models.operations.access import Scope

    headers = office.token("xu.ming", Scope.READ)
    assert office.browser.post(f"/api/v1/operations/queue/{failed}/retry", headers=headers).status_code == 403


def test_what_does_not_exist_and_what_is_no_word_of_ours_harm_nothing(office):
    browser = office.sign_in("xu.ming")
    assert browser.get("/operations/queue/ONB-2026-999999").status_code == 404
    assert browser.get("/operations/queue?which=nonsense&order=x&process=y&on=%00z").status_code == 200
    assert browser.get("/operations/queue?cursor=nonsense").status_code == 422
    assert browser.head("/operations/queue").status_code == 200


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        ("ConnectError: [Errno 111] Connection refused", "Another service could not be reached"),
        ("NobodyCanSign: nobody is free", "Nobody in the company may sign"),
        ("ValidationError: 2 errors", "does not fit this version of the program"),
        ("OSError: [Errno 28] No space left on device", "the disk is not full"),
        ("ZeroDivisionError: division by zero", "an error that it does not know"),
    ],
)
def test_each_kind_of_failure_has_its_words(office, failure, told):
    ref = office.apply()
    fail(office, ref, failure)
    page = office.sign_in("xu.ming").get(f"/operations/queue/{ref}?lang=en").text
    assert told in page
    assert failure.partition(":")[0] in page


def test_a_case_taken_over_from_before_was_never_carried_and_its_page_opens(office):
    ref = office.at_approval()
    with office.house.work() as work:
        work.session.delete(work.session.get_one(Run, ref))
    page = office.sign_in("xu.ming").get(f"/operations/queue/{ref}?lang=en")
    assert page.status_code == 200
    assert "Runs started" not in page.text
