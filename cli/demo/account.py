"""The account of the demonstration: what happened, as it happens, and in the end what came of it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from cli.terminal import console, table

T = TypeVar("T")


class Unmet(Exception):
    """Something that had to happen did not; the text says what was expected."""


@dataclass
class Account:
    """Prints while it is told.

    ``spans`` are seconds from a decision until the next person had the message; ``payments`` from a payment until its
    case had moved.
    """

    began: float = field(default_factory=time.monotonic)
    spans: list[float] = field(default_factory=list)
    payments: list[float] = field(default_factory=list)
    unmet: list[str] = field(default_factory=list)
    _scenes: int = 0

    def __post_init__(self) -> None:
        self._console = console()

    def part(self, title: str) -> None:
        """A new part of the account."""
        self._console.print()
        self._console.print(f"{time.monotonic() - self.began:5.1f} s  {title}", style="bold")

    def scene(self, title: str, ref: str) -> None:
        """A new scene: one case."""
        self._scenes += 1
        self.part(f"{self._scenes}. {title} · {ref}")

    def line(self, text: str) -> None:
        """One thing that happened."""
        self._console.print(f"         {text}", soft_wrap=True)

    def decision(self, text: str, span: float | None, onward: str) -> None:
        """A decision, and what came of it after ``span`` seconds."""
        if span is None:
            self.line(f"{text}; {onward}")
            return
        self.spans.append(span)
        self.line(f"{text}; {span * 1000:.0f} ms later {onward}")

    def expect(self, holds: bool, what: str) -> None:
        """``what`` must be so.

        Raises:
            Unmet: it is not.
        """
        if not holds:
            raise Unmet(what)

    def present(self, value: T | None, what: str) -> T:
        """``value``, which must be there.

        Raises:
            Unmet: it is not.
        """
        if value is None:
            raise Unmet(what)
        return value

    def missed(self, scene: str, expected: str) -> None:
        """A scene did not go as it had to."""
        self.unmet.append(f"{scene}: expected {expected}")
        self._console.print(f"         Not as it should be. Expected: {expected}", style="bold red", soft_wrap=True)

    def outcomes(self, process: str, rows: Iterable[Sequence[object]]) -> None:
        """The table of outcomes of one process."""
        self._console.print()
        table(("Case", "Customer", "Ended", "Because", "Signatures", "Void"), rows, title=process, right=(4, 5))

    def speed(self) -> str:
        """How fast decisions led on."""
        return f"{_told(self.spans)} ({len(self.spans)} decisions)" if self.spans else "no decision led on"

    def payment_speed(self) -> str:
        """How fast payments moved their cases."""
        return f"{_told(self.payments)} ({len(self.payments)} payments)" if self.payments else "no payment moved a case"


def _told(spans: Sequence[float]) -> str:
    ordered = sorted(spans)
    late = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return f"median {statistics.median(ordered) * 1000:.0f} ms, 95 % within {late * 1000:.0f} ms"
