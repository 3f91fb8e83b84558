"""The list of cases and who held them how long, on both databases: the same filters, orders and times."""

from datetime import timedelta
from decimal import Decimal

import pytest

from config.words import CaseOrder, CaseState, Department
from models.house import person
from models.operations.catch_up import fill_cases, fill_working_minutes
from models.operations.saved_views import change_view, save_view
from models.queries.case_list import CaseFilter, cases, how_many
from models.queries.held import case_times
from models.queries.saved_views import views_of
from models.tables import Case, Person
from tests.processes.conftest import Office, steel_trader, valid_uscc


@pytest.fixture
def refs(office: Office) -> list[str]:
    """Three applications: one of a million that waits, one without an amount that was withdrawn, one of 800,000."""
    found = []
    for number, limit in enumerate((Decimal(1000000), None, Decimal(800000))):
        code = valid_uscc(f"91320300MA1H5XK2{number}")
        name = ("徐州恒通钢材", "Xuzhou Timber Ltd", "兴化蟹业")[number]
        found.append(office.applies(steel_trader(identifier=code, requested_limit=limit, name=name)))
        office.passes(hours=1)
        if limit is None:
            office.withdraws()
    return found


@pytest.mark.parametrize("order", list(CaseOrder))
@pytest.mark.parametrize("who", ["zhou.hong", "li.na"])
def test_every_order_gives_each_case_once_page_by_page(
    office: Office, refs: list[str], order: CaseOrder, who: str
) -> None:
    expected = {
        CaseOrder.NEWEST: [2, 1, 0],
        CaseOrder.OLDEST: [0, 1, 2],
        CaseOrder.AMOUNT: [0, 2, 1],
        CaseOrder.LONGEST_OPEN: [0, 2],
        CaseOrder.LAST_CLOSED: [1],
    }[order]
    with office.house.read() as session:
        reader = session.get_one(Person, who)
        found, cursor = [], None
        while True:
            page = cases(session, reader, CaseFilter(order=order), limit=1, cursor=cursor)
            found += [line.ref for line in page.items]
            if (cursor := page.next_cursor) is None:
                break
        assert found == [refs[number] for number in expected]
        assert how_many(session, reader, CaseFilter(order=order), 2) == min(2, len(expected))


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (CaseFilter(text="TIMBER"), [1]),
        (CaseFilter(text="钢"), [0]),
        (CaseFilter(text="onb-"), [2, 1, 0]),
        (CaseFilter(text="_"), []),
        (CaseFilter(state=CaseState.CLOSED, department=Department.BUSINESS), [1]),
        (CaseFilter(least=Decimal("800000.01")), [0]),
        (CaseFilter(person="li.na", mine=True), []),
        (CaseFilter(person="li.na"), [2, 1, 0]),
    ],
)
def test_filters_mean_the_same(office: Office, refs: list[str], wanted: CaseFilter, numbers: list[int]) -> None:
    with office.house.read() as session:
        page = cases(session, session.get_one(Person, "zhou.hong"), wanted)
    assert [line.ref for line in page.items] == [refs[number] for number in numbers]


def test_times_are_noted_and_told(office: Office, refs: list[str]) -> None:
    office.ref = refs[2]
    office.answers("li.na", "confirm")
    office.passes(minutes=90)  # over the rest of the hour of noon
    with office.house.read() as session:
        told = case_times(session, session.get_one(Case, refs[2]), office.house.calendar, office.house.clock())
    assert {one.person: one.minutes for one in told.people} == {"li.na": 30, "chen.yu": 60, "liu.yang": 60}
    assert (fill_working_minutes(office.house), fill_cases(office.house)) == (0, 0)


def test_views_are_kept_and_one_of_them_is_the_default(office: Office) -> None:
    with office.house.work(person("zhou.hong")) as work:
        me = work.session.get_one(Person, "zhou.hong")
        first = save_view(work, me, "cases", "一", {"state": "running"}, is_default=True)
        second = save_view(work, me, "cases", "二", {}, shared=True, is_default=True)
        change_view(work, me, first.id or 0, name="零")
    with office.house.read() as session:
        mine = views_of(session, session.get_one(Person, "zhou.hong"), "cases")
        theirs = views_of(session, session.get_one(Person, "li.na"), "cases")
    assert {(one.name, one.is_default) for one in mine} == {("零", False), ("二", True)}
    assert [(one.id, one.is_default) for one in theirs] == [(second.id, False)]


def test_a_long_wait_is_told_from_the_audit_trail(office: Office, refs: list[str]) -> None:
    with office.house.work() as work:
        work.record_system("wait.opened", refs[0], wait="promise#1", event_awaited="payment", until=None)
    office.passes(days=2)
    with office.house.read() as session:
        told = case_times(session, session.get_one(Case, refs[0]), office.house.calendar, office.house.clock())
    wait = told.rows[-1]
    assert (wait.title, wait.until - wait.since) == ("Waiting for the promised payment", timedelta(days=2))
