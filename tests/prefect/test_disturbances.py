"""What managers and accidents do to runs in Prefect, the case survives."""

import sqlite3
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.states import Cancelled, Crashed, Running
from sqlalchemy.exc import OperationalError
from sqlmodel import select

import flows.onboarding_review
from config.settings import Settings
from config.words import CaseState, Outcome
from flows.prefect_driver import PrefectDriver
from flows.runs import Runs
from models.tables import Run
from tests.prefect.conftest import Managers, eventually
from tests.processes.conftest import Office, steel_trader
from tests.processes.journeys import gaps_questions_and_a_visit, straight_through

FIRST_SEGMENT = (
    "Check the application",
    "Gather the customer's facts",
    "Verify the identity",
    "Score the customer",
    "Rate the customer",
    "First rating",
)


def run_of(office: Office) -> Run:
    with office.house.read() as session:
        return session.get_one(Run, office.ref)


def finishes(office: Office) -> None:
    """From the first rating to the end."""
    office.answers("li.na", "confirm")
    office.answers("chen.yu", "confirm")
    office.answers("wang.jun", "reject", reason="关联企业逾期")


def test_a_bare_resume_in_prefect_suspends_again_and_harms_nothing(
    office: Office, managers: Managers, client: SyncPrefectClient
) -> None:
    office.applies()
    managers.sees("Suspended")
    managers.performs(*FIRST_SEGMENT)
    before = (run_of(office).fence, office.events(), len(office.messages()))
    client.resume_flow_run(managers.run().id)
    eventually(lambda: run_of(office).fence > before[0], "the run to be carried again")
    office.runner.run_ready()
    managers.sees("Suspended")
    managers.performs(*FIRST_SEGMENT)
    assert (office.events(), len(office.messages())) == before[1:]
    finishes(office)
    assert office.outcome is Outcome.REFUSED
    managers.sees("Completed")


def test_an_answer_that_comes_before_the_run_is_suspended_is_not_lost(
    office: Office, managers: Managers, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasty = ["li.na"]
    suspend = PrefectDriver.suspend

    def answer_first(driver: PrefectDriver, key: str) -> None:
        if hasty and "first-rating" in key:
            with office.house.read() as session:
                office.ref = session.exec(select(Run.case_ref)).one()
            office.answers_without_running(hasty.pop(), "confirm")
        suspend(driver, key)

    monkeypatch.setattr(PrefectDriver, "suspend", answer_first)
    office.applies()
    assert office.waits_for() == {"risk-rerating#1.1": ["chen.yu", "liu.yang"]}
    managers.sees("Suspended")


def test_cancelling_the_run_in_prefect_closes_the_case_as_cancelled(
    office: Office, managers: Managers, client: SyncPrefectClient
) -> None:
    office.applies()
    managers.sees("Suspended")
    client.set_flow_run_state(managers.run().id, Cancelled())
    eventually(lambda: office.outcome, "the case to be closed")
    assert office.outcome is Outcome.CANCELLED
    assert office.waits_for() == {}
    assert len(office.messages("case_closed")) == 1
    assert managers.state() == "Cancelled"


@pytest.mark.parametrize("limited", [True, False], ids=["by_way_of_the_queue", "at_once"])
def test_a_cancel_made_in_the_very_moment_of_a_resume_is_not_overtaken(
    limited: bool, office: Office, managers: Managers, client: SyncPrefectClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.applies()
    managers.sees("Suspended")
    in_time, set_state = [managers.run().id], Runs._set

    def cancel_before(runs: Runs, run: FlowRun) -> bool:
        if in_time and not limited:
            client.set_flow_run_state(in_time.pop(), Cancelled())
        return not limited

    def cancel_first(runs: Runs, run: FlowRun, state: State) -> bool:
        if in_time and state.type is StateType.SCHEDULED:
            client.set_flow_run_state(in_time.pop(), Cancelled())
        return set_state(runs, run, state)

    monkeypatch.setattr(Runs, "_set", cancel_first)
    monkeypatch.setattr(Runs, "may_go_on_at_once", cancel_before)
    monkeypatch.setattr("flows.dispatcher.LOOK_AGAIN", timedelta(seconds=0.5))
    office.answers_without_running("li.na", "confirm")
    eventually(lambda: office.outcome, "the case to be closed")
    assert office.outcome is Outcome.CANCELLED
    assert office.waits_for() == {}
    managers.sees("Cancelled")


def test_a_task_that_met_a_busy_database_is_tried_again_by_itself(
    office: Office, managers: Managers, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails(monkeypatch, OperationalError("UPDATE", {}, Exception("database is locked")), times=1)
    office.applies()
    assert office.waits_for() == {"first-rating#1": ["li.na"]}
    managers.performs(*FIRST_SEGMENT)
    (rated,) = [task for task in managers.tasks() if task.name.startswith("Score the customer")]
    assert (rated.run_count, rated.state_name) == (2, "Completed")
    assert run_of(office).attempt == 1


def test_a_segment_that_failed_is_tried_again_and_what_was_done_stays_done(
    office: Office, managers: Managers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.operations.cases.RETRY_AFTER_SECONDS", (0.1, 0.1))
    fails(monkeypatch, LookupError("the registry is away"), times=1)
    office.applies()
    assert office.waits_for() == {"first-rating#1": ["li.na"]}
    run = run_of(office)
    assert (run.attempt, run.failures) == (2, 0)
    assert [name for name, _ in office.events() if name == "case.stumbled"] == ["case.stumbled"]
    managers.performs("Score the customer", "Rate the customer", "First rating")
    finishes(office)
    assert office.outcome is Outcome.REFUSED


def test_a_case_that_keeps_failing_is_given_to_operations(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.operations.cases.RETRY_AFTER_SECONDS", (0.1,))
    fails(monkeypatch, LookupError("the registry is gone"), times=2)
    office.applies()
    assert office.case.state is CaseState.FAILED
    assert [message.person_id for message in office.messages("case_failed")] == ["xu.ming"]


def fails(monkeypatch: pytest.MonkeyPatch, error: Exception, times: int) -> None:
    """Let the scoring fail so often, and then work."""
    left = [error] * times
    scoring = flows.onboarding_review.score_customer

    def score(*given: Any, **more: Any) -> Any:
        if left:
            raise left.pop()
        return scoring.function(*given, **more)

    monkeypatch.setattr(flows.onboarding_review, "score_customer", replace(scoring, function=score))


def test_a_run_that_crashed_is_started_anew(office: Office, managers: Managers, client: SyncPrefectClient) -> None:
    office.applies()
    managers.sees("Suspended")
    crashed = managers.run().id

    def crashes() -> bool:
        """A run that our worker looks after at that very moment goes on instead, and suspends again."""
        if client.read_flow_run(crashed).state_name == "Suspended":
            client.set_flow_run_state(crashed, Crashed(), force=True)
        return run_of(office).attempt == 2

    eventually(crashes, "a new run")
    office.runner.run_ready()
    managers.sees("Suspended")
    assert managers.run().id != crashed
    assert managers.tasks() == []
    finishes(office)
    assert office.outcome is Outcome.REFUSED


def test_a_run_deleted_in_prefect_is_started_anew(
    office: Office, managers: Managers, client: SyncPrefectClient
) -> None:
    office.applies()
    managers.sees("Suspended")
    client.delete_flow_run(managers.run().id)
    finishes(office)
    assert office.outcome is Outcome.REFUSED
    assert run_of(office).attempt == 2


def test_a_worker_that_died_after_the_end_leaves_no_run_running(
    office: Office, managers: Managers, client: SyncPrefectClient
) -> None:
    office.applies()
    finishes(office)
    managers.sees("Completed")
    client.set_flow_run_state(managers.run().id, Running(), force=True)
    managers.sees("Completed")
    assert office.outcome is Outcome.REFUSED


def test_nothing_personal_is_in_prefect(office: Office, managers: Managers, server: Settings) -> None:
    gaps_questions_and_a_visit(office)
    straight_through(office_of_another(office))
    managers.sees("Completed")
    with sqlite3.connect(server.prefect_home / "prefect.db") as prefect:
        everything = "\n".join(prefect.iterdump())
    prefect.close()
    assert office.ref in everything
    application = steel_trader()
    personal = [application.name, application.contact, application.phone, application.identifier]
    personal += [
        "李娜",
        "li.na",
        "陈宇",
        "chen.yu",
        "行业下行",
        "有无未决诉讼",
        "库存充足",
        "多年老客户",
        "800000.00",  # the bare number could be part of a time
        "L-77",
    ]
    for word in personal:
        assert word
        assert word not in everything
        assert word.encode("unicode_escape").decode() not in everything


def office_of_another(office: Office) -> Office:
    """The same office, with another applicant."""
    applies = office.applies

    def other(*_: Any) -> str:
        return applies(steel_trader(name="邳州市大运河建材有限公司", identifier="91320382MA1W3LB67U"))

    office.applies = other  # type: ignore[method-assign]
    return office


@pytest.fixture(autouse=True)
def short_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look that came to nothing is taken again soon."""
    monkeypatch.setattr("flows.dispatcher.LOOK_AGAIN", timedelta(seconds=1))
