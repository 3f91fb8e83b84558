"""Where people are reached: the addresses of a person, and which of them a message goes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import parse_qs, urlsplit

from sqlmodel import Session, col, select

from config.languages import N_
from config.settings import Settings
from models.errors import NotFound
from models.house import Work
from models.messages import SignIn
from models.tables import Channel, OutsideParty, Person


class ChannelKind(StrEnum):
    """What carries a message. ``CONSOLE`` is the development channel, ``OTHER`` any further Apprise service."""

    MAIL = "mail"
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    WEBHOOK = "webhook"
    CONSOLE = "console"
    OTHER = "other"


TITLES = {
    ChannelKind.MAIL: N_("E-mail"),
    ChannelKind.WECOM: N_("WeCom"),
    ChannelKind.DINGTALK: N_("DingTalk"),
    ChannelKind.FEISHU: N_("Feishu"),
    ChannelKind.WEBHOOK: N_("A program (webhook)"),
    ChannelKind.CONSOLE: N_("Development console"),
    ChannelKind.OTHER: N_("Another service"),
}
"""What people call them."""

DISTURBING = frozenset(ChannelKind) - {ChannelKind.CONSOLE, ChannelKind.WEBHOOK}
"""Channels that reach a person at once, wherever they are. A file and a program may be written to at night."""

_BY_SCHEME = {
    "mailto": ChannelKind.MAIL,
    "mailtos": ChannelKind.MAIL,
    "wecombot": ChannelKind.WECOM,
    "dingtalk": ChannelKind.DINGTALK,
    "feishu": ChannelKind.FEISHU,
    "lark": ChannelKind.FEISHU,
    "json": ChannelKind.WEBHOOK,
    "jsons": ChannelKind.WEBHOOK,
}


def kind_of(address: str) -> ChannelKind:
    """What carries messages to ``address``: an Apprise URL, or a plain mail address."""
    scheme, separator, _rest = address.partition("://")
    if not separator:
        return ChannelKind.MAIL
    return _BY_SCHEME.get(scheme.lower(), ChannelKind.OTHER)


def masked(address: str) -> str:
    """An address as it may be shown: recognised by whoever knows it, of no use to anybody else.

    ``li.na@hengyuan.example`` → ``l***@hengyuan.example``; of what carries messages by a token, its last two places.
    """
    _scheme, separator, rest = address.partition("://")
    if not separator:
        name, at, host = address.partition("@")
        return f"{name[:1]}***{at}{host}"
    if kind_of(address) is ChannelKind.MAIL:
        named = parse_qs(urlsplit(address).query).get("to", [""])[0]
        return masked(named) if "@" in named else f"***@{urlsplit(address).hostname or ''}"
    if kind_of(address) is ChannelKind.WEBHOOK:
        return f"{urlsplit(address).hostname or ''}/***"
    return f"***{rest.partition('?')[0].rstrip('/')[-2:]}"


@dataclass(frozen=True)
class Destination:
    """One place a person is reached at. ``channel_id`` is empty for the mail address and the console."""

    kind: ChannelKind
    address: str = field(repr=False)
    channel_id: int | None = None


def add_channel(work: Work, person_id: str, address: str) -> Channel:
    """Give a person one more address. Whether it can be understood at all is checked where channels are known.

    Raises:
        NotFound: there is no such person.
    """
    if work.session.get(Person, person_id) is None:
        raise NotFound(N_("There is no person {person}."), person=person_id)
    channel = Channel(person_id=person_id, kind=kind_of(address).value, address=address)
    work.add(channel)
    work.record("channel.added", person=person_id, channel=channel.id, kind=channel.kind)
    return channel


def destinations(session: Session, settings: Settings, person: Person, message_kind: str) -> Sequence[Destination]:
    """Where a message to ``person`` goes: all of their own addresses, else their mail address, else the console.

    A sign-in link opens everything a person may see, so it goes to one place only: the registered mail address if there
    is one (design §5), for other addresses may be read by more than one person.
    """
    own = [
        Destination(kind_of(row.address), row.address, row.id)
        for row in session.exec(
            select(Channel).where(Channel.person_id == person.id, col(Channel.active)).order_by(col(Channel.id))
        )
    ]
    mail = [Destination(ChannelKind.MAIL, person.email)] if settings.mail_url and person.email else []
    console = [Destination(ChannelKind.CONSOLE, "")] if settings.console_channel else []
    if message_kind == SignIn.kind:
        by_mail = [place for place in own if place.kind is ChannelKind.MAIL]
        return (mail or by_mail or own or console)[:1]
    return own or mail or console


def outside_destinations(settings: Settings, party: OutsideParty) -> Sequence[Destination]:
    """Where a message to somebody outside goes: their mail address; in development the console stands for it."""
    if not party.email:
        return []
    if settings.mail_url:
        return [Destination(ChannelKind.MAIL, party.email)]
    return [Destination(ChannelKind.CONSOLE, "")] if settings.console_channel else []
