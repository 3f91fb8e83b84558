"""Credit repair (B): one applies from outside and comes off the list; one applies too early."""

from __future__ import annotations

import re

import httpx

from cli.demo.beginning import begins
from cli.demo.days import lets_the_day_come
from cli.demo.money import tell_trading
from cli.demo.outsider import Outsider
from cli.demo.stage import Stage
from config.words import Outcome
from models.messages import CaseClosed
from models.processes import REPAIR

BO_YUAN, XING_CHEN = "91320301MA20G7T4XD", "91320302MA21C5R8HA"
HANDLER, OTHER_HANDLER = "li.na", "sun.tao"
RISK, COUNTERSIGNERS, HEAD = ("chen.yu", "liu.yang"), ("wu.gang", "feng.bo", "zheng.li"), "qian.wei"
APPLICANT, MAIL = "翟敏", "zhaimin@customers.example"
DAY = re.compile(r"from [0-9]{1,2} [A-Z][a-z]{2} 20[0-9]{2}")


def play_repair(stage: Stage) -> str:
    """The customer applies through a link; granted, watched in probation, repaired."""
    tell_trading(stage, BO_YUAN, "while on the grey list")
    case = _applied_from_outside(stage)
    stage.account.scene("Applied from outside, granted, passed its probation · 徐州博远新材料有限公司", case)
    _decided(stage, case)
    lets_the_day_come(stage, case)
    stage.until(lambda: stage.case(case)["outcome"], f"{case} to end with its probation")
    stage.has_ended(case, Outcome.REPAIRED)
    answer = tell_trading(stage, BO_YUAN, "now")
    stage.account.expect(answer["may_trade"] and not answer["prepay"], "the credit line to count again")
    return case


def _applied_from_outside(stage: Stage) -> str:
    browser = stage.comes_in(HANDLER)
    form = stage.form(browser.open("/repair/invite"), "/repair/invite")
    page = browser.send(form.filled({"customer": BO_YUAN, "name": APPLICANT, "email": MAIL}))
    stage.account.expect(page.status == httpx.codes.OK, f"the link to be sent, not {page.status}: {page.text[:300]}")
    stage.account.line(f"{stage.name(HANDLER)} has the application link sent to {APPLICANT}, who has no account")
    applicant = Outsider(stage, APPLICANT)
    letters = stage.mailbox.so_far()
    try:
        filled = {
            "applicant": "翟敏 财务总监",
            "corrected": "215000元货款已于今年全部付清，并更换了财务负责人。",
            "standing": "经营正常，半年来先款后货，无一逾期。",
            "evidence.0.what": "银行付款回单",
            "evidence.0.reference": "HD-2026-0502",
        }
        applicant.answers(applicant.opens_link(), filled)
    finally:
        applicant.close()
    case = stage.until(
        lambda: next((str(one["ref"]) for one in stage.list_cases(REPAIR.name) if "博远" in one["title"]), None),
        "the application to open a case",
    )
    stage.are_asked(case, [HANDLER], letters)
    return case


def _decided(stage: Stage, case: str) -> None:
    stage.account.line(
        "Every condition is checked and met: time on the list, arrears, six months without a day overdue"
    )
    stage.decides(case, HANDLER, "complete", told="finds the papers complete", then=RISK)
    review = {"recommendation": "supports", "review": "付款记录良好，建议移出灰名单并观察半年。"}
    told = "reviews for risk: supports it"
    stage.decides(case, "liu.yang", "review", review, told=told, then=COUNTERSIGNERS)
    for number, who in enumerate(COUNTERSIGNERS, 1):
        then = [HEAD] if number == len(COUNTERSIGNERS) else []
        stage.decides(case, who, "agree", told="agrees", then=then)
    told = "grants it: off the list, on probation"
    stage.decides(case, HEAD, "grant", told=told, signs_in=True, onward="the case waits for the end of probation")


def play_too_early(stage: Stage) -> str:
    """Black-listed four months ago: refused with every unmet condition and the earliest day."""
    fill = {
        "customer": XING_CHEN,
        "corrected": "已更换法定代表人。",
        "standing": "正在恢复经营。",
        "evidence.0.what": "工商变更登记",
    }
    case = begins(stage, OTHER_HANDLER, REPAIR, fill)
    stage.account.scene("Applied too early · 徐州星辰贸易有限公司", case)
    stage.letter(OTHER_HANDLER, case, CaseClosed.kind)
    stage.has_ended(case, Outcome.REFUSED)
    because = " ".join(stage.case(case)["because"])
    stage.account.expect(DAY.search(because) is not None, f"the earliest day to be named, not: {because}")
    return case
