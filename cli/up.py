"""``clientrisk up``: everything under one supervisor."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from cli.ports import require_free
from cli.product import PYTHON, Size, hold_home, product_plan
from config.settings import Settings, load_settings

app = typer.Typer(add_completion=False)


@app.command()
def up(
    home: Annotated[Path | None, typer.Option(help="Folder for everything this installation writes.")] = None,
    sample: Annotated[bool, typer.Option(help="Sample staff and customers in an empty database.")] = True,
    workers: Annotated[int, typer.Option(min=1, max=32, help="Worker processes.")] = 1,
    apis: Annotated[int, typer.Option(min=1, max=32, help="API processes, which share the address.")] = 1,
) -> None:
    """Start the product: database, Prefect server, API and worker. Ctrl-C stops everything."""
    settings = load_settings(home=home)
    size = Size(workers, apis)
    settings.ensure_home()
    lock = hold_home(settings)
    require_free_ports(settings, size)
    os.set_inheritable(lock, True)
    become_supervisor(product_plan(settings, sample=sample, size=size).to_json())


def require_free_ports(settings: Settings, size: Size) -> None:
    """Raises ``PortTaken`` when an API process or the Prefect server could not listen."""
    for port in range(settings.api_port, settings.api_port + size.own_ports + 1):
        require_free(settings.api_host, port, purpose="API", setting="CLIENTRISK_API_PORT")
    if settings.runs_own_prefect:
        purpose, setting = "Prefect server", "CLIENTRISK_PREFECT_PORT"
        require_free(settings.prefect_host, settings.prefect_port, purpose=purpose, setting=setting)


def become_supervisor(plan: str) -> None:
    """Replaces this process by the small supervisor, under the same process id. Does not return."""
    with tempfile.TemporaryFile("w+") as file:
        file.write(plan)
        file.flush()
        file.seek(0)
        os.set_inheritable(file.fileno(), True)
        sys.stdout.flush()
        command = [sys.executable, "-m", "cli.launch", str(file.fileno())]
        os.execve(sys.executable, command, {**os.environ, **PYTHON})  # noqa: S606
