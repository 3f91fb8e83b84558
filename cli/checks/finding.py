"""What a check has found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How it stands. ``WARN`` works today and will not always; ``FAIL`` does not work."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """One thing looked at: what it is, how it stands, and in a sentence or two what was seen and what to do."""

    check: str
    state: State
    sentence: str


def ok(check: str, sentence: str) -> Finding:
    return Finding(check, State.OK, sentence)


def warn(check: str, sentence: str) -> Finding:
    return Finding(check, State.WARN, sentence)


def fail(check: str, sentence: str) -> Finding:
    return Finding(check, State.FAIL, sentence)
