"""``clientrisk api``: serve the pages and the JSON API."""

from __future__ import annotations

import socket
import threading

import typer
import uvicorn

from api.app import create_app
from config.logging import set_up
from config.problem import Problem
from config.settings import Settings
from models.installation import installed_house
from models.operations.heartbeat import keep_beating

app = typer.Typer(add_completion=False)

WAITING_CONNECTIONS = 2048
"""Connections that may wait to be taken; a restart of everything sends everybody here at once."""
KEPT_OPEN = 120
"""Seconds that a connection without a request is kept: longer than proxies and browsers keep theirs, so that it is they
who close it and no request meets a connection that is just going."""


@app.command()
def api() -> None:
    """Serve until told to stop. Requests under way are finished first."""
    house = installed_house()
    settings = house.settings
    set_up(settings)
    stop = threading.Event()
    threading.Thread(target=keep_beating, args=(house, "api", stop), name="heartbeat", daemon=True).start()
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(house),
            log_config=None,  # its lines are written like ours
            log_level="warning" if settings.log_level == "INFO" else settings.log_level.lower(),
            access_log=False,  # addresses contain tokens
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=10,
            timeout_keep_alive=KEPT_OPEN,
            backlog=WAITING_CONNECTIONS,
        )
    )
    server.run(sockets=listening(settings))
    stop.set()


def listening(settings: Settings) -> list[socket.socket]:
    """The sockets to serve: the address of the product and, where several processes share it, one of its own.

    The kernel deals out the connections among those who share a port.
    """
    if settings.api_own_port is None:
        return [_bound(settings.api_host, settings.api_port, shared=False)]
    if not hasattr(socket, "SO_REUSEPORT"):
        raise Problem("This system does not let processes share a port. Unset CLIENTRISK_API_OWN_PORT.")
    shared = _bound(settings.api_host, settings.api_port, shared=True)
    return [shared, _bound(settings.api_host, settings.api_own_port, shared=False)]


def _bound(host: str, port: int, *, shared: bool) -> socket.socket:
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise Problem(f"The API cannot listen on {host}:{port} ({error.strerror}).") from None
    bound.set_inheritable(True)
    return bound
