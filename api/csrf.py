"""Forms that can only be sent from our own pages: a random cookie of the browser, and a signed token bound to it.

The cookie is ``SameSite=Lax``, not ``Strict``: a link tapped in a mail must find the cookie of the pages already
open, or each new link would invalidate their forms. Browsers send a Lax cookie with no cross-site POST either.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from fastapi import Request
from itsdangerous import BadSignature, URLSafeSerializer
from starlette.responses import Response

from api.refusals import FormStale
from models.house import House

FIELD = "_csrf"
HEADER = "x-csrf-token"


class Csrf:
    """The tokens of one request. A browser without the cookie gets one, if a token was made."""

    def __init__(self, request: Request) -> None:
        house: House = request.app.state.house
        self._serializer = URLSafeSerializer(request.app.state.signing_key, salt="clientrisk-form")
        self._secure = house.settings.base_url.startswith("https:")
        self._name = ("__Host-" if self._secure else "") + "clientrisk_browser"
        self._cross_site = request.headers.get("sec-fetch-site") == "cross-site"
        self._browser = request.cookies.get(self._name, "")
        self._made = False

    @property
    def been_here(self) -> bool:
        """Whether this browser brings the cookie of an earlier page: people's do, what scans mails does not."""
        return bool(self._browser) and not self._made

    def token(self, purpose: str) -> str:
        """A token for one kind of form, good in this browser only."""
        if not self._browser:
            self._browser, self._made = secrets.token_urlsafe(24), True
        return str(self._serializer.dumps([self._fingerprint(), purpose]))

    def check(self, token: str | None, purpose: str) -> None:
        """Let a form pass that came from our page.

        Raises:
            FormStale: the token is missing, forged, for another purpose or another browser's.
        """
        try:
            bound, meant = self._serializer.loads(token or "")
        except (BadSignature, ValueError, TypeError):
            raise FormStale from None
        same = hmac.compare_digest(str(bound), self._fingerprint()) and meant == purpose
        if self._cross_site or not self._browser or not same:
            raise FormStale

    def keep(self, response: Response) -> None:
        """Give the browser its cookie, if it had none."""
        if self._made:
            response.set_cookie(self._name, self._browser, httponly=True, secure=self._secure, samesite="lax", path="/")

    def _fingerprint(self) -> str:
        return hashlib.sha256(self._browser.encode()).hexdigest()[:32]
