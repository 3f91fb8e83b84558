"""The register of flows: one deployment per process and per routine on an ordinary work pool."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate, DeploymentUpdate, WorkPoolCreate
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule, RRuleSchedule
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound

from flows.case_flow import Process, process_named
from flows.routine_flow import RoutineFlow, routine_named
from flows.runs import DEPLOYMENT
from models.processes import PROCESSES, ROUTINES
from models.schedules import RoutineSeen, ScheduleSeen

ROUTINE = "routine"
"""The tag of a routine's deployment."""


def register(
    client: SyncPrefectClient,
    work_pool: str,
    time_zone: str = "Asia/Shanghai",
    kept: Mapping[str, RoutineSeen] = MappingProxyType({}),
) -> list[str]:
    """Make the work pool and a deployment of every process and routine; return the deployments' names.

    What ops have changed (schedules, pauses) survives: an existing deployment only learns where its flow is, what it
    says of itself and what parameters it takes. A routine's deployment is made with its first schedule, on the clock
    of ``time_zone``; a schedule that ops deleted does not come back. Where Prefect is new and the routine is not,
    it is made as it is in ``kept``, by the routine's name: as it stood when it was last seen.
    """
    with suppress(ObjectAlreadyExists):
        client.create_work_pool(WorkPoolCreate(name=work_pool, type="process"))
    cases = [_deploy(client, process_named(name), work_pool, tag=PROCESSES[name].prefix) for name in PROCESSES]
    schedules = {
        name: DeploymentScheduleCreate(schedule=CronSchedule(cron=kind.cron, timezone=time_zone), slug=kind.name)
        for name, kind in ROUTINES.items()
    }
    return cases + [
        _deploy(
            client, routine_named(name), work_pool, tag=ROUTINE, made_with=_as_it_stood(kept.get(name), schedules[name])
        )
        for name in ROUTINES
    ]


@dataclass(frozen=True)
class _Made:
    """What a deployment is made with."""

    schedules: tuple[DeploymentScheduleCreate, ...] = ()
    paused: bool = False


def _as_it_stood(seen: RoutineSeen | None, first: DeploymentScheduleCreate) -> _Made:
    if seen is None:
        return _Made((first,))
    return _Made(tuple(_schedule(one) for one in seen.schedules.values()), seen.paused)


def _schedule(seen: ScheduleSeen) -> DeploymentScheduleCreate:
    told = seen.schedule
    kind = CronSchedule if "cron" in told else IntervalSchedule if "interval" in told else RRuleSchedule
    schedule = kind.model_validate(told)
    return DeploymentScheduleCreate(schedule=schedule, active=seen.active, parameters=dict(seen.parameters))


def _deploy(
    client: SyncPrefectClient,
    process: Process | RoutineFlow,
    work_pool: str,
    *,
    tag: str,
    made_with: _Made = _Made(),
) -> str:
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
            tags=[tag],
            schedules=list(made_with.schedules) or None,
            paused=made_with.paused,
            parameter_openapi_schema=process.flow_schema(),
            enforce_parameter_schema=False,
        )
    else:
        _bring_up_to_date(client, known, process)
    return name


def _bring_up_to_date(client: SyncPrefectClient, known: DeploymentResponse, process: Process | RoutineFlow) -> None:
    """After an upgrade: what the program says of the flow, and nothing that ops may have changed."""
    schema = process.flow_schema()
    said = (known.entrypoint, known.description, known.parameter_openapi_schema)
    if said != (process.entrypoint, process.flow.description, schema):
        update = DeploymentUpdate(
            entrypoint=process.entrypoint, description=process.flow.description, parameter_openapi_schema=schema
        )
        client.update_deployment(known.id, update)
