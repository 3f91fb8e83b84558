"""``python -m cli.prefect_server``: Prefect's own server, with one connection to its SQLite database.

Prefect opens up to fifteen connections to one SQLite file. They then wait for each other's write lock (up to a minute,
as Prefect sets it), refuse each other's work as busy, which its clients repeat two seconds later, and can stop the
whole server for that minute: when the garbage collector resets a cursor of a connection that is waiting for a lock,
the server's one event loop waits with it, and whoever holds the lock waits for the event loop.
One connection has nobody to wait for; it is what Prefect itself uses for a database in memory. PostgreSQL is left
as it is.
"""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Pool, make_url
from sqlalchemy.dialects import plugins
from sqlalchemy.engine import CreateEnginePlugin

PLUGIN = "clientrisk_one_connection"
VARIABLES = ("PREFECT_SERVER_DATABASE_CONNECTION_URL", "PREFECT_API_DATABASE_CONNECTION_URL")
DRIVER = "PREFECT_SERVER_DATABASE_DRIVER"
"""Set when the database is told in parts; it is then PostgreSQL."""

LONGEST_WAIT = 60.0
"""Seconds that a request waits for the connection before it is refused."""


class OneConnection(CreateEnginePlugin):
    """Gives an engine whose address names it a pool of one connection."""

    def __init__(self, url: URL, kwargs: dict[str, Any]) -> None:
        """Nothing is taken from ``url`` or ``kwargs``."""

    def update_url(self, url: URL) -> URL:
        """The address without our mark, which the database driver would not know."""
        return url.difference_update_query(["plugin"])

    def handle_pool_kwargs(self, pool_cls: type[Pool], pool_args: dict[str, Any]) -> None:
        """One connection, and patience."""
        pool_args |= {"pool_size": 1, "max_overflow": 0, "timeout": LONGEST_WAIT}


def use_one_connection(environment: MutableMapping[str, str]) -> None:
    """Mark the address of Prefect's database in ``environment``, if it is an SQLite file."""
    if environment.get(DRIVER):
        return
    home = Path(environment.get("PREFECT_HOME") or "~/.prefect").expanduser()
    name = next((name for name in VARIABLES if environment.get(name)), VARIABLES[0])
    url = make_url(environment.get(name) or f"sqlite+aiosqlite:///{home}/prefect.db")
    if url.get_backend_name() == "sqlite" and url.database and ":memory:" not in url.database:
        marked = url.update_query_dict({"plugin": PLUGIN})
        environment[name] = marked.render_as_string(hide_password=False)


def serve(arguments: list[str]) -> None:
    """Run ``prefect server start`` with ``arguments`` in the foreground. Ends with its exit code."""
    plugins.register(PLUGIN, "cli.prefect_server", OneConnection.__name__)
    use_one_connection(os.environ)
    from prefect.cli import app  # reads the environment when it is imported

    sys.argv = ["prefect", "server", "start", *arguments]
    app()


if __name__ == "__main__":
    serve(sys.argv[1:])
