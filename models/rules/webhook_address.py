"""Where a webhook may go: to public addresses by https; within the company's network only where the settings say so.

Whoever may name an address must not be able to make our server knock at doors that only it can reach.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from config.languages import N_
from models.errors import Invalid, Problem

LONGEST = 500
Ip = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_WRAPS_WHATEVER_WE_LIKE = ipaddress.ip_network("64:ff9b:1::/48")
"""NAT64 of a network's own (RFC 8215): what lies behind is for that network to say."""


@dataclass(frozen=True)
class Address:
    """An address that is well formed. ``private`` says that its host was allowed to be within the own network."""

    scheme: str
    host: str
    port: int
    target: str
    private: bool

    @property
    def host_header(self) -> str:
        """What the receiver is told it was called by."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == {"https": 443, "http": 80}[self.scheme] else f"{host}:{self.port}"


WITHIN = N_("This address lies within a private network. Operations may allow its host in the settings.")


def is_allowed(host: str, private_hosts: Collection[str]) -> bool:
    """Whether the settings let a host of the own network be named."""
    return host.lower() in {name.lower() for name in private_hosts}


def is_plainly_private(host: str) -> bool:
    """Whether a host is of the own network by its very name. What a name leads to is looked at before it is used."""
    given = _ip(host)
    return (given is not None and not is_public(given)) or host == "localhost" or host.endswith(".localhost")


def address_of(url: str, private_hosts: Collection[str]) -> Address:
    """``url`` taken apart.

    Raises:
        Invalid: it is none that a webhook may go to; says why, at the field ``url``.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").rstrip("."), parts.port
        host.encode("idna") if host and ":" not in host else None
    except (ValueError, UnicodeError):
        raise _wrong(N_("This is not an address. Write one like https://erp.example.com/hooks/risk.")) from None
    private = is_allowed(host, private_hosts)
    if not host or not url.isascii() or any(c.isspace() or not c.isprintable() for c in url) or len(url) > LONGEST:
        raise _wrong(N_("This is not an address. Write one like https://erp.example.com/hooks/risk."))
    if parts.scheme != "https" and not (parts.scheme == "http" and private):
        raise _wrong(N_("The address must begin with https://."))
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise _wrong(N_("Leave user names, passwords and # out of the address; notices are signed instead."))
    if not private and is_plainly_private(host):
        raise _wrong(WITHIN)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(parts.scheme, host, port or {"https": 443, "http": 80}[parts.scheme], target, private)


def _wrong(message: str) -> Invalid:
    return Invalid(N_("Please look at the marked fields."), [Problem("url", message)])


def _ip(host: str) -> Ip | None:
    """A host that is a number, also as system calls read numbers: ``2130706433``, ``0x7f.1`` and ``0177.0.0.1``."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def is_public(address: Ip) -> bool:
    """Whether an address is one of the public Internet, also where it wraps another."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address.is_site_local or address in _WRAPS_WHATEVER_WE_LIKE:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)
