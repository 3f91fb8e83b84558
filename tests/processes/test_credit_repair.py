"""Credit repair, told as the policy tells it (B; processes §3.5)."""

from datetime import date
from decimal import Decimal

import pytest

from config.words import (
    CreditGrade,
    CustomerClass,
    ListingCriterion,
    ListingKind,
    MeasureKind,
    Outcome,
    RiskLevel,
)
from models.errors import Conflict, Invalid
from models.house import person
from models.operations.collections import open_collections
from models.operations.repair import APPEAL, APPLY, SUPPLY, note_relapse
from models.operations.standing import list_customer, measures_in_force
from models.tables import Case, Listing, Measure, OutboxMessage, OutsideLink
from tests.processes.conftest import Office
from tests.processes.listed import TIMBER, nominated, of, on_the_list, owes, scored, timber_trader
from tests.processes.repairing import (
    APPLICATION,
    APPROVAL,
    all_three_agree,
    applies,
    applies_from_outside,
    fills_in,
    granted,
    invited,
    link_for,
    long_listed,
    papers_complete,
    risk_reviews,
    to_the_head,
)

TODAY = date(2026, 3, 10)


def told_outside(office: Office) -> list[str]:
    return [m.payload["result"] for m in office.all(OutboxMessage) if m.kind == "repair_answered"]


def test_an_application_goes_straight_through_to_the_end_of_probation(office: Office) -> None:
    customer = long_listed(office)
    applies(office, customer)
    assert office.waits_for() == {"papers-check#1.1": ["li.na"]}
    papers_complete(office)
    assert office.waits_for() == {"repair-review#1.1": ["chen.yu", "liu.yang"]}
    risk_reviews(office)
    assert office.waits_for() == {"repair-countersign#1": ["feng.bo", "wu.gang", "zheng.li"]}
    all_three_agree(office)
    assert office.waits_for() == {"repair-decision#1": ["qian.wei"]}
    office.answers("qian.wei", "grant", **APPROVAL)
    assert office.outcome is None
    (listing,) = office.all(Listing)
    assert (listing.until, listing.ended_by, listing.ended_because) == (TODAY, office.ref, "Credit repaired")
    assert (of(office, customer).credit_grade, of(office, customer).risk_level) == (CreditGrade.C, RiskLevel.MEDIUM)
    office.passes(days=200)
    assert office.outcome is Outcome.REPAIRED
    assert [reason["code"] for reason in office.case.because] == ["repair.approved", "repair.probation_passed"]


def test_probation_is_closer_monitoring_until_its_last_day(office: Office) -> None:
    customer = long_listed(office)
    applies(office, customer)
    granted(office)
    with office.house.read() as session:
        (monitor,) = measures_in_force(session, customer, TODAY)
    assert (monitor.kind, monitor.until, monitor.terms) == (
        MeasureKind.MONITOR,
        date(2026, 9, 10),
        {"frequency": "weekly"},
    )
    office.passes(days=184)  # the tenth of September is still probation
    assert office.outcome is None
    office.passes(days=1)
    assert office.outcome is Outcome.REPAIRED


def test_unmet_conditions_refuse_at_once_each_with_its_day(office: Office) -> None:
    customer = long_listed(office, since=date(2025, 12, 1))
    owes(office, customer, "96000", date(2026, 2, 20))
    applies(office, customer)
    assert office.outcome is Outcome.REFUSED
    told = {reason["code"]: reason["params"] for reason in office.case.because}
    assert told.keys() == {
        "repair.since_unmet",
        "repair.arrears_unmet",
        "repair.overdue_unmet",
        "repair.reapply",
    }
    assert told["repair.since_unmet"]["earliest"] == "2026-06-01"
    assert told["repair.arrears_unmet"]["amount"] == {"number": "96000.00"}
    assert told["repair.reapply"]["earliest"] == "2026-09-11"
    assert office.all(Listing)[0].until is None


def test_a_debt_given_up_unpaid_is_still_in_arrears(office: Office) -> None:
    from models.tables import Invoice

    customer = long_listed(office)
    owes(office, customer, "50000", date(2024, 5, 1), date(2024, 6, 1))
    with office.house.work() as work:
        invoice = work.session.get_one(Invoice, 1)
        invoice.written_off = Decimal("50000")
        work.add(invoice)
    applies(office, customer)
    assert [reason["code"] for reason in office.case.because] == ["repair.arrears_unmet"]


def test_unlawful_activity_needs_the_official_closing_document(office: Office) -> None:
    customer = long_listed(office, ListingKind.BLACK, criterion=ListingCriterion.UNLAWFUL)
    applies(office, customer)
    assert [reason["code"] for reason in office.case.because] == ["repair.closing_unmet"]
    applies(office, customer, closing_document="徐公经撤案字〔2026〕3号")
    assert office.waits_for() == {"papers-check#1.1": ["li.na"]}


def test_the_black_list_asks_for_a_longer_time(office: Office) -> None:
    customer = long_listed(office, ListingKind.BLACK, since=date(2025, 6, 1))
    applies(office, customer)
    assert office.case.because[0]["params"]["earliest"] == "2026-06-01"


def test_someone_never_listed_is_told_so_and_no_case_begins(office: Office) -> None:
    customer = timber_trader(office)
    with pytest.raises(Conflict, match="not on the grey or black list"):
        applies(office, customer)
    with pytest.raises(Conflict, match="not on the grey or black list"):
        invited(office, customer)
    assert office.all(Case) == []
    assert office.all(OutsideLink) == []


def test_one_application_at_a_time(office: Office) -> None:
    customer = long_listed(office)
    ref = applies(office, customer)
    with pytest.raises(Conflict, match=ref):
        applies(office, customer)


def test_the_customer_applies_through_a_link_and_hears_of_the_result(office: Office) -> None:
    customer = long_listed(office)
    applies_from_outside(office, customer)
    case = office.case
    assert (case.origin, case.initiator_id, case.handler_id) == ("outside", None, "li.na")
    assert office.content("papers-check#1.1")["application"]["applicant"] == "刘恒丰 总经理"
    granted(office)
    assert told_outside(office) == ["approved"]
    office.passes(days=200)
    assert told_outside(office) == ["approved", "passed"]
    assert all(m.outside_id for m in office.all(OutboxMessage) if m.kind == "repair_answered")


def test_an_outsider_who_is_not_listed_any_more_is_told_without_a_word_of_the_lists(office: Office) -> None:
    customer = long_listed(office)
    link = invited(office, customer)
    with office.house.work() as work:
        listing = work.session.get_one(Listing, 1)
        listing.until = date(2026, 1, 1)
        work.add(listing)
    with pytest.raises(Conflict, match="Your contact here will tell you more") as told:
        fills_in(office, link, applicant="刘恒丰", **APPLICATION)
    assert "list" not in str(told.value)
    assert office.all(Case) == []


def test_an_application_without_evidence_is_not_taken(office: Office) -> None:
    customer = long_listed(office)
    link = invited(office, customer)
    with pytest.raises(Invalid) as told:
        fills_in(office, link, applicant="刘恒丰", corrected="已整改", standing="正常")
    assert [problem.field for problem in told.value.problems] == ["evidence"]
    assert office.all(Case) == []


def test_the_applicant_supplies_through_a_link_what_is_still_needed(office: Office) -> None:
    customer = long_listed(office)
    applies_from_outside(office, customer)
    office.answers("li.na", "ask", request="请补充法院执行结案通知书")
    assert office.waits_for() == {}
    link = link_for(office, SUPPLY)
    assert link.given["request"] == "请补充法院执行结案通知书"
    fills_in(office, link, answer="见附件", evidence=[{"what": "执行结案通知书", "reference": "(2025)苏03执88号"}])
    shown = office.content("papers-check#1.2")["application"]
    assert shown["further"] == ["见附件", "执行结案通知书 [(2025)苏03执88号]"]
    papers_complete(office)
    assert office.waits_for() == {"repair-review#1.1": ["chen.yu", "liu.yang"]}


def test_papers_that_do_not_come_in_time_leave_the_check_with_what_is_there(office: Office) -> None:
    customer = long_listed(office)
    applies_from_outside(office, customer)
    office.answers("li.na", "ask", request="请补充纳税证明")
    office.passes(days=16)
    assert office.waits_for() == {"papers-check#1.2": ["li.na"]}
    assert all(link.used_at or link.revoked_at for link in office.all(OutsideLink) if link.purpose == SUPPLY)


def test_a_handler_who_applied_brings_the_papers_in_themselves(office: Office) -> None:
    customer = long_listed(office)
    applies(office, customer)
    office.answers("li.na", "ask", request="请补充纳税证明")
    assert office.waits_for() == {"supply-papers#1.1": ["li.na"]}
    office.answers("li.na", "supply", answer="已取得", evidence=[{"what": "纳税证明", "reference": "NS-7"}])
    assert office.content("papers-check#1.2")["application"]["further"] == ["已取得", "纳税证明 [NS-7]"]


def test_risk_orders_a_visit_and_a_background_check_before_it_reviews(office: Office) -> None:
    customer = long_listed(office)
    applies(office, customer)
    papers_complete(office)
    office.answers("chen.yu", "visit", purpose="核实产能与库存")
    assert office.waits_for() == {"repair-visit#1.1": ["chen.yu", "liu.yang"]}
    office.answers(
        "liu.yang",
        "report",
        visited_on="2026-03-11",
        visitors="刘洋、陈宇",
        spoke_with="刘恒丰",
        impression="as_stated",
        findings="两条产线满负荷",
    )
    office.answers("chen.yu", "check", questions="有无新增被执行记录")
    assert office.waits_for() == {"background-check#1.2": ["chen.yu", "feng.bo", "liu.yang"]}
    office.answers(
        "feng.bo", "report", checked_on="2026-03-12", sources="执行信息公开网", finding="clear", findings="无记录"
    )
    shown = office.content("repair-review#1.3")
    assert shown["visit"]["findings"] == "两条产线满负荷"
    assert shown["background_check"]["finding"] == "clear"
    risk_reviews(office)
    assert office.content("repair-countersign#1")["background_check"]["findings"] == "无记录"


def test_the_grade_is_not_above_what_the_score_allows(office: Office) -> None:
    customer = long_listed(office)
    nominated(office, timber_trader(office, name="徐州另一木业有限公司"))
    scored(office, customer, 72, office.ref)
    applies(office, customer)
    papers_complete(office)
    assert office.content("repair-review#1.1")["repair"]["best_grade"] == "C"
    with pytest.raises(Invalid) as told:
        risk_reviews(office, grade="B")
    assert told.value.problems[0].field == "grade"
    risk_reviews(office)
    all_three_agree(office)
    with pytest.raises(Invalid):
        office.answers("qian.wei", "grant", grade="A")
    office.answers("qian.wei", "grant", grade="D")
    customer_now = of(office, customer)
    assert (customer_now.credit_grade, customer_now.risk_level, customer_now.customer_class) == (
        CreditGrade.D,
        RiskLevel.HIGH,
        CustomerClass.D,
    )


def test_what_the_listing_had_set_is_lifted_with_it(office: Office) -> None:
    customer = timber_trader(office)
    nominated(office, timber_trader(office, name="徐州另一木业有限公司"))
    with office.house.work() as work:
        list_customer(
            work, customer, ListingKind.BLACK, ListingCriterion.FRAUD, "伪造", ["比对"], office.ref, date(2025, 1, 5)
        )
    applies(office, customer)
    granted(office)
    suspended = next(m for m in office.all(Measure) if m.kind is MeasureKind.SUSPEND)
    assert (suspended.lifted_on, suspended.lifted_by) == (TODAY, office.ref)


def test_a_relapse_in_probation_reopens_the_listing_by_the_same_criterion(office: Office) -> None:
    customer = long_listed(office)
    applies_from_outside(office, customer)
    granted(office)
    office.passes(days=30)
    with office.house.work(person("chen.yu")) as work:
        assert note_relapse(work, customer, "再次拖欠定金退款")
    office.runner.run_ready()
    assert office.outcome is Outcome.RELISTED
    old, new = office.all(Listing)
    assert (new.kind, new.criterion, new.since, new.until) == (old.kind, old.criterion, date(2026, 4, 9), None)
    assert new.evidence == ["再次拖欠定金退款"]
    assert of(office, customer).risk_level is RiskLevel.HIGH
    assert told_outside(office)[-1] == "relisted"
    with office.house.read() as session:
        assert measures_in_force(session, customer, date(2026, 4, 9)) == []


def test_collections_opened_in_probation_are_a_relapse(office: Office) -> None:
    customer = long_listed(office)
    applies(office, customer)
    granted(office)
    with office.house.work() as work:
        opened = open_collections(work, customer)
    office.runner.run_ready()
    assert opened is not None
    assert office.outcome is Outcome.RELISTED
    assert office.case.because[-1] == {"code": "repair.relapsed_collections", "params": {"ref": opened.ref}}


def test_a_relapse_before_the_decision_has_the_conditions_checked_again(office: Office) -> None:
    customer = long_listed(office)
    applies(office, customer)
    papers_complete(office)
    owes(office, customer, "120000", date(2026, 3, 2))
    with office.house.work() as work:
        note_relapse(work, customer, "货款逾期")
    office.runner.run_ready()
    assert office.outcome is Outcome.REFUSED
    assert "repair.arrears_unmet" in {reason["code"] for reason in office.case.because}


def test_a_false_alarm_sends_the_application_back_to_risk_not_to_the_papers(office: Office) -> None:
    customer = long_listed(office)
    applies(office, customer)
    papers_complete(office)
    risk_reviews(office)
    with office.house.work() as work:
        note_relapse(work, customer, "误报：系同名客户")
    office.runner.run_ready()
    assert office.waits_for() == {"repair-review#2.1": ["chen.yu", "liu.yang"]}


def test_any_of_the_three_can_refuse_and_the_measures_go_on(office: Office) -> None:
    customer = long_listed(office)
    applies(office, customer)
    papers_complete(office)
    risk_reviews(office)
    office.answers("wu.gang", "agree")
    office.answers("zheng.li", "refuse", reason="关联公司仍欠款")
    assert office.waits_for() == {"repair-appeal#1": ["li.na"]}
    office.answers("li.na", "accept")
    assert office.outcome is Outcome.REFUSED
    assert office.case.because[0]["params"] == {"name": "郑丽", "reason": "关联公司仍欠款"}
    assert office.all(Listing)[0].until is None


def test_a_refusal_is_appealed_once_to_the_vice_president(office: Office) -> None:
    customer = long_listed(office)
    applies(office, customer)
    to_the_head(office)
    office.answers("qian.wei", "refuse", reason="观察时间不足")
    office.answers("li.na", "appeal", grounds="已连续十二个月准时付款", evidence=[{"what": "付款流水"}])
    assert office.waits_for() == {"appeal-decision#1.1": ["zhou.hong"]}
    shown = office.content("appeal-decision#1.1")
    assert shown["appeal"] == {"grounds": "已连续十二个月准时付款", "evidence": ["付款流水"]}
    assert shown["refusal"]["params"]["reason"] == "观察时间不足"
    office.answers("zhou.hong", "uphold", reason="维持原决定")
    assert office.outcome is Outcome.REFUSED
    assert office.case.because[0]["code"] == "repair.appeal_refused"


def test_the_vice_president_can_grant_what_was_refused(office: Office) -> None:
    customer = long_listed(office)
    applies(office, customer)
    to_the_head(office)
    office.answers("qian.wei", "refuse", reason="观察时间不足")
    office.answers("li.na", "appeal", grounds="已连续十二个月准时付款")
    office.answers("zhou.hong", "grant", **APPROVAL)
    assert office.all(Listing)[0].until == TODAY
    office.passes(days=200)
    assert office.outcome is Outcome.REPAIRED


def test_the_applicant_appeals_through_a_link(office: Office) -> None:
    customer = long_listed(office)
    applies_from_outside(office, customer)
    to_the_head(office)
    office.answers("qian.wei", "refuse", reason="观察时间不足")
    assert told_outside(office) == ["refused"]
    link = link_for(office, APPEAL)
    assert link.given["reason"] == "观察时间不足"
    fills_in(office, link, grounds="新增银行保函 100 万元")
    assert office.waits_for() == {"appeal-decision#1.1": ["zhou.hong"]}
    office.answers("zhou.hong", "uphold", reason="维持原决定")
    assert told_outside(office) == ["refused", "appeal_refused"]


@pytest.mark.parametrize("outside", [True, False])
def test_a_refusal_nobody_appeals_in_time_stands(office: Office, *, outside: bool) -> None:
    customer = long_listed(office)
    (applies_from_outside if outside else applies)(office, customer)
    to_the_head(office)
    office.answers("qian.wei", "refuse", reason="观察时间不足")
    office.passes(days=20)
    assert office.outcome is Outcome.REFUSED
    assert "repair.not-appealed" in {name for name, _ in office.events()}
    assert not [link for link in office.all(OutsideLink) if link.used_at is None and link.revoked_at is None]


def test_conditions_that_are_not_met_cannot_be_appealed(office: Office) -> None:
    customer = long_listed(office, since=date(2026, 1, 5))
    applies_from_outside(office, customer)
    assert office.outcome is Outcome.REFUSED
    assert APPEAL not in {link.purpose for link in office.all(OutsideLink)}
    (mail,) = [m for m in office.all(OutboxMessage) if m.kind == "repair_answered"]
    assert [reason["code"] for reason in mail.payload["because"]] == ["repair.since_unmet", "repair.reapply"]


def test_a_return_to_risk_does_not_have_the_papers_checked_again(office: Office) -> None:
    customer = long_listed(office)
    applies(office, customer)
    to_the_head(office)
    office.answers("qian.wei", "return", target="repair-review", reason="请说明关联交易")
    assert office.waits_for() == {"repair-review#2.1": ["chen.yu", "liu.yang"]}
    risk_reviews(office)
    office.answers("wu.gang", "return", target="papers-check", reason="缺原件")
    assert office.waits_for() == {"papers-check#3.1": ["li.na"]}
    papers_complete(office)
    risk_reviews(office)
    all_three_agree(office)
    office.answers("qian.wei", "grant", **APPROVAL)
    assert office.all(Listing)[0].until == TODAY


def test_the_handler_withdraws_and_the_links_die(office: Office) -> None:
    customer = long_listed(office)
    applies_from_outside(office, customer)
    office.answers("li.na", "ask", request="请补充纳税证明")
    office.withdraws("li.na", "客户来电撤回申请")
    assert office.outcome is Outcome.WITHDRAWN
    assert all(link.used_at or link.revoked_at for link in office.all(OutsideLink))
    assert office.all(Listing)[0].until is None


def test_an_application_nobody_decides_lapses_and_can_be_made_again(office: Office) -> None:
    customer = long_listed(office)
    applies(office, customer)
    papers_complete(office)
    office.passes(days=60)
    assert office.outcome is Outcome.LAPSED
    applies(office, customer)
    assert office.waits_for() == {"papers-check#1.1": ["li.na"]}


def test_all_entries_in_force_are_repaired_together(office: Office) -> None:
    customer = long_listed(office)
    on_the_list(office, customer, date(2024, 12, 1), ListingKind.GREY, ListingCriterion.BREACH)
    applies(office, customer)
    granted(office)
    assert [listing.until for listing in office.all(Listing)] == [TODAY, TODAY]
    with office.house.work() as work:
        note_relapse(work, customer, "再次违约转卖")
    office.runner.run_ready()
    again = [listing.criterion for listing in office.all(Listing) if listing.until is None]
    assert sorted(again) == [ListingCriterion.BREACH, ListingCriterion.MALICIOUS_ARREARS]


def test_the_invitation_is_on_its_way_to_the_customer(office: Office) -> None:
    customer = long_listed(office)
    link = invited(office, customer)
    assert (link.purpose, link.customer_id, link.case_ref) == (APPLY, customer, None)
    assert [m.kind for m in office.all(OutboxMessage)] == ["outside_invited"]
    assert invited(office, customer).id == link.id
    assert of(office, customer).name == TIMBER
