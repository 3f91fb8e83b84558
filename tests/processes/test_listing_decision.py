"""Listing decision, told as the policy tells it (B; processes §4.1)."""

from datetime import date

import pytest

from config.words import (
    CustomerClass,
    ListingCriterion,
    ListingKind,
    MeasureKind,
    NominationState,
    Outcome,
    RiskLevel,
)
from models.operations.standing import (
    REPLACED_BY_BLACK,
    lift_measures,
    list_customer,
    measures_in_force,
    nominate,
    set_measure,
)
from models.queries.trading import may_trade
from models.tables import Listing, Measure, Nomination, RiskWarning
from tests.processes.conftest import Office
from tests.processes.listed import (
    EVIDENCE,
    both_decide,
    cases,
    nominated,
    of,
    on_the_list,
    owes,
    risk_proposes,
    timber_trader,
)

TODAY = date(2026, 3, 10)


def test_risk_assesses_then_risk_and_legal_both_decide(office: Office) -> None:
    customer = timber_trader(office)
    nominated(office, customer)
    assert office.waits_for() == {"risk-view#1": ["chen.yu", "liu.yang"]}
    shown = office.content("risk-view#1")
    assert shown["nomination"]["evidence"] == EVIDENCE
    risk_proposes(office, evidence=[{"what": "银行流水显示有偿付能力", "reference": "YH-9"}])
    assert office.waits_for() == {"listing-decision#1": ["feng.bo", "wu.gang"]}
    assert office.content("listing-decision#1")["listing"]["evidence"] == [*EVIDENCE, "银行流水显示有偿付能力 [YH-9]"]
    office.answers("wu.gang", "list")
    assert office.outcome is None
    office.answers("feng.bo", "list")
    assert office.outcome is Outcome.LISTED
    (listing,) = office.all(Listing)
    assert (listing.kind, listing.since, listing.until, listing.case_ref) == (
        ListingKind.GREY,
        TODAY,
        None,
        office.ref,
    )
    assert listing.evidence == [*EVIDENCE, "银行流水显示有偿付能力 [YH-9]"]
    assert office.all(Nomination)[0].state is NominationState.LISTED


def test_a_listed_customer_is_at_the_listed_level_and_the_departments_are_warned(office: Office) -> None:
    customer = timber_trader(office)
    nominated(office, customer)
    risk_proposes(office)
    both_decide(office)
    assert (of(office, customer).risk_level, of(office, customer).customer_class) == (
        RiskLevel.HIGH,
        CustomerClass.D,
    )
    (warning,) = office.all(RiskWarning)
    assert warning.reason == "证据充分，建议列入"
    assert {"zheng.li", "qian.wei", "zhou.hong"} <= {m.person_id for m in office.messages("risk_warning")}


def test_a_black_listing_stops_trading_at_once(office: Office) -> None:
    customer = timber_trader(office)
    nominated(office, customer)
    risk_proposes(office, kind="black", criterion="fraud")
    both_decide(office)
    (measure,) = [m for m in office.all(Measure) if m.case_ref == office.ref]
    assert (measure.kind, measure.since, measure.lifted_on) == (MeasureKind.SUSPEND, TODAY, None)
    with office.house.read() as session:
        answer = may_trade(session, office.house, customer, TODAY)
    assert not answer.may
    assert {reason.code for reason in answer.because} >= {"trading.listed_stops", "trading.suspended"}


def test_a_black_listing_opens_collections_where_money_is_overdue(office: Office) -> None:
    customer = timber_trader(office)
    owes(office, customer, "480000", date(2026, 1, 15))
    nominated(office, customer)
    risk_proposes(office, kind="black", criterion="malicious_arrears")
    both_decide(office)
    (collections,) = cases(office, "collections-escalation")
    assert collections.customer_id == customer
    assert cases(office, "risk-reception") == []


def test_a_black_listing_without_arrears_opens_a_reception(office: Office) -> None:
    customer = timber_trader(office)
    nominated(office, customer)
    risk_proposes(office, kind="black", criterion="grave_damage")
    both_decide(office)
    assert len(cases(office, "risk-reception")) == 1
    assert cases(office, "collections-escalation") == []


def test_a_black_entry_replaces_a_grey_one_and_both_stay_on_record(office: Office) -> None:
    customer = timber_trader(office)
    on_the_list(office, customer, date(2025, 6, 1))
    nominated(office, customer, ListingKind.BLACK, ListingCriterion.FRAUD)
    risk_proposes(office, kind="black", criterion="fraud")
    both_decide(office)
    grey, black = office.all(Listing)
    assert (grey.kind, grey.until, grey.ended_by, grey.ended_because) == (
        ListingKind.GREY,
        TODAY,
        office.ref,
        REPLACED_BY_BLACK,
    )
    assert (black.kind, black.until) == (ListingKind.BLACK, None)


def test_unlawful_activity_is_put_to_legal_for_a_report_to_the_authorities(office: Office) -> None:
    customer = timber_trader(office)
    nominated(office, customer)
    risk_proposes(office, kind="black", criterion="unlawful_activity")
    both_decide(office)
    assert office.waits_for() == {"report-to-authorities#1": ["feng.bo"]}
    # Listed already: the entry does not wait for the report.
    assert office.all(Listing)[0].kind is ListingKind.BLACK
    office.answers(
        "feng.bo", "reported", authority="徐州市公安局经侦支队", reported_on="2026-03-10", reference="JZ-2026-88"
    )
    assert office.outcome is Outcome.LISTED
    assert ("authorities.reported", None) in office.events()


@pytest.mark.parametrize(
    ("action", "form", "event"),
    [
        ("not-reported", {"reason": "尚无立案材料，证据移交后再议"}, "authorities.not-reported"),
        (None, {}, "authorities.unanswered"),
    ],
)
def test_not_reporting_is_on_record_too_and_undoes_nothing(
    office: Office, action: str | None, form: dict[str, str], event: str
) -> None:
    customer = timber_trader(office)
    nominated(office, customer)
    risk_proposes(office, kind="grey", criterion="unlawful_activity")
    both_decide(office)
    if action:
        office.answers("feng.bo", action, **form)
    else:
        office.passes(days=40)
    assert office.outcome is Outcome.LISTED
    assert event in {name for name, _ in office.events()}


def test_either_of_the_two_can_decline(office: Office) -> None:
    customer = timber_trader(office)
    nominated(office, customer)
    risk_proposes(office)
    office.answers("wu.gang", "list")
    office.answers("feng.bo", "decline", reason="合同约定的付款条件尚未成就")
    assert office.outcome is Outcome.NOT_LISTED
    assert office.all(Listing) == []
    assert office.all(Nomination)[0].state is NominationState.REFUSED
    assert of(office, customer).risk_level is RiskLevel.LOW
    assert office.case.because[0]["params"] == {"name": "冯波", "reason": "合同约定的付款条件尚未成就"}


def test_risk_may_advise_against_it_and_the_two_still_decide(office: Office) -> None:
    customer = timber_trader(office)
    nominated(office, customer)
    office.answers("liu.yang", "advise-against", reason="系银行系统故障导致，已全额到账")
    assert office.content("listing-decision#1")["listing"]["recommended"] is False
    office.answers("wu.gang", "decline", reason="同意风险专员意见")
    assert office.outcome is Outcome.NOT_LISTED


def test_a_return_brings_the_nomination_back_to_risk(office: Office) -> None:
    customer = timber_trader(office)
    nominated(office, customer)
    risk_proposes(office)
    office.answers("feng.bo", "return", target="risk-view", reason="缺送达证明")
    assert office.waits_for() == {"risk-view#2": ["chen.yu", "liu.yang"]}
    risk_proposes(office, "liu.yang", evidence=[{"what": "EMS 签收单", "reference": "EMS-1"}])
    both_decide(office)
    assert office.outcome is Outcome.LISTED
    assert "EMS 签收单 [EMS-1]" in office.all(Listing)[0].evidence


def test_a_further_nomination_joins_the_open_one_and_is_weighed_anew(office: Office) -> None:
    customer = timber_trader(office)
    first = nominated(office, customer)
    risk_proposes(office)
    office.answers("wu.gang", "list")
    second = nominated(office, customer, evidence=["第三笔承诺落空 [CN-3]"], reason="再次失约")
    assert second.id == first.id
    assert len(cases(office, "listing-decision")) == 1
    assert office.waits_for() == {"risk-view#2": ["chen.yu", "liu.yang"]}
    assert office.content("risk-view#2")["nomination"]["evidence"] == [*EVIDENCE, "第三笔承诺落空 [CN-3]"]
    risk_proposes(office)
    both_decide(office)
    assert len(office.all(Listing)) == 1


def test_the_same_evidence_again_disturbs_nobody(office: Office) -> None:
    customer = timber_trader(office)
    nominated(office, customer)
    risk_proposes(office)
    nominated(office, customer)
    assert office.waits_for() == {"listing-decision#1": ["feng.bo", "wu.gang"]}


def test_whoever_is_on_that_list_already_is_not_decided_again(office: Office) -> None:
    customer = timber_trader(office)
    on_the_list(office, customer, date(2025, 6, 1), ListingKind.BLACK)
    nomination = nominated(office, customer)
    assert nomination.state is NominationState.LISTED
    assert cases(office, "listing-decision") == []


def test_nobody_decides_on_whom_they_nominated(office: Office) -> None:
    customer = timber_trader(office)
    nominated(office, customer, by="wu.gang")
    risk_proposes(office)
    assert "wu.gang" not in office.waits_for()["listing-decision#1"]
    assert "feng.bo" in office.waits_for()["listing-decision#1"]


def test_a_nomination_withdrawn_is_open_no_longer_and_a_new_one_can_be_made(office: Office) -> None:
    customer = timber_trader(office)
    nominated(office, customer, by="chen.yu")
    office.withdraws("chen.yu", "误提名")
    assert office.outcome is Outcome.WITHDRAWN
    assert [n.state for n in office.all(Nomination)] == [NominationState.REFUSED]
    nominated(office, customer)
    assert len(cases(office, "listing-decision")) == 2


def test_a_nomination_nobody_decides_lapses(office: Office) -> None:
    customer = timber_trader(office)
    nominated(office, customer)
    risk_proposes(office)
    office.passes(days=60)
    assert office.outcome is Outcome.LAPSED
    assert [n.state for n in office.all(Nomination)] == [NominationState.REFUSED]


def test_a_measure_is_in_force_from_its_first_to_its_last_day(office: Office) -> None:
    customer = timber_trader(office)
    nominated(office, customer)
    first, last = date(2026, 3, 10), date(2026, 4, 10)
    with office.house.work() as work:
        set_measure(work, customer, office.ref, MeasureKind.FREEZE, until=last)
        same = set_measure(work, customer, office.ref, MeasureKind.FREEZE, until=last)
        assert same.since == first
        with pytest.raises(ValueError, match="cannot end"):
            set_measure(work, customer, office.ref, MeasureKind.MONITOR, since=last, until=first)
    assert len(office.all(Measure)) == 1
    with office.house.read() as session:
        in_force = {day: len(measures_in_force(session, customer, day)) for day in (date(2026, 3, 9), first, last)}
        assert in_force == {date(2026, 3, 9): 0, first: 1, last: 1}
        assert measures_in_force(session, customer, date(2026, 4, 11)) == []


def test_a_lifted_measure_stays_on_record_with_who_lifted_it(office: Office) -> None:
    customer = timber_trader(office)
    nominated(office, customer)
    with office.house.work() as work:
        set_measure(work, customer, office.ref, MeasureKind.FREEZE)
        set_measure(work, customer, office.ref, MeasureKind.SUSPEND)
        assert lift_measures(work, customer, office.ref, office.ref, "已全额付清", [MeasureKind.FREEZE]) == 1
        assert lift_measures(work, customer, office.ref, office.ref, "已全额付清", [MeasureKind.FREEZE]) == 0
        assert [m.kind for m in measures_in_force(work.session, customer, TODAY)] == [MeasureKind.SUSPEND]
    lifted = next(m for m in office.all(Measure) if m.kind is MeasureKind.FREEZE)
    assert (lifted.lifted_on, lifted.lifted_by, lifted.lifted_because) == (TODAY, office.ref, "已全额付清")


def test_the_same_case_lists_a_customer_once(office: Office) -> None:
    customer = timber_trader(office)
    nominated(office, customer)
    with office.house.work() as work:
        given = (customer, ListingKind.GREY, ListingCriterion.BREACH, "擅自转卖", ["判决书"], office.ref)
        assert list_customer(work, *given).id == list_customer(work, *given).id


def test_a_nomination_raised_by_a_case_is_on_the_record_of_both(office: Office) -> None:
    customer = timber_trader(office)
    nominated(office, customer)
    raiser = office.ref
    with office.house.work() as work:
        nomination = nominate(
            work, customer, ListingKind.BLACK, ListingCriterion.FRAUD, "伪造验收单", ["验收单比对"], raiser
        )
    assert ("nomination.raised-here", None) in office.events()
    office.ref = nomination.decided_by or ""
    assert ("nomination.raised", None) in office.events()
