"""Two at the same moment: exactly one wins, the loser is told and it is on record. On both databases."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlmodel import col, select

from config.words import ClosedBy, Outcome, SignerState, StepState
from flows.direct_driver import DirectDriver, VirtualClock
from flows.onboarding_review import onboarding_review  # noqa: F401
from models.audit import verify
from models.errors import AlreadyClosed, Conflict
from models.house import House, person
from models.operations.applications import open_application
from models.operations.cases import withdraw
from models.operations.decide import Decided, decide
from models.operations.journal import LeaseHeld
from models.operations.steps import open_step
from models.operations.waits import fire_due
from models.tables import AuditEvent, Case, JournalEntry, Person, Run, Signer, Step, Timer
from tests.processes.conftest import Office, steel_trader, valid_uscc

ROUNDS = 8


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Carry out ``acts`` in threads that start together; each one's result, or what it raised."""
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        gate.wait(timeout=10)
        try:
            return act()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def traders(office: Office) -> Iterator[str]:
    """One trader after the other, as many as there are rounds, each waiting for a risk officer, any one of two."""
    for number in range(ROUNDS):
        identifier = valid_uscc(f"91320300MA1H5XK{number:02d}")
        office.applies(steel_trader(name=f"徐州恒通钢材贸易有限公司{number}", identifier=identifier))
        office.answers("li.na", "confirm")
        yield office.ref


def answering(house: House, ref: str, who: str, action: str, **form: Any) -> Callable[[], Decided]:
    """The answer of somebody who has the step before them."""
    with house.read() as session:
        signer, shown = session.exec(
            select(Signer, Step.content_hash)
            .join(Step, col(Step.id) == Signer.step_id)
            .where(Signer.case_ref == ref, Signer.person_id == who, Signer.state == SignerState.ASKED)
        ).one()

    def act() -> Decided:
        with house.work(person(who)) as work:
            return decide(work, signer.id or 0, action, form, shown_hash=shown, via="session")

    return act


def withdrawing(house: House, ref: str) -> Callable[[], Case]:
    def act() -> Case:
        with house.work(person("li.na")) as work:
            return withdraw(work, ref, work.session.get_one(Person, "li.na"), "客户改变主意")

    return act


def events(house: House, ref: str, name: str) -> list[AuditEvent]:
    with house.read() as session:
        named = select(AuditEvent).where(AuditEvent.case_ref == ref, AuditEvent.event == name)
        return list(session.exec(named.order_by(col(AuditEvent.seq))).all())


def journaled(house: House, ref: str, key: str) -> JournalEntry:
    with house.read() as session:
        return session.exec(select(JournalEntry).where(JournalEntry.case_ref == ref, JournalEntry.key == key)).one()


def step_of(house: House, ref: str, key: str) -> Step:
    with house.read() as session:
        return session.exec(select(Step).where(Step.case_ref == ref, Step.key == key)).one()


def test_of_two_who_answer_an_any_one_step_the_first_counts(house: House, office: Office) -> None:
    for ref in traders(office):
        officers = ("chen.yu", "liu.yang")
        answers = at_once(*(answering(house, ref, who, "confirm") for who in officers))
        winners = [who for who, came in zip(officers, answers, strict=True) if isinstance(came, Decided)]
        losers = [who for who, came in zip(officers, answers, strict=True) if isinstance(came, AlreadyClosed)]
        assert (len(winners), len(losers)) == (1, 1), answers
        assert [event.actor_id for event in events(house, ref, "answer.late")] == losers
        assert [event.actor_id for event in events(house, ref, "step.answered")][-1:] == winners
        assert journaled(house, ref, "risk-rerating#1.1").result["signatures"][0]["person_id"] == winners[0]
    office.runner.run_ready()
    assert office.waits_for() == {"matrix-approval#1": ["wang.jun"]}


def test_between_an_answer_and_the_expiry_one_decides(house: House, office: Office, clock: VirtualClock) -> None:
    for ref in traders(office):
        opened = step_of(house, ref, "risk-rerating#1.1")
        answer = answering(house, ref, "chen.yu", "confirm")
        clock.now = opened.expires_at
        with house.work() as work:
            for timer in work.session.exec(select(Timer).where(Timer.case_ref == ref, Timer.kind != "expire")):
                work.session.delete(timer)
        came, fired = at_once(answer, lambda: fire_due(house))
        assert isinstance(fired, int), fired
        closed = step_of(house, ref, "risk-rerating#1.1")
        if isinstance(came, Decided):
            assert closed.closed_by is ClosedBy.ANSWER
        else:
            assert isinstance(came, AlreadyClosed)
            assert "expired" in str(came)
            assert closed.closed_by is ClosedBy.EXPIRY
            assert [event.actor_id for event in events(house, ref, "answer.late")] == ["chen.yu"]
        assert journaled(house, ref, closed.key).result["closed_by"] == closed.closed_by
        with house.read() as session:
            assert session.exec(select(Timer).where(Timer.step_id == closed.id)).all() == []


def test_between_an_answer_and_a_withdrawal_the_case_is_withdrawn_all_the_same(house: House, office: Office) -> None:
    for ref in traders(office):
        came, taken_back = at_once(answering(house, ref, "chen.yu", "confirm"), withdrawing(house, ref))
        assert isinstance(taken_back, Case), taken_back
        assert isinstance(came, Decided | AlreadyClosed), came
        closed = step_of(house, ref, "risk-rerating#1.1")
        assert closed.closed_by is (ClosedBy.ANSWER if isinstance(came, Decided) else ClosedBy.WITHDRAWAL)
        late = [event.actor_id for event in events(house, ref, "answer.late")]
        assert late == ([] if isinstance(came, Decided) else ["chen.yu"])
        office.runner.run_ready()
        office.ref = ref
        assert office.outcome is Outcome.WITHDRAWN


def test_nothing_stays_open_when_a_withdrawal_meets_the_worker_opening_the_next_step(
    house: House, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, withdrawn = threading.Event(), threading.Event()

    def open_slowly(*given: Any, **more: Any) -> Step:
        step = open_step(*given, **more)
        opened.set()
        withdrawn.wait(timeout=0.5)  # who withdraws now does not see the step, for it is not committed
        return step

    def withdraw_meanwhile() -> Case:
        opened.wait(timeout=10)
        case = withdrawing(house, ref)()
        withdrawn.set()
        return case

    ref = next(traders(office))
    office.answers_without_running("chen.yu", "confirm")
    monkeypatch.setattr("flows.case_run.open_step", open_slowly)
    ran, taken_back = at_once(office.runner.run_ready, withdraw_meanwhile)
    assert ran is None, ran
    assert isinstance(taken_back, Case), taken_back
    office.runner.run_ready()
    assert office.outcome is Outcome.WITHDRAWN
    with house.read() as session:
        still_open = select(Step.key).where(Step.case_ref == ref, Step.state == StepState.OPEN)
        assert session.exec(still_open).all() == []
        assert session.exec(select(Timer).where(Timer.case_ref == ref)).all() == []
    assert office.waits_for() == {}


def test_the_same_answer_from_two_screens_is_one_answer(house: House, office: Office) -> None:
    for ref in traders(office):
        answer = answering(house, ref, "chen.yu", "confirm")
        answers = at_once(answer, answer)
        assert sorted(came.repeated for came in answers) == [False, True]
        assert len(events(house, ref, "step.answered")) == 2  # the first rating, and this one


def test_of_two_different_answers_of_one_person_one_stands(house: House, office: Office) -> None:
    for ref in traders(office):
        answers = at_once(
            answering(house, ref, "chen.yu", "confirm"),
            answering(house, ref, "chen.yu", "adjust", points=70, reason="行业下行"),
        )
        (stands,) = [came for came in answers if isinstance(came, Decided)]
        (told,) = [came for came in answers if isinstance(came, AlreadyClosed)]
        assert "That stands" in str(told)
        assert journaled(house, ref, "risk-rerating#1.1").result["action"] == stands.action
        assert [event.actor_id for event in events(house, ref, "answer.second")] == ["chen.yu"]


def test_two_seats_signed_at_once_complete_the_level_once(house: House, office: Office) -> None:
    office.applies(steel_trader(requested_limit=4500000))
    office.answers("li.na", "confirm")
    office.answers("chen.yu", "adjust", points=95, reason="国企子公司担保")
    for who in ("wang.jun", "zhao.min", "qian.wei"):
        office.answers(who, "approve")
    legal, finance = (answering(house, office.ref, who, "approve") for who in ("feng.bo", "zheng.li"))
    assert all(isinstance(came, Decided) for came in at_once(legal, finance))
    assert office.waits_for() == {"matrix-approval#1": ["zhou.hong"]}


def test_two_workers_who_take_a_case_at_once_get_one_lease(house: House, office: Office) -> None:
    from flows.case_run import CaseRun

    for ref in traders(office):
        first, second = (CaseRun(house, ref, DirectDriver()) for _ in range(2))
        came = at_once(first.__enter__, second.__enter__)
        assert sum(isinstance(each, LeaseHeld) for each in came) == 1, came
        with house.read() as session:
            fence = session.get_one(Run, ref).fence
        with house.work() as work:
            work.session.get_one(Run, ref).lease_owner = None
        assert fence == 3  # two segments before this one: opening, and after the first rating


def opening(house: House, who: str, *, key: str | None = None, **changes: Any) -> Callable[[], str]:
    def act() -> str:
        with house.work(person(who)) as work:
            handler = work.session.get_one(Person, who)
            return open_application(work, steel_trader(**changes), handler, handler, origin="api", request_key=key).ref

    return act


def test_the_first_cases_of_a_year_opened_at_once_get_different_numbers(house: House) -> None:
    acts = [
        opening(house, "li.na", name=f"徐州恒通钢材贸易有限公司{n}", identifier=valid_uscc(f"91320300MA1H5XK{n:02d}"))
        for n in range(6)
    ]
    assert sorted(at_once(*acts)) == [f"ONB-2026-{n:06d}" for n in range(1, 7)]


def test_one_customer_applied_for_by_two_at_once_is_reviewed_once(house: House) -> None:
    came = at_once(opening(house, "li.na"), opening(house, "sun.tao"))
    assert sorted(type(each) for each in came if isinstance(each, Conflict)) == [Conflict], came
    with house.read() as session:
        assert len(session.exec(select(Case.ref)).all()) == 1


def test_the_same_request_sent_twice_at_once_opens_one_case(house: House) -> None:
    came = at_once(opening(house, "li.na", key="r-1"), opening(house, "li.na", key="r-1"))
    assert came == ["ONB-2026-000001"] * 2


def test_the_chain_holds_when_many_write_at_once(house: House) -> None:
    def note(number: int) -> Callable[[], None]:
        def act() -> None:
            with house.work() as work:
                work.record("somebody.answered", number=number)

        return act

    assert at_once(*(note(n) for n in range(12))) == [None] * 12
    with house.read() as session:
        verdict = verify(session)
        noted = session.exec(select(AuditEvent.data).where(AuditEvent.event == "somebody.answered")).all()
    assert verdict.broken_at is None
    assert sorted(data["number"] for data in noted) == list(range(12))


@pytest.fixture(autouse=True)
def calm(house: House) -> None:
    """Open the pool's connections first: who races must not wait for a connection instead."""
    at_once(*(lambda: house.engine.connect().close() for _ in range(4)))
