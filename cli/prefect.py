"""``clientrisk prefect``: one Prefect server, as the product wants it."""

from __future__ import annotations

import os

import typer

from cli.ports import require_free
from config.prefect import server_arguments, server_environment
from config.settings import get_settings

app = typer.Typer(add_completion=False)


@app.command()
def prefect() -> None:
    """Run the Prefect server alone, until told to stop. Several may run on one PostgreSQL database with Redis."""
    settings = get_settings()
    settings.ensure_home()
    require_free(
        settings.prefect_host, settings.prefect_port, purpose="Prefect server", setting="CLIENTRISK_PREFECT_PORT"
    )
    os.environ.update(server_environment(settings))
    _, _, *arguments = server_arguments(settings)
    from cli.prefect_server import serve  # reads the environment when it is imported

    serve(arguments)
