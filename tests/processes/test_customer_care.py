"""Customer care (processes §4.5, §2 frequencies): what is due is put to people, recorded, and comes again."""

from datetime import date, timedelta

import pytest

from config.words import (
    CareKind,
    CustomerClass,
    CustomerStatus,
    Language,
    MeasureKind,
    Outcome,
    ReceptionTrigger,
    RiskLevel,
    Role,
)
from flows.care_round import kinds_named, summary
from models.errors import Conflict, Invalid
from models.house import person
from models.operations.beginning import begin
from models.operations.care import open_care
from models.operations.standing import set_measure
from models.queries.care import duties_of, turns_done
from models.starting import starts
from models.tables import AuditEvent, CareTurn, Case, Customer, Document, Person, RiskWarning, Routine
from tasks.care_round import CareReport, go_round
from tests.processes.cared import (
    FOUND,
    MILL,
    TODAY,
    VISITED,
    due,
    has_duty,
    owes,
    paper_mill,
    round_goes,
    routine,
    turns,
)
from tests.processes.conftest import Office
from tests.processes.received import complaints

FAR = TODAY + timedelta(days=300)


# -- visits ----------------------------------------------------------------------------------------------------------


def test_a_visit_that_is_due_is_put_to_the_handler_and_its_record_goes_on_file(office: Office) -> None:
    customer = due(office, CareKind.VISIT)
    assert office.waits_for() == {"regular-visit#1": ["li.na"]}
    assert (office.case.title, office.case.origin, office.case.initiator_id) == (MILL, "round", None)
    office.answers("li.na", "record", **VISITED)
    assert office.outcome is Outcome.DONE
    (turn,) = turns(office)
    assert (turn.kind, turn.due_on, turn.done_on, turn.done_by) == (CareKind.VISIT, TODAY, TODAY, "li.na")
    assert (turn.met, turn.satisfaction) == ("财务总监 高洁", 4)
    with office.house.read() as session:
        (done,) = turns_done(session, customer)
    assert (done.by, done.promises) == ("李娜", "4月20日前付清二月货款；我方提供新规格样品。")


def test_after_a_visit_the_next_turn_follows_the_class_from_the_day_of_the_visit(office: Office) -> None:
    due(office, CareKind.VISIT, customer_class=CustomerClass.A)
    office.passes(days=3)
    office.answers("li.na", "record", **{**VISITED, "visited_on": str(TODAY + timedelta(days=2))})
    set_again = routine(office, CareKind.VISIT)
    assert (set_again.every, set_again.last_on, set_again.next_on) == ("monthly", date(2026, 3, 12), date(2026, 4, 12))
    assert set_again.set_by == office.ref


def test_whoever_visits_next_sees_what_was_found_and_promised_the_time_before(office: Office) -> None:
    due(office, CareKind.VISIT)
    office.answers("li.na", "record", **VISITED)
    office.passes(days=94)
    round_goes(office)
    before = office.content("regular-visit#1")["care"]["last"]
    assert (before["met"], before["by"], before["promises"]) == (VISITED["met"], "李娜", VISITED["promises"])


def test_a_visit_is_not_recorded_before_it_was_paid_and_a_letter_is_none(office: Office) -> None:
    due(office, CareKind.VISIT)
    with pytest.raises(Invalid) as error:
        office.answers("li.na", "record", **{**VISITED, "visited_on": "2026-03-11", "way": "written"})
    assert complaints(error) == [
        ("visited_on", "This day is still to come."),
        ("way", "A letter is not a visit: choose how the customer was met."),
    ]
    assert turns(office)[0].done_on is None


def test_a_visit_may_be_put_off_within_limits_and_not_for_ever(office: Office) -> None:
    due(office, CareKind.VISIT)
    with pytest.raises(Invalid) as error:
        office.answers("li.na", "put-off", until="2026-06-30", reason="对方停产")
    assert complaints(error) == [("until", "It may be put off to 2026-05-09 at the latest.")]
    office.answers("li.na", "put-off", until="2026-03-20", reason="对方财务总监出差")
    assert office.waits_for() == {}
    office.passes(days=10)
    assert office.waits_for() == {"regular-visit#2": ["li.na"]}
    office.answers("li.na", "put-off", until="2026-03-30", reason="仍未返回")
    office.passes(days=10)
    with pytest.raises(Invalid):
        office.answers("li.na", "put-off", until="2026-04-10", reason="再等等")
    office.answers("li.na", "record", **VISITED)
    assert office.outcome is Outcome.DONE


def test_a_visit_that_shows_a_risk_goes_to_the_risk_officers_at_once(office: Office) -> None:
    due(office, CareKind.VISIT)
    office.answers("li.na", "record", **VISITED, concern=True)
    assert office.waits_for() == {"monitoring#1": ["chen.yu", "liu.yang"]}
    assert office.content("monitoring#1")["visit_record"]["answer"]["findings"] == VISITED["findings"]
    office.answers("chen.yu", "findings", **FOUND, raise_to="high")
    assert office.customer.risk_level is RiskLevel.HIGH
    (turn,) = turns(office)
    assert turn.findings.startswith(VISITED["findings"])
    assert "48万元" in turn.findings
    assert turn.done_by == "li.na"


# -- monitoring ------------------------------------------------------------------------------------------------------


def test_monitoring_shows_the_systems_own_facts_to_the_risk_officers(office: Office) -> None:
    customer = paper_mill(office)
    owes(office, customer)
    has_duty(office, customer, CareKind.MONITORING)
    round_goes(office, CareKind.MONITORING)
    assert office.waits_for() == {"monitoring#1": ["chen.yu", "liu.yang"]}
    shown = office.content("monitoring#1")
    assert (shown["standing"]["overdue"], shown["care"]["trading"]["oldest_due"]) == ("480000.00", "2026-02-18")
    office.answers("liu.yang", "nothing", comment="二月货款已承诺")
    assert office.outcome is Outcome.DONE
    assert routine(office, CareKind.MONITORING).next_on == date(2026, 4, 10)


def test_a_raised_level_warns_the_departments_and_is_watched_as_closely_from_then_on(office: Office) -> None:
    due(office, CareKind.MONITORING)
    office.answers("chen.yu", "findings", **FOUND, raise_to="high")
    assert (office.customer.risk_level, office.customer.customer_class) == (RiskLevel.HIGH, CustomerClass.D)
    (warning,) = office.all(RiskWarning)
    assert (warning.risk_level, warning.case_ref) == (RiskLevel.HIGH, office.ref)
    assert {one.person_id for one in office.messages("risk_warning")} >= {
        "wang.jun",
        "zheng.li",
        "feng.bo",
        "zhou.hong",
    }
    again = routine(office, CareKind.MONITORING)
    assert (again.every, again.next_on) == ("weekly", TODAY + timedelta(days=7))
    (turn,) = turns(office)
    assert (turn.level_before, turn.level_after) == (RiskLevel.MEDIUM, RiskLevel.HIGH)


def test_monitoring_never_lowers_a_level(office: Office) -> None:
    due(office, CareKind.MONITORING, risk_level=RiskLevel.HIGH)
    with pytest.raises(Invalid) as error:
        office.answers("chen.yu", "findings", **FOUND, raise_to="medium")
    assert complaints(error) == [("", "The customer is at this level or above already.")]


def test_a_level_that_somebody_else_raised_meanwhile_stays(office: Office) -> None:
    customer = due(office, CareKind.MONITORING)
    with office.house.work() as work:
        raised = work.session.get_one(Customer, customer)
        raised.risk_level = RiskLevel.HIGH
        work.add(raised)
    office.answers("chen.yu", "findings", **FOUND, raise_to="high")
    assert office.all(RiskWarning) == []
    assert [reason["code"] for reason in office.case.because] == ["care.findings_filed"]


def test_findings_may_have_the_client_received(office: Office) -> None:
    customer = due(office, CareKind.MONITORING)
    office.answers("chen.yu", "findings", **FOUND, receive=True)
    (reception,) = [case for case in office.all(Case) if case.process == "risk-reception"]
    assert (reception.customer_id, reception.input["reasons"][0]["trigger"]) == (
        customer,
        ReceptionTrigger.EARLY_WARNING,
    )
    assert office.case.because[-1]["params"]["ref"] == reception.ref


def test_findings_need_something_to_be_said(office: Office) -> None:
    due(office, CareKind.MONITORING)
    with pytest.raises(Invalid) as error:
        office.answers("chen.yu", "findings", raise_to="high")
    assert complaints(error) == [("", "Say what stands out, or choose “Nothing stands out”.")]


def test_a_low_risk_about_whom_nothing_stands_out_is_monitored_by_the_system(office: Office) -> None:
    quiet, owing = (paper_mill(office, name=name, risk_level=RiskLevel.LOW) for name in ("丰县果品", "沛县化工"))
    owes(office, owing)
    for customer in (quiet, owing):
        has_duty(office, customer, CareKind.MONITORING, every="quarterly")
    report = round_goes(office, CareKind.MONITORING)
    assert (report.quiet, report.opened) == (1, 1)
    assert office.case.customer_id == owing
    looked_at = next(row for row in office.all(Routine) if row.customer_id == quiet)
    assert (looked_at.last_on, looked_at.next_on) == (TODAY, date(2026, 6, 10))
    (noted,) = [event for event in office.all(AuditEvent) if event.event == "care.monitored"]
    assert (noted.actor_kind, noted.data["customers"]) == ("system", [quiet])


def test_a_measure_has_a_customer_monitored_more_often_than_its_level_asks(office: Office) -> None:
    customer = due(office, CareKind.MONITORING)
    with office.house.work() as work:
        set_measure(work, customer, office.ref, MeasureKind.MONITOR, terms={"frequency": "weekly"}, reason="观察期")
    office.answers("chen.yu", "nothing")
    assert routine(office, CareKind.MONITORING).every == "weekly"


# -- the archive -----------------------------------------------------------------------------------------------------


def test_a_profile_is_confirmed_by_the_handler(office: Office) -> None:
    due(office, CareKind.ARCHIVE)
    assert office.waits_for() == {"archive-refresh#1": ["li.na"]}
    assert office.content("archive-refresh#1")["customer"]["phone"] == "139****1122"
    office.answers("li.na", "confirm", comment="电话核对")
    assert office.outcome is Outcome.DONE
    assert routine(office, CareKind.ARCHIVE).next_on == date(2026, 9, 10)


def test_what_is_no_longer_right_is_put_right_and_renewed_papers_are_filed(office: Office) -> None:
    due(office, CareKind.ARCHIVE)
    paper = {"what": "营业执照副本", "reference": "YYZZ-2026-077"}
    office.answers("li.na", "correct", contact="方毅", phone="0516-8888 1234", papers=[paper])
    customer = office.customer
    assert (customer.contact, customer.phone, customer.email) == ("方毅", "0516-8888 1234", "gaojie@yunlong.example")
    assert [(one.kind, one.reference) for one in office.all(Document)] == [("营业执照副本", "YYZZ-2026-077")]
    with office.house.read() as session:
        raw = session.connection().exec_driver_sql(
            "SELECT answer FROM signer UNION ALL SELECT result FROM journal_entry"
        )
        assert "8888" not in "".join(str(row[0]) for row in raw)
    (event,) = [one for one in office.all(AuditEvent) if one.event == "care.corrected"]
    assert event.data["changed"] == ["contact", "phone"]
    assert "方毅" not in str(event.data)


@pytest.mark.parametrize(
    ("given", "field", "told"),
    [
        ({}, "", "Fill in what is to be corrected, or confirm the profile."),
        ({"email": "gaojie@"}, "email", "This is not an e-mail address."),
        ({"phone": "尽快补充"}, "phone", "This is not a telephone number."),
    ],
)
def test_a_correction_that_corrects_nothing_or_wrongly_is_refused(
    office: Office, given: dict[str, str], field: str, told: str
) -> None:
    due(office, CareKind.ARCHIVE)
    with pytest.raises(Invalid) as error:
        office.answers("li.na", "correct", **given)
    assert (field, told) in complaints(error)


# -- greetings -------------------------------------------------------------------------------------------------------


def test_customers_of_the_festivals_classes_are_greeted_once(office: Office) -> None:
    for name, klass in (("甲类客户", CustomerClass.A), ("乙类客户", CustomerClass.B)):
        paper_mill(office, name=name, customer_class=klass)
    office.passes(days=196)  # 22 September 2026, three days before the Mid-Autumn Festival
    assert round_goes(office, CareKind.GREETING).opened == 1
    assert office.case.title == "甲类客户"
    assert office.content("festival-greeting#1")["care"]["duty"]["occasion"]["zh_CN"] == "中秋节"
    assert round_goes(office, CareKind.GREETING).opened == 0
    office.answers("li.na", "greeted", greeted_on="2026-09-22", way="on_site", met="高洁", note="送月饼")
    assert office.outcome is Outcome.DONE
    assert round_goes(office, CareKind.GREETING).opened == 0


def test_a_greeting_not_sent_in_time_is_given_up(office: Office) -> None:
    paper_mill(office, customer_class=CustomerClass.A)
    office.passes(days=196)
    round_goes(office, CareKind.GREETING)
    office.passes(days=6.2)  # 28 September, 14:18 in Xuzhou
    assert office.outcome is None
    office.passes(days=0.3)
    assert office.outcome is Outcome.LAPSED


# -- the round -------------------------------------------------------------------------------------------------------


def test_the_round_opens_each_turn_once_however_often_it_goes(office: Office) -> None:
    due(office, CareKind.VISIT)
    assert round_goes(office).opened == 0
    assert len(office.all(CareTurn)) == 1
    office.answers("li.na", "record", **VISITED)
    assert round_goes(office).opened == 0


def test_on_a_day_off_the_round_only_says_so(office: Office) -> None:
    customer = paper_mill(office)
    has_duty(office, customer, CareKind.VISIT)
    office.passes(days=4)  # a Saturday
    assert go_round(office.house).day_off
    assert office.all(CareTurn) == []
    assert go_round(office.house, anyway=True).opened == 1


def test_customers_taken_over_from_a_file_are_given_their_duties_spread_over_one_round(office: Office) -> None:
    first, second = (paper_mill(office, name=name, risk_level=RiskLevel.HIGH) for name in ("客户甲", "客户乙"))
    paper_mill(office, name="未评级客户", risk_level=None, customer_class=None)
    paper_mill(office, name="申请人", status=CustomerStatus.APPLICANT)
    assert round_goes(office).planned == 6
    assert round_goes(office).planned == 0
    rows = {(row.customer_id, row.duty): row for row in office.all(Routine)}
    assert {customer for customer, _ in rows} == {first, second}
    monitoring = rows[first, "monitoring"]
    assert (monitoring.every, monitoring.set_by) == ("weekly", None)
    assert TODAY < monitoring.next_on <= TODAY + timedelta(days=7)
    assert monitoring.next_on != rows[second, "monitoring"].next_on


def test_a_round_opens_no_more_than_policy_lets_it_the_highest_risks_first(office: Office) -> None:
    rules = office.house.policy
    office.house.policy = rules.model_copy(update={"care": rules.care.model_copy(update={"open_at_most": 2})})
    for name, level in (("中风险甲", RiskLevel.MEDIUM), ("中风险乙", RiskLevel.MEDIUM), ("高风险", RiskLevel.HIGH)):
        has_duty(office, paper_mill(office, name=name, risk_level=level), CareKind.MONITORING)
    report = round_goes(office, CareKind.MONITORING)
    assert (report.opened, report.waiting) == (2, 1)
    assert {case.title for case in office.all(Case)} == {"高风险", "中风险甲"}


def test_a_turn_that_nobody_carried_out_lapses_is_counted_and_comes_again_soon(office: Office) -> None:
    customer = due(office, CareKind.VISIT)
    office.passes(days=35)
    assert office.outcome is Outcome.LAPSED
    assert "step_escalated" in {one.kind for one in office.messages()}
    missed = routine(office, CareKind.VISIT)
    closed = office.case.closed_at
    assert closed is not None
    assert (missed.missed, missed.last_on) == (1, None)
    assert missed.next_on == office.house.calendar.day_of(office.house.calendar.add_business_days(closed, 5))
    office.passes(days=7)
    assert round_goes(office, CareKind.VISIT).opened == 1
    assert office.content("regular-visit#1")["care"]["missed"] == 1
    office.answers("li.na", "record", **VISITED)
    assert routine(office, CareKind.VISIT).missed == 0
    with office.house.read() as session:
        (visit,) = [one for one in duties_of(session, customer) if one.kind is CareKind.VISIT]
    assert (visit.under_way, visit.missed) == (None, 0)


def test_a_turn_taken_back_comes_at_its_next_regular_time(office: Office) -> None:
    due(office, CareKind.VISIT)
    office.withdraws("li.na", "客户已停业清算")
    assert office.outcome is Outcome.WITHDRAWN
    assert routine(office, CareKind.VISIT).next_on == date(2026, 6, 10)


def test_a_round_may_be_for_some_duties_only_and_refuses_those_that_there_are_not(office: Office) -> None:
    assert kinds_named("") == tuple(CareKind)
    assert kinds_named(" visit, monitoring ") == (CareKind.MONITORING, CareKind.VISIT)
    with pytest.raises(ValueError, match="no such duty: calls; there are monitoring, visit, archive_refresh, greeting"):
        kinds_named("visit,calls")
    customer = paper_mill(office)
    for kind in (CareKind.VISIT, CareKind.ARCHIVE):
        has_duty(office, customer, kind)
    assert round_goes(office, *kinds_named("archive_refresh")).opened == 1
    assert [turn.kind for turn in turns(office)] == [CareKind.ARCHIVE]


def test_managers_see_a_round_in_numbers() -> None:
    told = summary(CareReport(on=TODAY, planned=300_000, quiet=1_112, opened=200, waiting=34))
    assert "| Customers monitored by the system, nothing standing out | 1,112 |" in told
    assert "| Due, waiting for the next round | 34 |" in told
    assert summary(CareReport(on=TODAY, day_off=True)) == "2026-03-10: not a business day. Nothing was begun."


# -- by hand ---------------------------------------------------------------------------------------------------------


def begins(office: Office, by: str, key: str = "k-1", **form: str) -> Case:
    with office.house.work(person(by)) as work:
        case = begin(work, starts()["customer-care"], form, work.session.get_one(Person, by), key)
        office.ref = case.ref
    office.runner.run_ready()
    return case


def test_a_visit_may_be_begun_by_hand_once_at_a_time(office: Office) -> None:
    paper_mill(office)
    asked = {"customer": MILL, "kind": "visit", "reason": "新任总经理上任"}
    first = begins(office, "li.na", **asked)
    assert office.waits_for() == {"regular-visit#1": ["li.na"]}
    assert office.content("regular-visit#1")["care"]["duty"]["occasion"] == "新任总经理上任"
    assert begins(office, "li.na", **asked).ref == first.ref
    with pytest.raises(Conflict) as error:
        begins(office, "wang.jun", "k-2", **asked)
    assert error.value.text(Language.EN) == f"This is under way for {MILL} already: {first.ref}."


def test_what_was_begun_by_hand_and_not_done_leaves_the_rhythm_alone(office: Office) -> None:
    customer = paper_mill(office)
    has_duty(office, customer, CareKind.VISIT, FAR)
    begins(office, "li.na", customer=MILL, kind="visit", reason="顺路")
    office.withdraws("li.na")
    assert routine(office, CareKind.VISIT).next_on == FAR


def test_who_is_not_yet_a_customer_is_not_visited_regularly(office: Office) -> None:
    paper_mill(office, status=CustomerStatus.APPLICANT)
    with pytest.raises(Invalid) as error:
        begins(office, "li.na", customer=MILL, kind="visit", reason="摸底")
    assert complaints(error) == [("customer", f"{MILL} has not been admitted.")]


def test_when_a_handler_has_left_another_is_asked(office: Office) -> None:
    with office.house.work() as work:
        leaver = work.session.get_one(Person, "li.na")
        leaver.active = False
        work.add(leaver)
    due(office, CareKind.VISIT)
    assert office.waits_for() == {"regular-visit#1": ["sun.tao"]}


def test_without_any_handler_the_round_says_so_and_opens_nothing(office: Office) -> None:
    customer = paper_mill(office)
    with office.house.work() as work:
        for who in ("li.na", "sun.tao"):
            one = work.session.get_one(Person, who)
            one.roles = [Role.OPS]
            one.active = False
            work.add(one)
    with pytest.raises(Conflict), office.house.work() as work:
        open_care(work, customer, CareKind.VISIT, due_on=TODAY)
    assert office.all(CareTurn) == []
