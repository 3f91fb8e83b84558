"""The foot of a paper: who is to sign it, who has, and the fingerprint that says which words they signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from config.languages import N_, translate
from config.words import Language
from models.papers import PaperText

_WHEN = {Language.ZH_CN: "y年M月d日 HH:mm", Language.EN: "d MMMM y, HH:mm"}
HASH_DIGITS = 16
"""So much of the fingerprint stands on the paper; the whole of it is on the page and in the evidence pack."""

FOR_THE_CUSTOMER = N_("For the customer")


@dataclass(frozen=True)
class Signed:
    """A signature as it is printed. ``person_id`` is empty if it is somebody's from outside."""

    name: str
    capacity: str
    at: datetime
    person_id: str | None = None


@dataclass(frozen=True)
class Line:
    """One line for a signature: signed, or still empty."""

    capacity: str
    name: str
    note: str

    @property
    def signed(self) -> bool:
        return bool(self.note)


def lines_of(text: PaperText, signed: Sequence[Signed], time_zone: str) -> tuple[Line, ...]:
    """A line for everybody who is to sign, in the paper's order, then for whoever signed besides."""
    left = list(signed)
    found: list[Line] = []
    for one in text.signatories:
        own = next((s for s in left if _is(s, one.person_id, one.name, one.capacity)), None)
        if own is not None:
            left.remove(own)
        found.append(
            Line(one.capacity, own.name if own else one.name, _note(own, text.language, time_zone) if own else "")
        )
    return (*found, *(Line(_capacity(s, text), s.name, _note(s, text.language, time_zone)) for s in left))


def _is(signed: Signed, person_id: str | None, name: str, capacity: str) -> bool:
    if person_id is not None or signed.person_id is not None:
        return signed.person_id == person_id
    return signed.name == name or signed.capacity == capacity


def _capacity(signed: Signed, text: PaperText) -> str:
    return translate(signed.capacity, text.language)


def _note(signed: Signed, language: Language, time_zone: str) -> str:
    at = format_datetime(signed.at, _WHEN[language], tzinfo=ZoneInfo(time_zone), locale=language.value)
    return translate(N_("signed electronically, {at}"), language, at=at)


def fingerprint(text: PaperText) -> str:
    """The first digits of the text's hash, in groups of four."""
    digits = text.content_hash()[:HASH_DIGITS]
    return " ".join(digits[start : start + 4] for start in range(0, HASH_DIGITS, 4))


def foot(text: PaperText, version: int) -> str:
    """What stands at the foot of every page."""
    return translate(
        N_("Version {version} · fingerprint {digits}"), text.language, version=version, digits=fingerprint(text)
    )
