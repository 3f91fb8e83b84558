"""The session cookie: a random token whose hash is stored, signed so that guesses never reach the database."""

from __future__ import annotations

import logging
from datetime import timedelta

from fastapi import Request
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.exc import OperationalError
from starlette.responses import Response

from models.house import SYSTEM, House
from models.operations.access import live_session, note_seen
from models.tables import Person

MAX_NEXT = 300
SEEN_EVERY = timedelta(minutes=5)
"""How often it is noted that a session is in use."""

log = logging.getLogger("clientrisk.api")


class SessionCookie:
    """Reads and writes the cookie of one installation."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._serializer = URLSafeSerializer(house.settings.signing_key(), salt="clientrisk-session")
        self._secure = house.settings.base_url.startswith("https:")
        prefix = "__Host-" if self._secure else ""
        self._name, self._next = f"{prefix}clientrisk_session", f"{prefix}clientrisk_next"

    def token(self, request: Request) -> str | None:
        """The session token of the request's cookie, if we signed it."""
        try:
            token = self._serializer.loads(request.cookies.get(self._name, ""))
        except BadSignature:
            return None
        return token if isinstance(token, str) else None

    def person(self, request: Request) -> Person | None:
        """Who is signed in. Looked up once per request."""
        if not hasattr(request.state, "person"):
            token = self.token(request)
            request.state.person = self._look_up(token) if token else None
        person: Person | None = request.state.person
        return person

    def _look_up(self, token: str) -> Person | None:
        now, idle = self._house.clock(), timedelta(minutes=self._house.settings.session_idle_minutes)
        with self._house.read() as session:
            row = live_session(session, token, now, idle)
            person = session.get(Person, row.person_id) if row else None
        if row is None or person is None or not person.active:
            return None
        if now - (row.seen_at or row.created_at) > min(idle / 20, SEEN_EVERY):
            self._note_seen(token)
        return person

    def _note_seen(self, token: str) -> None:
        """A database that only reads just now keeps nobody out."""
        try:
            with self._house.work(SYSTEM) as work:
                note_seen(work, token)
        except OperationalError as error:
            log.warning("it could not be noted that a session was seen: %s", type(error).__name__)

    def begin(self, response: Response, token: str) -> None:
        """Sign the browser in."""
        seconds = self._house.settings.session_hours * 3600
        self._set(response, self._name, str(self._serializer.dumps(token)), seconds)
        self._set(response, self._next, "", 0)

    def end(self, response: Response) -> None:
        """Sign the browser out."""
        self._set(response, self._name, "", 0)

    def remember_next(self, response: Response, path: str) -> None:
        """Where to go after the sign-in link, which arrives by message and cannot say so itself."""
        self._set(response, self._next, str(self._serializer.dumps(path)), self._house.settings.sign_in_minutes * 60)

    def next_path(self, request: Request) -> str:
        """Where to go after signing in."""
        try:
            path = self._serializer.loads(request.cookies.get(self._next, ""))
        except BadSignature:
            return "/"
        return local_path(path if isinstance(path, str) else "/")

    def _set(self, response: Response, name: str, value: str, seconds: int) -> None:
        response.set_cookie(name, value, max_age=seconds, httponly=True, secure=self._secure, samesite="lax", path="/")


def sessions_of(request: Request) -> SessionCookie:
    """The session cookie of the installation that is asked."""
    sessions: SessionCookie = request.app.state.sessions
    return sessions


def local_path(path: str | None) -> str:
    """``path`` if it stays within this site, else the start page: never a door to somewhere else."""
    harmless = bool(path) and len(path or "") <= MAX_NEXT and (path or "").isascii() and (path or "").isprintable()
    if path and harmless and path.startswith("/") and not path.startswith("//") and "\\" not in path:
        return path
    return "/"
