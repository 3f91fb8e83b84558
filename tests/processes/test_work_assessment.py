"""Assessments of the work (processes §4.6): measured, sampled, put right, verified, rewarded, signed off."""

from datetime import date
from decimal import Decimal

import pytest

from config.words import Department, FindingState, Outcome, SampleKind, SampleSeen
from flows.assessment_round import open_the_assessment
from models.assessment import WorkReport
from models.errors import Conflict, Invalid
from models.house import person
from models.operations.assessments import open_assessment
from models.operations.beginning import begin
from models.queries.assessment import assessment_seen_by, samples, work_report_of
from models.rules.periods import half
from models.starting import starts
from models.tables import AuditFinding, Case, Person, WorkAssessment
from tests.processes.assessed import FINDINGS, REPORT, REWARDS, assessed, opens, received_in_autumn, rectified
from tests.processes.conftest import Office
from tests.processes.received import auditor, comes, complaints


def report(office: Office) -> WorkReport:
    with office.house.read() as session:
        _, kept = assessment_seen_by(session, session.get_one(Person, "han.xue"), office.ref)
        found = work_report_of(kept)
    assert found is not None
    return found


def states(office: Office) -> list[FindingState]:
    return [one.state for one in sorted(office.all(AuditFinding), key=lambda one: one.number)]


# -- opened ----------------------------------------------------------------------------------------------------------


def test_a_half_year_has_one_assessment_however_often_it_is_asked_for(office: Office) -> None:
    first = assessed(office)
    assert office.waits_for() == {"audit-findings#1": ["han.xue"]}
    assert (office.case.title, office.case.handler_id, office.case.department) == (
        "2025H2",
        "han.xue",
        Department.AUDIT,
    )
    assert opens(office) == first


def test_the_schedule_opens_the_assessment_of_the_half_year_that_is_over(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    auditor(office)
    monkeypatch.setattr("flows.assessment_round.installed_house", lambda: office.house)
    ref = open_the_assessment.fn("")
    assert [(row.period, row.case_ref) for row in office.all(WorkAssessment)] == [("2025H2", ref)]


@pytest.mark.parametrize(
    ("period", "told"),
    [
        ("2026Q1", "“2026Q1” is not a half-year. Write it like 2026H1."),
        ("2026H3", "“2026H3” is not a half-year. Write it like 2026H1."),
        ("2026h1", "2026H1 is not over yet: it ends on 2026-06-30."),
    ],
)
def test_a_half_year_that_is_none_or_not_over_is_not_assessed(office: Office, period: str, told: str) -> None:
    auditor(office)
    with pytest.raises(Invalid) as error:
        opens(office, period)
    assert complaints(error) == [("period", told)]


def test_half_years_begin_end_and_follow_one_another() -> None:
    second = half("2025h2")
    assert second is not None
    assert (second.first, second.last) == (date(2025, 7, 1), date(2025, 12, 31))
    assert [str(one) for one in second.quarters] == ["2025Q3", "2025Q4"]
    assert (str(second.before), str(second.before.before)) == ("2025H1", "2024H2")


def test_without_an_internal_auditor_nothing_is_opened(office: Office) -> None:
    with pytest.raises(Conflict), office.house.work() as work:
        open_assessment(work, "2025H2")
    assert office.all(Case) == []


def test_audit_operations_and_risk_begin_one_by_hand(office: Office) -> None:
    auditor(office)
    with office.house.work(person("han.xue")) as work:
        start = starts()["work-assessment"]
        case = begin(work, start, {"period": "2025H1"}, work.session.get_one(Person, "han.xue"), "k-1")
    assert (case.initiator_id, case.origin) == ("han.xue", "page")
    with office.house.read() as session:
        assert not start.open_to(session.get_one(Person, "li.na"))


# -- measured and sampled --------------------------------------------------------------------------------------------


def test_every_indicator_stands_against_its_target_and_none_without_data_is_guessed(office: Office) -> None:
    assessed(office)
    found = report(office)
    by_name = {one.name: one for one in found.indicators}
    assert (by_name["process_compliance"].value, by_name["process_compliance"].met) == (Decimal("100.0"), True)
    assert (by_name["risk_response"].value, by_name["risk_response"].target) == (Decimal("100.0"), Decimal(80))
    assert (by_name["complaint_rate"].value, by_name["complaint_rate"].met) == (None, None)
    assert found.without_data == 5
    legal = next(one for one in found.departments if one.department is Department.LEGAL)
    assert (legal.indicators, legal.with_data, legal.met) == (("process_compliance", "recovery_rate"), 1, 1)


def test_each_department_is_told_how_many_of_its_steps_were_answered_in_time(office: Office) -> None:
    office.applies()
    office.answers("li.na", "confirm")
    office.passes(days=10)
    office.answers("chen.yu", "confirm")
    auditor(office)
    comes(office, date(2026, 7, 13))
    opens(office, "2026H1")
    lines = {one.department: (one.answered, one.in_time_percent) for one in report(office).departments}
    assert lines[Department.BUSINESS] == (1, Decimal("100.0"))
    assert lines[Department.RISK] == (1, Decimal("0.0"))
    assert lines[Department.LEGAL] == (0, None)


def test_samples_say_what_the_record_knows_of_them(office: Office) -> None:
    assessed(office)
    drawn = office.content("audit-findings#1")["samples"]
    assert [(one["kind"], one["subject"], one["seen"]) for one in drawn] == [
        (SampleKind.MINUTES, "沛县华宇木业有限公司", SampleSeen.UNSIGNED),
        (SampleKind.PLAN, "沛县华宇木业有限公司", SampleSeen.PAST),
        (SampleKind.CONFIDENTIALITY, "陈宇", SampleSeen.HELD),
        (SampleKind.CONFIDENTIALITY, "李娜", SampleSeen.LACKED),
    ]
    assert [one["number"] for one in drawn] == [1, 2, 3, 4]


def test_a_sample_is_the_same_for_one_case_and_another_for_another(office: Office) -> None:
    received_in_autumn(office)
    second_half = half("2025H2")
    assert second_half is not None
    sizes = office.house.policy.assessment.samples.model_copy(update={"minutes": 0, "plans": 0, "confidentiality": 1})
    with office.house.read() as session:
        drawn = [
            samples(session, office.house, second_half, sizes, f"ASM-2026-{number:06d}")[0].subject
            for number in (*range(12), 0)
        ]
    assert drawn[0] == drawn[-1]
    assert set(drawn) == {"陈宇", "李娜"}


# -- put right -------------------------------------------------------------------------------------------------------


def test_owners_are_all_asked_at_once_and_internal_audit_verifies(office: Office) -> None:
    assessed(office)
    office.answers("han.xue", "findings", findings=FINDINGS)
    assert office.waits_for() == {"rectification#1.1": ["chen.yu", "li.na"]}
    office.answers("li.na", "report", **REPORT)
    assert office.waits_for() == {"rectification#1.1": ["chen.yu"]}
    office.answers("chen.yu", "report", **{**REPORT, "done": "客户已于3月9日补签"})
    assert states(office) == [FindingState.RECTIFIED, FindingState.RECTIFIED]
    shown = office.content("rectification-check#1.1")["findings"]
    assert [(one["number"], one["owner"], one["rectified"]) for one in shown] == [
        (1, "陈宇", "客户已于3月9日补签"),
        (2, "李娜", "已补签并归档"),
    ]
    office.answers("han.xue", "verified")
    assert states(office) == [FindingState.VERIFIED, FindingState.VERIFIED]
    assert list(office.waits_for()) == ["awards-and-sanctions#1.1"]


def test_what_is_not_enough_goes_back_to_its_owner_alone(office: Office) -> None:
    assessed(office)
    office.answers("han.xue", "findings", findings=FINDINGS)
    for who in ("chen.yu", "li.na"):
        office.answers(who, "report", **REPORT)
    office.answers("han.xue", "send-back", lacking=[{"number": 2, "why": "缺更新记录", "until": "2026-03-31"}])
    assert office.waits_for() == {"rectification#1.2": ["li.na"]}
    assert states(office) == [FindingState.VERIFIED, FindingState.OPEN]
    (open_still,) = office.content("rectification#1.2")["findings"]
    assert (open_still["number"], open_still["sent_back"], open_still["due_on"]) == (2, 1, "2026-03-31")
    office.answers("li.na", "report", **{**REPORT, "done": "附更新记录"})
    office.answers("han.xue", "verified")
    assert states(office) == [FindingState.VERIFIED, FindingState.VERIFIED]


def test_who_kept_silent_has_reported_nothing_and_cannot_be_verified(office: Office) -> None:
    assessed(office)
    office.answers("han.xue", "findings", findings=FINDINGS)
    office.answers("chen.yu", "report", **REPORT)
    comes(office, date(2026, 4, 6))
    assert office.waits_for() == {"rectification-check#1.1": ["han.xue"]}
    with pytest.raises(Invalid) as error:
        office.answers("han.xue", "verified")
    assert complaints(error) == [("comment", "李娜 has not reported yet: send it back.")]
    with pytest.raises(Invalid) as error:
        office.answers("han.xue", "send-back", lacking=[{"number": 9, "why": "未提交", "until": "2026-04-01"}])
    assert complaints(error) == [
        ("lacking.0.number", "There is no finding 9."),
        ("lacking.0.until", "This day is past."),
    ]
    office.answers("han.xue", "send-back", lacking=[{"number": 2, "why": "未提交", "until": "2026-04-20"}])
    assert office.waits_for() == {"rectification#1.2": ["li.na"]}


def test_findings_need_an_owner_who_is_there_a_day_to_come_and_a_sample_that_was_drawn(office: Office) -> None:
    assessed(office)
    wrong = {"sample": 9, "what": "x", "department": "risk", "owner": "gone", "due_on": "2026-03-01"}
    with pytest.raises(Invalid) as error:
        office.answers("han.xue", "findings", findings=[wrong])
    assert complaints(error) == [
        ("findings.0.sample", "There is no sample 9."),
        ("findings.0.owner", "gone is not an active member of staff."),
        ("findings.0.due_on", "This day is past."),
    ]


# -- rewarded and signed ---------------------------------------------------------------------------------------------


def test_straight_through_the_vice_president_approves_the_rewards_and_signs(office: Office) -> None:
    assessed(office)
    rectified(office)
    office.answers("wu.gang", "propose", rewards=REWARDS)
    assert office.waits_for() == {"awards-approval#1.1": ["zhou.hong"]}
    assert office.content("awards-approval#1.1")["rewards"]["rewards"][0]["person"] == "刘洋"
    office.answers("zhou.hong", "approve")
    office.answers("zhou.hong", "sign-off")
    assert office.outcome is Outcome.SIGNED_OFF
    params = office.case.because[0]["params"]
    assert (params["period"], params["findings"], params["rewards"], params["name"]) == ("2025H2", 2, 2, "周红")
    (kept,) = office.all(WorkAssessment)
    assert kept.signed_off_at is not None


def test_returned_rewards_are_proposed_anew_and_refused_ones_count_for_nothing(office: Office) -> None:
    assessed(office)
    office.answers("han.xue", "none", comment="样本无异常")
    office.answers("wu.gang", "propose", rewards=REWARDS)
    office.answers("zhou.hong", "return", target="awards-and-sanctions", reason="处罚过轻")
    office.answers("wu.gang", "propose", rewards=REWARDS[1:])
    office.answers("zhou.hong", "reject", reason="证据不足")
    office.answers("zhou.hong", "sign-off")
    assert office.outcome is Outcome.SIGNED_OFF
    assert office.case.because[0]["params"]["rewards"] == 0


def test_a_returned_assessment_is_measured_and_audited_again_with_the_same_samples(office: Office) -> None:
    assessed(office)
    rectified(office)
    office.answers("wu.gang", "none")
    office.answers("zhou.hong", "return", target="audit-findings", reason="请核实回收率")
    assert office.waits_for() == {"audit-findings#2": ["han.xue"]}
    assert office.content("audit-findings#2")["samples"] == office.content("audit-findings#1")["samples"]
    office.answers("han.xue", "findings", findings=[{**FINDINGS[0], "what": "回收率口径不一致"}])
    assert [one.number for one in office.all(AuditFinding)] == [1, 2, 3]
    office.answers("chen.yu", "report", **REPORT)
    office.answers("han.xue", "verified")
    office.answers("wu.gang", "none")
    office.answers("zhou.hong", "sign-off")
    assert office.case.because[0]["params"]["findings"] == 3


def test_an_assessment_that_nobody_audits_lapses_and_the_half_year_may_have_another(office: Office) -> None:
    first = assessed(office)
    office.passes(days=70)
    assert office.outcome is Outcome.LAPSED
    assert opens(office) != first
