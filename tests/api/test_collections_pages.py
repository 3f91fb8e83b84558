"""Every step of a collections case is drawn in both languages; a dispute and a visit are recorded on pages."""

from __future__ import annotations

import pytest

from config.words import Outcome
from flows.direct_driver import DirectRunner, VirtualClock
from models.house import House
from tests.api.conftest import Forms
from tests.api.conftest import Office as Browsing
from tests.api.test_reception_pages import Watched
from tests.processes.collecting import Debtor


@pytest.fixture
def watched(house: House, clock: VirtualClock, runner: DirectRunner) -> Watched:
    office = Watched(house, clock, runner)
    office.looked_at = set()
    office.browser = Browsing(house, runner, clock).new_browser()
    return office


def test_every_step_can_be_read_in_both_languages(watched: Watched) -> None:
    office = watched
    debtor = Debtor.of(office)
    debtor.owes()
    debtor.is_found()
    debtor.climbs_to("telephone")
    debtor.is_called("promises", promise_on=str(debtor.day(5)), promised="100000.00")
    debtor.until(debtor.day(8))
    office.answers("li.na", "record", way="telephone", answer="refuses", note="称无款可付")
    debtor.until(debtor.day(15))
    debtor.gets_the_letter()
    debtor.until(debtor.day(30))
    debtor.is_visited("not_reached")
    debtor.until(debtor.day(60))
    office.answers("wu.gang", "form", legal="feng.bo", finance="zheng.li", business="li.na")
    office.answers("li.na", "decline", reason="与债务人有亲属关系")
    office.answers("feng.bo", "accept")
    office.answers("zheng.li", "accept")
    debtor.has_a_group()
    debtor.evidence_is_collected()
    plan = debtor.plan("600000", "640000")
    office.answers("sun.tao", "repayment_plan", instalments=plan, reason="新订单回款")
    for one in ("wang.jun", "zhao.min", "qian.wei"):
        office.answers(one, "approve")
    office.passes(days=40)  # broken
    office.answers("sun.tao", "agency", agency="江苏诚达商账管理有限公司", commission="12.5", reason="债务人搬离原址")
    office.answers("zheng.li", "approve")
    office.answers("qian.wei", "approve")
    office.answers("li.na", "report", report="已取得联系")
    office.answers("li.na", "given-back", reason="无财产线索")
    court = "徐州市云龙区人民法院"
    office.answers("sun.tao", "lawsuit", court=court, claim="1240000.00", grounds="货款到期未付")
    for one in ("feng.bo", "zheng.li", "zhou.hong"):
        office.answers(one, "approve")
    office.answers("feng.bo", "filed", filed_on=str(debtor.today), court=court, case_number="（2026）苏0303民初1188号")
    office.answers("feng.bo", "report", report="定于七月十五日开庭")
    judged = {"decided_on": str(debtor.today), "result": "won", "awarded": "1240000", "reference": "PJ-2026-77"}
    office.answers("feng.bo", "judgment", **judged)
    office.answers("feng.bo", "report", report="已申请强制执行")
    office.answers("feng.bo", "unenforceable", reason="无可供执行财产")
    office.answers("sun.tao", "write_off", reason="终结本次执行程序")
    for one in ("wang.jun", "zhao.min", "qian.wei"):
        office.answers(one, "approve")
    assert office.outcome is Outcome.WRITTEN_OFF
    assert len(office.looked_at) == 13
    page = Browsing(office.house, office.runner, office.clock).sign_in("wu.gang").get(f"/cases/{office.ref}")
    for told in (
        "提醒：第 1 个工作日启动，逾期 1,240,000.00 元",
        "承诺未兑现：应于 2026年3月16日前支付 100,000.00 元，实付 0.00 元",
        "专项清收小组成立：冯波、孙涛、郑丽",
        "委托第三方催收未成功：无财产线索",
        "裁判结果：胜诉，判决金额 1,240,000.00 元",
    ):
        assert told in page.text


def answer_on_page(office: Watched, who: str, action: str, **fields: str) -> str:
    """What the page says after the answer was posted."""
    path = office.link(who)
    form = Forms(office.browser.get(f"{path}?lang=zh_CN").text).all[f"answer-{action}"]
    return str(office.browser.post(path, data={**form, **fields}).text)


def test_a_dispute_and_a_visit_are_recorded_on_pages_row_by_row(watched: Watched) -> None:
    office = watched
    debtor = Debtor.of(office)
    debtor.owes()
    debtor.owes("60000.00", number="FP-2026-0102")
    debtor.is_found()
    debtor.climbs_to("telephone")
    wrong = answer_on_page(
        office,
        "li.na",
        "record",
        answer="disputes",
        spoke_with="马建国",
        **{"disputed.0.number": "FP-9", "disputed.0.reason": "未收货"},
    )
    assert "FP-9 不在逾期发票之列：FP-2026-0101, FP-2026-0102。" in wrong
    assert debtor.asked == "telephone"
    answer_on_page(office, "li.na", "record", answer="not_reached")
    office.runner.run_ready()
    debtor.until(debtor.day(15))
    debtor.gets_the_letter()
    debtor.until(debtor.day(30))
    report = {
        "answer": "stalls",
        "visited_on": str(debtor.today),
        "spoke_with": "马建国",
        "findings": "仓库仍有存货",
        "visitors.0.person": "li.na",
    }
    alone = answer_on_page(office, "li.na", "report", **report)
    assert "至少 2 人一同上门。" in alone
    answer_on_page(office, "li.na", "report", **report, **{"visitors.1.person": "sun.tao"})
    assert debtor.rungs["visit"] == "begun"
    office.runner.run_ready()
    assert [row["person"] for row in debtor.contacts[-1].facts["visitors"]] == ["li.na", "sun.tao"]


def test_a_case_that_waits_for_its_next_rung_says_until_when(watched: Watched) -> None:
    debtor = Debtor.of(watched)
    debtor.owes()
    ref = debtor.is_found()
    browser = Browsing(watched.house, watched.runner, watched.clock).sign_in("zhou.hong", watched.browser)
    page = browser.get(f"/cases/{ref}?lang=en").text
    assert "Nobody is asked; it goes on " in page
    assert "The system is working on it" not in page
