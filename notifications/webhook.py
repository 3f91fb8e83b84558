"""Webhooks (``json://`` and ``jsons://``): subject, text and link as JSON, with the message's id as idempotency key.

Apprise reads the address. The POST is our own: it goes to the very network address that was looked at, follows no
redirect and heeds no proxy of the environment, so that nobody can send our server to doors that only it can reach.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import httpx

from models.errors import Invalid
from models.operations.people import ChannelKind
from models.rules.webhook_address import Address
from notifications.addresses import webhook_at
from notifications.channels import ChannelError, Envelope
from notifications.outward import NotReachable, resolved

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
_LATER = {408, 425, 429}
_OURS = {"host", "content-length", "content-type", "transfer-encoding", "connection", "expect", "idempotency-key"}
"""Headers that an address may not set."""


class WebhookChannel:
    """The receiver is asked to take each ``Idempotency-Key`` once: so a message may go again."""

    name = ChannelKind.WEBHOOK.value
    deduplicates = True

    def __init__(self, private_hosts: Collection[str] = ()) -> None:
        self._private_hosts = private_hosts

    def remembers(self, message_id: str) -> None:
        """A webhook is not asked; it is sent the message again."""
        return

    def send(self, envelope: Envelope) -> None:
        try:
            service, address = webhook_at(envelope.address, self._private_hosts)
            ip = resolved(address)
        except Invalid:
            raise ChannelError("the settings do not allow this address", temporary=False) from None
        except NotReachable as error:
            raise ChannelError(str(error), temporary=True) from None
        _must_be_taken(_answer(service, address, ip, envelope))


def _answer(service: Any, address: Address, ip: str, envelope: Envelope) -> int:
    """What the receiver answers: its status."""
    own = {str(name): str(value) for name, value in service.headers.items() if str(name).lower() not in _OURS}
    headers = {**own, "host": address.host_header, "Idempotency-Key": envelope.message_id}
    url = httpx.URL(scheme=address.scheme, host=ip, port=address.port, raw_path=address.target.encode())
    auth = (service.user, service.password or "") if service.user else None
    try:
        with (
            httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client,
            client.stream(
                "POST",
                url.copy_merge_params(service.params),
                json=_body(service, envelope),
                headers=headers,
                auth=auth,
                extensions={"sni_hostname": address.host},
            ) as response,
        ):
            return response.status_code
    except (httpx.ConnectError, httpx.ConnectTimeout):
        raise ChannelError("the service cannot be reached", temporary=True) from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        raise ChannelError(
            f"the service did not say that it took the message: {type(error).__name__}", temporary=True, unsure=True
        ) from None


def _body(service: Any, envelope: Envelope) -> dict[str, Any]:
    return {
        **service.payload_extras,
        "id": envelope.message_id,
        "kind": envelope.kind,
        "person": envelope.person_id,
        "case": envelope.case_ref,
        "subject": envelope.subject,
        "body": envelope.text,
        "link": envelope.link,
    }


def _must_be_taken(status: int) -> None:
    if not 200 <= status < 300:
        raise ChannelError(f"the service answered {status}", temporary=status >= 500 or status in _LATER)
