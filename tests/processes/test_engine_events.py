"""Events that overtake steps, events nobody waits for just now, and loops that go on for months."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import col, select

from config.words import ActionKind, ClosedBy, Department, Outcome, Role, SignerState
from flows.case_flow import REGISTER, Process, Story
from flows.case_run import CaseRun
from flows.direct_driver import DirectRunner, VirtualClock
from models.errors import AlreadyClosed
from models.house import House, Work, person
from models.operations.cases import open_case
from models.operations.decide import decide
from models.operations.waits import announce
from models.processes import ProcessKind
from models.rules.signing import ByRole
from models.steps import Action, HumanStep
from models.tables import Case, JournalEntry, OutboxMessage, Person, Signal, Signer, Step, Timer
from tasks.case_task import effect

CALL = HumanStep(
    name="call",
    title="Call",
    question="What did they say?",
    actions=(Action(name="record", kind=ActionKind.RECORD, label="Record"),),
    signers=ByRole(role=Role.RISK_OFFICER),
    yields_to=("paid",),
)
KIND = ProcessKind("toy-events", "TOE", "Toy")
STEPS_OF_THE_HUNDRED: list[int] = []


@effect("look", "Look")
def look(work: Work, case: Case, turn: int) -> bool:
    STEPS_OF_THE_HUNDRED.append(turn)
    return turn <= 100


def opened(house: House, story: Story) -> str:
    REGISTER[KIND.name] = Process(KIND, story, None)  # type: ignore[arg-type]
    with house.work() as work:
        li_na = work.session.get_one(Person, "li.na")
        return open_case(
            work, KIND, title="Toy", initiator=None, handler=li_na, department=Department.RISK, origin="scan"
        ).ref


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    STEPS_OF_THE_HUNDRED.clear()
    yield
    REGISTER.pop(KIND.name, None)


def call_until_paid(case: CaseRun) -> Outcome:
    answer = case.ask(CALL)
    return case.close(Outcome.RECOVERED if answer.overtaken else Outcome.NOT_SETTLED)


def test_a_case_that_the_system_began_asks_people_in_nobodys_name(house: House, runner: DirectRunner) -> None:
    ref = opened(house, call_until_paid)
    runner.run_ready()
    with house.read() as session:
        assert session.get_one(Case, ref).initiator_id is None
        asked = session.exec(select(OutboxMessage).where(OutboxMessage.kind == "step_asked")).all()
    assert [message.payload["asked_by"] for message in asked] == ["", ""]


def test_an_event_overtakes_a_step_and_whoever_answers_later_is_told(house: House, runner: DirectRunner) -> None:
    ref = opened(house, call_until_paid)
    runner.run_ready()
    with house.work() as work:
        assert announce(work, ref, "paid", {"amount": "1240000.00"})
    runner.run_ready()
    with house.read() as session:
        step = session.exec(select(Step).where(Step.case_ref == ref)).one()
        places = session.exec(select(Signer).where(Signer.case_ref == ref)).all()
        assert (step.closed_by, step.action) == (ClosedBy.EVENT, None)
        assert {place.state for place in places} == {SignerState.RELEASED}
        assert session.get_one(Case, ref).outcome is Outcome.RECOVERED
        assert session.exec(select(Timer).where(Timer.case_ref == ref)).all() == []
    place = places[0]
    with pytest.raises(AlreadyClosed), house.work(person(place.person_id)) as work:
        decide(work, place.id or 0, "record", {}, shown_hash=step.content_hash, via="session")


def test_an_event_that_came_before_the_step_means_that_nobody_is_asked(house: House, runner: DirectRunner) -> None:
    ref = opened(house, call_until_paid)
    with house.work() as work:
        assert not announce(work, ref, "paid")
    runner.run_ready()
    with house.read() as session:
        assert session.exec(select(Step).where(Step.case_ref == ref)).all() == []
        assert session.get_one(Case, ref).outcome is Outcome.RECOVERED
        assert session.exec(select(Signal)).all() == []


def test_an_event_that_came_before_the_wait_ends_it_at_once(house: House, runner: DirectRunner) -> None:
    def wait_for_it(case: CaseRun) -> Outcome:
        waited = case.wait_for("money", "paid", until=case.case.opened_at + timedelta(days=30))
        return case.close(Outcome.RECOVERED if waited.payload == {"n": 2} else Outcome.NOT_SETTLED)

    ref = opened(house, wait_for_it)
    with house.work() as work:
        announce(work, ref, "paid", {"n": 1})
        announce(work, ref, "paid", {"n": 2})
    runner.run_ready()
    with house.read() as session:
        assert session.get_one(Case, ref).outcome is Outcome.RECOVERED
        assert session.exec(select(Signal)).all() == []


def test_a_step_keeps_the_deadline_that_the_case_sets(house: House, runner: DirectRunner, clock: VirtualClock) -> None:
    due = clock.now + timedelta(days=2)

    def ask_by_then(case: CaseRun) -> Outcome:
        case.ask(CALL, due_at=due, expires_at=due + timedelta(days=1))
        return case.close(Outcome.SETTLED)

    ref = opened(house, ask_by_then)
    runner.run_ready()
    with house.read() as session:
        step = session.exec(select(Step).where(Step.case_ref == ref)).one()
        assert (step.due_at, step.expires_at) == (due, due + timedelta(days=1))
    runner.advance(timedelta(days=4))
    with house.read() as session:
        assert session.get_one(Case, ref).outcome is Outcome.LAPSED


def test_after_a_hundred_turns_a_resume_reads_no_more_than_after_one(house: House, runner: DirectRunner) -> None:
    def watch(case: CaseRun) -> Outcome:
        for turn in case.turns("watch"):
            if not case.do(look.at(turn), turn):
                break
            case.wait_until(f"day#{turn}", case.case.opened_at + timedelta(days=turn))
        return case.close(Outcome.SETTLED)

    ref = opened(house, watch)
    runner.advance(timedelta(days=99, hours=1))
    with house.read() as session:
        read = session.exec(
            select(JournalEntry.key).where(JournalEntry.case_ref == ref, col(JournalEntry.folded).is_(False))
        ).all()
        kept = session.exec(select(JournalEntry).where(JournalEntry.case_ref == ref)).all()
    assert set(read) == {"turns:watch", "look#100"}
    assert len(kept) > 190
    runner.advance(timedelta(days=2))
    with house.read() as session:
        assert session.get_one(Case, ref).outcome is Outcome.SETTLED
    assert list(range(1, 102)) == STEPS_OF_THE_HUNDRED
