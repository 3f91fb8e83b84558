"""Addresses as Apprise writes them, read by Apprise. Apprise is loaded with the first address that needs it."""

from __future__ import annotations

import logging
from functools import cache
from typing import Any

from config.languages import N_
from models.errors import Invalid
from models.operations.people import ChannelKind, kind_of
from notifications.channels import ChannelError

log = logging.getLogger("apprise")


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


def understood(address: str) -> str:
    """``address`` in the form it is kept in: a plain mail address as it is, anything else as an Apprise URL.

    The addresses that WeCom, DingTalk … show for their robots (``https://qyapi.weixin.qq.com/…``) are taken too, as far
    as Apprise knows them.

    Raises:
        Invalid: it is neither.
    """
    address = address.strip()
    if kind_of(address) is ChannelKind.MAIL and "://" not in address:
        if address.count("@") == 1 and not address.startswith("@") and "." in address.rpartition("@")[2]:
            return address
        raise Invalid(N_("This is neither an e-mail address nor an Apprise address."))
    try:
        service = service_at(address)
    except ChannelError:
        raise Invalid(N_("This is neither an e-mail address nor an Apprise address.")) from None
    return address if kind_of(address) is not ChannelKind.OTHER else str(service.url(privacy=False))
