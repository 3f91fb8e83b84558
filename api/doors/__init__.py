"""The doors of the house: every route has one, and a right that opens it. What has none stays shut.

``guard`` stands at every route before anything else is done for it: it asks who it is, and whether they hold the
right by role. Where a right may also come from how somebody stands to the thing (its handler, a signer), the handler
asks that, once it has the thing before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from api.caller import person_calling
from api.doors.keys import CHOSEN, Key, Open
from api.doors.pages import PAGES
from api.doors.programs import PROGRAMS
from config.languages import N_
from models.errors import NotAllowed
from models.processes import ONBOARDING
from models.rights import Right, may_knock, not_held
from models.starting import starts

API = "/api/v1"
PLAIN: Mapping[Key, str] = {
    Open.ANYBODY: """
        GET /static/{name}
        GET /healthz
        GET /readyz
    """,
    Open.METRICS: "GET /metrics",
}
REPAIR_ACTS = {"invite": Right.BEGIN_REPAIR, "relapse": Right.REPORT_RELAPSE}

PRIVACY_ACTS = {
    **dict.fromkeys(("consent", "withdraw"), Right.KEEP_CONSENTS),
    **dict.fromkeys(("hold", "lift", "ask", "confirm", "turn-down"), Right.DECIDE_ERASURE),
}


def _doors(table: Mapping[Key, str], under: str = "") -> Iterator[tuple[tuple[str, str], Key]]:
    for key, lines in table.items():
        for line in filter(None, map(str.strip, lines.splitlines())):
            method, _, path = line.partition(" ")
            yield (method, under + path), key


DOORS: Mapping[tuple[str, str], Key] = dict([*_doors(PLAIN), *_doors(PAGES), *_doors(PROGRAMS, API)])
"""Method and path of every door, and what opens it."""


def key_of(method: str, path: str) -> Key | None:
    """What opens the door of a route; None: nothing does."""
    return DOORS.get(("GET" if method == "HEAD" else method, path))


def right_of(key: Key, path_params: Mapping[str, Any]) -> Right | None:
    """The right it takes, where that depends on what is asked for; None: there is no such thing to have a right to."""
    if key is not CHOSEN:
        return key if isinstance(key, Right) else None
    if "process" in path_params:
        process = str(path_params["process"])
        start = starts().get(process)
        return Right.OPEN_ONBOARDING if process == ONBOARDING.name else start.right if start else None
    if "act" in path_params:
        return PRIVACY_ACTS.get(str(path_params["act"]))
    return REPAIR_ACTS.get(str(path_params.get("name")))


async def guard(request: Request) -> None:
    """Let pass who may come to this door. Doors without a sign-in cost no thread: how the process is must be told
    while all of them wait for the database.

    Raises:
        NotSignedIn: nobody is signed in, or the token is not known.
        NotAllowed: they have no right to what lies behind it, whatever it is.
    """
    path = template_of(request)
    key = key_of(request.method, path)
    if key is None:
        raise NotAllowed(N_("This address is open to nobody: it declares no right."))
    if isinstance(key, Open):
        return
    await run_in_threadpool(_knock, request, key)


def _knock(request: Request, key: Key) -> None:
    person = person_calling(request)
    right = right_of(key, request.path_params)
    if right is not None and not may_knock(person, right):
        raise not_held(right)


def template_of(request: Request) -> str:
    """The template of the route that was taken; routes of the API do not know where they stand."""
    template = str(getattr(request.scope.get("route"), "path", ""))
    return API + template if request.url.path.startswith(API) and not template.startswith(API) else template


Included = Iterable[tuple[str, APIRouter]]
"""Routers, each with the path it stands under."""


def refuse_undeclared(included: Included) -> None:
    """A route without a door is a mistake of ours: say so before the first request.

    Raises:
        LookupError: names each route that declares no right, and each line of the tables without a route.
    """
    there = set(routes_of(included))
    without = sorted(f"{method} {path}" for method, path in there - set(DOORS))
    if without:
        raise LookupError(f"these routes declare no right; name each in api/doors: {', '.join(without)}")
    nowhere = sorted(f"{method} {path}" for method, path in set(DOORS) - there)
    if nowhere:
        raise LookupError(f"api/doors names routes that do not exist: {', '.join(nowhere)}")


def routes_of(included: Included) -> Iterator[tuple[str, str]]:
    """Method and path of every route; ``HEAD`` goes with ``GET``."""
    for under, router in included:
        for route in router.routes:
            if isinstance(route, APIRoute):
                yield from ((method, under + route.path) for method in (route.methods or set()) - {"HEAD"})
