"""Numbers of people in a text: found by their form, and masked but for their end."""

from __future__ import annotations

import re
from typing import Any

HIDDEN = "…"

NARROW = {ord("０") + n: ord("0") + n for n in range(10)}
"""Full-width digits, as Chinese input writes them, to plain ones."""

RESIDENT_ID = re.compile(r"(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])")
MOBILE = re.compile(r"(?<![\w.])(\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\w)", re.ASCII)
LANDLINE = re.compile(r"(?<![\w.-])0\d{2,3}-\d{7,8}(?![\w-])", re.ASCII)
CARD = re.compile(r"(?<![\w.-])(?:\d[ -]?){15,18}\d(?![\w-])", re.ASCII)
"""Digits that may be a bank card's: 16 to 19, whole or in groups."""


def is_card(text: str) -> bool:
    """Whether the digits are right by their check digit (Luhn, ISO/IEC 7812)."""
    digits = [int(one) for one in reversed(text) if one.isdecimal()]
    doubled = (sum(divmod(2 * one, 10)) for one in digits[1::2])
    return (sum(digits[0::2]) + sum(doubled)) % 10 == 0


def without_numbers(value: Any) -> Any:
    """``value`` (a text, or JSON that holds texts) with resident IDs, mobile numbers and bank cards masked."""
    if isinstance(value, dict):
        return {name: without_numbers(one) for name, one in value.items()}
    if isinstance(value, list):
        return [without_numbers(one) for one in value]
    if not isinstance(value, str) or len(value) < 11:
        return value
    if value.isascii() and not any(one.isspace() for one in value):
        return value  # one word of ours: a reference, a number of an invoice, an address
    text = MOBILE.sub(_end, RESIDENT_ID.sub(_end, value.translate(NARROW)))
    return CARD.sub(lambda found: _end(found) if is_card(found[0]) else found[0], text)


def _end(found: re.Match[str]) -> str:
    return HIDDEN + found[0][-4:]
