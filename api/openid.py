"""Signing in at the company's OpenID provider: authorisation code with PKCE, state and nonce (OpenID Connect Core 1.0).

What must be remembered between going there and coming back is in one signed cookie for each tab; the code verifier and
the nonce are derived from its state with the installation's key, so that the browser never sees them.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

import httpx
from fastapi import Request
from itsdangerous import BadSignature, URLSafeSerializer
from starlette.responses import Response

from api.session import local_path
from config.languages import N_
from config.settings import Settings
from models.errors import Refused
from models.house import House

CALLBACK = "/openid/callback"
THERE_AND_BACK = timedelta(minutes=10)
METADATA_LASTS = timedelta(hours=1)
ASKED_AGAIN = timedelta(seconds=10)
"""A provider that did not answer is left alone for so long: nobody waits for it one after the other."""
CLOCK_SKEW = 60
"""Seconds by which the provider's clock and ours may differ."""
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
"""Signatures with a key that the provider publishes; none with a secret that we hold too, and never none at all."""
TIMEOUT = 5.0


class ProviderAway(Refused):
    """The provider does not answer, or not as it should."""

    status = 503
    code = "openid-away"

    def __init__(self) -> None:
        super().__init__(N_("The company sign-in does not answer just now. Have a sign-in link sent to you instead."))


class NotAtProvider(Refused):
    """The provider, or what came back from it, does not say who it is."""

    status = 403
    code = "openid-refused"

    def __init__(self, reason: str) -> None:
        super().__init__(N_("The company sign-in did not go through. Please try again, or have a link sent to you."))
        self.reason = reason


@dataclass(frozen=True)
class Trip:
    """One way to the provider and back: where to go afterwards."""

    state: str
    next_path: str


@dataclass(frozen=True)
class Vouched:
    """Whom the provider vouches for: the value of the claim that names them."""

    claim: str
    id_token: str


class OpenId:
    """The provider of one installation. What it says of itself is asked once an hour."""

    def __init__(self, house: House) -> None:
        self._house, self._settings = house, house.settings
        self._key = house.settings.signing_key().encode()
        self._serializer = URLSafeSerializer(house.settings.signing_key(), salt="clientrisk-openid")
        self._secure = house.settings.base_url.startswith("https:")
        self._lock = threading.Lock()
        self._metadata: dict[str, Any] = {}
        self._asked_at: datetime | None = None

    # -- there ---------------------------------------------------------------------------------------------------------

    def begin(self, next_path: str) -> tuple[Trip, str]:
        """A new trip, and the provider's address to go to.

        Raises:
            ProviderAway: it does not answer.
        """
        trip = Trip(secrets.token_urlsafe(24), local_path(next_path))
        scope = "openid email" if self._settings.openid_claim == "email" else "openid email profile"
        with self._client(scope=scope) as client:
            url, _ = client.create_authorization_url(
                self._endpoint("authorization_endpoint"),
                state=trip.state,
                nonce=self._derived("nonce", trip),
                code_verifier=self._derived("verifier", trip),
            )
        return trip, str(url)

    def remember(self, response: Response, trip: Trip) -> None:
        """Put the trip into a cookie of its own: each tab has one."""
        value = str(self._serializer.dumps([trip.state, trip.next_path, int(self._house.clock().timestamp())]))
        self._cookie(response, trip.state, value, int(THERE_AND_BACK.total_seconds()))

    def forget(self, response: Response, trip: Trip) -> None:
        """The trip is over."""
        self._cookie(response, trip.state, "", 0)

    # -- and back ------------------------------------------------------------------------------------------------------

    def trip_of(self, request: Request) -> Trip:
        """The trip that this browser began and now comes back from.

        Raises:
            NotAtProvider: it began none like this, or too long ago. So nobody is signed in by a link of somebody else.
        """
        state = request.query_params.get("state", "")
        try:
            kept, next_path, at = self._serializer.loads(request.cookies.get(self._name(state), ""))
        except (BadSignature, ValueError, TypeError):
            raise NotAtProvider("no such trip") from None
        if not hmac.compare_digest(str(kept), state):
            raise NotAtProvider("no such trip")
        if self._house.clock().timestamp() - int(at) > THERE_AND_BACK.total_seconds():
            raise NotAtProvider("it took too long")
        return Trip(state, local_path(next_path))

    def vouched(self, trip: Trip, query: Mapping[str, str]) -> Vouched:
        """Whom the provider vouches for.

        Raises:
            NotAtProvider: it refused, or what it says does not hold. ProviderAway: it does not answer.
        """
        if query.get("error"):
            raise NotAtProvider(f"the provider says {query['error'][:60]}")
        if query.get("iss", self._settings.openid_issuer) != self._settings.openid_issuer:  # RFC 9207: a mix-up
            raise NotAtProvider("another issuer")
        token = self._exchange(trip, query.get("code", ""))
        claims = self._claims(trip, token)
        name = self._settings.openid_claim
        if name not in claims:
            claims = {**self._userinfo(token, claims["sub"]), **claims}
        if name == "email" and claims.get("email_verified") is not True:
            raise NotAtProvider("the address is not verified")
        value = claims.get(name)
        if not isinstance(value, str) or not value:
            raise NotAtProvider(f"no claim {name}")
        return Vouched(value, str(token["id_token"]))

    def away(self, id_token: str) -> str | None:
        """Where to go to sign out at the provider too, if it offers that."""
        try:
            where = self._describe().get("end_session_endpoint")
        except ProviderAway:
            return None
        if not isinstance(where, str) or not self._trusted(where):
            return None
        back = {
            "id_token_hint": id_token,
            "client_id": self._settings.openid_client_id,
            "post_logout_redirect_uri": f"{self._settings.base_url}/sign-in",
        }
        return f"{where}{'&' if urlsplit(where).query else '?'}{urlencode(back)}"

    def _exchange(self, trip: Trip, code: str) -> dict[str, Any]:
        from authlib.common.errors import AuthlibBaseError  # late: few need it, and it takes its time

        try:
            with self._client() as client:
                token = client.fetch_token(
                    self._endpoint("token_endpoint"), code=code, code_verifier=self._derived("verifier", trip)
                )
        except AuthlibBaseError as error:
            raise NotAtProvider(f"the code is not good: {error.error or 'refused'}"[:100]) from None
        except (httpx.HTTPError, ValueError):
            raise ProviderAway from None
        if not isinstance(token.get("id_token"), str):
            raise NotAtProvider("no ID token")
        return dict(token)

    def _claims(self, trip: Trip, token: Mapping[str, Any]) -> dict[str, Any]:
        """The claims of the ID token: signed by the provider, for us, for this trip, and still good."""
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet
        from joserfc.jws import JWSRegistry

        offered = self._describe().get("id_token_signing_alg_values_supported") or ["RS256"]
        registry = JWSRegistry(algorithms=sorted(ALGORITHMS & set(offered)), strict_check_header=False)
        expected = {"iss": {"essential": True, "value": self._settings.openid_issuer}}
        expected |= {"aud": {"essential": True, "value": self._settings.openid_client_id}}
        about = {
            "nonce": self._derived("nonce", trip),
            "client_id": self._settings.openid_client_id,
            "access_token": token.get("access_token"),
        }
        try:
            keys = KeySet.import_key_set(cast(Any, self._get(self._endpoint("jwks_uri"))))
            decoded = jwt.decode(token["id_token"], keys, registry=registry)
            claims = CodeIDToken(decoded.claims, decoded.header, expected, about)
            claims.validate(now=int(self._house.clock().timestamp()), leeway=CLOCK_SKEW)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            why = getattr(error, "error", None) or type(error).__name__
            raise NotAtProvider(f"the ID token does not hold: {why}") from None
        return dict(decoded.claims)

    def _userinfo(self, token: Mapping[str, Any], subject: str) -> dict[str, Any]:
        """What the provider tells of the same person when asked; many keep the address out of the ID token."""
        if "userinfo_endpoint" not in self._describe():
            return {}
        told = self._get(
            self._endpoint("userinfo_endpoint"), {"authorization": f"Bearer {token.get('access_token', '')}"}
        )
        if told.get("sub") != subject:
            raise NotAtProvider("the userinfo is somebody else's")
        return told

    # -- the provider --------------------------------------------------------------------------------------------------

    def _describe(self) -> dict[str, Any]:
        """What the provider says of itself (OpenID Connect Discovery 1.0)."""
        with self._lock:
            now = self._house.clock()
            if self._asked_at is None or now - self._asked_at > (METADATA_LASTS if self._metadata else ASKED_AGAIN):
                self._metadata, self._asked_at = {}, now
                issuer = self._settings.openid_issuer
                found = self._get(issuer.rstrip("/") + "/.well-known/openid-configuration")
                if found.get("issuer") == issuer:
                    self._metadata = found
            if not self._metadata:
                raise ProviderAway
            return self._metadata

    def _endpoint(self, name: str) -> str:
        where = self._describe().get(name)
        if not isinstance(where, str) or not self._trusted(where):
            raise ProviderAway
        return where

    def _trusted(self, address: str) -> bool:
        """Secrets go by https, or to the very machine that the issuer is on."""
        issuer = urlsplit(self._settings.openid_issuer)
        return address.startswith("https://") or (issuer.scheme == "http" and urlsplit(address).netloc == issuer.netloc)

    def _get(self, address: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        try:
            answer = httpx.get(address, headers=headers, timeout=TIMEOUT, follow_redirects=False)
            answer.raise_for_status()
            told = answer.json()
        except (httpx.HTTPError, ValueError):
            raise ProviderAway from None
        if not isinstance(told, dict):
            raise ProviderAway
        return told

    def _client(self, **more: Any) -> Any:
        from authlib.integrations.httpx_client import OAuth2Client

        secret = self._settings.openid_client_secret
        return OAuth2Client(
            self._settings.openid_client_id,
            secret.get_secret_value() if secret else None,
            token_endpoint_auth_method="client_secret_basic" if secret else "none",
            redirect_uri=self._settings.base_url + CALLBACK,
            code_challenge_method="S256",
            timeout=TIMEOUT,
            **more,
        )

    # -- cookies -------------------------------------------------------------------------------------------------------

    def _derived(self, what: str, trip: Trip) -> str:
        made = hmac.new(self._key, f"openid-{what}:{trip.state}".encode(), hashlib.sha256).digest()
        return urlsafe_b64encode(made).decode().rstrip("=")

    def _name(self, state: str) -> str:
        return f"{'__Host-' if self._secure else ''}clientrisk_openid_{hashlib.sha256(state.encode()).hexdigest()[:8]}"

    def _cookie(self, response: Response, state: str, value: str, seconds: int) -> None:
        response.set_cookie(
            self._name(state), value, max_age=seconds, httponly=True, secure=self._secure, samesite="lax", path="/"
        )


def openid_of(request: Request) -> OpenId:
    """The provider of the installation that is asked."""
    openid: OpenId = request.app.state.openid
    return openid


def away(request: Request, id_token: str | None) -> str:
    """Where somebody goes who has signed out: to the provider, if they came from there, else to our own page."""
    return (openid_of(request).away(id_token) if id_token else None) or "/sign-in"


def form_targets(settings: Settings) -> str:
    """Where else than to us a form may lead: signing out goes on at the provider."""
    parts = urlsplit(settings.openid_issuer)
    return f" {parts.scheme}://{parts.netloc}" if settings.signs_in_by_openid else ""
