"""The gate every request passes: size limit, strict headers, one log line without secrets, faults caught.

Pure ASGI, because it must see requests that are refused before anything else looks at them.
"""

from __future__ import annotations

import logging
import time

from fastapi import Request
from sqlalchemy.exc import OperationalError, TimeoutError
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import refusal_response
from api.refusals import Broken, Busy, TooLarge
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


class Gate:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, house: House) -> None:
        self._app = app
        self._limit = house.settings.max_body_bytes
        self._headers = dict(SECURITY_HEADERS)
        if house.settings.base_url.startswith("https:"):
            self._headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        passage = _Passage(self._headers, send)
        limit = self._limit_of(scope["path"])
        counted = _Counted(receive, limit)
        try:
            if counted.declared(Headers(scope=scope)) > limit:
                await counted.drain()
                await refusal_response(Request(scope), TooLarge(limit))(scope, receive, passage.send)
            else:
                await self._app(scope, counted.receive, passage.send)
        except Exception as error:
            if passage.status:
                raise
            response = self._fault(scope, error)
            await response(scope, receive, passage.send)
        finally:
            passage.log(scope)

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

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in self._headers.items():
                headers[name] = value
            headers.setdefault("cache-control", "no-store")
        await self._send(message)

    def log(self, scope: Scope) -> None:
        """The route's template, never the path: paths of links contain their secret."""
        milliseconds = (time.perf_counter() - self._began) * 1000
        log.info("%s %s %d %.1f ms", scope["method"], route_of(scope), self.status, milliseconds)


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


def route_of(scope: Scope) -> str:
    """The template of the route that was taken (``/a/{token}``)."""
    return getattr(scope.get("route"), "path", "(no route)")
