"""Coordination meetings (processes §4.7, §4.10): a pack a month, resolutions with owners, each followed up."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from config.words import CareKind, ListingCriterion, ListingKind, Outcome, RiskLevel, Role, TrackingState
from flows.meeting_pack import open_the_meeting
from models.errors import Conflict, Invalid, NotFound
from models.house import person
from models.meeting import Pack
from models.operations.beginning import begin
from models.operations.meetings import open_meeting
from models.queries.meeting import meeting_seen_by, pack_of
from models.queries.rights import may_see
from models.rules.periods import month
from models.starting import starts
from models.tables import Case, Copy, Listing, Meeting, Person, TrackingItem
from tests.processes.cared import MILL, due, owes, paper_mill
from tests.processes.conftest import Office
from tests.processes.meeting import CALL, RESOLVED, held, opens
from tests.processes.received import comes, complaints


def pack(office: Office) -> Pack:
    with office.house.read() as session:
        _, meeting = meeting_seen_by(session, session.get_one(Person, "wu.gang"), office.ref)
        found = pack_of(meeting)
    assert found is not None
    return found


# -- the pack --------------------------------------------------------------------------------------------------------


def test_a_month_has_one_meeting_however_often_it_is_asked_for(office: Office) -> None:
    first = opens(office)
    assert office.waits_for() == {"meeting-pack#1": ["wu.gang"]}
    assert opens(office) == first
    assert (office.case.title, office.case.handler_id, office.case.origin) == ("2026-02", "wu.gang", "schedule")


def test_the_schedule_opens_the_meeting_about_the_month_that_is_over(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.meeting_pack.installed_house", lambda: office.house)
    ref = open_the_meeting.fn("")
    assert [(row.period, row.case_ref) for row in office.all(Meeting)] == [("2026-02", ref)]


@pytest.mark.parametrize(
    ("period", "told"),
    [
        ("2026年2月", "“2026年2月” is not a month. Write it like 2026-03."),
        ("2026-13", "“2026-13” is not a month. Write it like 2026-03."),
        ("2026-03", "2026-03 is not over yet: it ends on 2026-03-31."),
    ],
)
def test_a_month_that_is_none_or_not_over_has_no_meeting(office: Office, period: str, told: str) -> None:
    with pytest.raises(Invalid) as error:
        opens(office, period)
    assert complaints(error) == [("period", told)]
    assert office.all(Case) == []


def test_months_begin_end_and_follow_one_another() -> None:
    february = month(" 2024-02 ")
    assert february is not None
    assert (february.first, february.last) == (date(2024, 2, 1), date(2024, 2, 29))
    assert str(february.before) == "2024-01"
    assert str(february.before.before) == "2023-12"


def test_the_pack_names_who_owes_too_much_who_is_a_high_risk_and_what_is_late(office: Office) -> None:
    mill = due(office, CareKind.VISIT, risk_level=RiskLevel.HIGH)
    owes(office, mill, "480000", date(2026, 2, 18))
    small = paper_mill(office, name="睢宁小额客户")
    owes(office, small, "99999.99", date(2026, 3, 1))
    with office.house.work() as work:
        work.add(
            Listing(
                kind=ListingKind.GREY,
                criterion=ListingCriterion.MALICIOUS_ARREARS,
                name=MILL,
                customer_id=mill,
                reason="拖欠",
                since=date(2026, 1, 5),
            )
        )
        care = work.session.get_one(Case, office.ref)
        care.amount = Decimal("2000000")
        work.add(care)
    visit = office.ref
    office.passes(days=17)
    opens(office)
    found = pack(office)
    assert [(one.name, one.overdue, one.listed) for one in found.debtors] == [(MILL, Decimal("480000.00"), "grey")]
    assert found.overdue == Decimal("579999.99")
    assert [(one.name, one.exposure, one.oldest_due) for one in found.risky] == [
        (MILL, Decimal("480000.00"), date(2026, 2, 18))
    ]
    assert {one.level: one.customers for one in found.levels} == {
        RiskLevel.LOW: 0,
        RiskLevel.MEDIUM: 1,
        RiskLevel.HIGH: 1,
    }
    assert [(one.ref, one.amount, one.waits_at) for one in found.major] == [
        (visit, Decimal("2000000.00"), "Regular visit")
    ]
    assert [(one.ref, one.step, one.people) for one in found.late] == [(visit, "Regular visit", ("李娜",))]
    assert sum(band.amount for band in found.ageing) == Decimal("579999.99")
    assert (found.work.opened, found.work.closed, found.work.lapsed) == (0, 0, 0)
    assert found.migration is None


def test_lists_name_no_more_than_policy_says_and_count_the_rest(office: Office) -> None:
    rules = office.house.policy
    office.house.policy = rules.model_copy(update={"meeting": rules.meeting.model_copy(update={"named": 1})})
    from models.installation import store_policy

    office.house.policy = office.house.policy.model_copy(update={"version": "named-one"})
    store_policy(office.house)
    for name, amount in (("客户甲", "300000"), ("客户乙", "700000")):
        owes(office, paper_mill(office, name=name, risk_level=RiskLevel.HIGH), amount)
    opens(office)
    found = pack(office)
    assert [(one.name, found.more_debtors) for one in found.debtors] == [("客户乙", 1)]
    assert [(one.name, found.more_risky) for one in found.risky] == [("客户乙", 1)]


def test_a_pack_drawn_up_anew_shows_what_has_changed(office: Office) -> None:
    opens(office)
    assert office.content("meeting-pack#1")["meeting_pack"]["debtors"] == []
    owes(office, paper_mill(office))
    office.answers("wu.gang", "again", comment="补记二月发票")
    assert office.waits_for() == {"meeting-pack#2": ["wu.gang"]}
    assert [one["name"] for one in office.content("meeting-pack#2")["meeting_pack"]["debtors"]] == [MILL]
    assert [one.name for one in pack(office).debtors] == [MILL]


# -- the meeting -----------------------------------------------------------------------------------------------------


def test_whoever_is_called_is_told_and_may_see_the_case(office: Office) -> None:
    opens(office)
    with office.house.read() as session:
        assert not may_see(session, session.get_one(Person, "qian.wei"), office.case)
    office.answers("wu.gang", "call", **CALL)
    told = office.messages("meeting_called")
    assert {one.person_id for one in told} == {"qian.wei", "zheng.li", "feng.bo"}
    assert (told[0].payload["on"], told[0].payload["at"], told[0].payload["by"]) == ("2026-03-12", "14:30", "吴刚")
    with office.house.read() as session:
        assert may_see(session, session.get_one(Person, "qian.wei"), office.case)
        with pytest.raises(NotFound):
            meeting_seen_by(session, session.get_one(Person, "li.na"), office.ref)
    assert len(office.all(Copy)) == 3


def test_resolutions_are_asked_for_when_the_meeting_has_begun_and_not_before(office: Office) -> None:
    opens(office)
    office.answers("wu.gang", "call", **CALL)
    comes(office, date(2026, 3, 12), 14.4)
    assert office.waits_for() == {}
    comes(office, date(2026, 3, 12), 14.6)
    assert office.waits_for() == {"meeting-resolutions#1": ["wu.gang"]}


def test_a_call_needs_a_day_to_come_a_time_and_at_least_two_who_attend(office: Office) -> None:
    opens(office)
    with pytest.raises(Invalid) as error:
        office.answers(
            "wu.gang",
            "call",
            **{**CALL, "meeting_on": "2026-03-09", "meeting_at": "下午", "attendees": [{"person": "feng.bo"}]},
        )
    assert complaints(error) == [
        ("meeting_on", "This day is past."),
        ("meeting_at", "Write the time as hours and minutes, such as 14:30."),
        ("attendees", "At least 2 entries."),
    ]
    with pytest.raises(Invalid) as error:
        office.answers("wu.gang", "call", **{**CALL, "attendees": [{"person": "feng.bo"}] * 2})
    assert complaints(error) == [("attendees", "冯波 is named twice.")]
    with pytest.raises(Invalid) as error:
        office.answers("wu.gang", "call", **{**CALL, "attendees": [{"person": "feng.bo"}, {"person": "nobody"}]})
    assert ("attendees.1.person", "nobody is not an active member of staff.") in complaints(error)


def test_a_meeting_that_resolved_nothing_ends_with_the_reason(office: Office) -> None:
    opens(office)
    office.answers("wu.gang", "call", **CALL)
    comes(office, date(2026, 3, 12), 16)
    office.answers("wu.gang", "nothing", reason="各项均按计划推进")
    assert office.outcome is Outcome.DONE
    assert office.case.because[0]["code"] == "meeting.nothing_resolved"


# -- what was resolved -----------------------------------------------------------------------------------------------


def test_each_resolution_is_checked_with_its_owner_on_its_day(office: Office) -> None:
    opens(office)
    held(office)
    assert office.waits_for() == {}
    comes(office, date(2026, 3, 20))
    assert office.waits_for() == {"tracking-check#1": ["feng.bo"]}
    office.answers("feng.bo", "done", done_on="2026-03-20", result="协议已签")
    comes(office, date(2026, 3, 30))
    office.answers("li.na", "done", done_on="2026-03-30", result="库存已复核")
    assert office.outcome is Outcome.DONE
    assert {one.what: one.state for one in office.all(TrackingItem)} == {
        "与恒通钢材签订还款协议": TrackingState.DONE,
        "复核云龙纸业库存": TrackingState.LATE,
    }
    params = office.case.because[0]["params"]
    assert (params["items"], params["in_time"], params["late"], params["dropped"]) == (2, 1, 1, 0)


def test_a_resolution_put_off_comes_back_and_one_nobody_answers_for_goes_to_the_risk_officers(office: Office) -> None:
    opens(office)
    held(office)
    comes(office, date(2026, 3, 20))
    office.answers("feng.bo", "adjust", due_on="2026-04-10", reason="对方法人出国")
    comes(office, date(2026, 4, 14))  # li.na has been silent since 27 March
    asked = office.waits_for()
    assert ["chen.yu", "liu.yang"] in asked.values()
    office.answers("chen.yu", "drop", reason="客户已停产，另案处理")
    comes(office, date(2026, 4, 16))
    office.answers("feng.bo", "done", done_on="2026-04-16", result="协议已签")
    assert office.outcome is Outcome.DONE
    assert office.case.because[0]["params"]["dropped"] == 1


def test_what_an_earlier_meeting_resolved_and_is_still_open_stands_in_the_next_pack(office: Office) -> None:
    opens(office)
    held(office)
    comes(office, date(2026, 4, 1))
    earlier = office.ref
    opens(office, "2026-03")
    open_still = pack(office).resolutions
    assert [(one.ref, one.owner, one.overdue) for one in open_still] == [
        (earlier, "冯波", True),
        (earlier, "李娜", True),
    ]


def test_a_resolution_has_an_owner_who_is_there_and_a_day_to_come(office: Office) -> None:
    opens(office)
    office.answers("wu.gang", "call", **CALL)
    comes(office, date(2026, 3, 12), 16)
    wrong = {"what": "复核库存", "owner": "gone.one", "due_on": "2026-03-01"}
    with pytest.raises(Invalid) as error:
        office.answers("wu.gang", "resolved", **{**RESOLVED, "items": [wrong]})
    assert complaints(error) == [
        ("items.0.owner", "gone.one is not an active member of staff."),
        ("items.0.due_on", "This day is past."),
    ]


# -- endings and beginnings ------------------------------------------------------------------------------------------


def test_a_meeting_that_nobody_calls_lapses_and_the_month_may_have_another(office: Office) -> None:
    first = opens(office)
    office.passes(days=60)
    assert office.outcome is Outcome.LAPSED
    assert opens(office) != first


def test_operations_and_the_risk_manager_begin_a_meeting_by_hand_others_do_not(office: Office) -> None:
    with office.house.work(person("xu.ming")) as work:
        start = starts()["coordination-meeting"]
        case = begin(work, start, {"period": "2026-01"}, work.session.get_one(Person, "xu.ming"), "k-1")
    assert (case.initiator_id, case.handler_id, case.origin) == ("xu.ming", "wu.gang", "page")
    with office.house.read() as session:
        assert not start.open_to(session.get_one(Person, "li.na"))


def test_without_a_risk_manager_there_is_no_meeting(office: Office) -> None:
    with office.house.work() as work:
        manager = work.session.get_one(Person, "wu.gang")
        manager.roles = [Role.MANAGER]
        work.add(manager)
    with pytest.raises(Conflict), office.house.work() as work:
        open_meeting(work, "2026-02")


def test_the_time_of_the_meeting_is_the_companys(office: Office) -> None:
    opens(office)
    office.answers("wu.gang", "call", **CALL)
    (meeting,) = office.all(Meeting)
    assert (meeting.meeting_on, meeting.held_on) == (date(2026, 3, 12), None)
    office.runner.advance(datetime(2026, 3, 12, 6, 31, tzinfo=office.clock.now.tzinfo) - office.clock.now)
    assert list(office.waits_for()) == ["meeting-resolutions#1"]
