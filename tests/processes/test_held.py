"""Who held a case how long: noted when a place is given up, told step by step, and summed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import select

from config.words import ActionKind, ClosedBy, Outcome, Place, SignerState
from models.house import person
from models.operations.absences import set_absence
from models.operations.catch_up import fill_cases, fill_working_minutes
from models.operations.moves import add_signer, delegate, take_back, transfer
from models.operations.waits import end_wait, open_wait
from models.queries.held import CaseTimes, RowKind, case_times
from models.tables import Case, Signer, Step, Wait
from tests.processes.conftest import Office

# The clock stands at half past nine on a Tuesday; the company works from nine to twelve and from one to six.


@pytest.fixture
def at_approval(office: Office) -> Office:
    """A case that waits for the sales manager 王军; the deputy head 赵敏 decides after him."""
    office.applies()
    office.answers("li.na", "confirm")
    office.answers("chen.yu", "confirm")
    assert office.waits_for() == {"matrix-approval#1": ["wang.jun"]}
    return office


def places(office: Office, who: str) -> list[Signer]:
    with office.house.read() as session:
        wanted = select(Signer).where(Signer.case_ref == office.ref, Signer.person_id == who)
        return list(session.exec(wanted.order_by(Signer.id)).all())  # type: ignore[arg-type]


def move(office: Office, who: str, act: Any, *args: Any, **more: Any) -> Any:
    with office.house.work(person(who)) as work:
        return act(work, places(office, who)[-1].id, *args, **more)


def times(office: Office) -> CaseTimes:
    with office.house.read() as session:
        case = session.get_one(Case, office.ref)
        return case_times(session, case, office.house.calendar, office.house.clock())


def parts(office: Office, key: str = "matrix-approval#1") -> list[tuple[str, int, str | None, bool]]:
    """The stretches of one step: who, minutes, what it came to, whether they hold it still."""
    row = next(row for row in times(office).rows if row.key == key)
    return [(one.person, one.minutes, one.came_to, one.still) for one in row.stretches]


def step(office: Office, key: str) -> Step:
    with office.house.read() as session:
        return session.exec(select(Step).where(Step.case_ref == office.ref, Step.key == key)).one()


# -- noted when it ends -----------------------------------------------------------------------------------------------


def test_a_step_is_measured_in_office_hours_in_the_write_that_closes_it(office: Office) -> None:
    office.applies()
    office.passes(hours=4)  # to half past one, over the hour of noon
    office.answers("li.na", "confirm")
    closed = step(office, "first-rating#1")
    assert closed.working_minutes == 180
    assert places(office, "li.na")[0].working_minutes == 180


def test_whoever_was_not_needed_held_it_until_they_were_released(office: Office) -> None:
    """Any risk officer re-rates: 陈宇 answers after an hour, and 刘洋 no longer holds it."""
    office.applies()
    office.answers("li.na", "confirm")
    office.passes(hours=1)
    office.answers("chen.yu", "confirm")
    released = places(office, "liu.yang")[0]
    assert (released.state, released.working_minutes) == (SignerState.RELEASED, 60)


def test_who_was_never_asked_held_nothing(at_approval: Office) -> None:
    at_approval.withdraws()
    zhao = places(at_approval, "zhao.min")[0]
    assert (zhao.state, zhao.working_minutes, zhao.held) == (SignerState.RELEASED, None, None)


def test_a_transfer_parts_the_time_between_the_two(at_approval: Office) -> None:
    at_approval.passes(hours=1)
    move(at_approval, "wang.jun", transfer, "qian.wei", "出差")
    at_approval.passes(minutes=30)
    at_approval.answers("qian.wei", "approve")
    at_approval.passes(minutes=15)
    assert parts(at_approval) == [
        ("wang.jun", 60, SignerState.TRANSFERRED.label, False),
        ("qian.wei", 30, "Approve", False),
        ("zhao.min", 15, None, True),
    ]


def test_while_the_delegate_works_it_out_the_delegator_does_not_hold_it(at_approval: Office) -> None:
    at_approval.passes(hours=1)
    move(at_approval, "wang.jun", delegate, "sun.tao", "请先核对合同")
    at_approval.passes(minutes=45)
    at_approval.answers("sun.tao", "approve")
    at_approval.passes(minutes=10)
    at_approval.answers("wang.jun", "approve")
    mine = [one for one in parts(at_approval) if one[0] == "wang.jun"]
    assert mine == [("wang.jun", 60, None, False), ("wang.jun", 10, "Approve", False)]
    assert ("sun.tao", 45, "Approve", False) in parts(at_approval)
    assert places(at_approval, "wang.jun")[0].working_minutes == 70


def test_what_is_taken_back_is_held_again_from_then_on(at_approval: Office) -> None:
    move(at_approval, "wang.jun", delegate, "sun.tao", "请先核对合同")
    at_approval.passes(hours=1)
    move(at_approval, "wang.jun", take_back)
    at_approval.passes(minutes=20)
    assert parts(at_approval) == [("sun.tao", 60, SignerState.REMOVED.label, False), ("wang.jun", 20, None, True)]


def test_whoever_waits_for_a_signer_they_added_before_them_holds_nothing(at_approval: Office) -> None:
    at_approval.passes(minutes=20)
    move(at_approval, "wang.jun", add_signer, "feng.bo", Place.BEFORE, "所有权保留条款")
    at_approval.passes(hours=1)
    at_approval.answers("feng.bo", "approve")
    at_approval.passes(minutes=5)
    at_approval.answers("wang.jun", "approve")
    assert [(who, minutes) for who, minutes, _, _ in parts(at_approval)][:3] == [
        ("wang.jun", 20),
        ("feng.bo", 60),
        ("wang.jun", 5),
    ]


def test_a_substitutes_time_is_not_the_absent_persons(at_approval: Office) -> None:
    at_approval.passes(hours=1)
    with at_approval.house.work(person("wang.jun")) as work:
        set_absence(work, "wang.jun", "qian.wei", work.now, work.now + timedelta(days=5))
    at_approval.passes(minutes=30)
    at_approval.answers("qian.wei", "approve")
    row = next(row for row in times(at_approval).rows if row.key == "matrix-approval#1")
    told = [(one.person, one.minutes, one.for_name) for one in row.stretches[:2]]
    assert told == [("wang.jun", 60, None), ("qian.wei", 30, "王军")]
    assert places(at_approval, "qian.wei")[0].working_minutes == 30


# -- the sum ----------------------------------------------------------------------------------------------------------


def test_a_night_is_nobodys_working_time(at_approval: Office) -> None:
    at_approval.passes(hours=24)
    told = times(at_approval)
    assert told.with_people == told.minutes == 8 * 60
    assert told.people[0].name == "王军"
    assert told.people[0].holds


def test_the_time_of_two_who_are_asked_at_once_counts_once(office: Office) -> None:
    office.applies()
    office.answers("li.na", "confirm")
    office.passes(hours=1)
    told = times(office)
    assert told.with_people == 60
    assert {one.person: one.minutes for one in told.people} == {"li.na": 0, "chen.yu": 60, "liu.yang": 60}


def test_returned_steps_stand_beside_the_round_that_follows(at_approval: Office) -> None:
    at_approval.answers("wang.jun", "return", target="first-rating", reason="账期与合同不符")
    rows = {(row.key, row.round): row for row in times(at_approval).rows}
    assert rows[("matrix-approval#1", 1)].outcome is ActionKind.RETURN
    assert rows[("first-rating#2", 2)].still


def test_a_case_that_ended_stands_still(at_approval: Office) -> None:
    at_approval.passes(hours=1)
    at_approval.withdraws()
    before = times(at_approval)
    at_approval.passes(days=9)
    assert times(at_approval) == before
    assert not before.still
    assert before.rows[-1].closed_by is ClosedBy.WITHDRAWAL


def test_what_is_waited_for_is_told_by_its_name_and_counts_where_nobody_is_asked(at_approval: Office) -> None:
    at_approval.withdraws()
    house = at_approval.house
    with house.work() as work:
        case = work.session.get_one(Case, at_approval.ref)
        case.closed_at = None  # as if it were a process that goes on with a probation
        open_wait(work, case, "probation#1", "relapse", work.now + timedelta(days=30))
    at_approval.passes(hours=1)
    told = times(at_approval)
    probation = told.rows[-1]
    assert (probation.kind, probation.title, probation.minutes) == (RowKind.WAIT, "Probation", 60)
    assert probation.still
    assert (told.with_people, told.waiting) == (0, 60)
    with house.work() as work:
        end_wait(work, work.session.exec(select(Wait)).one(), "relapse")
    at_approval.passes(hours=1)
    assert [row.minutes for row in times(at_approval).rows if row.kind is RowKind.WAIT] == [60]


def test_a_standstill_after_an_error_is_told(at_approval: Office) -> None:
    with at_approval.house.work() as work:
        work.record("case.failed", at_approval.ref, failure="RegistryAway")
    at_approval.passes(hours=2)
    with at_approval.house.work() as work:
        work.record("case.tried-again", at_approval.ref)
    at_approval.passes(hours=5)
    stood = [(row.title, row.minutes, row.still) for row in times(at_approval).rows if row.kind is RowKind.FAILED]
    assert stood == [("Stopped by an error", 120, False)]


# -- what earlier versions left -------------------------------------------------------------------------------


def forget(office: Office) -> dict[str, int | None]:
    """Take everything away that earlier versions did not note. Returns what it was."""
    with office.house.work() as work:
        known = {one.key: one.working_minutes for one in work.session.exec(select(Step))}
        for row in work.session.exec(select(Step)):
            row.working_minutes = None
            work.session.add(row)
        for place in work.session.exec(select(Signer)):
            place.working_minutes, place.held = None, None
            work.session.add(place)
        for case in work.session.exec(select(Case)):
            case.amount = case.working_minutes = None
            work.session.add(case)
    return known


def test_what_closed_before_is_measured_later_a_batch_at_a_time(at_approval: Office) -> None:
    at_approval.passes(hours=1)
    at_approval.answers("wang.jun", "approve")
    at_approval.passes(hours=2)
    at_approval.answers("zhao.min", "reject", reason="行业风险过高")
    before = times(at_approval)
    known = forget(at_approval)
    house, found = at_approval.house, []
    while count := fill_working_minutes(house, limit=2):
        found.append(count)
    assert sum(found) == len(known)
    assert max(found) == 2
    with house.read() as session:
        assert {one.key: one.working_minutes for one in session.exec(select(Step))} == known
        assert session.get_one(Case, at_approval.ref).amount == Decimal("800000.00")
    assert places(at_approval, "wang.jun")[0].working_minutes == 60
    assert times(at_approval).people == before.people


def test_closed_cases_are_measured_later_too(at_approval: Office) -> None:
    at_approval.passes(hours=1)
    at_approval.withdraws()
    forget(at_approval)
    assert [fill_cases(at_approval.house), fill_cases(at_approval.house)] == [1, 0]
    with at_approval.house.read() as session:
        case = session.get_one(Case, at_approval.ref)
        assert (case.outcome, case.working_minutes) == (Outcome.WITHDRAWN, 60)
