"""The reception of a risk client (R): from the background file to the closing, with the client's own signature."""

from __future__ import annotations

import httpx

from cli.demo.collections import HONG_TAI, play_dispute, tell_payment
from cli.demo.days import lets_the_day_come
from cli.demo.money import overdue, pays
from cli.demo.outsider import Outsider
from cli.demo.stage import Stage
from config.words import Outcome

RISK, RISK_MANAGER = ("chen.yu", "liu.yang"), "wu.gang"
LEAD, RECORDER, ADVISER = "chen.yu", "li.na", "feng.bo"
UNTRAINED = "sun.tao"
HANDLER = "li.na"
OPINION_OF = {"zheng.li": "finance", "wang.jun": "business", "shen.yan": "legal"}
CLIENT, CLIENT_MAIL = "冷峰", "lengfeng@customers.example"


def play_reception(stage: Stage) -> None:
    """Everything of a reception, for a client who disputes two invoices; then its collections case goes on."""
    dispute, case = play_dispute(stage)
    stage.account.scene("A disputed debt, received and settled · 贾汪区宏泰水泥制品有限公司", case)
    _background_and_team(stage, case)
    _talks(stage, case)
    _negotiation(stage, case)
    _minutes(stage, case)
    _response_and_tracking(stage, case)
    letters = stage.mailbox.so_far()
    _effect_and_closing(stage, case)
    _dispute_is_over(stage, dispute, letters)


def _background_and_team(stage: Stage, case: str) -> None:
    ruling = {
        "level": "medium",
        "at_stake": "263700",
        "economic": "两张发票合计263700元被拒付",
        "strategy": "先查清质量争议，再谈付款安排",
        "goals": "保住合作，收回无争议部分",
    }
    told = "reads the background file and sets level, effects and goals"
    stage.decides(case, "chen.yu", "decide", ruling, told=told, then=RISK)
    opened = stage.opens(case, "chen.yu")
    team = _team(LEAD, UNTRAINED, ADVISER)
    unprocessable = httpx.codes.UNPROCESSABLE_ENTITY
    stage.is_refused(opened, "form", team, status=unprocessable, told="no valid reception training")
    stage.account.line(f"A team with {stage.name(UNTRAINED)}: refused, his reception training has run out")
    members = [LEAD, RECORDER, ADVISER]
    stage.answers(stage.opens_again(opened), "form", _team(*members), told="names another team", then=members)
    stage.decides(case, RECORDER, "accept", told="accepts")
    stage.decides(case, ADVISER, "accept", told="accepts")
    stage.decides(case, LEAD, "accept", told="accepts", then=members)


def _team(lead: str, recorder: str, adviser: str) -> dict[str, str]:
    given = ((lead, "lead"), (recorder, "recorder"), (adviser, "legal"))
    people = {f"members.{n}.person": person for n, (person, _) in enumerate(given)}
    return people | {f"members.{n}.role": role for n, (_, role) in enumerate(given)}


def _talks(stage: Stage, case: str) -> None:
    members = [LEAD, RECORDER, ADVISER]
    venue = {
        "meeting_on": stage.today(),
        "meeting_at": "14:30",
        "place": "总部三楼会议室",
        "room_private": "true",
        "recording_ready": "true",
        "papers_ready": "true",
    }
    stage.decides(case, RECORDER, "ready", venue, told="has place, papers and equipment ready", then=members)
    meeting = {
        "held_on": stage.today(),
        "client_side": "冷峰（销售总监）",
        "our_side": "陈宇、李娜、冯波",
        "demands": "要求退换不合格水泥，暂缓付款",
        "problems": "检测报告与随货合格证不一致",
        "answered": "委托第三方复检，三日内答复",
        "commitments.0.what": "复检费用由本公司先行垫付",
        "commitments.0.given_by": "陈宇",
    }
    told = "files the record of the first meeting; a commitment given is flagged"
    stage.decides(case, RECORDER, "record", meeting, told=told, then=members)
    talk = {
        "held_on": stage.today(),
        "causes": "仓储受潮导致部分批次强度不足",
        "present_state": "约两成货物受影响，其余已使用",
        "expectations": "受影响批次折让，其余按期付款",
        "requested.0.what": "第三方检测报告",
    }
    stage.decides(case, LEAD, "record", talk, told="files the record of the in-depth talk", then=[HANDLER])
    evidence = {
        "received.0.what": "第三方检测报告",
        "received.0.reference": "JC-2026-0417",
        "received.0.received_on": stage.today(),
    }
    told = "files the evidence that was asked for"
    stage.decides(case, HANDLER, "received", evidence, told=told, then=list(OPINION_OF))
    for number, (who, department) in enumerate(OPINION_OF.items(), 1):
        opinion = {"stance": "reserved" if department == "finance" else "for", "opinion": "折让以受影响批次为限"}
        last = number == len(OPINION_OF)
        told = f"gives the opinion of {department}"
        stage.decides(case, who, "give", opinion, told=told, then=members if last else ())


def _negotiation(stage: Stage, case: str) -> None:
    members = [LEAD, RECORDER, ADVISER]
    offer = {
        "terms": "受影响批次折让，余款三十日内付清",
        "payments.0.due_on": stage.in_days(30),
        "payments.0.amount": "233700",
        "discount": "30000",
    }
    told = "proposes a discount of 30,000, which the team may give by itself"
    stage.decides(case, LEAD, "propose", offer, told=told, then=members)
    counter = {"counter": "要求折让60000元", "asked_concession": "60000"}
    told = "records the client's counter-proposal of 60,000"
    stage.decides(case, RECORDER, "counter", counter, told=told, then=members)
    more = {**offer, "discount": "60000", "payments.0.amount": "203700"}
    told = "proposes 60,000 in the second round, above the team's authority"
    stage.decides(case, LEAD, "propose", more, told=told, then=["wang.jun"])
    stage.decides(case, "wang.jun", "approve", told="approves the concession", then=members)
    agreed = {"agreed_on": stage.today(), "consensus": "折让60000元，余款203700元三十日内付清"}
    stage.decides(case, LEAD, "agreed", agreed, told="records that the client agrees", then=RISK)


def _minutes(stage: Stage, case: str) -> None:
    members = [LEAD, RECORDER, ADVISER]
    party = {"party_name": CLIENT, "party_capacity": "销售总监", "party_email": CLIENT_MAIL}
    told = "issues the minutes that were drafted from the records"
    stage.decides(case, "chen.yu", "issue", party, told=told, then=members)
    for number, who in enumerate(members, 1):
        onward = (
            "the client is asked by a link to the outside" if number == len(members) else "others are still to sign"
        )
        stage.decides(case, who, "sign", {"agree": "true"}, told="signs the minutes", onward=onward)
    client = Outsider(stage, CLIENT)
    try:
        page = client.opens_link()
        stage.account.expect("203700" in page.text.replace(",", ""), "the client to be shown the text of the minutes")
        letters = stage.mailbox.so_far()
        client.answers(page, {"answer": "sign", "name": CLIENT, "capacity": "销售总监", "agreed": "true"})
        stage.mailbox.see("the risk officers to be asked for the response", lambda one: one.case == case, after=letters)
        stage.account.line(
            f"{CLIENT} has signed the exact text (its hash is bound), and risk is asked for the response"
        )
        stage.account.expect(not client.opens_again().forms, "the used link to open nothing")
    finally:
        client.close()


def _response_and_tracking(stage: Stage, case: str) -> None:
    response = {"reason": "复检期间加强关注", "monitoring": "weekly"}
    stage.decides(case, "liu.yang", "respond", response, told="has the client monitored weekly", then=RISK)
    plan = {
        "items.0.what": "第三方复检结论存档并通知客户",
        "items.0.owner": HANDLER,
        "items.0.due_on": stage.in_days(14),
    }
    told = "sets the tracking plan: one item, due in 14 days"
    stage.decides(case, "chen.yu", "plan", plan, told=told, onward="the case waits for that day")
    lets_the_day_come(stage, case, [HANDLER])
    done = {"done_on": stage.today(), "result": "复检结论已归档，客户认可"}
    told = "is asked on that day (moved here), and says it is done"
    stage.decides(case, HANDLER, "done", done, told=told, onward="the case waits for the day of the evaluation")
    lets_the_day_come(stage, case, RISK)


def _effect_and_closing(stage: Stage, case: str) -> None:
    effect = {"resolution": "full", "satisfaction": "4", "loss_avoided": "203700"}
    stage.decides(
        case, "chen.yu", "evaluate", effect, told="evaluates the effect (day moved)", then=[LEAD, RECORDER, ADVISER]
    )
    lessons = {"causes": "仓储防潮不足", "what_worked": "第三方复检", "improvements": "出库前抽检"}
    stage.decides(case, "chen.yu", "record", lessons, told="files the lessons", then=[RISK_MANAGER])
    stage.decides(case, RISK_MANAGER, "close", told="closes the reception", ends=Outcome.SETTLED)


def _dispute_is_over(stage: Stage, case: str, letters: int) -> None:
    """The collections case heard of the end of the reception: the invoices count again."""
    stage.are_asked(case, [HANDLER], letters)
    stage.account.line(f"The dispute is settled, and {stage.name(HANDLER)} is asked about {case} again")
    amount = overdue(stage, HONG_TAI)
    paid = pays(stage, HONG_TAI, amount)
    tell_payment(stage, case, amount, paid.took, "case.closed")
    stage.has_ended(case, Outcome.RECOVERED)
