"""Prefect: the environment of its server and of our processes that talk to it. No Prefect is imported here.

What a person sets as ``PREFECT_*`` wins over our defaults, except what would point our processes at another
Prefect: home, address, profile and account. Each process gets a Prefect home of its own under the
product's, so a Prefect already used on this machine is neither read nor changed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping
from ipaddress import ip_address

from config.environment import SettingsError
from config.settings import Settings

POINTS_ELSEWHERE = ("PREFECT_PROFILE", "PREFECT_API_KEY", "PREFECT_PROFILES_PATH", "PREFECT_LOGGING_CONFIG_PATH")
"""Variables of a person's own Prefect that must not reach ours."""

SERVER_SERVICES = {
    # Suspended runs never expire on Prefect's side (deadlines are ours): nothing may fail a waiting case.
    "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_ENABLED": "false",
    # Creates the runs of schedules; one more pass, for deployments just changed, goes round more often.
    "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS": "10",
    # Only colours what the managers see: once a minute is soon enough, and each pass takes SQLite's write lock.
    "PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_FOREMAN_LOOP_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_LOOP_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_CLEANUP_RECONCILER_LOOP_SECONDS": "60",
    "PREFECT_SERVER_EVENTS_PROACTIVE_GRANULARITY": "PT30S",
    # Task runs and events are written many at a time: SQLite has one writer, and each small transaction of these
    # makes the ones that approvers wait for queue up behind it.
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "50",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "50",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "50",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
    # Frees the slots of dead holders; the reconciler counts on it.
    "PREFECT_SERVER_SERVICES_REPOSSESSOR_LOOP_SECONDS": "15",
}

SERVER_DEFAULTS = {
    **SERVER_SERVICES,
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
}

POSTGRESQL = {
    # Segments, task runs, events and the services each take a connection at the same moment.
    "PREFECT_SERVER_DATABASE_SQLALCHEMY_POOL_SIZE": "20",
    # Five seconds for a connection, as Prefect has it, are too few where everything is busy just then.
    "PREFECT_SERVER_DATABASE_CONNECTION_TIMEOUT": "30",
}

SEVERAL_SERVERS = {
    # What one server hears, the others know: events and log lines for pages, whose turn an event is, slots held.
    "PREFECT_MESSAGING_BROKER": "prefect_redis.messaging",
    "PREFECT_MESSAGING_CACHE": "prefect_redis.messaging",
    "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING": "prefect_redis.ordering",
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect_redis.lease_storage",
}

CLIENT_DEFAULTS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_CLI_PROMPT": "false",
    "PREFECT_CLI_COLORS": "false",
    "PREFECT_LOGGING_COLORS": "false",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    # What managers read on a run's page: the case's own lines.
    "PREFECT_LOGGING_LOGGERS_PREFECT_FLOW_RUNS_LEVEL": "INFO",
    # Two calls less for every client opened: our server asks for no token and is pinned to our version.
    "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "false",
    "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
}


def prefect_environment(settings: Settings, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """The whole environment of a process that talks to Prefect (the worker, the API), on top of ``base``.

    ``base`` is this process's own environment unless given.
    """
    own = os.environ if base is None else base
    environment = {**CLIENT_DEFAULTS, **{k: v for k, v in own.items() if k not in POINTS_ELSEWHERE}}
    environment["PREFECT_HOME"] = str(settings.prefect_home)
    environment["PREFECT_API_URL"] = settings.prefect_api_url
    if settings.prefect_api_url.startswith("http://"):
        # Nothing is encrypted, so there is no certificate to look at; else every client reads all authorities first.
        environment.setdefault("PREFECT_API_TLS_INSECURE_SKIP_VERIFY", "true")
    return environment


def server_environment(settings: Settings, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """The whole environment of the Prefect server on top of ``base``.

    Raises ``SettingsError`` when the server would listen beyond this machine without a password, or when several
    servers would each have a database of their own.
    """
    environment = {**SERVER_DEFAULTS, **_database(settings), **_redis(settings), **prefect_environment(settings, base)}
    if not _is_loopback(settings.prefect_host) and not environment.get("PREFECT_SERVER_API_AUTH_STRING"):
        raise SettingsError(
            f"CLIENTRISK_PREFECT_HOST={settings.prefect_host} would open the Prefect server, which has no users, to "
            "the network. Keep it on 127.0.0.1, or set PREFECT_SERVER_API_AUTH_STRING and PREFECT_API_AUTH_STRING to "
            "the same user:password."
        )
    # By default any page open in a browser on this machine could call the server.
    hosts = dict.fromkeys(("127.0.0.1", "localhost", settings.prefect_host))
    origins = ",".join(f"http://{host}:{settings.prefect_port}" for host in hosts)
    environment.setdefault("PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS", origins)
    return environment


def _database(settings: Settings) -> dict[str, str]:
    if settings.prefect_database_url is None:
        return {}
    return {**POSTGRESQL, "PREFECT_SERVER_DATABASE_CONNECTION_URL": settings.prefect_database_url.get_secret_value()}


def _redis(settings: Settings) -> dict[str, str]:
    if settings.prefect_redis_url is None:
        return {}
    if settings.prefect_database_url is None:
        raise SettingsError(
            "CLIENTRISK_PREFECT_REDIS_URL is for several Prefect servers, which need one PostgreSQL database: set "
            "CLIENTRISK_PREFECT_DATABASE_URL too."
        )
    url = settings.prefect_redis_url.get_secret_value()
    return {**SEVERAL_SERVERS, "PREFECT_REDIS_MESSAGING_URL": url, "PREFECT_SERVER_DOCKET_URL": url}


def server_arguments(settings: Settings) -> list[str]:
    """What follows the interpreter to start the Prefect server in the foreground (see ``cli.prefect_server``)."""
    return ["-m", "cli.prefect_server", "--host", settings.prefect_host, "--port", str(settings.prefect_port)]


def adopt_environment(settings: Settings, environment: MutableMapping[str, str] = os.environ) -> None:
    """Makes this very process talk to our Prefect. To be called before Prefect is imported."""
    for name in POINTS_ELSEWHERE:
        environment.pop(name, None)
    environment.update(prefect_environment(settings, environment))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
