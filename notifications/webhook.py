"""Webhooks (``json://`` and ``jsons://``): subject, text and link as JSON, with the message's id as idempotency key."""

from __future__ import annotations

from models.operations.people import ChannelKind
from notifications.addresses import service_at
from notifications.apprise_channel import send_by_apprise
from notifications.channels import Envelope

# Apprise's own fields: renamed, or left out by an empty name.
_FIELDS = {"title": "subject", "message": "body", "version": "", "attachments": "", "type": ""}


class WebhookChannel:
    """Sent through Apprise. The receiver is asked to take each ``Idempotency-Key`` once: so a message may go again."""

    name = ChannelKind.WEBHOOK.value
    deduplicates = True

    def remembers(self, message_id: str) -> None:
        """A webhook is not asked; it is sent the message again."""
        return

    def send(self, envelope: Envelope) -> None:
        service = service_at(envelope.address)
        service.headers["Idempotency-Key"] = envelope.message_id
        service.payload_extras = {
            **service.payload_extras,
            **_FIELDS,
            "id": envelope.message_id,
            "kind": envelope.kind,
            "person": envelope.person_id,
            "case": envelope.case_ref,
            "link": envelope.link,
        }
        send_by_apprise(service, envelope)
