"""Whenever the worker dies, a turn of customer care ends as if it had not."""

from datetime import date, timedelta

import pytest

from config.words import CareKind, CustomerClass, Outcome
from tests.processes.cared import FOUND, TODAY, VISITED, due, paper_mill, round_goes
from tests.processes.conftest import Office
from tests.processes.mortality import Once, Script, Stage, dies_after_every_verb, play
from tests.processes.received import comes


def visited_after_being_put_off_and_a_risk_showed(office: Office) -> None:
    due(office, CareKind.VISIT)
    office.answers("li.na", "put-off", until="2026-03-20", reason="对方财务总监出差")
    comes(office, date(2026, 3, 20))
    office.answers("li.na", "record", **VISITED, concern=True)
    office.answers("chen.yu", "findings", **FOUND, raise_to="high", receive=True)
    office.passes(days=1)


def nothing_stands_out(office: Office) -> None:
    due(office, CareKind.MONITORING)
    office.answers("liu.yang", "nothing", comment="正常")


def profile_corrected(office: Office) -> None:
    due(office, CareKind.ARCHIVE)
    paper = {"what": "营业执照副本", "reference": "YYZZ-2026-077"}
    office.answers("li.na", "correct", contact="方毅", phone="051688881234", papers=[paper])


def greeted_at_the_festival(office: Office) -> None:
    paper_mill(office, customer_class=CustomerClass.A)
    comes(office, date(2026, 9, 22))
    round_goes(office, CareKind.GREETING)
    office.answers("li.na", "greeted", greeted_on="2026-09-22")


def nobody_visits(office: Office) -> None:
    due(office, CareKind.VISIT)
    office.passes(days=60)


def taken_back(office: Office) -> None:
    due(office, CareKind.ARCHIVE)
    office.answers("li.na", "put-off", until=str(TODAY + timedelta(days=9)), reason="等新执照")
    office.withdraws("li.na")


SCRIPTS: dict[Script, Outcome] = {
    visited_after_being_put_off_and_a_risk_showed: Outcome.DONE,
    nothing_stands_out: Outcome.DONE,
    profile_corrected: Outcome.DONE,
    greeted_at_the_festival: Outcome.DONE,
    nobody_visits: Outcome.LAPSED,
    taken_back: Outcome.WITHDRAWN,
}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__)
def test_dying_after_every_verb_a_turn_ends_as_undisturbed(script: Script, stage: Stage) -> None:
    assert play(stage, script, Once()).outcome is SCRIPTS[script]
    dies_after_every_verb(stage, script)
