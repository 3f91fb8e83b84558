"""The web application of one installation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from fastapi import APIRouter, Depends, FastAPI
from starlette.responses import Response

from api import health
from api import pages as page_package
from api import routes as route_package
from api.doors import API, guard, refuse_undeclared
from api.gate import Gate
from api.metrics import Metrics
from api.openid import OpenId
from api.problems import ProblemDetails, install
from api.rendering import Pages, compile_templates
from api.routes.description import DESCRIPTION, TAGS, describe
from api.session import SessionCookie
from api.static import FILES
from models.errors import NotFound
from models.house import House

plain = APIRouter(include_in_schema=False)


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


def _routers(package: ModuleType) -> Iterator[APIRouter]:
    """The router of every module of a package that has one, by the module's name: a new page only has to be there."""
    for entry in iter_modules(package.__path__):
        router = getattr(import_module(f"{package.__name__}.{entry.name}"), "router", None)
        if router is not None:
            yield router


def _included() -> Iterator[tuple[str, APIRouter]]:
    """Every router, with the path it stands under."""
    yield from (("", router) for router in _routers(page_package))
    yield from ((API, router) for router in _routers(route_package))
    yield from (("", router) for router in (plain, health.router))


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
        dependencies=[Depends(guard)],
    )
    app.state.house = house
    app.state.signing_key = house.settings.signing_key()  # read once: it may be in a file
    app.state.sessions = SessionCookie(house)
    app.state.openid = OpenId(house)
    app.state.pages = Pages(house)
    app.state.metrics = Metrics(house)
    included = [*_included()]
    refuse_undeclared(included)
    for prefix, router in included:
        app.include_router(router, prefix=prefix)
    install(app)
    app.add_middleware(Gate, house=house, metrics=app.state.metrics, sessions=app.state.sessions)
    describe(app, ProblemDetails)
    return app
