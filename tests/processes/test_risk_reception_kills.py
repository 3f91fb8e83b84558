"""Whenever the worker dies, a reception ends as if it had not: killed after every verb, on every way through."""

from datetime import date

import pytest

from config.words import Outcome
from tests.processes.mortality import MortalOffice, Once, Script, Stage, dies_after_every_verb, play
from tests.processes.received import (
    AGREED,
    COUNTER,
    FAILED,
    ITEMS,
    MEETING,
    MINUTES,
    RULING,
    SOLUTION,
    TALK,
    TEAM,
    VENUE,
    advised,
    agreed,
    auditor,
    client_signs,
    comes,
    evaluated,
    minuted,
    nothing_to_track,
    receives,
    signed_by_team,
    talked,
    tracked,
)


def settled(office: MortalOffice) -> None:
    """Straight through, with two items tracked: one in time, one put off."""
    receives(office)
    tracked(office)
    comes(office, date(2026, 4, 10))
    office.answers("li.na", "done", done_on="2026-04-10", result="已到账")
    comes(office, date(2026, 5, 11))
    office.answers("li.na", "adjust", due_on="2026-05-18", reason="银行系统维护")
    comes(office, date(2026, 5, 18))
    office.answers("li.na", "done", done_on="2026-05-18", result="已到账")
    evaluated(office)
    office.answers("wu.gang", "close")


def round_about(office: MortalOffice) -> None:
    """Every loop once: team, evidence, approval, rounds, objection, silent client, suspension, more tracking."""
    receives(office)
    office.answers("chen.yu", "decide", **RULING)
    office.answers("chen.yu", "form", members=TEAM[:2])
    office.answers("li.na", "decline", reason="出差")
    talked_with_evidence(office)
    advised(office)
    office.answers("chen.yu", "propose", **{**SOLUTION, "discount": "150000"})
    office.answers("wang.jun", "reject", reason="毛利不足")
    office.answers("chen.yu", "propose", **SOLUTION)
    office.answers("li.na", "counter", **COUNTER)
    office.answers("chen.yu", "propose", **SOLUTION)
    office.answers("li.na", "agreed", **AGREED)
    office.answers("liu.yang", "issue", **MINUTES)
    office.answers("zheng.li", "object", reason="付款日期有误")
    signed_by_team(office, consensus="4月15日、5月各付29.5万元")
    comes(office, date(2026, 3, 26), 15)
    office.answers("chen.yu", "without", reason="客户负责人出国")
    plan = {
        "reason": "客户转移资产",
        "suspend": True,
        "suspend_scope": "全部赊销订单",
        "suspend_from": "2026-04-01",
        "suspend_until": "2026-06-30",
        "monitoring": "weekly",
        "legal_question": "时效何时届满？",
        "inform": "通知面料供应商",
    }
    office.answers("chen.yu", "respond", **plan)
    office.answers("wu.gang", "return", target="risk-response", reason="期限过长")
    office.answers("chen.yu", "respond", **{**plan, "suspend_until": "2026-05-31"})
    office.answers("wu.gang", "approve")
    office.answers("feng.bo", "advise", opinion="尚余两年")
    contact = {"name": "盛泽纺织", "kind": "supplier", "way": "电话", "told_on": "2026-03-10", "what": "暂缓备货"}
    office.answers("li.na", "record", contacts=[contact])
    office.answers("chen.yu", "plan", items=ITEMS[:1])
    comes(office, date(2026, 4, 27))
    office.answers("liu.yang", "done", done_on="2026-04-10", result="已核对")
    evaluated(office, resolution="partly")
    office.answers("wu.gang", "track-on", items=ITEMS[1:], reason="第二期未到")
    comes(office, date(2026, 5, 11))
    office.answers("li.na", "drop", reason="已合并清偿")
    evaluated(office)
    office.answers("wu.gang", "close")


def talked_with_evidence(office: MortalOffice) -> None:
    office.answers("chen.yu", "form", members=TEAM)
    for member in TEAM:
        office.answers(member["person"], "accept")
    office.answers("li.na", "ready", **VENUE)
    office.answers("chen.yu", "record", **MEETING)
    office.answers("chen.yu", "record", **TALK, requested=[{"what": "检测报告"}])
    office.answers("li.na", "wait", wait_until="2026-03-13")
    comes(office, date(2026, 3, 13))
    row = {"what": "检测报告", "reference": "SGS-8812", "received_on": "2026-03-12"}
    office.answers("li.na", "received", received=[row])


def taken_to_court(office: MortalOffice) -> None:
    """No agreement; legal action; internal audit assesses the major case."""
    auditor(office)
    receives(office)
    talked(office)
    advised(office)
    office.answers("chen.yu", "propose", **SOLUTION)
    office.answers("li.na", "failed", **FAILED)
    signed_by_team(office)
    client_signs(office, answer="decline", agreed=False, reason="不认可")
    office.answers("chen.yu", "without", reason="客户拒签")
    office.answers("chen.yu", "respond", reason="客户拒付", legal_action=True)
    suit = {
        "court": "苏州市吴中区人民法院",
        "claim": "620000",
        "grounds": "货款到期未付",
        "evidence": [{"what": "购销合同", "reference": "HT-2025-118", "received_on": "2026-03-10"}],
    }
    office.answers("feng.bo", "submit", **suit)
    for who in ("feng.bo", "zheng.li", "zhou.hong"):
        office.answers(who, "approve")
    office.answers("chen.yu", "nothing", reason="转入诉讼")
    office.passes(days=20)
    evaluated(office, resolution="not", loss_avoided="0")
    office.answers("wu.gang", "close")
    office.answers("han.xue", "assess", proper=True, findings="程序合规")


def nobody_evaluates(office: MortalOffice) -> None:
    receives(office)
    minuted(office)
    nothing_to_track(office)
    office.passes(days=90)


def withdrawn_while_the_client_is_asked(office: MortalOffice) -> None:
    receives(office)
    agreed(office)
    signed_by_team(office)
    office.withdraws("liu.yang")


SCRIPTS: dict[Script, Outcome] = {
    settled: Outcome.SETTLED,
    round_about: Outcome.SETTLED,
    taken_to_court: Outcome.LEGAL_ACTION,
    nobody_evaluates: Outcome.LAPSED,
    withdrawn_while_the_client_is_asked: Outcome.WITHDRAWN,
}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__)
def test_dying_after_every_verb_a_reception_ends_as_undisturbed(script: Script, stage: Stage) -> None:
    dies_after_every_verb(stage, script)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__)
def test_the_scripts_end_as_they_say(script: Script, stage: Stage) -> None:
    assert play(stage, script, Once()).outcome is SCRIPTS[script]
