"""The running parts: Prefect and what it knows of us, the API, the workers."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import timedelta

import httpx
from sqlmodel import col, select

from cli.checks.finding import Finding, fail, ok, warn
from cli.checks.ground import Ground, count, span
from cli.checks.versions import installed
from models.processes import PROCESSES, ROUTINES
from models.tables import Heartbeat

PATIENCE = 5.0
DEPLOYMENT = "clientrisk"
"""The name of every process's deployment, as ``flows.runs`` gives it; not read from there, for that loads Prefect."""

SILENT_AFTER = timedelta(seconds=60)
"""A worker says every 20 seconds that it is alive."""


def look_at_prefect(ground: Ground) -> Iterator[Finding]:
    """The server answers, is of the version installed here, and knows every process and routine."""
    address = ground.settings.prefect_api_url
    try:
        with httpx.Client(base_url=address, timeout=PATIENCE, auth=_credentials(), trust_env=False) as client:
            client.get("/health").raise_for_status()
            served = client.get("/admin/version").raise_for_status().json()
            missing = [name for name in (*PROCESSES, *ROUTINES) if _unknown(client, name)]
    except (httpx.HTTPError, ValueError) as error:
        told = f"Prefect at {address} does not answer ({_told(error)}). People can read and decide; cases stand still"
        yield fail("Prefect", f"{told}. Start it with `clientrisk up`, or see CLIENTRISK_PREFECT_API_URL.")
        return
    here = installed("prefect")
    if here is not None and served != here:
        yield warn("Prefect", f"The server at {address} is version {served}, this is {here}. Run the same on both.")
    else:
        yield ok("Prefect", f"{address} answers, version {served}.")
    if missing:
        told = f"Prefect has no deployment of {', '.join(missing)}"
        yield fail("deployments", f"{told}: nothing of the kind is carried. Run `clientrisk deployments register`.")
    else:
        kinds = f"{count(len(PROCESSES), 'process', 'processes')} and {count(len(ROUTINES), 'routine')}"
        yield ok("deployments", f"{kinds} registered.")


def _unknown(client: httpx.Client, process: str) -> bool:
    answer = client.get(f"/deployments/name/{process}/{DEPLOYMENT}")
    if answer.status_code == httpx.codes.NOT_FOUND:
        return True
    answer.raise_for_status()
    return False


def _credentials() -> tuple[str, str] | None:
    """What Prefect's own client would send, by Prefect's own variable."""
    user, colon, password = os.environ.get("PREFECT_API_AUTH_STRING", "").partition(":")
    return (user, password) if colon else None


def look_at_api(ground: Ground) -> Iterator[Finding]:
    """The API answers here with its database; and by the address that links begin with."""
    here, outside = ground.api_address, ground.settings.base_url
    problem = _problem(f"{here}/readyz")
    if problem is None:
        yield ok("API", f"{here} answers, and reaches the database.")
    else:
        yield fail("API", f"{here} does not answer ({problem}). Start the product with `clientrisk up`.")
        return
    if outside != here and (problem := _problem(f"{outside}/healthz")) is not None:
        told = f"Links begin with {outside}, which does not answer from here ({problem})"
        yield warn("links", f"{told}. See that CLIENTRISK_BASE_URL and the proxy are right.")


def _problem(url: str) -> str | None:
    try:
        answer = httpx.get(url, timeout=PATIENCE, trust_env=False)
    except httpx.HTTPError as error:
        return _told(error)
    return None if answer.status_code == httpx.codes.OK else f"HTTP {answer.status_code}"


def _told(error: Exception) -> str:
    """What went wrong, without the number the operating system gives it."""
    return re.sub(r"^\[Errno -?\d+\] ", "", str(error)).lower() or type(error).__name__


def look_at_workers(ground: Ground) -> Iterator[Finding]:
    """Some worker has said lately that it is alive."""
    with ground.house.read() as session:
        beats = session.exec(
            select(Heartbeat).where(Heartbeat.kind == "worker").order_by(col(Heartbeat.at).desc())
        ).all()
    alive = [beat for beat in beats if ground.now - beat.at <= SILENT_AFTER]
    if alive:
        names = ", ".join(beat.name for beat in alive)
        age = span((ground.now - alive[0].at).total_seconds())
        yield ok("worker", f"{count(len(alive), 'worker')} alive ({names}); last heard {age} ago.")
        return
    since = f" for {span((ground.now - beats[0].at).total_seconds())}" if beats else ""
    told = f"No worker has been heard of{since}: cases stand still and no message is sent"
    yield fail("worker", f"{told}. Start the product with `clientrisk up`, or a worker with `clientrisk worker`.")
