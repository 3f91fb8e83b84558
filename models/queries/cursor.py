"""Cursors: where the next page begins. Opaque to callers, readable to us, harmless if tampered with."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime

from config.languages import N_
from models.errors import Invalid, Problem

_WRONG = N_("This cursor is not one of ours. Leave it out to begin at the start.")


def write_cursor(at: datetime, key: str | int) -> str:
    """The cursor after a row sorted by ``at`` and ``key``."""
    plain = f"{at.astimezone(UTC).isoformat()}|{key}"
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[datetime, str]:
    """What ``write_cursor`` wrote.

    Raises:
        Invalid: it was not written here.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        at, _, key = base64.b64decode(padded.encode(), altchars=b"-_", validate=True).decode().partition("|")
        instant = datetime.fromisoformat(at)
        if instant.tzinfo is None or not key:
            raise ValueError
        return instant.astimezone(UTC), key
    except (ValueError, binascii.Error, UnicodeError, OverflowError):
        raise Invalid(_WRONG, [Problem("cursor", _WRONG)]) from None


def write_marks(*marks: str) -> str:
    """The cursor after a row of a list that has several orders: the order, what the row is sorted by, its key."""
    return base64.urlsafe_b64encode("|".join(marks).encode()).decode().rstrip("=")


def read_marks(cursor: str, order: str) -> tuple[str, str]:
    """What ``write_marks`` wrote in this order: what the row was sorted by, and its key.

    Raises:
        Invalid: it was not written here, or in another order.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        marks = base64.b64decode(padded.encode(), altchars=b"-_", validate=True).decode().split("|")
    except (ValueError, binascii.Error, UnicodeError):
        marks = []
    if len(marks) != 3 or marks[0] != order or "\0" in cursor or "\0" in "".join(marks):
        raise Invalid(_WRONG, [Problem("cursor", _WRONG)])
    return marks[1], marks[2]


def wrong_cursor() -> Invalid:
    """The refusal of a cursor that is not one of ours."""
    return Invalid(_WRONG, [Problem("cursor", _WRONG)])


def number_of(key: str) -> int:
    """The key of a cursor over numbered rows.

    Raises:
        Invalid: it is no such number.
    """
    if not (key.isascii() and key.isdecimal() and len(key) <= 18):
        raise Invalid(_WRONG, [Problem("cursor", _WRONG)])
    return int(key)
