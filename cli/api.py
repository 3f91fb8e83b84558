"""``clientrisk api``: serve the pages and the JSON API."""

from __future__ import annotations

import threading

import typer
import uvicorn

from api.app import create_app
from config.logging import set_up
from models.installation import installed_house
from models.operations.heartbeat import keep_beating

app = typer.Typer(add_completion=False)


@app.command()
def api() -> None:
    """Serve until told to stop. Requests under way are finished first."""
    house = installed_house()
    settings = house.settings
    set_up(settings)
    stop = threading.Event()
    threading.Thread(target=keep_beating, args=(house, "api", stop), name="heartbeat", daemon=True).start()
    uvicorn.run(
        create_app(house),
        host=settings.api_host,
        port=settings.api_port,
        log_config=None,  # its lines are written like ours
        log_level="warning" if settings.log_level == "INFO" else settings.log_level.lower(),
        access_log=False,  # addresses contain tokens
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=10,
        timeout_keep_alive=30,
        backlog=2048,
    )
    stop.set()
