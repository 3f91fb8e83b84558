"""The gate every request passes: how many and how large, strict headers, one log line without secrets, faults caught.

Pure ASGI, because it must see requests that are refused before anything else looks at them.
"""

from __future__ import annotations

import logging
import math
import re
import secrets
import time

from fastapi import Request
from sqlalchemy.exc import OperationalError, TimeoutError
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.conditional import Conditional
from api.metrics import Metrics
from api.openid import form_targets
from api.problems import refusal_response
from api.rate_limit import RateLimit, TooMany, Verdict
from api.refusals import Broken, Busy, TooLarge
from api.session import SessionCookie
from config.logging import About, about
from models.errors import Refused
from models.house import House

log = logging.getLogger("clientrisk.api")

UPLOADS = ("/import", "/api/v1/cases/import", "/moves/attach", "/attachments")
"""How the addresses end that take files."""
FORM_LIMIT = 1_048_576
"""No form needs more: the longest text has 4,000 characters. Uploads may be as large as the setting says."""
DRAINED = 4
"""A refused body is read and thrown away up to this many times the limit, so that the answer can be received."""

SECURITY_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


UNCOUNTED = ("/static/", "/healthz", "/readyz", "/metrics")
"""What is never limited: it costs nothing, or tells how we are when much is asked of us."""

ASKS_FOR_SECRETS = re.compile(r"^(/sign-in|/a/[^/]+/sign-in|/o/[^/]+/code)$")
"""Where a message with a link or code is sent for the asking."""

REQUEST_ID = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
"""What we take as a request's id from outside: it goes into logs and into an answer."""


class Gate:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, house: House, metrics: Metrics, sessions: SessionCookie) -> None:
        self._app = app
        self._limit = house.settings.max_body_bytes
        self._rates = RateLimit(house.settings)
        self._metrics, self._sessions = metrics, sessions
        self._headers = dict(SECURITY_HEADERS)
        policy = self._headers["content-security-policy"]
        to = "form-action 'self'"
        self._headers["content-security-policy"] = policy.replace(to, to + form_targets(house.settings))
        if house.settings.base_url.startswith("https:"):
            self._headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope = storable_address(scope)
        named = request_id(scope)
        conditional = Conditional(scope, send)
        passage = _Passage({**self._headers, "x-request-id": named}, conditional.send)
        with about(About(named, lambda: case_of(scope))):
            try:
                await self._pass(scope, receive, passage)
            except Exception as error:
                if passage.status:
                    raise
                response = self._fault(scope, error)
                await response(scope, receive, passage.send)
            finally:
                await conditional.end()
                passage.log(scope, self._metrics)

    async def _pass(self, scope: Scope, receive: Receive, passage: _Passage) -> None:
        limit = self._limit_of(scope["path"])
        counted = _Counted(receive, limit)
        verdict = self._count(scope)
        if verdict is not None and scope["path"].startswith("/api/"):
            passage.add(verdict.headers())
        if verdict is not None and not verdict.allowed:
            await counted.drain()
            refusal = TooMany(max(1, math.ceil(verdict.wait)))
            headers = {"retry-after": str(refusal.seconds)}
            await refusal_response(Request(scope), refusal, headers)(scope, receive, passage.send)
        elif counted.declared(Headers(scope=scope)) > limit:
            await counted.drain()
            await refusal_response(Request(scope), TooLarge(limit))(scope, receive, passage.send)
        else:
            await self._app(scope, counted.receive, passage.send)
            self._learn(scope, passage.status)

    def _count(self, scope: Scope) -> Verdict | None:
        """Count the request where it is counted."""
        if scope["path"].startswith(UNCOUNTED):
            return None
        request = Request(scope)
        signs_in = scope["method"] == "POST" and ASKS_FOR_SECRETS.match(scope["path"]) is not None
        return self._rates.of_caller(self._sessions.token(request), bearer(request), _address(scope), signs_in=signs_in)

    def _learn(self, scope: Scope, status: int) -> None:
        """Whether a token was one of ours; a page that takes no token says nothing about it."""
        token = bearer(Request(scope)) if scope["path"].startswith("/api/") else None
        if token is not None and route_of(scope) != NO_ROUTE:
            self._rates.proved(token, _address(scope), good=status != 401)

    def _limit_of(self, path: str) -> int:
        return self._limit if path.endswith(UPLOADS) else min(self._limit, FORM_LIMIT)

    def _fault(self, scope: Scope, error: Exception) -> Response:
        refusal: Refused
        if isinstance(error, OperationalError | TimeoutError):
            log.warning("the database did not answer: %s", type(error).__name__)
            refusal = Busy()
        else:
            log.exception("unhandled error at %s", route_of(scope), exc_info=error)
            refusal = Broken()
        return refusal_response(Request(scope), refusal)


class _Passage:
    """One answer on its way out."""

    def __init__(self, headers: dict[str, str], send: Send) -> None:
        self._headers, self._send = headers, send
        self._began = time.perf_counter()
        self.status = 0

    def add(self, headers: dict[str, str]) -> None:
        self._headers = {**self._headers, **headers}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in self._headers.items():
                headers[name] = value
            headers.setdefault("cache-control", "no-store")
        await self._send(message)

    def log(self, scope: Scope, metrics: Metrics) -> None:
        """The route's template, never the path: paths of links contain their secret."""
        seconds, route = time.perf_counter() - self._began, route_of(scope)
        # Whoever watches asks every few seconds: that all is well fills no log.
        level = logging.DEBUG if route.startswith(UNCOUNTED) and self.status < 400 else logging.INFO
        log.log(level, "%s %s %d %.1f ms", scope["method"], route, self.status, seconds * 1000)
        metrics.answered(scope["method"], route, self.status, seconds)


class _Counted:
    """A request body that may not grow beyond its limit, whatever its headers say."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive, self._limit = receive, limit
        self._seen = 0

    def declared(self, headers: Headers) -> int:
        length = headers.get("content-length", "")
        return int(length) if length.isascii() and length.isdecimal() and len(length) < 20 else 0

    async def receive(self) -> Message:
        message = await self._receive()
        self._seen += len(message.get("body", b""))
        if self._seen > self._limit:
            await self.drain(bool(message.get("more_body")))
            raise HTTPException(413)
        return message

    async def drain(self, more: bool = True) -> None:
        while more and self._seen <= self._limit * DRAINED:
            message = await self._receive()
            self._seen += len(message.get("body", b""))
            more = bool(message.get("more_body"))


NUL = re.compile(rb"%00")


def storable_address(scope: Scope) -> Scope:
    """The request with an address that any database can be asked for: PostgreSQL takes no NUL in a text."""
    path, query = scope["path"].replace("\x00", "\ufffd"), NUL.sub(b"%EF%BF%BD", scope["query_string"])
    return {**scope, "path": path, "query_string": query}


NO_ROUTE = "(no route)"
API = "/api/v1"


def route_of(scope: Scope) -> str:
    """The template of the route that was taken (``/a/{token}``). Routes of the API do not know where they stand."""
    template = getattr(scope.get("route"), "path", NO_ROUTE)
    under = scope["path"].startswith(API) and template != NO_ROUTE and not template.startswith(API)
    return API + template if under else template


def request_id(scope: Scope) -> str:
    """The request's id as its sender gave it (``X-Request-ID``), or a new one."""
    given = Headers(scope=scope).get("x-request-id", "")
    return given if REQUEST_ID.match(given) else secrets.token_hex(8)


CASE_REF = re.compile(r"^[A-Z]{2,8}-[0-9]{4}-[0-9]{3,12}$")


def case_of(scope: Scope) -> str | None:
    """The case that the address names. Only what has the form of a reference gets into logs."""
    ref = str(scope.get("path_params", {}).get("ref", ""))
    return ref if CASE_REF.match(ref) else None


def bearer(request: Request) -> str | None:
    """The token that a program sends, good or not."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""
