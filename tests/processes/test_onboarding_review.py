"""Onboarding review, told as the policy tells it (processes §3.1)."""

from decimal import Decimal

from config.words import CustomerStatus, ListingKind, Outcome, RiskLevel
from models.tables import CreditLine, Customer, Person, RiskArchive, RiskWarning, Routine, Signer
from tests.processes.conftest import GOOD_FIGURES, MEDIUM_PAPERS, Office, steel_trader


def rated(office: Office) -> None:
    """The handler confirms the first rating, a risk officer confirms it."""
    office.answers("li.na", "confirm")
    office.answers("chen.yu", "confirm")


def recorded(office: Office, limit: str = "800000", days: int = 45) -> None:
    office.answers("he.jing", "record", limit=limit, term_days=days, ledger_number="L-77")


def test_a_complete_application_goes_straight_through(office: Office) -> None:
    office.applies()
    assert office.waits_for() == {"first-rating#1": ["li.na"]}
    office.answers("li.na", "confirm")
    assert office.waits_for() == {"risk-rerating#1.1": ["chen.yu", "liu.yang"]}
    office.answers("chen.yu", "confirm")
    assert office.waits_for() == {"matrix-approval#1": ["wang.jun"]}
    office.answers("wang.jun", "approve")
    assert office.waits_for() == {"matrix-approval#1": ["zhao.min"]}
    office.answers("zhao.min", "approve", comment="多年老客户")
    assert office.waits_for() == {"record-line#1": ["he.jing"]}
    recorded(office)
    assert office.outcome is Outcome.ADMITTED
    customer = office.customer
    assert customer.status is CustomerStatus.ADMITTED
    assert customer.risk_level is RiskLevel.LOW
    (line,) = office.all(CreditLine)
    assert (line.limit, line.term_days, line.recorded_by) == (Decimal("800000.00"), 45, "he.jing")
    assert office.all(RiskArchive)[0].customer_id == customer.id
    assert {r.duty: r.every for r in office.all(Routine)}["monitoring"] == "quarterly"


def test_gaps_are_asked_of_the_handler_until_there_are_none(office: Office) -> None:
    papers = {k: v for k, v in MEDIUM_PAPERS.items() if k != "credit_report"}
    office.applies(steel_trader(phone=None, documents=papers))
    assert office.waits_for() == {"supply-missing#1": ["li.na"]}
    assert office.content("supply-missing#1")["gaps"]["fields"] == ["phone"]
    office.answers("li.na", "supply", phone="13805201234")
    assert office.content("supply-missing#2")["gaps"] == {
        "fields": [],
        "documents": ["credit_report"],
        "identifier_problem": None,
        "duplicates": [],
    }
    office.answers("li.na", "supply", documents={"credit_report": "ZX-9"})
    assert office.waits_for() == {"first-rating#1": ["li.na"]}


def test_what_identifies_a_person_is_nowhere_in_clear(office: Office) -> None:
    office.applies(steel_trader(phone=None))
    office.answers("li.na", "supply", phone="13912345678")
    office.house.engine.dispose()
    for file in office.house.settings.home.glob("clientrisk.db*"):
        data = file.read_bytes()
        assert b"13912345678" not in data
        assert steel_trader().identifier.encode() not in data  # type: ignore[union-attr]
    assert office.customer.phone == "13912345678"


def test_a_black_listed_applicant_is_refused_when_risk_confirms(office: Office) -> None:
    office.lists("徐州恒通钢材贸易有限公司")
    office.applies()
    assert office.waits_for() == {"blacklist-ruling#1": ["chen.yu", "liu.yang"]}
    office.answers("liu.yang", "confirm")
    assert office.outcome is Outcome.REFUSED
    assert office.customer.status is CustomerStatus.REFUSED


def test_a_black_list_hit_overridden_goes_on_at_the_listed_level(office: Office) -> None:
    office.lists("徐州恒通钢材贸易有限公司")
    office.applies()
    office.answers("chen.yu", "override", reason="同名不同企业，已核对工商档案")
    assert office.content("first-rating#1")["rating"]["level"] == "high"


def test_a_grey_listed_applicant_is_a_high_risk_and_the_departments_are_warned(office: Office) -> None:
    office.lists("徐州恒通钢材贸易有限公司", ListingKind.GREY)
    office.applies()
    rated(office)
    office.answers("wang.jun", "approve")
    office.answers("zhao.min", "approve")
    recorded(office)
    assert office.customer.risk_level is RiskLevel.HIGH
    assert len(office.all(RiskWarning)) == 1
    assert "zheng.li" in {m.person_id for m in office.messages("risk_warning")}


def test_a_return_starts_a_new_round_and_voids_what_was_signed(office: Office) -> None:
    office.applies()
    rated(office)
    office.answers("wang.jun", "approve")
    office.answers("zhao.min", "return", target="first-rating", reason="额度依据不足")
    assert office.waits_for() == {"first-rating#2": ["li.na"]}
    void = {s.person_id: s.void for s in office.all(Signer) if s.level == 0 and s.action == "approve"}
    assert void == {"wang.jun": True}
    office.answers("li.na", "adjust", points=82, reason="新合同减少")
    office.answers("liu.yang", "confirm")
    assert office.waits_for() == {"matrix-approval#2": ["wang.jun"]}


def test_a_return_to_risk_leaves_the_first_rating_as_it_was(office: Office) -> None:
    office.applies()
    rated(office)
    office.answers("wang.jun", "return", target="risk-rerating", reason="请复核诉讼情况")
    assert office.waits_for() == {"risk-rerating#2.1": ["chen.yu", "liu.yang"]}


def test_risk_asks_and_orders_a_visit_before_it_rates(office: Office) -> None:
    office.applies(steel_trader(figures={k: v for k, v in GOOD_FIGURES.items() if k != "lawsuits"}))
    office.answers("li.na", "confirm")
    before = office.content("risk-rerating#1.1")["score"]["total"]
    office.answers("chen.yu", "ask", question="有无未决诉讼？")
    assert office.waits_for() == {"supply-information#1.1": ["li.na"]}
    assert list(office.content("supply-information#1.1")["figures"]) == ["lawsuits"]
    office.answers("li.na", "answer", answer="没有", figures={"lawsuits": "0"})
    shown = office.content("risk-rerating#1.2")
    assert shown["score"]["total"] >= before
    assert shown["information"]["answer"] == "没有"
    office.answers("chen.yu", "visit", purpose="看库存")
    office.answers(
        "liu.yang",
        "report",
        visited_on="2026-03-11",
        visitors="刘洋、李娜",
        spoke_with="马建国",
        impression="as_stated",
        findings="库存充足，现场有序",
    )
    assert office.content("risk-rerating#1.3")["visit"]["impression"] == "as_stated"
    office.answers("chen.yu", "adjust", points=75, reason="行业下行")
    assert office.content("matrix-approval#1")["rating"]["points"] == 75


def test_conditions_of_all_signers_are_merged_to_the_strictest(office: Office) -> None:
    office.applies()
    rated(office)
    office.answers("wang.jun", "approve-with-conditions", limit="600000", securities=["deposit"])
    office.answers("zhao.min", "approve-with-conditions", term_days=30, securities=["guarantee"])
    recorded(office, "600000", 30)
    assert office.outcome is Outcome.ADMITTED_WITH_CONDITIONS
    (line,) = office.all(CreditLine)
    assert (line.limit, line.term_days, line.securities) == (Decimal("600000.00"), 30, ["deposit", "guarantee"])


def test_a_request_above_the_tables_cap_is_cut_and_says_so(office: Office) -> None:
    office.applies(steel_trader(requested_limit=Decimal("9000000"), requested_term_days=200))
    rated(office)
    proposal = office.content("matrix-approval#1")["proposal"]
    assert proposal["cut"] is True
    assert Decimal(proposal["limit"]) <= Decimal("5000000")


def test_amounts_above_three_million_need_legal_and_finance_too(office: Office) -> None:
    office.applies(steel_trader(requested_limit=Decimal("4500000"), requested_term_days=45))
    office.answers("li.na", "confirm")
    office.answers("chen.yu", "adjust", points=95, reason="国企子公司担保")
    for who in ("wang.jun", "zhao.min", "qian.wei"):
        office.answers(who, "approve")
    assert office.waits_for() == {"matrix-approval#1": ["feng.bo", "zheng.li"]}
    office.answers("feng.bo", "approve")
    assert office.waits_for() == {"matrix-approval#1": ["zheng.li"]}
    office.answers("zheng.li", "approve")
    assert office.waits_for() == {"matrix-approval#1": ["zhou.hong"]}


def test_a_rejection_refuses_at_once(office: Office) -> None:
    office.applies()
    rated(office)
    office.answers("wang.jun", "reject", reason="关联企业逾期")
    assert office.outcome is Outcome.REFUSED
    assert office.case.because[0]["params"] == {"name": "王军", "reason": "关联企业逾期"}


def test_a_customer_who_prepays_is_admitted_without_credit(office: Office) -> None:
    office.applies(steel_trader(prepays=True, requested_limit=None, requested_term_days=None))
    rated(office)
    office.answers("wang.jun", "approve")
    assert office.outcome is Outcome.ADMITTED_WITHOUT_CREDIT
    assert office.all(CreditLine) == []
    assert len(office.all(RiskArchive)) == 1


def test_a_grade_without_credit_is_admitted_for_prepayment_only(office: Office) -> None:
    office.applies()
    office.answers("li.na", "adjust", points=30, reason="已停产")
    office.answers("chen.yu", "confirm")
    office.answers("wang.jun", "approve")
    assert office.outcome is Outcome.ADMITTED_WITHOUT_CREDIT
    assert len(office.all(RiskWarning)) == 1


def test_the_initiator_withdraws_from_any_step(office: Office) -> None:
    office.applies()
    rated(office)
    office.withdraws()
    assert office.outcome is Outcome.WITHDRAWN
    assert office.waits_for() == {}


def test_an_application_nobody_answers_lapses(office: Office) -> None:
    office.applies()
    office.answers("li.na", "confirm")
    office.passes(days=40)
    assert office.outcome is Outcome.LAPSED
    assert office.case.because[0]["code"] == "case.nobody_answered"


def test_a_customer_on_file_under_the_same_name_must_be_explained(office: Office) -> None:
    with office.house.work() as work:
        work.add(
            Customer(type="small_enterprise", name="徐州恒通钢材贸易有限公司", created_at=work.now, handler_id="li.na")
        )
    office.applies()
    assert office.content("supply-missing#1")["gaps"]["duplicates"][0]["alike"] == "Same name"
    office.answers("li.na", "supply", explanation="同名，注册地在丰县，非同一企业")
    assert office.waits_for() == {"first-rating#1": ["li.na"]}


def test_nobody_approves_what_they_started(office: Office) -> None:
    office.applies(handler="li.na")
    with office.house.work() as work:
        sales_manager = work.session.get_one(type(work.session.get_one(Signer, 1)), 1)
        assert sales_manager.person_id == "li.na"  # the first rating is a record, not an approval
    rated(office)
    assert all("li.na" not in people for people in office.waits_for().values())


def test_the_same_effect_never_happens_twice_and_everything_is_on_record(office: Office) -> None:
    office.applies()
    rated(office)
    office.answers("wang.jun", "approve")
    office.answers("zhao.min", "approve")
    recorded(office)
    names = [name for name, _ in office.events()]
    assert names.count("credit-line.effective") == 1
    assert names.count("case.closed") == 1
    from models.audit import verify

    with office.house.read() as session:
        assert verify(session).broken_at is None


def test_a_handler_who_has_left_is_stood_in_for_by_the_others(office: Office) -> None:
    with office.house.work() as work:
        work.session.get_one(Person, "li.na").active = False
    office.applies(steel_trader(phone=None))
    assert office.waits_for() == {"supply-missing#1": ["sun.tao"]}
    office.answers("sun.tao", "supply", phone="13805201234")
    assert office.waits_for() == {"first-rating#1": ["sun.tao"]}
