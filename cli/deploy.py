"""``clientrisk deployments``: the flows as Prefect knows them."""

from __future__ import annotations

import httpx
import typer

from cli.terminal import opened_house, say
from config.prefect import adopt_environment
from config.problem import Problem
from config.settings import get_settings
from models.operations.schedules import as_they_stood
from models.schedules import RoutineSeen

app = typer.Typer(add_completion=False, no_args_is_help=True, help="The flows as Prefect knows them.")


@app.callback()
def deployments() -> None:
    """The flows as Prefect knows them."""


@app.command()
def register() -> None:
    """Register every flow's deployment. What operations changed in Prefect (schedules, pauses) stays."""
    settings = get_settings()
    adopt_environment(settings)
    # Prefect reads its environment when it is imported.
    from prefect.client.orchestration import get_client
    from prefect.exceptions import PrefectException

    from flows.deployments import register as register_deployments

    try:
        with get_client(sync_client=True) as client:
            client.hello()
            names = register_deployments(client, settings.work_pool, settings.time_zone, _kept())
    except (httpx.HTTPError, PrefectException, RuntimeError) as error:
        raise Problem(
            f"Prefect at {settings.prefect_api_url} cannot be used: {str(error) or type(error).__name__}. Start the "
            "product with `clientrisk up`, or see that CLIENTRISK_PREFECT_API_URL is right."
        ) from None
    for name in names:
        say(f"registered {name} on work pool {settings.work_pool}")


def _kept() -> dict[str, RoutineSeen]:
    """How the routines stood, for a Prefect that is new; nothing where there is no database yet."""
    try:
        return as_they_stood(opened_house())
    except Problem:
        return {}
