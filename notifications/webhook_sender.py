"""Carries notices to webhooks: signed as Standard Webhooks has it, to the very address that was looked at.

A receiver answers 2xx within seconds, or is asked again later (``models.operations.webhook_deliveries``). Redirects are
not followed, proxies of the environment not used, and of an answer only its beginning is read.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import ssl
import threading
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx

from config.languages import N_
from models.errors import Invalid
from models.house import SYSTEM, House
from models.operations.once import forget
from models.operations.webhook_deliveries import (
    Parcel,
    behind,
    claim_parcels,
    follow,
    has_webhooks,
    next_due,
    parcel_refused,
    parcel_taken,
    release_orphans,
    sweep,
)
from models.operations.webhooks import SECRET_PREFIX
from models.rules.webhook_address import Address, address_of
from notifications.outward import NotReachable, resolved
from notifications.sender import GATHER_SECONDS, LONGEST_PAUSE_SECONDS, SHORTEST_PAUSE_SECONDS, is_gone, process_name

log = logging.getLogger(__name__)

THREADS = 8
CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 10.0
IN_ALL_SECONDS = 20.0
READ_OF_ANSWER = 200
"""Characters of an answer that are kept to look at."""

SWEEP_EVERY = timedelta(hours=1)
PAUSE_AFTER_ERROR_SECONDS = 5.0
USER_AGENT = "clientrisk-webhooks/1"


@dataclass(frozen=True)
class Answer:
    """What a receiver said: its status (none if it did not answer), and why it counts as refused, or what it said."""

    status: int | None
    text: str

    @property
    def taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def signature(secret: str, notice_id: str, timestamp: int, body: bytes) -> str:
    """``v1,`` and the base64 of HMAC-SHA256 over ``id.timestamp.body`` under the secret's bytes (Standard Webhooks)."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{notice_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


class Post:
    """Sends one signed notice. Threads share it; every request has a connection of its own."""

    def __init__(self, private_hosts: Collection[str], verify: ssl.SSLContext | bool = True) -> None:
        self._private_hosts = private_hosts
        self._verify = verify

    def send(self, parcel: Parcel, now: datetime) -> Answer:
        """Hand the parcel over. Never raises for anything that the receiver or the network does."""
        try:
            address = address_of(parcel.url, self._private_hosts)
            return self._send(parcel, address, resolved(address), now)
        except Invalid:
            return Answer(None, N_("The settings do not allow this address any more."))
        except NotReachable as error:
            return Answer(None, str(error))
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            return Answer(None, _reason(error))

    def _send(self, parcel: Parcel, address: Address, ip: str, now: datetime) -> Answer:
        body = json.dumps(parcel.body, ensure_ascii=False, separators=(",", ":")).encode()
        timestamp, name = int(now.timestamp()), str(parcel.body["id"])
        headers = {
            "host": address.host_header,
            "content-type": "application/json",
            "user-agent": USER_AGENT,
            "webhook-id": name,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(parcel.secret, name, timestamp, body),
        }
        # The connection goes to the address that was looked at: the name is not asked for again, where it might have
        # another answer. The certificate is still that of the name.
        place = httpx.URL(scheme=address.scheme, host=ip, port=address.port, raw_path=address.target.encode())
        timeout = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
        until = time.monotonic() + IN_ALL_SECONDS
        with (
            httpx.Client(verify=self._verify, timeout=timeout, follow_redirects=False, trust_env=False) as client,
            client.stream(
                "POST", place, content=body, headers=headers, extensions={"sni_hostname": address.host}
            ) as response,
        ):
            said = _beginning(response, until)
            return Answer(response.status_code, said)


def _beginning(response: httpx.Response, until: float) -> str:
    read = b""
    for chunk in response.iter_raw(256):
        read += chunk
        if len(read) >= READ_OF_ANSWER * 4 or time.monotonic() > until:
            break
    text = read.decode("utf-8", "replace")
    return "".join(c if c.isprintable() else " " for c in text).strip()[:READ_OF_ANSWER]


def _reason(error: Exception) -> str:
    if isinstance(error, httpx.TimeoutException):
        return N_("It did not answer in time.")
    if isinstance(error, httpx.ConnectError):
        broken = "CERTIFICATE" in str(error).upper()
        return N_("Its certificate cannot be trusted.") if broken else N_("There is no connection to it.")
    return N_("It does not speak HTTP as it should.")


class WebhookSender:
    """Follows the audit trail and sends what webhooks wait for. Any number of them may work at once."""

    def __init__(
        self, house: House, post: Post | None = None, *, name: str | None = None, threads: int = THREADS
    ) -> None:
        self._house = house
        self._post = post or Post(house.settings.webhook_private_hosts)
        self._name = name or process_name()
        self._threads = threads
        self._wake: datetime | None = None
        self._swept = datetime.min.replace(tzinfo=UTC)

    def run(self, stop: threading.Event, ring: Callable[[float], bool]) -> None:
        """Send until ``stop`` is set; in between wait in ``ring`` for at most the seconds given."""
        rung = False
        while not stop.is_set():
            try:
                if not rung or self._something_has_happened():
                    self.send_due()
                pause = self._pause()
            except Exception:
                log.exception("Notices could not be sent just now; trying again in %s s.", PAUSE_AFTER_ERROR_SECONDS)
                pause = PAUSE_AFTER_ERROR_SECONDS
            if not stop.is_set():
                rung = ring(pause) and not stop.wait(GATHER_SECONDS)

    def _something_has_happened(self) -> bool:
        """Whether there is something to write or to send; with no webhook there never is."""
        with self._house.read() as session:
            if behind(session):
                return True
            self._wake = next_due(session) if has_webhooks(session) else None
        return self._wake is not None and self._wake <= self._house.clock()

    def send_due(self) -> int:
        """Write what is to be told, and tell everything that is due. Returns how many notices were taken."""
        follow(self._house)
        release_orphans(self._house, is_gone)
        self._sweep()
        taken = 0
        flying: dict[Future[Answer], Parcel] = {}
        with ThreadPoolExecutor(self._threads, thread_name_prefix="webhook") as pool:
            while True:
                claimed = self._claim(self._threads - len(flying))
                flying |= {pool.submit(self._post.send, parcel, self._house.clock()): parcel for parcel in claimed}
                if not flying:
                    return taken
                done, _ = wait(flying, return_when=FIRST_COMPLETED)
                taken += self._settle([(flying.pop(future), future.result()) for future in done])

    def _claim(self, room: int) -> list[Parcel]:
        if room <= 0 or not self._something_is_due():
            return []
        with self._house.work(SYSTEM) as work:
            return claim_parcels(work, self._name, room)

    def _settle(self, answers: Sequence[tuple[Parcel, Answer]]) -> int:
        with self._house.work(SYSTEM) as work:
            for parcel, answer in answers:
                if answer.taken:
                    parcel_taken(work, parcel, answer.status or 0, answer.text or None)
                else:
                    parcel_refused(work, parcel, answer.status, answer.text or None)
        return sum(answer.taken for _, answer in answers)

    def _something_is_due(self) -> bool:
        with self._house.read() as session:
            self._wake = next_due(session)
        return self._wake is not None and self._wake <= self._house.clock()

    def _pause(self) -> float:
        if self._wake is None:
            return LONGEST_PAUSE_SECONDS
        seconds = (self._wake - self._house.clock()).total_seconds()
        return min(max(seconds, SHORTEST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)

    def _sweep(self) -> None:
        now = self._house.clock()
        if now - self._swept >= SWEEP_EVERY:
            self._swept = now
            with self._house.work(SYSTEM) as work:
                sweep(work)
                forget(work)
