"""Quarterly evaluation, told as the policies tell it (processes §3.4)."""

from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import select

import tasks.evaluation
from config.words import (
    Change,
    CreditGrade,
    CustomerClass,
    ListingCriterion,
    ListingKind,
    NominationState,
    Outcome,
    RiskLevel,
)
from models.errors import AlreadyClosed, ContentChanged, Invalid, NotAllowed, NotFound
from models.house import person
from models.operations.cases import cancel
from models.operations.decide import decide
from models.operations.evaluation_review import drop_exception, set_exception
from models.operations.standing import list_customer
from models.rules.portfolio import Flag
from models.tables import (
    Assessment,
    CreditLine,
    Customer,
    CustomerFigures,
    Evaluation,
    EvaluationRow,
    JournalEntry,
    Nomination,
    Person,
    Progress,
    RiskWarning,
    Routine,
    Signer,
    Step,
)
from tests.processes.conftest import Office
from tests.processes.portfolio import (
    FALLING,
    LISTED,
    PERIOD,
    PREPAYS,
    RISING,
    STEADY,
    UNLINED,
    Held,
    customer,
    entry,
    evaluates,
    furnish_portfolio,
    line_of,
    row_of,
    straight_through,
    take_in,
    through_the_matrix,
    to_the_end,
    to_the_matrix,
)


def excepts(
    office: Office, customer_id: int, grade: str, reason: str = "新厂投产，订单充足", who: str = "chen.yu"
) -> None:
    with office.house.work(person(who)) as work:
        set_exception(work, office.ref, customer_id, CreditGrade(grade), reason, work.session.get_one(Person, who))


def ratings(office: Office) -> dict[str, tuple[object, ...]]:
    return {c.name: (c.credit_grade, c.risk_level, c.customer_class) for c in office.all(Customer)}


# -- straight through -------------------------------------------------------------------------------------------------


def test_everybody_is_scored_and_the_changes_go_to_risk(office: Office) -> None:
    ids = furnish_portfolio(office)
    evaluates(office)
    assert office.waits_for() == {"evaluation-review#1": ["chen.yu", "liu.yang"]}
    shown = office.content("evaluation-review#1")
    assert shown["evaluation"]["totals"]["customers"] == 6, "applicants are no part of the portfolio"
    assert shown["evaluation"]["totals"]["exposure"] == "2226000.00"
    changes = shown["rating_changes"]
    assert (changes["down"], changes["up"], changes["same"]) == (3, 1, 2)
    falling = row_of(office, ids[FALLING])
    assert (falling.old_grade, falling.new_grade, falling.change) == (CreditGrade.B, CreditGrade.D, Change.DOWN)
    assert (falling.days_overdue, falling.overdue) == (357, Decimal("1240000.00"))
    assert row_of(office, ids[STEADY]).change is Change.SAME


def test_the_ledger_takes_the_place_of_what_was_declared(office: Office) -> None:
    ids = furnish_portfolio(office)
    evaluates(office)
    known = {one.customer_id: one.figures for one in office.all(CustomerFigures)}
    assert known[ids[UNLINED]]["annual_volume"] == "86000.00", "declared were 12,000,000"
    assert known[ids[UNLINED]]["orders_per_year"] == "1"
    assert known[ids[FALLING]]["overdue_days"] == "288", "from 18 March to the end of the period"
    assert known[ids[FALLING]]["on_time_share"] == "0.0"
    assert known[ids[STEADY]]["annual_volume"] == "12000000", "the ledger knows nothing of them"


def test_signed_off_everything_takes_effect(office: Office) -> None:
    straight_through(office)
    assert office.outcome is Outcome.SIGNED_OFF
    assert office.case.because[0]["params"] == {"customers": 6, "changes": 4, "limits": 2, "name": "周红"}
    by_name = ratings(office)
    assert by_name[FALLING] == (CreditGrade.D, RiskLevel.HIGH, CustomerClass.D)
    assert by_name[RISING] == (CreditGrade.A, RiskLevel.LOW, CustomerClass.B)
    assert by_name[LISTED] == (CreditGrade.A, RiskLevel.HIGH, CustomerClass.D), "listed is high whatever the score"
    assert by_name[STEADY] == (CreditGrade.A, RiskLevel.LOW, CustomerClass.A)
    ids = {c.name: c.id for c in office.all(Customer)}
    assert line_of(office, ids[FALLING]) is None, "grade D gets no credit"
    assert line_of(office, ids[RISING]) == (Decimal("1200000.00"), 30)
    assert line_of(office, ids[STEADY]) == (Decimal("4000000.00"), 90)
    new = [line for line in office.all(CreditLine) if line.case_ref == office.ref]
    assert [line.recorded_by for line in new] == ["he.jing"]
    assert {a.customer_id for a in office.all(Assessment)} == {ids[n] for n in (FALLING, RISING, LISTED, UNLINED)}
    assert {w.customer_id for w in office.all(RiskWarning)} == {ids[FALLING], ids[LISTED]}
    told = {m.person_id for m in office.messages("portfolio_warning")}
    assert {"zheng.li", "feng.bo", "wang.jun", "qian.wei", "zhou.hong"} == told
    every = {r.customer_id: r.every for r in office.all(Routine) if r.duty == "monitoring"}
    assert every[ids[FALLING]] == "weekly"
    assert every[ids[STEADY]] == "quarterly"


def test_malicious_arrears_become_a_nomination_with_criterion_and_evidence(office: Office) -> None:
    straight_through(office)
    (nomination,) = office.all(Nomination)
    with office.house.read() as session:
        assert session.get_one(Customer, nomination.customer_id).name == FALLING
    assert nomination.criterion is ListingCriterion.MALICIOUS_ARREARS
    assert (nomination.kind, nomination.state) == (ListingKind.GREY, NominationState.OPEN)
    assert nomination.raised_by == office.ref
    assert "1,240,000.00" in nomination.evidence[0]


def test_the_report_measures_the_work_and_says_where_there_are_no_data(office: Office) -> None:
    furnish_portfolio(office)
    evaluates(office)
    to_the_matrix(office)
    through_the_matrix(office)
    report = office.content("evaluation-sign-off#1")["evaluation_report"]
    values = {one["name"]: one["value"] for one in report["assessment"]["indicators"]}
    assert values["assessment_accuracy"] == "83.3", "of six rated low or medium one had been overdue for 288 days"
    assert values["complaint_rate"] is None
    assert values["customer_satisfaction"] is None
    assert report["assessment"]["without_data"] == 6
    assert report["spread"]["customers"]["index"] == 4753
    assert report["ageing"][-1]["amount"] == "1240000.00"


# -- one evaluation a quarter -----------------------------------------------------------------------------------------


def test_the_same_period_twice_is_the_same_case(office: Office) -> None:
    furnish_portfolio(office)
    first = evaluates(office)
    assert evaluates(office, " 2025q4 ", by="xu.ming") == first
    assert len(office.all(EvaluationRow)) == 6
    to_the_matrix(office)
    through_the_matrix(office)
    to_the_end(office)
    assert evaluates(office, by="wu.gang") == first, "signed off, it stands"


def test_one_that_ended_unsigned_gives_way_to_a_new_one(office: Office) -> None:
    furnish_portfolio(office)
    first = evaluates(office)
    office.withdraws("wu.gang", "数据未齐")
    second = evaluates(office)
    assert second != first
    assert office.waits_for() == {"evaluation-review#1": ["chen.yu", "liu.yang"]}
    assert office.all(Evaluation)[0].case_ref == second


@pytest.mark.parametrize(
    ("period", "told"),
    [
        ("2026Q1", "2026Q1 is not over yet: it ends on 2026-03-31."),
        ("2031Q2", "2031Q2 is not over yet: it ends on 2031-06-30."),
        ("2025Q5", "“2025Q5” is not a quarter. Write it like 2026Q3."),
        ("上季度", "“上季度” is not a quarter. Write it like 2026Q3."),
        ("2025-12", "“2025-12” is not a quarter. Write it like 2026Q3."),
    ],
)
def test_a_period_that_is_not_over_or_no_quarter_is_refused(office: Office, period: str, told: str) -> None:
    with pytest.raises(Invalid) as refused:
        evaluates(office, period)
    assert str(refused.value) == told
    assert office.all(Evaluation) == []


def test_an_empty_portfolio_is_evaluated_too(office: Office) -> None:
    evaluates(office)
    to_the_matrix(office)
    office.answers("zhou.hong", "sign-off")
    assert office.outcome is Outcome.SIGNED_OFF


# -- exceptions -------------------------------------------------------------------------------------------------------


def test_a_reviewer_lets_another_grade_stand_and_everything_follows(office: Office) -> None:
    ids = furnish_portfolio(office)
    evaluates(office)
    excepts(office, ids[FALLING], "C")
    row = row_of(office, ids[FALLING])
    assert (row.new_grade, row.new_level, row.new_class) == (CreditGrade.C, RiskLevel.MEDIUM, CustomerClass.C)
    assert (row.new_limit, row.new_term) == (Decimal("1000000.00"), 30), "the caps of grade C"
    assert row.points == 48, "what the figures give stays on record"
    assert office.content("evaluation-review#1")["rating_changes"]["exceptions"] == 1
    assert ("evaluation.exception", "chen.yu") in office.events()
    to_the_matrix(office)
    through_the_matrix(office)
    to_the_end(office)
    assert customer(office, ids[FALLING]).credit_grade is CreditGrade.C
    assert line_of(office, ids[FALLING]) == (Decimal("1000000.00"), 30)


def test_an_exception_changes_what_everybody_asked_sees(office: Office) -> None:
    ids = furnish_portfolio(office)
    evaluates(office)
    with office.house.read() as session:
        signer = session.exec(select(Signer).where(Signer.case_ref == office.ref, Signer.person_id == "liu.yang")).one()
        seen = session.get_one(Step, signer.step_id).content_hash
    excepts(office, ids[FALLING], "C", who="chen.yu")
    with pytest.raises(ContentChanged), office.house.work(person("liu.yang")) as work:
        decide(work, signer.id or 0, "confirm", {}, shown_hash=seen, via="session")
    office.answers("liu.yang", "confirm")
    assert "limit-changes#1" in office.waits_for()


def test_an_exception_can_be_taken_back(office: Office) -> None:
    ids = furnish_portfolio(office)
    evaluates(office)
    before = row_of(office, ids[FALLING])
    shown = office.content("evaluation-review#1")
    excepts(office, ids[FALLING], "B")
    with office.house.work(person("liu.yang")) as work:
        drop_exception(work, office.ref, ids[FALLING], work.session.get_one(Person, "liu.yang"))
    after = row_of(office, ids[FALLING])
    assert (after.new_grade, after.new_limit, after.flags) == (before.new_grade, before.new_limit, before.flags)
    assert after.exception is None
    assert office.content("evaluation-review#1") == shown


def test_exceptions_are_for_whom_the_review_is_asked_of_and_only_while_it_is(office: Office) -> None:
    ids = furnish_portfolio(office)
    evaluates(office)
    with pytest.raises(NotAllowed):
        excepts(office, ids[FALLING], "C", who="li.na")
    with pytest.raises(Invalid):
        excepts(office, ids[FALLING], "C", reason="  ")
    with pytest.raises(Invalid, match="figures give this grade"):
        excepts(office, ids[FALLING], "D")
    with pytest.raises(NotFound):
        excepts(office, 999, "C")
    to_the_matrix(office)
    with pytest.raises(AlreadyClosed):
        excepts(office, ids[FALLING], "C")
    assert row_of(office, ids[FALLING]).exception is None
    assert ("evaluation.exception-late", "chen.yu") in office.events()


# -- limits along the matrix ------------------------------------------------------------------------------------------


def test_cuts_alone_are_decided_by_the_lowest_level(office: Office) -> None:
    ids = furnish_portfolio(office)
    evaluates(office)
    excepts(office, ids[RISING], "C", "改善尚需观察")
    to_the_matrix(office)
    changes = office.content("limit-changes#1")["limit_changes"]
    assert (changes["raised"], changes["cut"], changes["largest_raised"]) == (0, 1, "0.00")
    office.answers("wang.jun", "approve")
    assert office.waits_for() == {"evaluation-sign-off#1": ["zhou.hong"]}


def test_a_raise_above_three_million_needs_legal_finance_and_the_vice_president(office: Office) -> None:
    id = take_in(office, Held("江苏远航重工有限公司", "B", "low", "B", line=("3000000", 90)))
    from tests.processes.portfolio import owes

    owes(office, id, "INV-2001", "2900000.00", issued=date(2025, 11, 1), due=date(2026, 4, 1))
    evaluates(office)
    assert row_of(office, id).new_limit == Decimal("3600000.00")
    to_the_matrix(office)
    through_the_matrix(office)
    assert office.waits_for() == {"limit-changes#1": ["feng.bo", "zheng.li"]}


def test_without_changed_limits_nobody_is_asked_about_them(office: Office) -> None:
    take_in(office, Held(STEADY, "A", "low", "A", line=("4000000", 90)))
    evaluates(office)
    to_the_matrix(office)
    assert office.waits_for() == {"evaluation-sign-off#1": ["zhou.hong"]}
    office.answers("zhou.hong", "sign-off")
    assert office.outcome is Outcome.SIGNED_OFF


def test_the_administrator_records_exactly_what_was_approved(office: Office) -> None:
    ids = furnish_portfolio(office)
    evaluates(office)
    to_the_matrix(office)
    through_the_matrix(office)
    office.answers("zhou.hong", "sign-off")
    with pytest.raises(Invalid):
        office.answers("he.jing", "record", **entry(office, total="1300000.00"))
    assert line_of(office, ids[RISING]) == (Decimal("1000000.00"), 30), "nothing changes before it is recorded"
    assert customer(office, ids[RISING]).credit_grade is CreditGrade.A, "ratings need no entry"


def test_what_nobody_records_is_asked_for_again(office: Office) -> None:
    ids = furnish_portfolio(office)
    evaluates(office)
    to_the_matrix(office)
    through_the_matrix(office)
    office.answers("zhou.hong", "sign-off")
    office.passes(days=12)
    assert office.waits_for() == {"record-limits#2": ["he.jing"]}
    office.answers("he.jing", "record", **entry(office))
    assert line_of(office, ids[RISING]) == (Decimal("1200000.00"), 30)


# -- returned, withdrawn, lapsed --------------------------------------------------------------------------------------


def test_returned_from_the_matrix_or_by_management_it_is_reviewed_anew(office: Office) -> None:
    ids = furnish_portfolio(office)
    before = ratings(office)
    evaluates(office)
    to_the_matrix(office)
    office.answers("wang.jun", "return", target="evaluation-review", reason="苏北机械的额度请复核")
    assert office.waits_for() == {"evaluation-review#2": ["chen.yu", "liu.yang"]}
    excepts(office, ids[RISING], "B", "按良好评定")
    to_the_matrix(office)
    through_the_matrix(office)
    office.answers("zhou.hong", "return", target="evaluation-review", reason="逾期说明不足")
    assert office.waits_for() == {"evaluation-review#3": ["chen.yu", "liu.yang"]}
    assert ratings(office) == before, "nothing is in force before management has signed"
    assert row_of(office, ids[RISING]).exception is CreditGrade.B, "exceptions stay until they are taken back"
    to_the_matrix(office)
    through_the_matrix(office)
    office.answers("zhou.hong", "sign-off")
    assert customer(office, ids[RISING]).credit_grade is CreditGrade.B


def test_withdrawn_cancelled_or_lapsed_it_leaves_customers_untouched(office: Office) -> None:
    furnish_portfolio(office)
    before = ratings(office), [line.model_dump() for line in office.all(CreditLine)]
    evaluates(office)
    to_the_matrix(office)
    office.withdraws("wu.gang", "数据有误")
    assert office.outcome is Outcome.WITHDRAWN
    ref = evaluates(office)
    with office.house.work() as work:
        cancel(work, ref, "运维取消")
    office.runner.run_ready()
    assert office.outcome is Outcome.CANCELLED
    evaluates(office)
    office.passes(days=60)
    assert office.outcome is Outcome.LAPSED
    assert (ratings(office), [line.model_dump() for line in office.all(CreditLine)]) == before
    assert office.all(RiskWarning) == []
    assert office.all(Nomination) == []


def test_once_management_has_signed_it_cannot_be_withdrawn(office: Office) -> None:
    furnish_portfolio(office)
    evaluates(office)
    to_the_matrix(office)
    through_the_matrix(office)
    office.answers("zhou.hong", "sign-off")
    from models.errors import Conflict

    with pytest.raises(Conflict):
        office.withdraws("wu.gang", "太迟了")


# -- what other cases do meanwhile ------------------------------------------------------------------------------------


def test_what_another_case_decided_meanwhile_is_not_overwritten(office: Office) -> None:
    ids = furnish_portfolio(office)
    evaluates(office)
    with office.house.work() as work:
        list_customer(
            work, ids[RISING], ListingKind.BLACK, ListingCriterion.FRAUD, "伪造发票", ["发票查验结果"], office.ref
        )
    to_the_matrix(office)
    through_the_matrix(office)
    office.answers("zhou.hong", "sign-off")
    assert customer(office, ids[RISING]).risk_level is RiskLevel.HIGH
    assert not row_of(office, ids[RISING]).applied
    assert customer(office, ids[FALLING]).credit_grade is CreditGrade.D


# -- breaches ---------------------------------------------------------------------------------------------------------


def test_trading_without_a_line_is_a_breach_unless_the_customer_prepays(office: Office) -> None:
    ids = furnish_portfolio(office)
    evaluates(office)
    assert Flag.NO_LINE in row_of(office, ids[UNLINED]).flags
    assert row_of(office, ids[PREPAYS]).flags == []
    breaches = office.content("evaluation-review#1")["evaluation"]["breaches"]
    assert (breaches["no_line"], breaches["above_cap"]) == (1, 1)
    assert [one["name"] for one in breaches["gravest"]] == [FALLING, UNLINED]


# -- in batches -------------------------------------------------------------------------------------------------------


def test_batches_find_what_one_pass_finds_and_show_how_far_they_are(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.evaluation, "BATCH", 2)
    ids = furnish_portfolio(office)
    evaluates(office)
    with office.house.read() as session:
        done = session.exec(select(JournalEntry.key).where(JournalEntry.case_ref == office.ref)).all()
        progress = session.get_one(Progress, office.ref)
    assert [key for key in done if key.startswith("evaluate-batch")] == [f"evaluate-batch#{n}" for n in (1, 2, 3)]
    assert (progress.done, progress.total) == (6, 6)
    in_batches = {id: row_of(office, id).model_dump(exclude={"id", "case_ref"}) for id in ids.values() if id != 7}
    office.withdraws("wu.gang", "再来一次")
    monkeypatch.setattr(tasks.evaluation, "BATCH", 2000)
    evaluates(office)
    assert {id: row_of(office, id).model_dump(exclude={"id", "case_ref"}) for id in in_batches} == in_batches


def test_the_period_is_in_the_title_and_the_reference_counts_up(office: Office) -> None:
    evaluates(office, "2025Q3")
    first = office.case
    evaluates(office, PERIOD)
    assert (first.ref, first.title, office.case.ref) == ("EVA-2026-000001", "2025Q3", "EVA-2026-000002")
