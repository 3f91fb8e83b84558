"""Addresses as Apprise writes them, read by Apprise. Apprise is loaded with the first address that needs it.

Apprise knows some 150 services: among them are some that write to this machine's log and desktop, read its files, or
knock at any door of its network. Whoever may name an address must not get these into the bargain, so only services in
a closed list are spoken to, and where an address names a host, it has to be one of the public Internet.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from config.languages import N_
from models.errors import Invalid, Problem
from models.operations.people import ChannelKind, kind_of
from models.rules.webhook_address import WITHIN, Address, address_of, is_allowed, is_plainly_private
from notifications.channels import ChannelError

log = logging.getLogger("apprise")

FURTHER_SERVICES = frozenset(
    {"discord", "gchat", "kook", "line", "opsgenie", "pagerduty", "pbul", "pover", "pushplus", "schan", "signl4"}
    | {"slack", "spugpush", "tgram", "threema", "twilio", "webex", "wxpusher", "wxteams"}
)
"""Schemes of Apprise's further services that are spoken to: each goes to a host of its own by https, whatever its
address says, and to nothing on this machine."""

READS_FILES = frozenset({"template"})
"""What some of them take in an address and open: a file of this machine, or whatever lies behind a URL."""

NO_ADDRESS = N_("This is neither an e-mail address nor an Apprise address.")


@cache
def _apprise() -> tuple[Any, Any]:
    import apprise

    # Its own log would carry addresses, and its debug lines whole messages with their links: nobody else hears it.
    log.propagate = False
    log.addHandler(logging.NullHandler())
    return apprise.Apprise, apprise.AppriseAsset(app_id="clientrisk", app_desc="", app_url="", async_mode=False)


def service_at(address: str) -> Any:
    """The Apprise service that ``address`` names, made anew.

    Raises:
        ChannelError: Apprise does not understand the address.
    """
    apprise, asset = _apprise()
    service = apprise.instantiate(address, asset=asset, suppress_exceptions=True)
    if service is None:
        raise ChannelError("the address is not understood", temporary=False)
    return service


def notifier(service: Any) -> Any:
    """Apprise itself, with one service to send through; it writes text the way the service wants it."""
    make, asset = _apprise()
    apprise = make(asset=asset)
    apprise.add(service)
    return apprise


def further_service(address: str) -> Any:
    """The service that an address of no kind of its own names, if it is one that is spoken to.

    Raises:
        ChannelError: it is none of ``FURTHER_SERVICES``, or is to read a file.
    """
    if urlsplit(address).scheme not in FURTHER_SERVICES or _asks_for(address) & READS_FILES:
        raise ChannelError("messages are not sent to addresses of this kind", temporary=False)
    return service_at(address)


def webhook_at(address: str, private_hosts: Collection[str]) -> tuple[Any, Address]:
    """The webhook that ``json://`` or ``jsons://`` names, and where it is.

    Raises:
        ChannelError: it is not understood. Invalid: no message may go there; says why, at the field ``address``.
    """
    service = service_at(address)
    host, scheme = str(service.host or ""), "https" if service.secure else "http"
    if scheme == "http" and not is_allowed(host.strip("[]"), private_hosts):
        raise _wrong(
            N_("Messages hold links that open doors: write jsons://, so that they are encrypted on their way.")
        )
    port = f":{service.port}" if isinstance(service.port, int) else ""
    host = f"[{host}]" if ":" in host and not host.startswith("[") else host
    try:
        return service, address_of(f"{scheme}://{host}{port}{service.fullpath or '/'}", private_hosts)
    except Invalid as refusal:
        raise _wrong(refusal.problems[0].message) from None


def understood(address: str, private_hosts: Collection[str] = ()) -> str:
    """``address`` in the form it is kept in: a plain mail address as it is, anything else as an Apprise URL.

    The addresses that WeCom, DingTalk … show for their robots (``https://qyapi.weixin.qq.com/…``) are taken too, as far
    as Apprise knows them. ``private_hosts`` are those of our own network that may be named.

    Raises:
        Invalid: it is neither, or no message may go there.
    """
    address = address.strip()
    kind = kind_of(address)
    if kind is ChannelKind.MAIL and "://" not in address:
        if address.count("@") == 1 and not address.startswith("@") and "." in address.rpartition("@")[2]:
            return address
        raise Invalid(NO_ADDRESS)
    try:
        if kind is ChannelKind.WEBHOOK:
            webhook_at(address, private_hosts)
            return address
        service = service_at(address)
        if kind is ChannelKind.MAIL:
            _must_be_outside(str(service.smtp_host or service.host or ""), private_hosts)
        if kind is not ChannelKind.OTHER:
            return address
        kept = str(service.url(privacy=False))
        if kind_of(kept) is ChannelKind.OTHER:
            further_service(kept)
    except ChannelError:
        raise Invalid(NO_ADDRESS) from None
    return kept


def _must_be_outside(host: str, private_hosts: Collection[str]) -> None:
    if not host:
        raise _wrong(NO_ADDRESS)
    if is_plainly_private(host.strip("[]").rstrip(".").lower()) and not is_allowed(host, private_hosts):
        raise _wrong(WITHIN)


def _wrong(message: str) -> Invalid:
    return Invalid(N_("Please look at the marked fields."), [Problem("address", message)])


def _asks_for(address: str) -> set[str]:
    return {name.lower().lstrip("+-:") for name, _ in parse_qsl(urlsplit(address).query, keep_blank_values=True)}
