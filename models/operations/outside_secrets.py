"""The secrets of links to the outside: made when they are handed over, stored as hashes only.

A code has six digits, so a plain hash of it could be undone by trying: it is hashed with the installation's key.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta

from models.house import Work
from models.operations.access import token_hash
from models.tables import OutsideLink

CODE_LASTS = timedelta(minutes=10)
CODE_DIGITS = 6
NEVER_SENT = "unsent:"
"""What stands for a token's hash while there is no token: nothing hashes to it."""


def no_token_yet() -> str:
    """A place for the hash of a token that is still to be made."""
    return NEVER_SENT + secrets.token_hex(16)


def issue_outside_link(work: Work, link_id: int) -> str:
    """Make a token for a link and return it; it is not to be had again. The one before opens nothing any more."""
    link = work.session.get_one(OutsideLink, link_id)
    token = secrets.token_urlsafe(32)
    link.token_hash, link.sent_at = token_hash(token), work.now
    work.add(link)
    return token


def issue_code(work: Work, link_id: int) -> str:
    """Make a one-time code for a link and return it; the one before counts no more."""
    link = work.session.get_one(OutsideLink, link_id)
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    link.code_hash, link.code_expires_at = _hash(work, link, code), work.now + CODE_LASTS
    work.add(link)
    return code


def is_code_of(work: Work, link: OutsideLink, code: str) -> bool:
    """Whether ``code`` is the link's, and still good. Takes as long for a wrong code as for the right one."""
    expected = link.code_hash or "-" * 64
    same = hmac.compare_digest(_hash(work, link, code), expected)
    return same and link.code_expires_at is not None and link.code_expires_at > work.now


def _hash(work: Work, link: OutsideLink, code: str) -> str:
    return work.house.keys.digest(f"outside-code:{link.id}:{code}")
