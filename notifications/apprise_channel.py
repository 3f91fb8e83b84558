"""Further services that Apprise knows, of those in ``notifications.addresses``.

Apprise says only that it failed. Why, and whether the message may have gone out all the same, is read from its log.
"""

from __future__ import annotations

import logging
import re
import threading
from typing import Any

from models.operations.people import ChannelKind
from notifications.addresses import further_service, log, notifier
from notifications.channels import ChannelError, Envelope

_ANSWERED = re.compile(r"\berror=(\d{3})\b")
_NOT_REACHED = re.compile(r"establish a new connection|NameResolution|[Cc]onnect timeout|ConnectTimeout|refused")
_LATER = {408, 425, 429}


class _Heard(logging.Handler):
    """What Apprise's log says in this thread: warnings to be told, and the words of a broken connection."""

    def __init__(self) -> None:
        super().__init__()
        self._thread = threading.get_ident()
        self.warnings: list[str] = []
        self.breaks: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread != self._thread:
            return
        if record.levelno >= logging.WARNING:
            self.warnings.append(record.getMessage())
        elif str(record.msg).startswith("Socket Exception"):
            self.breaks.append(record.getMessage())

    def failure(self) -> ChannelError:
        said = " ".join(self.warnings)
        if answered := _ANSWERED.search(said):
            code = int(answered[1])
            return ChannelError(f"the service answered {code}", temporary=code >= 500 or code in _LATER)
        if any(_NOT_REACHED.search(text) for text in self.breaks):
            return ChannelError("the service cannot be reached", temporary=True)
        return ChannelError("the service did not say that it took the message", temporary=True, unsure=True)


def send_by_apprise(service: Any, envelope: Envelope) -> None:
    """Let Apprise send. Raises ``ChannelError`` if it did not succeed."""
    heard = _Heard()
    log.addHandler(heard)
    log.setLevel(logging.DEBUG)  # the words of a broken connection are a debug line; nobody but ``heard`` hears it
    try:
        sent = notifier(service).notify(title=envelope.subject, body=envelope.text, body_format="text")
    finally:
        log.removeHandler(heard)
    if not sent:
        raise heard.failure()


class AppriseChannel:
    """Sends plain text through the service that the address names, if it is one that is spoken to."""

    name = ChannelKind.OTHER.value
    deduplicates = False

    def remembers(self, message_id: str) -> None:
        """Such services cannot be asked."""
        return

    def send(self, envelope: Envelope) -> None:
        send_by_apprise(further_service(envelope.address), envelope)
