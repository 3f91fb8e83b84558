"""The quarterly evaluation on a real Prefect server: its round, its batches, and how far it is."""

import pytest
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId

import tasks.evaluation
from models.house import House
from models.processes import EVALUATION
from models.tables import Case
from tasks.evaluation import EVALUATING
from tests.prefect.conftest import Managers, eventually
from tests.processes.conftest import Office
from tests.processes.portfolio import evaluates, furnish_portfolio

FIRST_SEGMENT = (
    "Draw up the portfolio",
    *["Evaluate customers"] * 3,
    "Count the portfolio",
    "Add up the findings",
    "Count the changes",
    "Review of the changes",
)


def test_each_batch_is_a_task_and_progress_an_artifact(
    office: Office, client: SyncPrefectClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.evaluation, "BATCH", 2)
    furnish_portfolio(office)
    evaluates(office)
    managers = Managers(client, office)
    run = managers.run()
    managers.performs(*FIRST_SEGMENT)
    mine = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run.id]))
    (progress,) = eventually(lambda: client.read_artifacts(artifact_filter=mine), "the progress artifact")
    assert (progress.type, progress.data) == ("progress", 100.0)
    assert (progress.key, progress.description) == (f"{office.ref.lower()}-progress", EVALUATING)


def test_the_round_opens_the_evaluation_of_the_last_quarter_once(
    office: Office, house: House, client: SyncPrefectClient
) -> None:
    deployment = client.read_deployment_by_name("evaluation-round/clientrisk")
    for _ in range(2):
        run = client.create_flow_run_from_deployment(deployment.id)
        eventually(lambda run=run: _state(client, run.id) == "Completed", "the round to be over")  # type: ignore[misc]
    cases = [case for case in office.all(Case) if case.process == EVALUATION.name]
    assert [(case.initiator_id, case.origin) for case in cases] == [(None, "schedule")]


def _state(client: SyncPrefectClient, run_id: object) -> str | None:
    found = client.read_flow_run(run_id).state  # type: ignore[arg-type]
    return found.name if found else None
