"""Whenever the worker dies, a collections case ends as if it had not: killed after every verb, on every way through."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from config.policy import Policy
from config.words import Outcome
from models.operations.cases import cancel
from models.tables import Case
from tests.processes.collecting import Debtor
from tests.processes.mortality import MortalOffice, Once, Stage, dies_after_every_verb, left_behind, play

Journey = Callable[[MortalOffice], None]


def found(office: MortalOffice) -> Debtor:
    debtor = Debtor.of(office)
    debtor.owes()
    debtor.owes("60000.00", number="FP-2026-0102")
    debtor.is_found()
    return debtor


def paid_at_the_letter(office: MortalOffice) -> None:
    """A promise broken in part, a part payment while the letter lies ready, and the rest."""
    debtor = found(office)
    debtor.climbs_to("telephone")
    debtor.is_called("promises", promise_on=str(debtor.day(8)), promised="500000.00")
    debtor.until(debtor.day(6))
    debtor.pays("100000.00")
    debtor.until(debtor.day(15))
    debtor.pays("200000.00")
    debtor.gets_the_letter()
    debtor.pays("1000000.00")


def disputed_and_refused(office: MortalOffice) -> None:
    """A dispute that reception ends, a rung that nobody carries out, three refusals, and a withdrawal."""
    debtor = found(office)
    debtor.climbs_to("telephone")
    debtor.is_called("disputes", disputed=[{"number": "FP-2026-0102", "reason": "规格与合同不符"}])
    debtor.until(debtor.day(4), at=time(16, 0))
    with office.house.read() as session:
        reception = session.exec(select(Case.ref).where(Case.process == "risk-reception")).one()
    with office.house.work() as work:
        cancel(work, reception, "客户撤回异议")
    office.runner.run_ready()
    office.answers("li.na", "record", way="telephone", answer="refuses")
    debtor.until(debtor.day(22))  # the letter is never posted
    for _ in range(2):
        office.answers("li.na", "record", way="telephone", answer="stalls")
    office.withdraws("li.na", "并入集团统一清收")


def plan_broken_then_written_off(office: MortalOffice) -> None:
    """The whole ladder, a member who declines, a plan returned, approved, broken; then a write-off."""
    debtor = found(office)
    debtor.climbs_to("special_group")
    office.answers("wu.gang", "form", legal="feng.bo", finance="zheng.li", business="li.na")
    office.answers("li.na", "decline", reason="与债务人有亲属关系")
    office.answers("feng.bo", "accept")
    office.answers("zheng.li", "accept")
    debtor.has_a_group()
    debtor.evidence_is_collected()
    for answer in ("return", "approve"):
        office.answers("sun.tao", "repayment_plan", instalments=debtor.plan("650000", "650000"), reason="新订单回款")
        office.answers("wang.jun", "approve")
        office.answers("zhao.min", "approve")
        if answer == "return":
            office.answers("qian.wei", "return", target="choose-strategy", reason="请先取得担保")
        else:
            office.answers("qian.wei", "approve")
    office.passes(days=29)
    debtor.pays("650000")
    office.passes(days=50)
    office.answers("sun.tao", "write_off", reason="债务人已破产清算")
    for one in ("wang.jun", "zhao.min"):  # 650,000 are left: within the deputy head's authority
        office.answers(one, "approve")


def agency_then_court(office: MortalOffice) -> None:
    """An agency reports and gives back; a lawsuit is filed, won, enforced, and paid."""
    debtor = found(office)
    debtor.comes_to_a_choice()
    office.answers("sun.tao", "agency", agency="江苏诚达商账管理有限公司", commission="12.5", reason="债务人搬离原址")
    office.answers("zheng.li", "approve")
    office.answers("qian.wei", "approve")
    office.answers("li.na", "report", report="已取得联系")
    office.answers("li.na", "given-back", reason="无财产线索")
    office.answers("sun.tao", "lawsuit", court="云龙区人民法院", claim="1300000.00", grounds="货款到期未付")
    for one in ("feng.bo", "zheng.li", "zhou.hong"):
        office.answers(one, "approve")
    office.answers(
        "feng.bo", "filed", filed_on=str(debtor.today), court="云龙区人民法院", case_number="（2026）苏0303民初1188号"
    )
    office.passes(days=20)
    office.answers("feng.bo", "report", report="定于七月十五日开庭")
    judged = {"decided_on": str(debtor.today), "result": "won", "awarded": "1300000", "reference": "PJ-2026-77"}
    office.answers("feng.bo", "judgment", **judged)
    office.answers("feng.bo", "report", report="已申请强制执行")
    office.passes(days=10)
    debtor.pays("300000")
    debtor.pays("1000000")


ENDS: dict[Journey, Outcome] = {
    paid_at_the_letter: Outcome.RECOVERED,
    disputed_and_refused: Outcome.WITHDRAWN,
    plan_broken_then_written_off: Outcome.WRITTEN_OFF,
    agency_then_court: Outcome.JUDGMENT,
}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, policy: Policy, empty_database: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path_factory.mktemp("collections"), policy, empty_database)
    yield stage
    stage.clear()


@pytest.mark.parametrize("journey", ENDS, ids=lambda journey: journey.__name__)
def test_the_worker_may_die_after_every_verb(journey: Journey, stage: Stage) -> None:
    office = play(stage, journey, Once())
    with office.house.read() as session:
        case = session.exec(select(Case).where(Case.process == "collections-escalation")).one()
    assert case.outcome is ENDS[journey]
    dies_after_every_verb(stage, journey)


class Undisturbed:
    """What each journey leaves behind when nobody dies, and at how many moments somebody could."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._known: dict[Journey, tuple[dict[str, Counter[Any]], int]] = {}

    def __call__(self, journey: Journey) -> tuple[dict[str, Counter[Any]], int]:
        if journey not in self._known:
            reaper = Once()
            self._known[journey] = left_behind(play(self._stage, journey, reaper)), reaper.moments
        return self._known[journey]


@pytest.fixture(scope="module")
def undisturbed(stage: Stage) -> Undisturbed:
    return Undisturbed(stage)


@settings(max_examples=8, phases=[Phase.explicit, Phase.generate])
@given(journey=st.sampled_from(list(ENDS)), share=st.floats(0, 1, exclude_max=True))
def test_the_worker_may_die_at_any_one_moment(
    journey: Journey, share: float, stage: Stage, undisturbed: Undisturbed
) -> None:
    expected, moments = undisturbed(journey)
    reaper = Once(1 + int(share * moments))
    assert left_behind(play(stage, journey, reaper)) == expected
    assert reaper.struck


@pytest.mark.parametrize("days", [1, 3, 20])
def test_money_that_comes_while_the_worker_lies_dead_is_not_overlooked(stage: Stage, days: int) -> None:
    reaper = Once()
    office = stage(reaper, False)
    debtor = found(office)
    debtor.until(debtor.day(3))
    reaper.at = reaper.moments + 2
    debtor.is_called("stalls")
    assert reaper.struck
    office.clock.now += timedelta(days=days)
    debtor.pays("1300000.00")
    office.ends()
    assert office.outcome is Outcome.RECOVERED
    assert debtor.contacts[-1].answer.value == "stalls"
