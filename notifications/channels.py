"""Channels: what a message is handed to, and how a channel says what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from config.settings import Settings
from config.words import Language
from models.operations.people import ChannelKind


@dataclass(frozen=True)
class Envelope:
    """One message, written, to one address. ``message_id`` is the same every time it is handed over.

    ``person_id`` is empty if it is for somebody outside, who is written to in the company's name (``sender_name``).
    """

    message_id: str
    kind: str
    case_ref: str | None
    person_id: str | None
    person_name: str
    language: Language
    subject: str
    address: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)
    link: str | None = field(repr=False)
    sender_name: str | None = None


class ChannelError(Exception):
    """A message was not taken. ``reason`` is kept and shown to operations: it never holds an address or a link.

    Attributes:
        temporary: trying again later may help.
        unsure: the message may have gone out all the same; the connection broke after it was handed over.
    """

    def __init__(self, reason: str, *, temporary: bool, unsure: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.temporary, self.unsure = reason, temporary, unsure


class Channel(Protocol):
    """Carries messages. Several threads call it at once."""

    name: str
    deduplicates: bool
    """Whether a receiver that gets the same ``message_id`` twice takes it once."""

    def send(self, envelope: Envelope) -> None:
        """Hand the message over; returning means that it was taken.

        Raises:
            ChannelError: it was not, or may not have been.
        """

    def remembers(self, message_id: str) -> bool | None:
        """Whether the message has gone out. None: this channel cannot say."""


def channels_of(settings: Settings) -> Mapping[str, Channel]:
    """Every channel of this installation by its name. Nothing is loaded or opened before the first message."""
    from notifications.apprise_channel import AppriseChannel
    from notifications.console import ConsoleChannel
    from notifications.mail import MailChannel
    from notifications.robots import RobotChannel
    from notifications.webhook import WebhookChannel

    private = settings.webhook_private_hosts
    channels: tuple[Channel, ...] = (
        MailChannel(settings.mail_url.get_secret_value() if settings.mail_url else None, private),
        RobotChannel(ChannelKind.WECOM),
        RobotChannel(ChannelKind.DINGTALK),
        RobotChannel(ChannelKind.FEISHU),
        WebhookChannel(private),
        ConsoleChannel(settings.home / "messages.jsonl"),
        AppriseChannel(),
    )
    return {channel.name: channel for channel in channels}
