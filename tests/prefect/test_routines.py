"""What is done again and again: scheduled once, carried by the worker, run again when its worker died."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId
from prefect.client.schemas.objects import FlowRun
from prefect.states import Pending, Running
from sqlmodel import select

from config.words import CustomerType
from flows.deployments import register
from flows.routine_runs import lost_routines
from flows.runs import Runs
from models.house import House, system_clock
from models.operations.heartbeat import beat
from models.operations.ledger import InvoiceGiven, record_invoice
from models.processes import OVERDUE_SCAN
from models.tables import AuditEvent, Case, Customer
from tests.prefect.conftest import eventually

SCAN = "overdue-scan/clientrisk"


def started(client: SyncPrefectClient, **parameters: object) -> FlowRun:
    deployment = client.read_deployment_by_name(SCAN)
    return client.create_flow_run_from_deployment(deployment.id, parameters=parameters)


def state(client: SyncPrefectClient, run: FlowRun) -> str | None:
    found = client.read_flow_run(run.id).state
    return found.name if found else None


def scans(house: House) -> list[AuditEvent]:
    with house.read() as session:
        return list(session.exec(select(AuditEvent).where(AuditEvent.event == "ledger.scanned")).all())


def debtor(house: House) -> None:
    """A steel trader in Xuzhou whose invoice of 400,000 fell due at the end of January 2026, if that is past."""
    with house.work() as work:
        work.add(Customer(type=CustomerType.MEDIUM, name="徐州恒通钢材贸易有限公司", created_at=work.now))
        record_invoice(
            work,
            InvoiceGiven(
                number="FP-0117",
                customer="K-000001",
                amount="400000",  # type: ignore[arg-type]
                issued_on=date(2024, 1, 1),
                due_on=date(2024, 1, 31),
            ),
        )


def test_the_scan_is_scheduled_once_and_what_operations_change_stays(client: SyncPrefectClient, house: House) -> None:
    assert SCAN in register(client, house.settings.work_pool, house.settings.time_zone)
    deployment = client.read_deployment_by_name(SCAN)
    (schedule,) = deployment.schedules
    assert (schedule.schedule.cron, schedule.schedule.timezone) == ("30 7 * * *", "Asia/Shanghai")  # type: ignore[union-attr]
    client.update_deployment_schedule(deployment.id, schedule.id, active=False)
    try:
        register(client, house.settings.work_pool, house.settings.time_zone)
        (kept,) = client.read_deployment_by_name(SCAN).schedules
        assert (kept.id, kept.active) == (schedule.id, False)
    finally:
        client.update_deployment_schedule(deployment.id, schedule.id, active=True)


def test_a_scan_opens_cases_and_tells_managers_numbers_but_no_names(
    client: SyncPrefectClient, house: House, worker: None
) -> None:
    debtor(house)
    run = started(client, anyway=True)
    eventually(lambda: state(client, run) == "Completed", "the scan to be done")
    with house.read() as session:
        (case,) = session.exec(select(Case)).all()
    assert (case.title, case.initiator_id, case.origin) == ("徐州恒通钢材贸易有限公司", None, "scan")
    found = client.read_artifacts(artifact_filter=ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run.id])))
    (told,) = [str(artifact.data) for artifact in found if artifact.key == OVERDUE_SCAN.name]
    assert "| Collections cases opened | 1 |" in told
    assert "徐州" not in told


def test_a_scan_whose_worker_died_is_run_again(
    client: SyncPrefectClient, house: House, worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.worker.SILENT_AFTER", timedelta(seconds=0.5))
    run = died(client, house, "elsewhere:77")
    eventually(lambda: state(client, run) == "Completed", "the scan to be run again")
    assert len(scans(house)) == 1
    with house.read() as session:
        recovered = session.exec(select(AuditEvent).where(AuditEvent.event == "routine.recovered")).one()
    assert UUID(str(recovered.data["flow_run"])) == run.id


@pytest.mark.parametrize(
    ("taken_by", "beat_says", "lost"),
    [
        ("elsewhere:78", "carried", False),  # a living worker of ours, at work on it
        ("elsewhere:79", "idle", True),  # restarted under its old name
        ("elsewhere:80", "silence", True),
        (None, "silence", False),  # a worker of another kind: it looks after its own
    ],
)
def test_a_scan_is_lost_only_when_no_living_worker_of_ours_carries_it(
    client: SyncPrefectClient, house: House, taken_by: str | None, beat_says: str, lost: bool
) -> None:
    register(client, house.settings.work_pool)
    run = died(client, house, taken_by)
    house.clock = lambda: system_clock() + timedelta(minutes=5)
    if taken_by and beat_says != "silence":
        facts = {"threads": 2, "routines": [str(run.id)] if beat_says == "carried" else []}
        beat(house, taken_by, "worker", house.clock(), facts)
    found = {one.id for one in lost_routines(house, Runs(client), house.settings.work_pool, timedelta(minutes=1))}
    client.delete_flow_run(run.id)
    assert (run.id in found) is lost


def died(client: SyncPrefectClient, house: House, worker: str | None) -> FlowRun:
    """A scan that a worker took and began."""
    deployment = client.read_deployment_by_name(SCAN)
    taken = Pending(message=f"taken by {worker}" if worker else None)
    run = client.create_flow_run_from_deployment(deployment.id, parameters={"anyway": True}, state=taken)
    client.set_flow_run_state(run.id, Running(), force=True)
    return client.read_flow_run(run.id)
