"""Risk-client reception, told as the policy tells it (processes §3.2): up to the outcome of the negotiation."""

from datetime import date
from decimal import Decimal

import pytest

from config.words import (
    Outcome,
    QualificationKind,
    RiskLevel,
)
from models.errors import (
    Invalid,
)
from models.house import (
    SYSTEM,
)
from models.operations.cases import (
    cancel,
)
from models.operations.receptions import (
    open_reception,
)
from models.tables import (
    Case,
    Commitment,
    Document,
    Paper,
    ReceptionResult,
    Signal,
    TeamMember,
)
from tests.processes.conftest import (
    Office,
)
from tests.processes.received import (
    AGREED,
    COUNTER,
    FAILED,
    MEETING,
    RULING,
    SOLUTION,
    TALK,
    TEAM,
    VENUE,
    advised,
    agreed,
    client_signs,
    comes,
    complaints,
    evaluated,
    nothing_to_track,
    qualify,
    receives,
    signed_by_team,
    talked,
    team_formed,
    tracked,
)


def test_a_disputed_delivery_is_settled_and_tracked_to_its_end(office: Office) -> None:
    receives(office)
    tracked(office)
    assert office.waits_for() == {}
    comes(office, date(2026, 4, 10))
    assert office.waits_for() == {"tracking-check#1": ["li.na"]}
    office.answers("li.na", "done", done_on="2026-04-10", result="已到账")
    comes(office, date(2026, 5, 11))
    office.answers("li.na", "done", done_on="2026-05-11", result="已到账")
    evaluated(office)
    office.answers("wu.gang", "close")
    assert office.outcome is Outcome.SETTLED
    (result,) = office.all(ReceptionResult)
    assert (result.agreed, result.rounds, result.satisfaction) == (True, 1, 4)
    assert result.loss_avoided == Decimal("590000.00")


# -- 1: background ---------------------------------------------------------------------------------------------------


def test_the_background_file_holds_trade_debts_figures_and_what_is_missing(office: Office) -> None:
    receives(office)
    shown = office.content("reception-background#1")["background"]
    assert shown["reasons"][0]["reason"] == "客户以色差为由拒付货款"
    trade = shown["trading"]
    assert (trade["invoices"], Decimal(trade["amount"])) == (2, Decimal("620000"))
    assert (Decimal(trade["overdue"]), trade["oldest_due"]) == (Decimal("620000"), "2026-01-20")
    known = {one["label"]["en"]: one["value"] for group in shown["figures"] for one in group["figures"]}
    assert known["Debt ratio"] == "71"
    assert any(one["en"] == "Annual revenue (size)" for group in shown["figures"] for one in group["missing"])
    assert "13912345678" not in str(office.content("reception-background#1"))


def test_the_level_the_risk_officer_sets_goes_on_the_clients_record(office: Office) -> None:
    receives(office)
    office.answers("chen.yu", "decide", **RULING)
    assert office.customer.risk_level is RiskLevel.HIGH


def test_an_amount_at_stake_needs_its_economic_effect(office: Office) -> None:
    receives(office)
    with pytest.raises(Invalid) as error:
        office.answers("chen.yu", "decide", **{**RULING, "economic": "", "reputation": "同行议论"})
    assert complaints(error) == [("", "An amount is at stake: say what the economic effect is.")]


# -- one reception at a time -----------------------------------------------------------------------------------------


def test_a_client_has_one_reception_and_further_reasons_join_it(office: Office) -> None:
    ref = receives(office)
    talked(office)
    with office.house.work(SYSTEM) as work:
        more = {"origin": "process", "by": None, "raised_by": ref, "disputed_invoices": ["FP-2025-340"]}
        again = open_reception(work, office.case.customer_id or 0, "催收中提出数量异议", **more)
        assert again.ref == ref
        open_reception(work, office.case.customer_id or 0, "催收中提出数量异议", **more)
    advised(office)
    reasons = office.content("solution#1.1")["reasons"]
    assert [(one["reason"], one["trigger"]) for one in reasons] == [
        ("客户以色差为由拒付货款", "disputed_debt"),
        ("催收中提出数量异议", "disputed_debt"),
    ]


def other_case(office: Office) -> str:
    """A case of another process that waits for the dispute to be settled."""
    with office.house.work() as work:
        case = work.session.get_one(Case, office.ref)
        twin = {**case.model_dump(), "ref": "COL-2026-000001", "process": "collections-escalation", "request_key": None}
        work.add(Case(**twin))
        given = {"origin": "process", "by": None, "raised_by": "COL-2026-000001", "disputed_invoices": ["FP-2025-311"]}
        open_reception(work, case.customer_id or 0, "对发票金额有异议", **given)
    return "COL-2026-000001"


@pytest.mark.parametrize("how", ["withdrawn", "cancelled", "lapsed"])
def test_however_it_ends_the_case_that_sent_the_dispute_hears_of_it(office: Office, how: str) -> None:
    receives(office)
    ref = other_case(office)
    if how == "withdrawn":
        office.withdraws("liu.yang")
    elif how == "lapsed":
        office.passes(days=60)
    else:
        with office.house.work() as work:
            cancel(work, office.ref, "stopped in Prefect")
    assert office.outcome == how
    (told,) = [one for one in office.all(Signal) if one.case_ref == ref]
    assert (told.event, told.payload) == (
        "dispute-settled",
        {"reception": office.ref, "outcome": how, "invoices": ["FP-2025-311"]},
    )


def test_after_a_reception_has_ended_the_next_reason_opens_another(office: Office) -> None:
    first = receives(office)
    office.withdraws("liu.yang")
    with office.house.work(SYSTEM) as work:
        again = open_reception(work, office.case.customer_id or 0, "客户投诉", origin="process", by=None)
    assert again.ref != first
    assert (again.initiator_id, again.handler_id) == (None, "li.na")


# -- 2: team and place -----------------------------------------------------------------------------------------------


def test_members_without_agreement_or_training_are_refused_by_name_with_what_they_lack(office: Office) -> None:
    receives(office)
    qualify(office, "sun.tao", kinds=[QualificationKind.CONFIDENTIALITY])
    qualify(office, "wang.jun", until=date(2026, 3, 9))
    office.answers("chen.yu", "decide", **RULING)
    members = [
        {"person": "chen.yu", "role": "lead"},
        {"person": "sun.tao", "role": "negotiator"},
        {"person": "wang.jun", "role": "recorder"},
        {"person": "nobody", "role": "legal"},
    ]
    with pytest.raises(Invalid) as error:
        office.answers("chen.yu", "form", members=members)
    assert complaints(error) == [
        ("members.1.person", "孙涛 has no valid reception training."),
        ("members.2.person", "王军 has neither a valid confidentiality agreement nor reception training."),
        ("members.3.person", "nobody is not an active member of staff."),
    ]
    assert office.all(TeamMember) == []


def test_what_is_put_on_the_register_meanwhile_counts_at_once(office: Office) -> None:
    receives(office)
    office.answers("chen.yu", "decide", **RULING)
    members = [{"person": "chen.yu", "role": "lead"}, {"person": "sun.tao", "role": "negotiator"}]
    with pytest.raises(Invalid):
        office.answers("chen.yu", "form", members=members)
    qualify(office, "sun.tao")
    office.answers("chen.yu", "form", members=members)
    assert office.waits_for() == {"team-acceptance#1": ["chen.yu", "sun.tao"]}


@pytest.mark.parametrize(
    ("members", "complaint"),
    [
        (TEAM[:1], "A reception team has at least 2 members."),
        ([*TEAM, {"person": "li.na", "role": "recorder"}], "李娜 is in the team twice."),
        (TEAM[1:], "Exactly one member heads the team."),
    ],
)
def test_a_team_is_two_or_more_different_people_under_one_head(
    office: Office, members: list[dict[str, str]], complaint: str
) -> None:
    receives(office)
    office.answers("chen.yu", "decide", **RULING)
    with pytest.raises(Invalid) as error:
        office.answers("chen.yu", "form", members=members)
    assert complaints(error) == [("members", complaint)]


def test_a_member_who_declines_has_the_team_formed_anew(office: Office) -> None:
    receives(office)
    office.answers("chen.yu", "decide", **RULING)
    office.answers("chen.yu", "form", members=TEAM)
    office.answers("zheng.li", "decline", reason="与客户有亲属关系")
    assert office.content("reception-team#2")["declined"] == [{"name": "郑丽", "reason": "与客户有亲属关系"}]
    office.answers("chen.yu", "form", members=TEAM[:2])
    office.answers("chen.yu", "accept")
    office.answers("li.na", "accept")
    stand = {one.person_id: (one.accepted_at is not None, one.left_at is not None) for one in office.all(TeamMember)}
    assert stand == {"chen.yu": (True, False), "li.na": (True, False), "zheng.li": (False, True)}


def test_a_member_who_does_not_answer_has_the_team_formed_anew(office: Office) -> None:
    receives(office)
    office.answers("chen.yu", "decide", **RULING)
    office.answers("chen.yu", "form", members=TEAM)
    office.answers("chen.yu", "accept")
    office.answers("li.na", "accept")
    office.passes(days=6)
    assert office.content("reception-team#2")["declined"] == [{"name": "郑丽", "reason": ""}]


def test_the_room_must_be_closed_to_others(office: Office) -> None:
    receives(office)
    team_formed(office)
    with pytest.raises(Invalid) as error:
        office.answers("li.na", "ready", **{**VENUE, "room_private": False})
    assert complaints(error)[0][1].startswith("What is said stays confidential")


# -- 3 and 4: talks, evidence, opinions ------------------------------------------------------------------------------


def test_a_commitment_made_in_the_room_is_flagged_from_there_on_and_in_the_minutes(office: Office) -> None:
    receives(office)
    agreed(office)
    (row,) = office.all(Commitment)
    assert (row.given_in, row.given_by) == ("first-meeting", "李娜")
    for key in ("in-depth-talk#1", "reception-opinions#1", "solution#1.1", "minutes-review#1"):
        assert office.content(key)["commitments"][0]["what"] == "检测结果出来前不加收滞纳金"
    signed_by_team(office)
    (paper,) = office.all(Paper)
    assert "检测结果出来前不加收滞纳金（李娜，2026年3月10日）" in str(paper.content)


def test_a_meeting_is_not_recorded_before_it_was_held(office: Office) -> None:
    receives(office)
    team_formed(office)
    office.answers("li.na", "ready", **VENUE)
    with pytest.raises(Invalid) as error:
        office.answers("chen.yu", "record", **{**MEETING, "held_on": "2026-03-12"})
    assert complaints(error) == [("held_on", "This day is still to come.")]


def test_evidence_asked_for_is_waited_for_and_filed(office: Office) -> None:
    receives(office)
    asked = [{"what": "第三方检测报告", "wanted_by": "2026-03-20"}, {"what": "退货单"}]
    talked(office, requested=asked)
    row = {"what": "退货单", "reference": "TH-26-03", "received_on": "2026-03-10"}
    office.answers("li.na", "wait", received=[row], wait_until="2026-03-20")
    assert office.waits_for() == {}
    comes(office, date(2026, 3, 20))
    assert office.waits_for() == {"evidence-received#2": ["li.na"]}
    report = {"what": "第三方检测报告", "reference": "SGS-8812", "received_on": "2026-03-19", "sha256": "ab" * 32}
    office.answers("li.na", "received", received=[report])
    assert [(one.kind, one.reference) for one in office.all(Document)] == [
        ("退货单", "TH-26-03"),
        ("第三方检测报告", "SGS-8812"),
    ]
    assert len(office.content("reception-opinions#1")["evidence"]) == 2


def test_finance_business_and_legal_give_their_opinions_side_by_side(office: Office) -> None:
    receives(office)
    talked(office)
    assert office.waits_for() == {"reception-opinions#1": ["feng.bo", "wang.jun", "zheng.li"]}
    office.answers("feng.bo", "give", stance="reserved", opinion="证据充分", legal_standing="胜诉把握大")
    office.answers("wang.jun", "give", stance="for", opinion="仍有合作价值", future_trade="3000000")
    assert list(office.waits_for()) == ["reception-opinions#1"]
    office.answers("zheng.li", "give", stance="against", opinion="现金流紧张", recoverable="500000")
    given = {one["name"]: one for one in office.content("solution#1.1")["opinions"]}
    assert given["冯波"]["legal_standing"] == "胜诉把握大"
    assert Decimal(given["郑丽"]["recoverable"]) == Decimal("500000")
    assert given["王军"]["stance"] == "for"


# -- 5: solution and negotiation -------------------------------------------------------------------------------------


def test_a_concession_above_authority_goes_along_the_matrix(office: Office) -> None:
    receives(office)
    talked(office)
    advised(office)
    office.answers("chen.yu", "propose", **{**SOLUTION, "discount": "150000"})
    assert office.waits_for() == {"concession-approval#1.1": ["wang.jun"]}
    office.answers("wang.jun", "return", target="solution", reason="首付过低")
    assert office.content("solution#1.2")["authority"]["refused"] == "首付过低"
    office.answers("chen.yu", "propose", **{**SOLUTION, "discount": "250000"})
    office.answers("wang.jun", "approve")
    office.answers("zhao.min", "approve")
    assert office.waits_for() == {"negotiation#1": ["chen.yu", "li.na", "zheng.li"]}


def test_once_a_concession_was_refused_only_what_needs_no_approval_may_be_offered(office: Office) -> None:
    receives(office)
    talked(office)
    advised(office)
    office.answers("chen.yu", "propose", **{**SOLUTION, "discount": "150000"})
    office.answers("wang.jun", "reject", reason="毛利不足")
    with pytest.raises(Invalid) as error:
        office.answers("chen.yu", "propose", **{**SOLUTION, "discount": "60000"})
    assert complaints(error) == [
        ("", "More was not approved: concede 50,000.00 yuan at most, which needs no approval.")
    ]
    office.answers("chen.yu", "propose", **SOLUTION)
    assert "negotiation#1" in office.waits_for()


def test_counter_proposals_loop_to_the_last_round_which_knows_only_yes_or_no(office: Office) -> None:
    receives(office)
    talked(office)
    advised(office)
    for _ in range(2):
        office.answers("chen.yu", "propose", **SOLUTION)
        office.answers("li.na", "counter", **COUNTER)
    assert office.content("solution#3.1")["counter"]["answer"]["counter"] == "要求优惠6万元"
    office.answers("chen.yu", "propose", **SOLUTION)
    with pytest.raises(Invalid):
        office.answers("li.na", "counter", **COUNTER)
    office.answers("li.na", "agreed", **AGREED)
    assert list(office.waits_for()) == ["minutes-review#1"]


def test_a_failed_negotiation_is_minuted_too_and_ends_not_settled(office: Office) -> None:
    receives(office)
    talked(office)
    advised(office)
    office.answers("chen.yu", "give-up", **FAILED)
    assert "客户拒绝任何付款安排" in office.content("minutes-review#1")["draft"]["consensus"]
    signed_by_team(office)
    client_signs(office)
    nothing_to_track(office)
    office.passes(days=20)
    evaluated(office, resolution="not", loss_avoided="0", satisfaction=None)
    office.answers("wu.gang", "close")
    assert office.outcome is Outcome.NOT_SETTLED


def test_whoever_sits_in_the_team_does_not_approve_its_concession(office: Office) -> None:
    receives(office)
    qualify(office, "wang.jun")
    office.answers("chen.yu", "decide", **RULING)
    team = [{"person": "chen.yu", "role": "lead"}, {"person": "wang.jun", "role": "negotiator"}]
    office.answers("chen.yu", "form", members=team)
    office.answers("chen.yu", "accept")
    office.answers("wang.jun", "accept")
    office.answers("wang.jun", "ready", **VENUE)
    office.answers("chen.yu", "record", **MEETING)
    office.answers("chen.yu", "record", **TALK)
    advised(office)
    office.answers("wang.jun", "propose", **{**SOLUTION, "discount": "150000"})
    assert office.waits_for() == {"concession-approval#1.1": ["zhao.min"]}
