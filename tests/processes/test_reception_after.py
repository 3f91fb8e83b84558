"""A reception after the minutes: response, tracking, effect, closing (processes §3.2, 7 to 9)."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from sqlmodel import col, select

from config.words import (
    CaseState,
    MeasureKind,
    Outcome,
    TrackingState,
)
from models.errors import (
    Invalid,
)
from models.house import (
    person,
)
from models.queries.evaluation_work import receptions, span_of
from models.rules.periods import quarter_of
from models.starting import (
    starts,
)
from models.tables import (
    JournalEntry,
    Measure,
    Person,
    ReceptionResult,
    Routine,
    TrackingItem,
)
from tests.processes.conftest import (
    Office,
)
from tests.processes.received import (
    AGREED,
    ITEMS,
    MEETING,
    MINUTES,
    RULING,
    SOLUTION,
    TALK,
    TEAM,
    VENUE,
    advised,
    auditor,
    client_signs,
    comes,
    complaints,
    evaluated,
    minuted,
    nothing_to_track,
    receives,
    signed_by_team,
    tracked,
)

RESPONSE: dict[str, Any] = {
    "reason": "客户转移资产",
    "suspend": True,
    "suspend_scope": "全部赊销订单",
    "suspend_from": "2026-03-11",
    "suspend_until": "2026-06-30",
}
SUIT: dict[str, Any] = {
    "court": "苏州市吴中区人民法院",
    "claim": "620000",
    "grounds": "货款到期未付",
    "evidence": [{"what": "购销合同", "reference": "HT-2025-118", "received_on": "2026-03-10"}],
}


# -- 7: response -----------------------------------------------------------------------------------------------------


def test_a_suspension_has_scope_and_period_and_is_approved_by_the_risk_manager(office: Office) -> None:
    receives(office)
    minuted(office)
    with pytest.raises(Invalid) as error:
        office.answers("chen.yu", "respond", **{**RESPONSE, "suspend_scope": ""})
    assert complaints(error) == [("", "A suspension needs its scope, its first and its last day.")]
    office.answers("chen.yu", "respond", **RESPONSE)
    assert office.waits_for() == {"suspension-approval#1": ["wu.gang"]}
    assert office.all(Measure) == []
    office.answers("wu.gang", "approve")
    (measure,) = office.all(Measure)
    assert (measure.kind, measure.scope, measure.since, measure.until, measure.case_ref) == (
        MeasureKind.SUSPEND,
        "全部赊销订单",
        date(2026, 3, 11),
        date(2026, 6, 30),
        office.ref,
    )


def test_with_much_at_stake_a_suspension_goes_along_the_matrix(office: Office) -> None:
    receives(office)
    RICH = {**RULING, "at_stake": "2400000"}
    office.answers("chen.yu", "decide", **RICH)
    office.answers("chen.yu", "form", members=TEAM)
    for member in TEAM:
        office.answers(member["person"], "accept")
    office.answers("li.na", "ready", **VENUE)
    office.answers("chen.yu", "record", **MEETING)
    office.answers("chen.yu", "record", **TALK)
    advised(office)
    office.answers("chen.yu", "propose", **SOLUTION)
    office.answers("li.na", "agreed", **AGREED)
    signed_by_team(office)
    client_signs(office)
    office.answers("chen.yu", "respond", **RESPONSE)
    for who in ("wang.jun", "zhao.min", "qian.wei"):
        assert office.waits_for() == {"suspension-approval#1": [who]}
        office.answers(who, "approve")
    assert len(office.all(Measure)) == 1


def test_a_returned_suspension_is_planned_anew_and_a_refused_one_does_not_stop_the_rest(office: Office) -> None:
    receives(office)
    minuted(office)
    office.answers("chen.yu", "respond", **RESPONSE)
    office.answers("wu.gang", "return", target="risk-response", reason="期限过长")
    assert office.content("risk-response#2")["prefill"]["suspend_scope"] == "全部赊销订单"
    office.answers("chen.yu", "respond", **{**RESPONSE, "suspend_until": "2026-04-30", "monitoring": "weekly"})
    office.answers("wu.gang", "reject", reason="客户配合")
    assert [one.kind for one in office.all(Measure)] == [MeasureKind.MONITOR]
    (routine,) = office.all(Routine)
    assert (routine.duty, routine.every, routine.next_on) == ("monitoring", "weekly", date(2026, 3, 17))


def test_legal_action_is_approved_by_legal_finance_and_the_vice_president_on_its_evidence(office: Office) -> None:
    auditor(office)
    receives(office)
    minuted(office)
    office.answers(
        "chen.yu",
        "respond",
        reason="客户拒付",
        legal_question="时效何时届满？",
        legal_action=True,
        inform="通知面料供应商暂缓备货",
    )
    office.answers("feng.bo", "advise", opinion="三年时效，尚余两年", recommends_action=True)
    with pytest.raises(Invalid):
        office.answers("feng.bo", "submit", **{**SUIT, "evidence": []})
    office.answers("feng.bo", "submit", **SUIT)
    assert office.waits_for() == {"legal-action-approval#1": ["feng.bo", "zheng.li", "zhou.hong"]}
    for who in ("feng.bo", "zheng.li", "zhou.hong"):
        office.answers(who, "approve")
    contact = {"name": "盛泽纺织", "kind": "supplier", "way": "电话", "told_on": "2026-03-10", "what": "暂缓备货"}
    office.answers("li.na", "record", contacts=[contact])
    names = [name for name, _ in office.events()]
    assert names.count("reception.legal-action") == 1
    assert names.count("reception.party-informed") == 1
    office.answers("chen.yu", "nothing", reason="转入诉讼")
    office.passes(days=20)
    evaluated(office, resolution="not", loss_avoided="0")
    office.answers("wu.gang", "close")
    assert office.waits_for() == {"special-assessment#1": ["han.xue"]}
    office.answers("han.xue", "assess", proper=True, findings="程序合规")
    assert office.outcome is Outcome.LEGAL_ACTION
    assert office.case.because[0]["params"]["court"] == "苏州市吴中区人民法院"


def test_legal_action_refused_by_one_of_the_three_is_not_taken(office: Office) -> None:
    receives(office)
    minuted(office)
    office.answers("chen.yu", "respond", reason="客户拒付", legal_action=True)
    office.answers("feng.bo", "submit", **SUIT)
    office.answers("zheng.li", "return", target="legal-case", reason="标的应含利息")
    office.answers("feng.bo", "submit", **{**SUIT, "claim": "640000"})
    office.answers("zhou.hong", "reject", reason="先行调解")
    assert list(office.waits_for()) == ["tracking-plan#1"]


# -- 8: tracking -----------------------------------------------------------------------------------------------------


def test_each_item_falls_due_as_its_own_check_on_its_day(office: Office) -> None:
    receives(office)
    tracked(office)
    comes(office, date(2026, 4, 10), 8.9)
    assert office.waits_for() == {}
    comes(office, date(2026, 4, 10), 9.1)
    assert office.waits_for() == {"tracking-check#1": ["li.na"]}
    office.passes(days=3)
    office.answers("li.na", "done", done_on="2026-04-13", result="迟到三天到账")
    states = {one.what: one.state for one in office.all(TrackingItem)}
    assert states["第一期货款29.5万元"] is TrackingState.LATE


def test_an_item_put_off_is_checked_on_its_new_day_and_not_more_often_than_allowed(office: Office) -> None:
    receives(office)
    tracked(office, ITEMS[:1])
    days = [date(2026, 4, 10), date(2026, 4, 20), date(2026, 4, 30), date(2026, 5, 11)]
    for turn, (day, later) in enumerate(pairwise(days), 1):
        comes(office, day)
        assert list(office.waits_for()) == [f"tracking-check#{turn}"]
        office.answers("li.na", "adjust", due_on=later.isoformat(), reason="客户资金在途")
    comes(office, days[-1])
    with pytest.raises(Invalid) as error:
        office.answers("li.na", "adjust", due_on="2026-06-01", reason="再延")
    assert complaints(error) == [("due_on", "This item has been put off as often as the policy allows.")]
    office.answers("li.na", "drop", reason="改为诉讼")
    (item,) = office.all(TrackingItem)
    assert (item.state, item.planned_for, item.due_on, item.adjustments) == (
        TrackingState.DROPPED,
        days[0],
        days[-1],
        3,
    )


def test_a_check_its_owner_does_not_answer_goes_to_the_risk_officers(office: Office) -> None:
    receives(office)
    tracked(office, ITEMS[:1])
    comes(office, date(2026, 4, 27))
    assert office.waits_for() == {"tracking-check-again#2": ["chen.yu", "liu.yang"]}
    office.answers("liu.yang", "done", done_on="2026-04-10", result="银行流水已核对")
    (item,) = office.all(TrackingItem)
    assert (item.state, item.missed) == (TrackingState.DONE, 1)


def test_after_a_hundred_checks_a_resume_reads_no_more_than_after_the_first(office: Office) -> None:
    receives(office)
    start = date(2026, 4, 10)
    forty = [
        {"what": f"第{n}次对账", "owner": "li.na", "due_on": (start + timedelta(days=n)).isoformat()} for n in range(34)
    ]
    tracked(office, forty)

    def unfolded() -> int:
        with office.house.read() as session:
            entries = select(JournalEntry.id).where(
                JournalEntry.case_ref == office.ref, col(JournalEntry.folded).is_(False)
            )
            return len(session.exec(entries).all())

    comes(office, start)
    after_the_first = unfolded()
    sizes = []
    for turn in range(1, 103):
        (key,) = office.waits_for()
        assert key == f"tracking-check#{turn}"
        sizes.append(unfolded())
        item = office.content(key)["item"]
        if item["adjustments_left"]:
            later = date.fromisoformat(item["due_on"]) + timedelta(days=34)
            office.answers("li.na", "adjust", due_on=later.isoformat(), reason="继续跟踪")
        else:
            office.answers("li.na", "done", done_on=item["due_on"], result="已对账")
        office.passes(days=1)
    assert max(sizes) <= after_the_first + 3


# -- 9: effect, lessons, closing -------------------------------------------------------------------------------------


def test_the_effect_is_not_evaluated_before_its_time(office: Office) -> None:
    receives(office)
    minuted(office)
    nothing_to_track(office)
    assert office.waits_for() == {}
    office.passes(days=14)
    assert office.waits_for() == {"effect-evaluation#1": ["chen.yu", "liu.yang"]}


def test_loss_avoided_is_at_most_what_was_at_stake(office: Office) -> None:
    receives(office)
    minuted(office)
    nothing_to_track(office)
    office.passes(days=14)
    with pytest.raises(Invalid) as error:
        evaluated(office, loss_avoided="620000.01")
    assert complaints(error) == [("loss_avoided", "No more than the 620,000.00 yuan at stake.")]


def test_the_risk_manager_may_have_more_tracked_before_closing(office: Office) -> None:
    receives(office)
    minuted(office)
    nothing_to_track(office)
    office.passes(days=14)
    evaluated(office, resolution="partly", satisfaction=3)
    more = [{"what": "回访客户", "owner": "sun.tao", "due_on": "2026-05-20"}]
    office.answers("wu.gang", "track-on", items=more, reason="需回访确认")
    comes(office, date(2026, 5, 20))
    assert office.waits_for() == {"tracking-check#2": ["sun.tao"]}
    office.answers("sun.tao", "done", done_on="2026-05-20", result="客户满意")
    evaluated(office, satisfaction=5)
    office.answers("wu.gang", "close")
    assert office.outcome is Outcome.SETTLED
    (result,) = office.all(ReceptionResult)
    assert (result.resolution, result.satisfaction) == ("full", 5)


def test_whoever_started_it_does_not_close_it(office: Office) -> None:
    receives(office, by="wu.gang")
    minuted(office)
    nothing_to_track(office)
    office.passes(days=14)
    evaluated(office)
    assert office.waits_for() == {"reception-closing#1": ["zhou.hong"]}


def test_a_major_case_gets_a_special_assessment(office: Office) -> None:
    auditor(office)
    receives(office)
    all_three = {"reputation": "同行议论", "interruption": "两条线停工"}
    office.answers("chen.yu", "decide", **{**RULING, **all_three})
    office.answers("chen.yu", "form", members=TEAM[:2])
    office.answers("chen.yu", "accept")
    office.answers("li.na", "accept")
    office.answers("li.na", "ready", **VENUE)
    office.answers("chen.yu", "record", **MEETING)
    office.answers("chen.yu", "record", **TALK)
    advised(office)
    office.answers("chen.yu", "propose", **SOLUTION)
    office.answers("li.na", "agreed", **AGREED)
    office.answers("liu.yang", "issue", **MINUTES)
    office.answers("chen.yu", "sign", agree=True)
    office.answers("li.na", "sign", agree=True)
    client_signs(office)
    nothing_to_track(office)
    office.passes(days=20)
    evaluated(office)
    office.answers("wu.gang", "close")
    assert office.content("special-assessment#1")["major"][0]["code"] == "reception.major_effects"
    with pytest.raises(Invalid) as error:
        office.answers("han.xue", "assess", proper=False, findings="纪要延迟签署")
    assert complaints(error) == [("", "If the rules were not kept, say what is to be put right.")]
    put_right = [{"what": "纪要三日内签署", "department": "risk", "until": "2026-06-30"}]
    office.answers("han.xue", "assess", proper=False, findings="纪要延迟签署", rectifications=put_right)
    assert office.outcome is Outcome.SETTLED


def test_the_evaluation_of_the_work_finds_what_receptions_came_to(office: Office) -> None:
    receives(office)
    minuted(office)
    nothing_to_track(office)
    office.passes(days=20)
    evaluated(office)
    office.answers("wu.gang", "close")
    calendar = office.house.calendar
    quarter = quarter_of(calendar.day_of(office.clock.now))
    with office.house.read() as session:
        found = receptions(session, span_of(quarter, calendar))
        assert receptions(session, span_of(quarter.before, calendar)).ended == 0
    assert (found.ended, found.agreed, found.major, found.asked) == (1, 1, 0, 1)
    assert found.loss_avoided == Decimal("590000.00")
    assert office.case.state is CaseState.CLOSED


def test_a_program_or_a_page_begins_it_by_customer_and_reason(office: Office) -> None:
    receives(office)
    office.withdraws("liu.yang")
    start = starts()["risk-reception"]
    form = start.form.model_validate({"customer": "苏州锦绣服饰有限公司", "trigger": "complaint", "reason": "投诉色差"})
    with office.house.work(person("sun.tao")) as work:
        who = work.session.get_one(Person, "sun.tao")
        assert start.open_to(who)
        ref = start.opener(work, form, who, "key-1").ref
        assert start.opener(work, form, who, "key-1").ref == ref
    office.runner.run_ready()
    office.ref = ref
    assert office.content("reception-background#1")["background"]["reasons"][0]["trigger"] == "complaint"
