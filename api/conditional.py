"""Answers to programs that read: tagged by their content, 304 if the reader has them already, with the next page."""

from __future__ import annotations

import hashlib

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Message, Scope, Send

from api.etags import matches
from api.paging import next_link


class Conditional:
    """Holds back a JSON answer to a GET of the API until it is whole; everything else passes as it comes."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope, self._send = scope, send
        self._concerned = scope["path"].startswith("/api/") and scope["method"] == "GET"
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        """An ASGI message of the application on its way out."""
        if message["type"] == "http.response.start" and self._concerned and _is_json(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._answer(self._start)

    async def end(self) -> None:
        """The application has ended; what it left unfinished is passed on as it is."""
        if self._start is not None:
            start, self._start = self._start, None
            await self._send(start)
            await self._send({"type": "http.response.body", "body": self._body})

    async def _answer(self, start: Message) -> None:
        self._start = None
        headers = MutableHeaders(scope=start)
        tag = headers.setdefault("etag", f'"{hashlib.sha256(self._body).hexdigest()[:20]}"')
        link = next_link(self._scope["path"], self._scope["query_string"].decode("latin-1"), self._body)
        if link is not None:
            headers["link"] = link
        headers.add_vary_header("Authorization, Cookie, Accept-Language")
        if matches(Headers(scope=self._scope).get("if-none-match", ""), tag):
            start["status"], self._body = 304, b""
            del headers["content-length"]
            del headers["content-type"]
        await self._send(start)
        await self._send({"type": "http.response.body", "body": self._body})


def _is_json(start: Message) -> bool:
    kind = Headers(raw=start["headers"]).get("content-type", "")
    return start["status"] == 200 and kind.partition(";")[0] == "application/json"
