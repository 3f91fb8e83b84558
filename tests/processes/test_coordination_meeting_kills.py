"""Whenever the worker dies, a coordination meeting ends as if it had not."""

from datetime import date

import pytest

from config.words import Outcome
from tests.processes.conftest import Office
from tests.processes.meeting import CALL, held, opens
from tests.processes.mortality import Once, Script, Stage, dies_after_every_verb, play
from tests.processes.received import comes


def followed_up(office: Office) -> None:
    opens(office)
    office.answers("wu.gang", "again")
    held(office)
    comes(office, date(2026, 3, 20))
    office.answers("feng.bo", "adjust", due_on="2026-03-25", reason="对方法人出国")
    comes(office, date(2026, 3, 25))
    office.answers("feng.bo", "done", done_on="2026-03-25", result="协议已签")
    comes(office, date(2026, 3, 30))
    office.answers("li.na", "drop", reason="客户已停产")


def nothing_resolved(office: Office) -> None:
    opens(office)
    office.answers("wu.gang", "call", **CALL)
    comes(office, date(2026, 3, 12), 16)
    office.answers("wu.gang", "nothing", reason="各项均按计划推进")


def nobody_calls_it(office: Office) -> None:
    opens(office)
    office.passes(days=60)


def taken_back_while_its_day_is_waited_for(office: Office) -> None:
    opens(office)
    office.answers("wu.gang", "call", **CALL)
    office.withdraws("wu.gang", "并入三月会议")


SCRIPTS: dict[Script, Outcome] = {
    followed_up: Outcome.DONE,
    nothing_resolved: Outcome.DONE,
    nobody_calls_it: Outcome.LAPSED,
    taken_back_while_its_day_is_waited_for: Outcome.WITHDRAWN,
}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__)
def test_dying_after_every_verb_a_meeting_ends_as_undisturbed(script: Script, stage: Stage) -> None:
    assert play(stage, script, Once()).outcome is SCRIPTS[script]
    dies_after_every_verb(stage, script)
