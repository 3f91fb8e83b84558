"""To hosts that somebody named: connected to at the very address that was looked at, and never within our own network.

A name is asked for once. Were it asked for again by whatever connects, it might have another answer then.
"""

from __future__ import annotations

import socket
from collections.abc import Collection
from ipaddress import ip_address

from config.languages import N_
from models.rules.webhook_address import Address, is_allowed, is_public


class NotReachable(Exception):
    """The receiver's address cannot be used; the text says why."""


def resolved(address: Address) -> str:
    """The one network address that will be connected to.

    Raises:
        NotReachable: there is none, or any of them lies within a private network that was not allowed.
    """
    return _resolved(address.host, address.port, private=address.private)


def resolved_host(host: str, port: int, private_hosts: Collection[str]) -> str:
    """As ``resolved``, for what is no web address: a mail server."""
    return _resolved(host, port, private=is_allowed(host, private_hosts))


def _resolved(host: str, port: int, *, private: bool) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotReachable(N_("The host's name cannot be resolved.")) from None
    ips = [str(entry[4][0]).partition("%")[0] for entry in found]
    if not private and not all(is_public(ip_address(ip)) for ip in ips):
        raise NotReachable(N_("The host lies within a private network, which the settings do not allow."))
    return ips[0]
