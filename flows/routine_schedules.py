"""What was changed of routines' schedules in Prefect's own pages: noticed by the worker, and put on record."""

from __future__ import annotations

import logging

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterName,
    FlowFilter,
    FlowFilterName,
)

from flows.runs import DEPLOYMENT
from models.house import House
from models.operations.schedules import look
from models.processes import ROUTINES
from models.schedules import RoutineSeen

log = logging.getLogger("clientrisk.worker")


def look_at_schedules(house: House, client: SyncPrefectClient) -> None:
    """Compare every routine's schedules with what is on record. Two calls; writes only where something differs."""
    routines = FlowFilter(name=FlowFilterName(any_=sorted(ROUTINES)))
    names = {flow.id: flow.name for flow in client.read_flows(flow_filter=routines)}
    ours = DeploymentFilter(name=DeploymentFilterName(any_=[DEPLOYMENT]))
    for deployment in client.read_deployments(flow_filter=routines, deployment_filter=ours):
        try:
            look(house, names[deployment.flow_id], RoutineSeen.from_prefect(deployment.model_dump(mode="json")))
        except (KeyError, ValueError):  # what Prefect holds is beyond us; cases are to be carried all the same
            log.exception("the schedules of the deployment %s could not be read", deployment.id)
