"""Whenever the worker is killed, the case ends as if it had not been: onboarding, killed after each of its commits."""

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from config.words import ActorKind
from models.tables import AuditEvent
from tests.processes.conftest import Play
from tests.processes.journeys import SCRIPTS, Ending, ending_of, straight_through, withdrawn
from tests.processes.mortality import Once, Stage, dies_after_every_verb


def play(stage: Stage, script: Play, at: int | None, at_once: bool = True) -> tuple[Ending, Once]:
    reaper = Once(at)
    office = stage(reaper, at_once)
    script(office)
    office.ends()
    return ending_of(office), reaper


class Undisturbed:
    """How each script ends when nobody dies, and at how many moments somebody could."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._known: dict[Play, tuple[Ending, int]] = {}

    def __call__(self, script: Play) -> tuple[Ending, int]:
        if script not in self._known:
            ending, reaper = play(self.stage, script, None)
            self._known[script] = ending, reaper.moments
        return self._known[script]


@pytest.fixture(scope="module")
def undisturbed(stage: Stage) -> Undisturbed:
    return Undisturbed(stage)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__)
def test_dying_after_every_verb_the_case_ends_as_undisturbed(script: Play, stage: Stage) -> None:
    dies_after_every_verb(stage, script)


@pytest.mark.parametrize("script", [straight_through, withdrawn], ids=lambda script: script.__name__)
def test_killed_after_any_one_commit_the_case_ends_as_undisturbed(
    script: Play, stage: Stage, undisturbed: Undisturbed
) -> None:
    ending, moments = undisturbed(script)
    assert ending.outcome is SCRIPTS[script]
    assert moments >= 10
    for at in range(1, moments + 1):
        disturbed, reaper = play(stage, script, at)
        assert reaper.struck
        assert disturbed == ending, f"killed at moment {at} of {moments}"


@settings(max_examples=12, phases=[Phase.explicit, Phase.generate])
@given(script=st.sampled_from([s for s in SCRIPTS if s is not withdrawn]), share=st.floats(0, 1, exclude_max=True))
def test_people_may_answer_while_the_worker_lies_dead(
    script: Play, share: float, stage: Stage, undisturbed: Undisturbed
) -> None:
    # A withdrawal is left out: made while the worker lies dead it rightly ends the case before its next step.
    ending, moments = undisturbed(script)
    disturbed, reaper = play(stage, script, 1 + int(share * moments), at_once=False)
    assert reaper.struck
    assert disturbed == ending


def test_the_takeover_is_on_record_as_the_systems(stage: Stage) -> None:
    office = stage(Once(3), True)
    straight_through(office)
    with office.house.read() as session:
        lost = session.exec(select(AuditEvent).where(AuditEvent.event == "run.worker-lost")).one()
    assert (lost.actor_kind, lost.case_ref, lost.data["worker"]) == (ActorKind.SYSTEM, office.ref, "direct")
