"""What every process can count on: the verbs, the journal, the lease."""

from collections.abc import Callable
from datetime import timedelta
from typing import ClassVar

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from config.words import ActionKind, CaseState, Department, Outcome, Role
from flows.case_flow import REGISTER, Process
from flows.case_run import CaseRun
from flows.direct_driver import DirectDriver, DirectRunner, VirtualClock
from models.errors import AlreadyClosed, NotAllowed
from models.forms import StepForm
from models.house import House, Work, person
from models.operations.cases import open_case, withdraw
from models.operations.decide import decide
from models.operations.journal import Fenced, LeaseHeld
from models.operations.waits import announce
from models.processes import ProcessKind
from models.rules.signing import ByRole
from models.steps import Action, HumanStep
from models.tables import AuditEvent, Case, JournalEntry, Person, Run, Signer, Step, Timer
from tasks.case_task import effect


class Reason(StepForm):
    form_name = "TestReason"
    reason: str = ""


REVIEW = HumanStep(
    name="review",
    title="Review",
    question="Is this in order?",
    actions=(
        Action(name="approve", kind=ActionKind.APPROVE, label="Approve"),
        Action(name="return", kind=ActionKind.RETURN, label="Return", form=Reason),
    ),
    signers=ByRole(role=Role.RISK_OFFICER),
)
KIND = ProcessKind("toy", "TOY", "Toy")
COUNT: list[str] = []


@effect("first", "First effect")
def first(work: Work, case: Case) -> int:
    COUNT.append("first")
    return 41


@effect("second", "Second effect")
def second(work: Work, case: Case, before: int) -> str:
    COUNT.append("second")
    return f"{before + 1}"


def story(case: CaseRun) -> Outcome:
    number = case.do(first)
    round_number = 1
    while case.ask(REVIEW.at(round_number)).returned:
        round_number += 1
    assert case.do(second, number) == "42"
    if case.wait_for("payment", "paid", until=case.case.opened_at + timedelta(days=30)).timed_out:
        return case.close(Outcome.REFUSED)
    return case.close(Outcome.ADMITTED)


@pytest.fixture(autouse=True)
def toy() -> None:
    COUNT.clear()
    REGISTER["toy"] = Process(KIND, story, None)  # type: ignore[arg-type]


@pytest.fixture
def case(house: House) -> Case:
    with house.work(person("li.na")) as work:
        li_na = work.session.get_one(Person, "li.na")
        return open_case(
            work, KIND, title="Toy", initiator=li_na, handler=li_na, department=Department.BUSINESS, origin="api"
        )


def asked(house: House, ref: str) -> list[Signer]:
    with house.read() as session:
        return list(session.exec(select(Signer).where(Signer.case_ref == ref, Signer.state == "asked")).all())


def answer(house: House, ref: str, who: str, action: str, **form: str) -> None:
    signer = next(s for s in asked(house, ref) if s.person_id == who)
    with house.work(person(who)) as work:
        shown = work.session.get_one(Step, signer.step_id).content_hash
        decide(work, signer.id, action, form, shown_hash=shown, via="session")


def test_a_case_goes_from_step_to_step_and_each_effect_happens_once(
    house: House, case: Case, runner: DirectRunner
) -> None:
    runner.run_ready()
    assert {s.person_id for s in asked(house, case.ref)} == {"chen.yu", "liu.yang"}
    answer(house, case.ref, "chen.yu", "return", reason="figures?")
    runner.run_ready()
    answer(house, case.ref, "liu.yang", "approve")
    runner.run_ready()
    assert COUNT == ["first", "second"]
    with house.work() as work:
        assert announce(work, case.ref, "paid", {"amount": "12"})
    runner.run_ready()
    with house.read() as session:
        closed = session.get_one(Case, case.ref)
        assert (closed.state, closed.outcome) == (CaseState.CLOSED, Outcome.ADMITTED)
        keys = session.exec(select(JournalEntry.key).where(JournalEntry.case_ref == case.ref)).all()
        assert sorted(keys) == ["first", "payment", "review#1", "review#2", "second"]


def test_a_bare_resume_without_an_answer_changes_nothing(house: House, case: Case, runner: DirectRunner) -> None:
    runner.run_ready()
    with house.read() as session:
        before = len(session.exec(select(AuditEvent)).all())
    assert runner.run_segment(case.ref, story) is None
    with house.read() as session:
        assert len(session.exec(select(AuditEvent)).all()) == before
        assert len(session.exec(select(Step)).all()) == 1


def test_a_wait_ends_by_its_time(house: House, case: Case, runner: DirectRunner) -> None:
    runner.run_ready()
    answer(house, case.ref, "chen.yu", "approve")
    runner.advance(timedelta(days=31))
    with house.read() as session:
        assert session.get_one(Case, case.ref).outcome is Outcome.REFUSED


def test_a_step_nobody_answers_lapses_after_reminders(house: House, case: Case, runner: DirectRunner) -> None:
    runner.advance(timedelta(days=60))
    with house.read() as session:
        assert session.get_one(Case, case.ref).outcome is Outcome.LAPSED
        events = session.exec(select(AuditEvent.event, AuditEvent.actor_kind)).all()
        assert [e for e, _ in events].count("step.reminded") == 2
        assert session.exec(select(Timer)).all() == []


def test_the_second_of_two_answers_is_told_who_decided(house: House, case: Case, runner: DirectRunner) -> None:
    runner.run_ready()
    late = next(s for s in asked(house, case.ref) if s.person_id == "liu.yang")
    answer(house, case.ref, "chen.yu", "approve")
    with pytest.raises(AlreadyClosed, match="陈宇 has answered already: Approve"), house.work(person("liu.yang")) as w:
        decide(w, late.id, "approve", {}, shown_hash="", via="session")
    with house.read() as session:
        assert session.exec(select(AuditEvent).where(AuditEvent.event == "answer.late")).one().actor_id == "liu.yang"


def test_the_initiator_withdraws_and_the_case_ends(house: House, case: Case, runner: DirectRunner) -> None:
    runner.run_ready()
    with house.work(person("sun.tao")) as work, pytest.raises(NotAllowed):
        withdraw(work, case.ref, work.session.get_one(Person, "sun.tao"), "not mine")
    with house.work(person("li.na")) as work:
        withdraw(work, case.ref, work.session.get_one(Person, "li.na"), "customer changed their mind")
    runner.run_ready()
    with house.read() as session:
        assert session.get_one(Case, case.ref).outcome is Outcome.WITHDRAWN
    assert asked(house, case.ref) == []


def test_only_one_worker_carries_a_case(house: House, case: Case) -> None:
    with CaseRun(house, case.ref, DirectDriver()), pytest.raises(LeaseHeld), CaseRun(house, case.ref, DirectDriver()):
        pass


def test_a_worker_that_lost_its_lease_records_nothing(house: House, case: Case, clock: VirtualClock) -> None:
    slow = CaseRun(house, case.ref, DirectDriver()).__enter__()
    clock.now += timedelta(seconds=13)
    with CaseRun(house, case.ref, DirectDriver()), pytest.raises(Fenced):
        slow.do(first)
    with house.read() as session:
        assert session.exec(select(JournalEntry)).all() == []


class Slow(DirectDriver):
    """A driver whose segments last long enough for their lease to need renewing."""

    real_time = True


class Alarm:
    """A timer that goes off when it is told to."""

    set: ClassVar[list["Alarm"]] = []

    def __init__(self, _seconds: float, act: Callable[[], None]) -> None:
        self.act = act
        self.daemon = False
        Alarm.set.append(self)

    def start(self) -> None: ...

    def cancel(self) -> None: ...


def test_a_lease_is_renewed_again_after_the_database_was_away(
    house: House, case: Case, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.case_run.threading.Timer", Alarm)
    with CaseRun(house, case.ref, Slow()):
        clock.now += timedelta(seconds=5)
        with monkeypatch.context() as away:
            away.setattr(house, "work", gone)
            Alarm.set[-1].act()
        clock.now += timedelta(seconds=5)
        Alarm.set[-1].act()
        with house.read() as session:
            assert session.get_one(Run, case.ref).lease_until == clock.now + timedelta(seconds=12)


def gone(*_: object) -> None:
    raise OperationalError("UPDATE run", {}, Exception("server closed the connection unexpectedly"))
