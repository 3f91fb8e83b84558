"""Whenever the worker is killed, listing decisions and credit repairs end as if it had not been."""

from datetime import date

import pytest

from config.words import Outcome
from models.operations.repair import APPEAL, SUPPLY, note_relapse
from tests.processes.conftest import Office
from tests.processes.listed import both_decide, nominated, owes, risk_proposes, timber_trader
from tests.processes.mortality import Once, Script, Stage, dies_after_every_verb, play
from tests.processes.repairing import (
    APPROVAL,
    applies,
    applies_from_outside,
    fills_in,
    granted,
    link_for,
    long_listed,
    papers_complete,
    risk_reviews,
    to_the_head,
)


def listed_with_more_evidence_and_a_report(office: Office) -> None:
    customer = timber_trader(office)
    nominated(office, customer)
    risk_proposes(office)
    nominated(office, customer, evidence=["第三笔承诺落空 [CN-3]"], reason="再次失约")
    risk_proposes(office, criterion="unlawful_activity")
    both_decide(office)
    office.answers("feng.bo", "reported", authority="徐州市公安局", reported_on="2026-03-10", reference="JZ-2026-88")


def returned_and_declined(office: Office) -> None:
    nominated(office, timber_trader(office))
    risk_proposes(office)
    office.answers("feng.bo", "return", target="risk-view", reason="缺送达证明")
    office.answers("liu.yang", "advise-against", reason="已付清")
    office.answers("wu.gang", "decline", reason="同意")


def repaired_after_papers_visit_and_check(office: Office) -> None:
    applies_from_outside(office, long_listed(office))
    office.answers("li.na", "ask", request="请补充执行结案通知书")
    fills_in(office, link_for(office, SUPPLY), answer="见附件", evidence=[{"what": "结案通知书"}])
    papers_complete(office)
    office.answers("chen.yu", "visit", purpose="核实产能")
    visit = {"visited_on": "2026-03-11", "visitors": "刘洋、陈宇", "spoke_with": "刘恒丰", "impression": "as_stated"}
    office.answers("liu.yang", "report", **visit, findings="满负荷")
    office.answers("chen.yu", "check", questions="有无被执行记录")
    check = {"checked_on": "2026-03-12", "sources": "执行信息公开网", "finding": "clear", "findings": "无"}
    office.answers("feng.bo", "report", **check)
    risk_reviews(office)
    for who in ("wu.gang", "feng.bo", "zheng.li"):
        office.answers(who, "agree")
    office.answers("qian.wei", "grant", **APPROVAL)
    office.passes(days=200)


def relapsed_in_probation(office: Office) -> None:
    customer = long_listed(office)
    applies(office, customer)
    granted(office)
    office.passes(days=30)
    with office.house.work() as work:
        note_relapse(work, customer, "再次拖欠")
    office.runner.run_ready()


def refused_and_granted_on_appeal(office: Office) -> None:
    applies_from_outside(office, long_listed(office))
    to_the_head(office)
    office.answers("qian.wei", "refuse", reason="观察时间不足")
    fills_in(office, link_for(office, APPEAL), grounds="新增银行保函")
    office.answers("zhou.hong", "grant", **APPROVAL)
    office.passes(days=200)


def overtaken_by_a_relapse(office: Office) -> None:
    customer = long_listed(office)
    applies(office, customer)
    papers_complete(office)
    risk_reviews(office)
    owes(office, customer, "120000", date(2026, 3, 2))
    with office.house.work() as work:
        note_relapse(work, customer, "货款逾期")
    office.runner.run_ready()


SCRIPTS: dict[Script, Outcome] = {
    listed_with_more_evidence_and_a_report: Outcome.LISTED,
    returned_and_declined: Outcome.NOT_LISTED,
    repaired_after_papers_visit_and_check: Outcome.REPAIRED,
    relapsed_in_probation: Outcome.RELISTED,
    refused_and_granted_on_appeal: Outcome.REPAIRED,
    overtaken_by_a_relapse: Outcome.REFUSED,
}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__)
def test_dying_after_every_verb_the_case_ends_as_undisturbed(script: Script, stage: Stage) -> None:
    assert play(stage, script, Once()).outcome is SCRIPTS[script]
    dies_after_every_verb(stage, script)
