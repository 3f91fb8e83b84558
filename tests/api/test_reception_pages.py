"""Every step of a reception is drawn, in both languages, on the way through; the team is formed on a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlmodel import select

from api.app import create_app
from config.words import Language, Outcome
from flows.direct_driver import DirectRunner, VirtualClock
from models.house import House
from models.operations.access import issue_approval_link
from models.tables import Signer
from tests.api.conftest import Forms, TestClient
from tests.api.conftest import Office as Browsing
from tests.processes.conftest import Office
from tests.processes.received import (
    AGREED,
    COUNTER,
    ITEMS,
    MEETING,
    MINUTES,
    OPINION,
    RULING,
    SOLUTION,
    TALK,
    TEAM,
    VENUE,
    auditor,
    client_signs,
    comes,
    evaluated,
    receives,
)

HEADINGS = re.compile(r"<(?:h2|h3|dt|th|legend|label)[^>]*>(.*?)</(?:h2|h3|dt|th|legend|label)>", re.DOTALL)
CHINESE = re.compile(r"[\u4e00-\u9fff]")
MARKUP = re.compile(r"<[^>]+>")


class Watched(Office):
    """An office in which every step is looked at, in both languages, before it is answered."""

    browser: TestClient
    looked_at: set[str]

    def answers_without_running(self, who: str, action: str, **form: Any) -> Any:
        (key,) = (key for key, asked in self.waits_for().items() if who in asked)
        for language in ("zh_CN", "en"):
            page = self.browser.get(f"{self.link(who)}?lang={language}")
            assert page.status_code == 200, page.text
            if language == "zh_CN":
                assert list(untranslated(page.text)) == [], key
        self.looked_at.add(key.partition("#")[0])
        return super().answers_without_running(who, action, **form)

    def link(self, who: str) -> str:
        with self.house.work() as work:
            asked = select(Signer).where(Signer.case_ref == self.ref, Signer.person_id == who, Signer.state == "asked")
            return f"/a/{issue_approval_link(work, work.session.exec(asked).one().id or 0)}"


def untranslated(page: str) -> Iterator[str]:
    """Headings and labels without a Chinese letter; numbers, codes and names of places are none."""
    for heading in HEADINGS.findall(page.partition("<main")[2]):
        text = " ".join(MARKUP.sub(" ", heading).split())
        if re.search("[A-Za-z]{3}", text) and not CHINESE.search(text) and text != Language.EN.label:
            yield text


@pytest.fixture
def watched(house: House, clock: VirtualClock, runner: DirectRunner) -> Watched:
    office = Watched(house, clock, runner)
    office.looked_at = set()
    office.browser = TestClient(
        create_app(house), base_url=house.settings.base_url, follow_redirects=False, raise_server_exceptions=False
    )
    return office


def test_every_step_can_be_read_in_both_languages(watched: Watched) -> None:
    office = watched
    auditor(office)
    receives(office)
    office.answers("chen.yu", "decide", **RULING)
    office.answers("chen.yu", "form", members=TEAM)
    office.answers("zheng.li", "decline", reason="出差")
    office.answers("chen.yu", "form", members=TEAM)
    for member in TEAM:
        office.answers(member["person"], "accept")
    office.answers("li.na", "ready", **VENUE)
    office.answers("chen.yu", "record", **MEETING)
    office.answers("chen.yu", "record", **TALK, requested=[{"what": "检测报告"}])
    row = {"what": "检测报告", "reference": "SGS-8812", "received_on": "2026-03-10"}
    office.answers("li.na", "received", received=[row])
    for who in ("zheng.li", "wang.jun", "feng.bo"):
        office.answers(who, "give", **OPINION)
    office.answers("chen.yu", "propose", **{**SOLUTION, "discount": "150000"})
    office.answers("wang.jun", "return", target="solution", reason="首付过低")
    office.answers("chen.yu", "propose", **{**SOLUTION, "discount": "150000"})
    office.answers("wang.jun", "approve")
    office.answers("li.na", "counter", **COUNTER)
    office.answers("chen.yu", "propose", **SOLUTION)
    office.answers("li.na", "agreed", **AGREED)
    office.answers("liu.yang", "issue", **MINUTES)
    office.answers("zheng.li", "object", reason="付款日期有误")
    office.answers("liu.yang", "issue", **MINUTES)
    for member in TEAM:
        office.answers(member["person"], "sign", agree=True)
    client_signs(office, answer="decline", agreed=False, reason="金额不符")
    office.answers("chen.yu", "without", reason="客户拒签")
    plan = {
        "reason": "客户转移资产",
        "suspend": True,
        "suspend_scope": "全部赊销订单",
        "suspend_from": "2026-04-01",
        "suspend_until": "2026-06-30",
        "monitoring": "weekly",
        "legal_question": "时效何时届满？",
        "legal_action": True,
        "inform": "通知面料供应商",
    }
    office.answers("chen.yu", "respond", **plan)
    office.answers("wu.gang", "return", target="risk-response", reason="期限过长")
    office.answers("chen.yu", "respond", **plan)
    office.answers("wu.gang", "approve")
    office.answers("feng.bo", "advise", opinion="尚余两年")
    suit = {"court": "苏州市吴中区人民法院", "claim": "620000", "grounds": "货款到期未付", "evidence": [row]}
    office.answers("feng.bo", "submit", **suit)
    office.answers("zheng.li", "approve")
    office.answers("feng.bo", "approve")
    office.answers("zhou.hong", "approve")
    contact = {"name": "盛泽纺织", "kind": "supplier", "way": "电话", "told_on": "2026-03-10", "what": "暂缓备货"}
    office.answers("li.na", "record", contacts=[contact])
    office.answers("chen.yu", "plan", items=ITEMS)
    comes(office, date(2026, 4, 10))
    office.answers("li.na", "done", done_on="2026-04-10", result="已到账")
    comes(office, date(2026, 5, 29))
    office.answers("liu.yang", "drop", reason="转入诉讼")
    evaluated(office, resolution="partly")
    office.answers("wu.gang", "close")
    office.answers("han.xue", "assess", proper=True, findings="程序合规")
    assert office.outcome is Outcome.LEGAL_ACTION
    assert len(office.looked_at) == 27
    case_page(office)


def case_page(office: Watched) -> None:
    """The case page tells the whole story."""
    browsing = Browsing(office.house, office.runner, office.clock)
    page = browsing.sign_in("wu.gang").get(f"/cases/{office.ref}")
    assert page.status_code == 200
    for told in (
        "接待小组组成：陈宇、李娜、郑丽",
        "李娜作出承诺：检测结果出来前不加收滞纳金",
        "诉讼获批：苏州市吴中区人民法院",
    ):
        assert told in page.text


def test_a_team_is_formed_on_a_page_and_told_at_the_right_row_who_may_not(watched: Watched) -> None:
    office = watched
    receives(office)
    office.answers("chen.yu", "decide", **RULING)
    path = office.link("chen.yu")
    form = Forms(office.browser.get(f"{path}?lang=zh_CN").text).all["answer-form"]
    filled = {
        **form,
        "members.0.person": "chen.yu",
        "members.0.role": "lead",
        "members.1.person": "sun.tao",
        "members.1.role": "negotiator",
    }
    refused = office.browser.post(path, data=filled)
    assert "孙涛既没有有效的保密协议，也没有有效的接待培训记录" in refused.text
    form = Forms(office.browser.get(path).text).all["answer-form"]
    office.browser.post(path, data={**form, **filled, "members.1.person": "li.na"})
    office.runner.run_ready()
    assert office.waits_for() == {"team-acceptance#1": ["chen.yu", "li.na"]}
