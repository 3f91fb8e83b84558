"""For those who watch over the installation: does it live, is it ready, and its metrics."""

from __future__ import annotations

import hmac
from functools import cache
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse, Response

from api.caller import house_of
from api.metrics import CONTENT_TYPE, Metrics
from config.languages import N_
from models.errors import NotFound
from models.house import House
from models.queries.figures import ALIVE, worker_beats

router = APIRouter(include_in_schema=False)

Status = Literal["ok", "degraded", "failing"]


class Part(BaseModel):
    """How one part stands."""

    status: Status
    detail: str = ""
    heartbeat_age_seconds: int | None = None


@router.api_route("/healthz", methods=["GET", "HEAD"])
async def alive() -> dict[str, str]:
    """The process answers, even while every thread waits for a database that is silent."""
    return {"status": "ok"}


@router.api_route("/readyz", methods=["GET", "HEAD"])
def ready(request: Request) -> Response:
    """Each part by itself. 503 if requests cannot be served; a worker that is away only delays what follows."""
    house = house_of(request)
    parts = {"database": _database(house)}
    if parts["database"].status == "ok":
        parts |= {"migrations": _migrations(house), "worker": _worker(house)}
    failing = any(part.status == "failing" for part in parts.values())
    degraded = any(part.status == "degraded" for part in parts.values())
    told = {
        "status": "failing" if failing else "degraded" if degraded else "ready",
        "parts": {name: part.model_dump(exclude_defaults=True) for name, part in parts.items()},
    }
    return JSONResponse(told, 503 if failing else 200)


def _database(house: House) -> Part:
    try:
        with house.read() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return Part(status="failing", detail="it does not answer")
    return Part(status="ok")


@cache
def _wanted() -> str:
    from models.migrate import latest  # reads scripts: not needed to serve anything else

    return latest()


def _migrations(house: House) -> Part:
    try:
        with house.read() as session:
            at = session.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except SQLAlchemyError:
        at = None
    if at == _wanted():
        return Part(status="ok")
    return Part(status="failing", detail=f"the database is at {at or 'no revision'}, this version needs {_wanted()}")


def _worker(house: House) -> Part:
    with house.read() as session:
        heard = max(worker_beats(session), default=None)
    if heard is None:
        return Part(status="degraded", detail="no worker was ever heard of")
    age = house.clock() - heard
    seconds = max(0, int(age.total_seconds()))
    if age > ALIVE:
        return Part(status="degraded", detail="cases and messages wait", heartbeat_age_seconds=seconds)
    return Part(status="ok", heartbeat_age_seconds=seconds)


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Metrics for whoever holds the token; without one in the settings, for this very machine. For nobody else is
    there anything here."""
    if not may_read_metrics(request):
        raise NotFound(N_("There is no such page."))
    found: Metrics = request.app.state.metrics
    return Response(found.text(), media_type=CONTENT_TYPE)


def may_read_metrics(request: Request) -> bool:
    """Whether this request names the token, or comes straight from this machine where there is none.

    Behind a proxy everything seems to come from it: what was passed on, or asked for by another name, counts as from
    elsewhere.
    """
    token = house_of(request).settings.metrics_token
    if token is not None:
        given = request.headers.get("authorization", "").encode()
        return hmac.compare_digest(given, b"Bearer " + token.get_secret_value().encode())
    if any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip")):
        return False
    here = request.client.host if request.client else ""
    name = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    return _loopback(here) and (name == "localhost" or _loopback(name))


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
