"""Identity numbers: checks by checksum and structure, and masks for showing them (X; processes §5)."""

from __future__ import annotations

import re
from typing import Literal

from stdnum.cn import ric, uscc
from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidFormat, InvalidLength, ValidationError

from config.languages import N_
from config.words import Word

IdentifierKind = Literal["uscc", "resident_id"]
"""Unified social credit code (organisations) or resident ID (individuals)."""

_LENGTH = 18
_RESIDENT_ID = re.compile(r"[0-9]{17}[0-9X]")  # stdnum would call any other letter a wrong check digit
_SHOWN = 4
_MASK = "*"


class IdentifierProblem(Word):
    """What is wrong with an identity number. The label is the sentence for people."""

    MISSING = "missing", N_("The identity number is missing")
    LENGTH = "length", N_("The identity number must have 18 characters")
    FORMAT = "format", N_("The identity number contains characters that cannot be there")
    COMPONENT = "component", N_("The region or the date of birth in the identity number does not exist")
    CHECKSUM = "checksum", N_("The check digit of the identity number is wrong: probably a typing error")


_PROBLEMS: tuple[tuple[type[Exception], IdentifierProblem], ...] = (
    (InvalidLength, IdentifierProblem.LENGTH),
    (InvalidChecksum, IdentifierProblem.CHECKSUM),
    (InvalidComponent, IdentifierProblem.COMPONENT),
    (InvalidFormat, IdentifierProblem.FORMAT),
)


def compact_identifier(number: str) -> str:
    """The number without spaces and hyphens, letters in capitals: one way to write each."""
    return number.translate({ord(mark): None for mark in " -\t\u3000"}).upper()


def check_identifier(number: str | None, kind: IdentifierKind) -> IdentifierProblem | None:
    """What is wrong with an identity number, or ``None`` if its structure and check digit are right."""
    plain = compact_identifier(number or "")
    if not plain:
        return IdentifierProblem.MISSING
    if not plain.isascii() or not plain.isalnum():
        return IdentifierProblem.FORMAT
    if kind == "resident_id" and len(plain) == _LENGTH and not _RESIDENT_ID.fullmatch(plain):
        return IdentifierProblem.FORMAT
    try:
        (uscc if kind == "uscc" else ric).validate(plain)
    except ValidationError as error:
        return next((problem for kind_, problem in _PROBLEMS if isinstance(error, kind_)), IdentifierProblem.FORMAT)
    return None


def mask_identifier(number: str | None) -> str:
    """The first and last four characters, the rest starred; a short number is starred whole."""
    plain = compact_identifier(number or "")
    if len(plain) <= 2 * _SHOWN:
        return _MASK * len(plain)
    return plain[:_SHOWN] + _MASK * (len(plain) - 2 * _SHOWN) + plain[-_SHOWN:]


def mask_phone(number: str | None) -> str:
    """A telephone number with all but its first three and last four digits starred (138****5678)."""
    plain = (number or "").strip()
    places = [i for i, character in enumerate(plain) if character.isdigit()]
    hidden = set(places[3:-4] if len(places) > 2 * _SHOWN else places)
    return "".join(_MASK if i in hidden else character for i, character in enumerate(plain))
