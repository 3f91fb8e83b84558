"""Whenever the worker dies, an assessment of the work ends as if it had not."""

from datetime import date

import pytest

from config.words import Outcome
from tests.processes.assessed import FINDINGS, REPORT, REWARDS, assessed, rectified
from tests.processes.conftest import Office
from tests.processes.mortality import Once, Script, Stage, dies_after_every_verb, play
from tests.processes.received import comes


def round_about(office: Office) -> None:
    """Sent back, returned by the vice-president, rewards returned once, signed in the second round."""
    assessed(office)
    office.answers("han.xue", "findings", findings=FINDINGS)
    office.answers("chen.yu", "report", **REPORT)
    comes(office, date(2026, 4, 6))
    office.answers("han.xue", "send-back", lacking=[{"number": 2, "why": "未提交", "until": "2026-04-20"}])
    office.answers("li.na", "report", **REPORT)
    office.answers("han.xue", "verified")
    office.answers("wu.gang", "propose", rewards=REWARDS)
    office.answers("zhou.hong", "return", target="awards-and-sanctions", reason="处罚过轻")
    office.answers("wu.gang", "propose", rewards=REWARDS[:1])
    office.answers("zhou.hong", "approve")
    office.answers("zhou.hong", "return", target="audit-findings", reason="请核实回收率")
    office.answers("han.xue", "none")
    office.answers("wu.gang", "none")
    office.answers("zhou.hong", "sign-off")


def straight_through(office: Office) -> None:
    assessed(office)
    rectified(office)
    office.answers("wu.gang", "propose", rewards=REWARDS)
    office.answers("zhou.hong", "approve")
    office.answers("zhou.hong", "sign-off")


def nobody_audits(office: Office) -> None:
    assessed(office)
    office.passes(days=70)


def taken_back(office: Office) -> None:
    assessed(office)
    office.answers("han.xue", "findings", findings=FINDINGS)
    office.withdraws("han.xue", "并入专项审计")


SCRIPTS: dict[Script, Outcome] = {
    straight_through: Outcome.SIGNED_OFF,
    round_about: Outcome.SIGNED_OFF,
    nobody_audits: Outcome.LAPSED,
    taken_back: Outcome.WITHDRAWN,
}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__)
def test_dying_after_every_verb_an_assessment_ends_as_undisturbed(script: Script, stage: Stage) -> None:
    assert play(stage, script, Once()).outcome is SCRIPTS[script]
    dies_after_every_verb(stage, script)
