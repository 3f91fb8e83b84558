"""Collections escalation, told as the policy tells it (processes §3.3): the special group, and the ways it goes."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from config.words import InstalmentState, MeasureKind, Outcome, StrategyState
from models.errors import Invalid
from models.tables import CollectionStrategy, Instalment, Invoice, SpecialGroup
from tests.processes.collecting import Debtor
from tests.processes.conftest import Office

LAWSUIT = {"court": "徐州市云龙区人民法院", "claim": "1240000.00", "grounds": "货款到期未付，催告无果"}
FILED = {"court": "徐州市云龙区人民法院", "case_number": "（2026）苏0303民初1188号"}


@pytest.fixture
def debtor(office: Office) -> Debtor:
    """A steel trader in Xuzhou who owes 1,240,000.00 since Monday, 9 March, and has climbed the whole ladder."""
    debtor = Debtor.of(office)
    debtor.owes()
    debtor.is_found()
    debtor.climbs_to("special_group")
    return debtor


def chooses(debtor: Debtor, way: str, **form: Any) -> None:
    debtor.has_a_group()
    debtor.evidence_is_collected()
    debtor.office.answers("sun.tao", way, **form)


def signed_by(debtor: Debtor, people: Sequence[str], action: str = "approve", **form: Any) -> None:
    for one in people:
        debtor.office.answers(one, action, **form)


MATRIX = ("wang.jun", "zhao.min", "qian.wei")  # 1,240,000: within the head's authority
COUNTERSIGNERS = ("feng.bo", "zheng.li", "zhou.hong")


# -- the group -------------------------------------------------------------------------------------------------------


def test_the_group_has_a_member_of_each_department_and_all_accept(debtor: Debtor, office: Office) -> None:
    assert office.waits_for() == {debtor.step.key: ["wu.gang"]}
    assert debtor.step.content["business_offered"] == {"li.na": "李娜", "sun.tao": "孙涛"}
    office.answers("wu.gang", "form", legal="feng.bo", finance="zheng.li", business="sun.tao")
    assert list(office.waits_for().values()) == [["feng.bo", "sun.tao", "zheng.li"]]
    for member in ("feng.bo", "zheng.li", "sun.tao"):
        assert debtor.asked == "join-group"
        office.answers(member, "accept")
    assert debtor.asked == "collect-evidence"


def test_nobody_who_will_approve_sits_for_business(debtor: Debtor, office: Office) -> None:
    with pytest.raises(Invalid) as refused:
        office.answers("wu.gang", "form", legal="feng.bo", finance="zheng.li", business="wang.jun")
    assert refused.value.problems[0].field == "business"


def test_a_member_who_declines_makes_the_risk_manager_name_another_group(debtor: Debtor, office: Office) -> None:
    office.answers("wu.gang", "form", legal="feng.bo", finance="zheng.li", business="li.na")
    office.answers("li.na", "decline", reason="与债务人法定代表人有亲属关系")
    office.answers("feng.bo", "accept")
    office.answers("zheng.li", "accept")
    assert debtor.asked == "form-group"
    assert debtor.step.content["group"]["declined"] == "与债务人法定代表人有亲属关系"
    debtor.has_a_group()
    assert [group.number for group in office.all(SpecialGroup)] == [1, 2]
    assert debtor.asked == "collect-evidence"


def test_who_has_accepted_is_not_asked_again_after_a_payment(debtor: Debtor, office: Office) -> None:
    office.answers("wu.gang", "form", legal="feng.bo", finance="zheng.li", business="sun.tao")
    office.answers("feng.bo", "accept")
    debtor.pays("40000.00")
    assert list(office.waits_for().values()) == [["sun.tao", "zheng.li"]]
    office.answers("zheng.li", "accept")
    office.answers("sun.tao", "accept")
    assert debtor.asked == "collect-evidence"


def test_evidence_is_of_every_kind_or_its_lack_explained(debtor: Debtor, office: Office) -> None:
    debtor.has_a_group()
    contracts = [{"kind": "contracts", "reference": "HT-2025-118"}]
    with pytest.raises(Invalid):
        office.answers("feng.bo", "hand-in", items=contracts)
    office.answers("feng.bo", "hand-in", items=contracts, lacking="往来函件原件在仓库，已调取")
    assert office.all(SpecialGroup)[0].evidence == [{"kind": "contracts", "reference": "HT-2025-118", "note": ""}]
    assert debtor.rungs["special_group"] == "done"


def test_a_group_that_nobody_forms_is_asked_for_until_somebody_does(debtor: Debtor, office: Office) -> None:
    first = debtor.step.key
    office.passes(days=20)
    assert debtor.asked == "form-group"
    assert debtor.step.key != first
    assert debtor.rungs["special_group"] == "begun"
    assert office.outcome is None


# -- repayment plan --------------------------------------------------------------------------------------------------


def test_a_plan_kept_to_the_last_instalment(debtor: Debtor, office: Office) -> None:
    chooses(debtor, "repayment_plan", instalments=debtor.plan("400000", "400000", "440000"), reason="新订单回款有保障")
    signed_by(debtor, MATRIX)
    for amount in ("400000", "400000"):
        office.passes(days=29)
        debtor.pays(amount)
        assert office.outcome is None
    office.passes(days=29)
    debtor.pays("440000")
    assert office.outcome is Outcome.PLAN_KEPT
    assert {line.state for line in office.all(Instalment)} == {InstalmentState.KEPT}
    assert debtor.measures == set()


def test_a_plan_paid_off_at_once_is_simply_recovered(debtor: Debtor, office: Office) -> None:
    chooses(debtor, "repayment_plan", instalments=debtor.plan("400000", "840000"), reason="新订单回款有保障")
    signed_by(debtor, MATRIX)
    debtor.pays("1240000")
    assert office.outcome is Outcome.RECOVERED


def test_an_instalment_within_the_days_of_grace_is_late(debtor: Debtor, office: Office) -> None:
    chooses(debtor, "repayment_plan", instalments=debtor.plan("400000", "840000"), reason="新订单回款有保障")
    signed_by(debtor, MATRIX)
    due = office.all(Instalment)[0].due_on
    debtor.until(debtor.day(2, since=due))
    assert "collections.instalment-overdue" in {event for event, _ in office.events()}
    debtor.pays("400000")
    assert office.all(Instalment)[0].state is InstalmentState.LATE
    assert debtor.asked == ""


def test_a_broken_plan_goes_back_to_the_choice_with_what_was_paid(debtor: Debtor, office: Office) -> None:
    chooses(debtor, "repayment_plan", instalments=debtor.plan("400000", "840000"), reason="新订单回款有保障")
    signed_by(debtor, MATRIX)
    debtor.pays("100000")
    office.passes(days=40)
    first = office.all(Instalment)[0]
    assert (first.state, first.paid) == (InstalmentState.BROKEN, Decimal("100000.00"))
    assert debtor.asked == "choose-strategy"
    shown = debtor.step.content["strategy"]
    assert (shown["way"], shown["state"], shown["note"]) == (
        "repayment_plan",
        "failed",
        "The repayment plan was broken",
    )
    assert Decimal(debtor.step.content["owed"]["overdue"]) == Decimal("1140000.00")
    office.answers("sun.tao", "repayment_plan", instalments=debtor.plan("1140000"), reason="厂房抵押后一次付清")
    assert [(line.strategy_id, line.number) for line in office.all(Instalment)] == [(1, 1), (1, 2), (2, 1)]


def test_a_plan_covers_exactly_what_is_overdue_in_time_and_by_policy(debtor: Debtor, office: Office) -> None:
    debtor.has_a_group()
    debtor.evidence_is_collected()
    today = str(debtor.today)
    for instalments in (
        debtor.plan("1240000.01"),
        debtor.plan("620000", "620000")[::-1],
        [{"due_on": today, "amount": "1240000"}],
        debtor.plan(*["95384.61"] * 12, "95384.68"),
        [],
    ):
        with pytest.raises(Invalid) as refused:
            office.answers("sun.tao", "repayment_plan", instalments=instalments, reason="新订单回款有保障")
        assert refused.value.problems[0].field == "instalments"


def test_more_that_falls_due_during_a_plan_is_not_forgiven_by_it(debtor: Debtor, office: Office) -> None:
    chooses(debtor, "repayment_plan", instalments=debtor.plan("1240000"), reason="新订单回款有保障")
    signed_by(debtor, MATRIX)
    debtor.owes("300000.00", debtor.today, "FP-2026-0300")
    office.passes(days=20)
    debtor.pays("1240000")
    assert office.outcome is None
    assert debtor.asked == "choose-strategy"
    assert debtor.overdue == Decimal("300000.00")


# -- agency ----------------------------------------------------------------------------------------------------------

AGENCY = {"agency": "江苏诚达商账管理有限公司", "commission": "12.5", "reason": "债务人搬离原址"}


def test_an_agency_takes_head_and_finance_and_reports_until_it_has_recovered_the_debt(
    debtor: Debtor, office: Office
) -> None:
    chooses(debtor, "agency", **AGENCY)
    assert list(office.waits_for().values()) == [["qian.wei", "zheng.li"]]
    signed_by(debtor, ("zheng.li", "qian.wei"))
    assert debtor.asked == "agency-report"
    due = debtor.step.due_at
    assert debtor.day(20, since=debtor.today) == office.house.calendar.day_of(due)
    office.answers("li.na", "report", report="已与债务人取得联系")
    debtor.pays("600000")
    assert debtor.asked == "agency-report"
    debtor.pays("640000")
    assert office.outcome is Outcome.AGENCY


def test_what_an_agency_gives_back_is_decided_anew(debtor: Debtor, office: Office) -> None:
    chooses(debtor, "agency", **AGENCY)
    signed_by(debtor, ("zheng.li", "qian.wei"))
    office.answers("li.na", "given-back", reason="债务人无可供执行财产线索")
    assert debtor.asked == "choose-strategy"
    assert debtor.step.content["strategy"]["note"] == "债务人无可供执行财产线索"


# -- lawsuit ---------------------------------------------------------------------------------------------------------


def sued(debtor: Debtor) -> None:
    chooses(debtor, "lawsuit", **LAWSUIT)
    signed_by(debtor, COUNTERSIGNERS)
    debtor.office.answers("feng.bo", "filed", filed_on=str(debtor.today), **FILED)


def judged(debtor: Debtor, result: str = "won", awarded: str = "1240000.00") -> None:
    debtor.office.answers(
        "feng.bo", "judgment", decided_on=str(debtor.today), result=result, awarded=awarded, reference="PJ-2026-77"
    )


def test_a_lawsuit_takes_legal_finance_and_the_vice_president(debtor: Debtor, office: Office) -> None:
    chooses(debtor, "lawsuit", **LAWSUIT)
    assert list(office.waits_for().values()) == [["feng.bo", "zheng.li", "zhou.hong"]]
    signed_by(debtor, COUNTERSIGNERS[:2])
    assert debtor.asked == "approve-strategy"
    signed_by(debtor, COUNTERSIGNERS[2:])
    assert debtor.asked == "file-suit"


def test_a_judgment_is_enforced_until_it_is_paid(debtor: Debtor, office: Office) -> None:
    sued(debtor)
    assert debtor.asked == "judgment"
    office.passes(days=20)
    office.answers("feng.bo", "report", report="定于七月十五日开庭")
    office.passes(days=20)
    judged(debtor)
    assert debtor.asked == "enforcement"
    office.answers("feng.bo", "report", report="已申请强制执行", enforcement_number="（2026）苏0303执2201号")
    debtor.pays("1240000")
    assert office.outcome is Outcome.JUDGMENT


def test_paid_before_the_judgment_is_recovered(debtor: Debtor, office: Office) -> None:
    sued(debtor)
    debtor.pays("1240000")
    assert office.outcome is Outcome.RECOVERED


@pytest.mark.parametrize(
    ("result", "awarded", "note"),
    [
        ("lost", "0", "The lawsuit was lost"),
        ("settled_in_court", "900000", "The judgment is paid; more than it awarded is owed"),
    ],
)
def test_what_a_judgment_does_not_award_is_decided_anew(
    debtor: Debtor, office: Office, result: str, awarded: str, note: str
) -> None:
    sued(debtor)
    judged(debtor, result, awarded)
    if awarded != "0":
        debtor.pays(awarded)
    assert debtor.asked == "choose-strategy"
    assert debtor.step.content["strategy"]["note"] == note


def test_a_lost_case_awards_nothing(debtor: Debtor, office: Office) -> None:
    sued(debtor)
    for result, awarded in (("lost", "1.00"), ("won", "0")):
        with pytest.raises(Invalid):
            judged(debtor, result, awarded)


# -- write-off, and what approvers may do ----------------------------------------------------------------------------


def test_a_write_off_is_approved_along_the_matrix_and_ends_the_debt(debtor: Debtor, office: Office) -> None:
    chooses(debtor, "write_off", reason="债务人已破产清算，无剩余财产")
    signed_by(debtor, MATRIX)
    assert office.outcome is Outcome.WRITTEN_OFF
    (invoice,) = office.all(Invoice)
    assert (invoice.outstanding, invoice.written_off, invoice.written_off_by) == (
        Decimal("0.00"),
        Decimal("1240000.00"),
        office.ref,
    )
    assert debtor.measures == {MeasureKind.FREEZE, MeasureKind.SUSPEND}


def test_a_way_that_is_returned_is_chosen_again_with_the_reason(debtor: Debtor, office: Office) -> None:
    chooses(debtor, "write_off", reason="债务人已破产清算，无剩余财产")
    office.answers("wang.jun", "approve")
    office.answers("zhao.min", "return", target="choose-strategy", reason="尚有厂房可供执行")
    assert debtor.asked == "choose-strategy"
    assert debtor.step.content["strategy"]["note"] == "尚有厂房可供执行"
    assert office.all(CollectionStrategy)[0].state is StrategyState.RETURNED


def test_a_way_that_nobody_approves_is_not_gone(debtor: Debtor, office: Office) -> None:
    chooses(debtor, "write_off", reason="债务人已破产清算，无剩余财产")
    office.passes(days=30)
    assert office.all(CollectionStrategy)[0].state is StrategyState.RETURNED
    assert debtor.asked == "choose-strategy"
    assert debtor.overdue == Decimal("1240000.00")


def test_a_payment_during_approval_is_put_to_the_approvers_anew(debtor: Debtor, office: Office) -> None:
    chooses(debtor, "write_off", reason="债务人已破产清算，无剩余财产")
    office.answers("wang.jun", "approve")
    debtor.pays("1100000")
    assert (debtor.asked, list(office.waits_for().values())) == ("approve-strategy", [["wang.jun"]])
    assert Decimal(debtor.step.content["owed"]["overdue"]) == Decimal("140000.00")
    signed_by(debtor, ["wang.jun"])  # 140,000: within the sales manager's authority
    assert office.outcome is Outcome.WRITTEN_OFF
    assert office.all(Invoice)[0].written_off == Decimal("140000.00")


@pytest.mark.parametrize("way", ["join", "evidence", "choice", "approval", "filing", "enforcement"])
def test_paid_in_full_closes_from_any_point_of_the_last_stretch(debtor: Debtor, office: Office, way: str) -> None:
    if way == "join":
        office.answers("wu.gang", "form", legal="feng.bo", finance="zheng.li", business="sun.tao")
    elif way == "evidence":
        debtor.has_a_group()
    elif way == "choice":
        debtor.has_a_group()
        debtor.evidence_is_collected()
    elif way == "enforcement":
        sued(debtor)
        judged(debtor)
    else:
        chooses(debtor, "lawsuit", **LAWSUIT)
        if way == "filing":
            signed_by(debtor, COUNTERSIGNERS)
    debtor.pays("1240000.00")
    assert office.outcome is (Outcome.JUDGMENT if way == "enforcement" else Outcome.RECOVERED)
    assert (debtor.asked, debtor.measures) == ("", set())
