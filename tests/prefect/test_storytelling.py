"""Prefect's own pages tell the story of a case, of nobody in it, and whatever happens to the telling harms no case."""

import re
import sqlite3
from typing import Any
from uuid import UUID

import pytest
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId
from sqlmodel import col, select

from config.settings import Settings
from config.words import Outcome
from flows import storyteller
from models.house import House
from models.operations.storytelling import untold
from models.tables import Run
from tests.prefect.conftest import Managers, eventually
from tests.processes.conftest import Office
from tests.processes.journeys import gaps_questions_and_a_visit, straight_through


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a pause here."""
    monkeypatch.setattr(storyteller, "PAUSE", 0.05)
    monkeypatch.setattr(storyteller, "BUSY", 0.05)


def artifacts(client: SyncPrefectClient, run_id: UUID) -> dict[str, str]:
    """What is told of a run, by key."""
    found = client.read_artifacts(artifact_filter=ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run_id])))
    return {str(artifact.key): str(artifact.data) for artifact in found}


def told_to_the_end(office: Office) -> bool:
    with office.house.read() as session:
        return not untold(session, office.house.clock())


def test_the_run_of_a_case_tells_its_story_as_it_goes_on(
    office: Office, client: SyncPrefectClient, managers: Managers, server: Settings
) -> None:
    gaps_questions_and_a_visit(office)
    managers.sees("Completed")
    eventually(lambda: told_to_the_end(office), "the story to be told")
    run, key = managers.run(), f"case-{office.ref.lower()}"
    story = artifacts(client, run.id)
    assert sorted(story) == [key, f"{key}-page"]  # one, brought up to date segment by segment
    address = f"{office.house.settings.base_url}/cases/{office.ref}"
    assert story[f"{key}-page"] == f"[{office.ref}]({address})"
    markdown = story[key]
    assert "| Process | Onboarding review |" in markdown
    assert f"| State | **{office.outcome.label}** |" in markdown
    assert f"[Open the case page]({address})" in markdown
    assert re.search(r"\| Site visit \| .*\| Record \|", markdown)
    assert re.search(r"\| Risk .*\| Risk officer \|", markdown)
    assert {office.ref, "onboarding-review"} <= set(run.tags)
    with sqlite3.connect(server.prefect_home / "prefect.db") as prefect:
        (count,) = prefect.execute("SELECT count(*) FROM artifact WHERE key = ?", (key,)).fetchone()
    prefect.close()
    assert count == 1


def test_whatever_goes_wrong_in_the_telling_harms_no_case(
    office: Office, managers: Managers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_artifacts(*_: Any) -> None:
        raise RuntimeError("no room left")

    monkeypatch.setattr(storyteller, "_written", no_artifacts)
    straight_through(office)
    managers.sees("Completed")
    assert office.outcome is Outcome.ADMITTED
    assert not told_to_the_end(office)


def test_what_a_worker_left_untold_is_told_when_the_next_one_starts(
    office: Office, client: SyncPrefectClient, managers: Managers, house: House
) -> None:
    straight_through(office)
    managers.sees("Completed")
    eventually(lambda: told_to_the_end(office), "the story to be told")
    with house.work() as work:  # as if it had been killed before the last word
        run = work.session.exec(select(Run).where(col(Run.case_ref) == office.ref)).one()
        run.told_fence = 0
        client.delete_artifact(UUID(run.story_id))  # and somebody has tidied up in Prefect
        work.add(run)
    follower = storyteller.Storyteller(house)
    follower.start()
    try:
        eventually(lambda: told_to_the_end(office), "the story to be told again")
    finally:
        follower.stop()
    assert f"case-{office.ref.lower()}" in artifacts(client, managers.run().id)
