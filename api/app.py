"""The web application of one installation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI, Request
from sqlalchemy import text
from starlette.responses import Response

from api.gate import Gate
from api.pages import (
    absences,
    applying,
    bulk,
    cases,
    inbox,
    links,
    outside,
    papers,
    qualifications,
    questions,
    sign_in,
    starting,
    steps,
)
from api.pages import customers as customer_pages
from api.pages import evaluation as evaluation_pages
from api.pages import ledger as ledger_pages
from api.pages import repair as repair_pages
from api.problems import ProblemDetails, install
from api.rendering import Pages, compile_templates
from api.routes import absences as absence_routes
from api.routes import cases as case_routes
from api.routes import customers as customer_routes
from api.routes import ledger as ledger_routes
from api.routes import moves as move_routes
from api.routes import papers as paper_routes
from api.routes import processes as process_routes
from api.routes import qualifications as qualification_routes
from api.routes import repair as repair_routes
from api.routes import session as session_routes
from api.routes import steps as step_routes
from api.routes import trading as trading_routes
from api.routes.description import DESCRIPTION, TAGS, describe
from api.session import SessionCookie
from api.static import FILES
from models.errors import NotFound
from models.house import House

plain = APIRouter(include_in_schema=False)


@plain.get("/healthz")
def alive() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@plain.get("/readyz")
def ready(request: Request) -> dict[str, str]:
    """The database answers."""
    with request.app.state.house.read() as session:
        session.execute(text("SELECT 1"))
    return {"status": "ready"}


@plain.api_route("/static/{name}", methods=["GET", "HEAD"])
def static(name: str) -> Response:
    """A file of ours; its name changes with its content, so it never needs asking for again."""
    if name not in FILES:
        raise NotFound("There is no such page.")
    data, media_type = FILES[name]
    return Response(data, media_type=media_type, headers={"cache-control": "public, max-age=31536000, immutable"})


@asynccontextmanager
async def _serving(_app: FastAPI) -> AsyncIterator[None]:
    compile_templates()
    yield


def create_app(house: House) -> FastAPI:
    """The application that serves ``house``: pages, JSON API, health."""
    app = FastAPI(
        title="clientrisk",
        version="1",
        description=DESCRIPTION,
        openapi_tags=TAGS,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_serving,
    )
    app.state.house = house
    app.state.signing_key = house.settings.signing_key()  # read once: it may be in a file
    app.state.sessions = SessionCookie(house)
    app.state.pages = Pages(house)
    for module in (links, steps, sign_in, inbox, bulk, questions, absences, cases, applying):
        app.include_router(module.router)
    for module in (session_routes, case_routes, step_routes, move_routes, absence_routes, trading_routes):
        app.include_router(module.router, prefix="/api/v1")
    app.include_router(starting.router)
    app.include_router(evaluation_pages.router)
    app.include_router(customer_pages.router)
    app.include_router(qualifications.router)
    app.include_router(qualification_routes.router, prefix="/api/v1")
    app.include_router(customer_routes.router, prefix="/api/v1")
    app.include_router(process_routes.router, prefix="/api/v1")
    app.include_router(ledger_pages.router)
    app.include_router(ledger_routes.router, prefix="/api/v1")
    app.include_router(repair_pages.router)
    app.include_router(repair_routes.router, prefix="/api/v1")
    for module in (outside, papers):
        app.include_router(module.router)
    app.include_router(paper_routes.router, prefix="/api/v1")
    app.include_router(plain)
    install(app)
    app.add_middleware(Gate, house=house)
    describe(app, ProblemDetails)
    return app
