"""A process as its cases really went: what followed what, how they ended, and a drawing that says the same."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from api.process_drawing import drawing
from api.reported import Told
from config.words import Language, Outcome
from models.errors import NotFound
from models.queries.process_map import START, Exit, Passage, ProcessMap, process_map
from models.queries.statistics import Ending, StepFigures, Took
from models.rules.reporting import reported
from tests.management import Quarter


@pytest.fixture
def quarter(house, runner, clock) -> Quarter:
    return Quarter(house, runner, clock)


def the_map(house, process: str = "onboarding-review") -> ProcessMap:
    today = house.calendar.day_of(house.clock())
    with house.read() as session:
        return process_map(session, house, process, reported("12m", today))


def test_the_ways_are_those_of_the_cases_that_ended(house, quarter):
    quarter.play()
    found = the_map(house)
    assert found.cases == 2
    assert {(one.before, one.after): one.count for one in found.passages} == {
        (START, "first-rating"): 2,
        ("first-rating", "risk-rerating"): 1,
        ("risk-rerating", "matrix-approval"): 1,
    }
    assert {(one.before, one.outcome): one.count for one in found.exits} == {
        ("matrix-approval", Outcome.REFUSED): 1,
        ("first-rating", Outcome.WITHDRAWN): 1,
    }


def test_a_case_sent_back_is_drawn_as_such_once_it_has_ended(house, quarter):
    ref = quarter.play()["returned"]
    hours = timedelta(hours=1)
    quarter.answer(ref, "li.na", "confirm", hours)
    quarter.answer(ref, "chen.yu", "adjust", hours, points=83, reason="慢付款")
    quarter.answer(ref, "wang.jun", "reject", hours, reason="抵押不足")
    found = the_map(house)
    sent_back = [one for one in found.passages if one.returned]
    assert [(one.before, one.after, one.count) for one in sent_back] == [("matrix-approval", "first-rating", 1)]
    assert next(one.count for one in found.passages if one.before == "first-rating" and not one.returned) == 3


def test_steps_stand_in_their_usual_order_with_what_waits_there(house, quarter):
    quarter.play()
    steps = the_map(house).steps
    assert [one.name for one in steps] == ["first-rating", "risk-rerating", "matrix-approval"]
    assert steps[0].open == 2
    assert (steps[2].answered, steps[2].refused) == (2, 1)


def test_as_many_cases_go_out_as_came_in(house, quarter):
    quarter.play()
    found = the_map(house)
    came: Counter[str] = Counter()
    went: Counter[str] = Counter()
    for one in found.passages:
        came[one.after] += one.count
        went[one.before] += one.count
    for exit in found.exits:
        went[exit.before] += exit.count
    assert went[START] == found.cases
    assert {name: came[name] for name in came} == {name: went[name] for name in came}


def test_a_process_that_there_is_not(house, office):
    with pytest.raises(NotFound):
        the_map(house, "no-such-process")
    browser = office.sign_in("zhou.hong")
    assert browser.get("/management/processes/no-such-process").status_code == 404
    answer = office.browser.get("/api/v1/statistics/processes/x", headers=office.token("zhou.hong"))
    assert answer.status_code == 404


def test_a_process_without_cases_says_so(office):
    page = office.sign_in("zhou.hong").get("/management/processes/credit-repair?lang=en").text
    assert "Nothing happened in this period." in page


def test_the_page_draws_it_and_says_it_in_tables(office, quarter):
    quarter.play()
    page = office.sign_in("zhou.hong").get("/management/processes/onboarding-review?lang=en").text
    assert '<svg class="map"' in page
    assert 'aria-label="Onboarding review: how its cases went"' in page
    assert "What followed what" in page
    assert page.count("First rating") > 3


def test_programs_are_given_the_same_ways(office, quarter):
    quarter.play()
    headers = {**office.token("zhou.hong"), "accept-language": "en"}
    found = office.browser.get("/api/v1/statistics/processes/onboarding-review", headers=headers).json()
    assert {"before": None, "after": "first-rating", "outcome": None, "count": 2, "returned": False} in found[
        "passages"
    ]
    assert found["endings"] == {"refused": 1, "withdrawn": 1}
    assert [one["name"] for one in found["steps"]] == ["first-rating", "risk-rerating", "matrix-approval"]


NOTHING = Took(count=0, median=None, ninety=None)
BEGINS = Passage(before=START, after="s0", count=10)


# -- the drawing ------------------------------------------------------------------------------------------------------


def step(name: str, *, open: int = 0, overdue: int = 0) -> StepFigures:
    return StepFigures(
        process="onboarding-review", name=name, title=name, answered=10, late=0, in_time_percent=None, returned=0,
        refused=0, expired=0, open=open, overdue=overdue, share=None, working=Took(count=10, median=90, ninety=200),
    )  # fmt: skip


def drawn(house, steps: int, passages: list[Passage], exits: list[Exit]) -> ElementTree.Element:
    found = ProcessMap(
        process="onboarding-review", title="Onboarding review", cases=10, open=3, clock=NOTHING,
        working=NOTHING, steps=tuple(step(f"s{n}", open=n, overdue=n // 2) for n in range(steps)),
        passages=tuple(passages), exits=tuple(exits),
        endings=tuple(Ending(outcome=one.outcome, count=one.count) for one in exits),
    )  # fmt: skip
    return ElementTree.fromstring(str(drawing(found, Told(house, Language.EN))))


def test_every_step_and_ending_has_a_box_and_they_do_not_overlap(house):
    busy = [
        Passage(before=f"s{a}", after=f"s{b}", count=9, returned=a > b) for a in range(9) for b in range(9) if a != b
    ]
    picture = drawn(
        house,
        9,
        [Passage(before=START, after="s0", count=10), *busy],
        [Exit(before="s8", outcome=Outcome.REFUSED, count=10)],
    )
    boxes = [one for one in picture.iter("rect") if one.get("class", "").startswith(("m-box", "m-end"))]
    assert len(boxes) == 1 + 9 + 1
    ends = [(int(one.get("y") or 0), int(one.get("y") or 0) + int(one.get("height") or 0)) for one in boxes]
    assert all(above[1] < below[0] for above, below in pairwise(sorted(ends)))
    assert ends[-1][1] <= int((picture.get("viewBox") or "").split()[3])


def test_what_goes_back_runs_on_the_left_and_what_skips_on_the_right(house):
    picture = drawn(
        house,
        3,
        [
            BEGINS,
            Passage(before="s0", after="s1", count=8),
            Passage(before="s0", after="s2", count=5),
            Passage(before="s2", after="s0", count=4, returned=True),
        ],
        [Exit(before="s2", outcome=Outcome.ADMITTED, count=10)],
    )
    titles = {group.findtext("title"): group for group in picture.iter("g")}
    back = titles["Sent back 4 times"].find("path")
    skips = titles["5 times"].find("path")
    middle = int((picture.get("viewBox") or "").split()[2]) / 2
    assert float((back.get("d") or "").split("H")[1].split("V")[0]) < middle
    assert float((skips.get("d") or "").split("H")[1].split("V")[0]) > middle


def test_names_are_escaped_and_nothing_carries_a_style(house):
    picture = drawn(
        house, 1, [Passage(before=START, after="s0", count=10)], [Exit(before="s0", outcome=Outcome.LAPSED, count=10)]
    )
    assert all("style" not in one.attrib for one in picture.iter())
    hostile = ProcessMap(
        process="x", title="<script>", cases=0, open=1, clock=NOTHING, working=NOTHING, passages=(), exits=(),
        endings=(),
        steps=(step("a").model_copy(update={"title": '"><script>alert(1)</script>'}),),
    )  # fmt: skip
    assert "<script>" not in str(drawing(hostile, Told(house, Language.EN)))
