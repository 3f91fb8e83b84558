"""The judge of the campaign: whatever a disturbance could break is told, and makes the verdict."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from config.words import Outcome
from tests.faults.endings import Ending
from tests.faults.figures import Row
from tests.faults.load import ROUND, SCRIPTS, journeys

KEPT = Row("kill -9", times=200, cases=90, accepted=400, delivered=700)
ENDING = Ending(
    outcome=Outcome.ADMITTED,
    steps=Counter({("matrix-approval#1", "closed"): 1}),
    signatures=Counter({("matrix-approval#1", "wang.jun", "approve"): 1}),
    journal=Counter({"admit-customer": 1}),
    effects=Counter({("credit_line", "800000.00"): 1}),
    messages=Counter({("case_closed", "li.na"): 1}),
    events=Counter({("case.closed", "system", None): 1}),
)


@pytest.mark.parametrize(
    "breach",
    [
        {"lost": 1},
        {"doubled": 1},
        {"unlike": ["101 onboarding, admitted: ended refused"]},
        {"duplicates": 1},
        {"undelivered": ["case_closed 12"]},
        {"chain": False},
        {"problems": ["worker: not ready within 300 s"]},
    ],
    ids=lambda breach: next(iter(breach)),
)
def test_each_broken_promise_is_told_and_is_the_verdict(breach: dict[str, Any]) -> None:
    broken = replace(KEPT, **breach)
    assert not broken.kept
    assert len(broken.told()) == 1


def test_where_nothing_broke_nothing_is_told() -> None:
    assert KEPT.kept
    assert KEPT.told() == []


@pytest.mark.parametrize("part", ["steps", "signatures", "journal", "effects", "messages", "events"])
def test_an_ending_that_has_anything_twice_is_unlike_the_undisturbed_one(part: str) -> None:
    twice = replace(ENDING, **{part: getattr(ENDING, part) + getattr(ENDING, part)})
    assert part in twice.unlike(ENDING)
    assert ENDING.unlike(ENDING) == ""


def test_a_case_that_ended_otherwise_is_unlike_it() -> None:
    assert "refused" in replace(ENDING, outcome=Outcome.REFUSED).unlike(ENDING)


def test_the_same_seed_draws_the_same_load_of_all_five_processes() -> None:
    load, again = journeys(7), journeys(7)
    first = [next(load) for _ in range(ROUND)]
    assert first == [next(again) for _ in range(ROUND)]
    assert {one.script.process for one in first} == {
        "onboarding-review",
        "risk-reception",
        "collections-escalation",
        "quarterly-evaluation",
        "credit-repair",
    }
    assert {script.name for script in SCRIPTS} < {one.script.name for one in first}
