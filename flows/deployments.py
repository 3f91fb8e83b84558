"""The register of flows: one deployment per process on an ordinary work pool."""

from __future__ import annotations

from contextlib import suppress

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import DeploymentUpdate, WorkPoolCreate
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound

from flows.case_flow import Process, process_named
from flows.runs import DEPLOYMENT
from models.processes import PROCESSES


def register(client: SyncPrefectClient, work_pool: str) -> list[str]:
    """Make the work pool and a deployment of every process; return the deployments' names.

    What ops have changed (schedules, pauses) survives: an existing deployment only learns where its flow is.
    """
    with suppress(ObjectAlreadyExists):
        client.create_work_pool(WorkPoolCreate(name=work_pool, type="process"))
    return [_deploy(client, process_named(name), work_pool) for name in PROCESSES]


def _deploy(client: SyncPrefectClient, process: Process, work_pool: str) -> str:
    name = f"{process.kind.name}/{DEPLOYMENT}"
    try:
        known = client.read_deployment_by_name(name)
    except ObjectNotFound:
        client.create_deployment(
            flow_id=client.create_flow_from_name(process.kind.name),
            name=DEPLOYMENT,
            work_pool_name=work_pool,
            entrypoint=process.entrypoint,
            description=process.flow.description,
            tags=[process.kind.prefix],
            parameter_openapi_schema=process.flow_schema(),
            enforce_parameter_schema=False,
        )
    else:
        if known.entrypoint != process.entrypoint:
            client.update_deployment(known.id, DeploymentUpdate(entrypoint=process.entrypoint))
    return name
