"""What people were sent, read where the development channel puts it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cli.demo.account import Unmet

LOOK_EVERY = 0.01
LONGEST_WAIT = 30.0


@dataclass(frozen=True)
class Letter:
    """One message; ``number`` counts from 1. ``seen_at`` is this process's clock in seconds, right to a hundredth.

    Without a ``person`` it is for somebody outside.
    """

    number: int
    seen_at: float
    kind: str
    person: str | None
    case: str | None
    subject: str
    text: str
    link: str | None


class Mailbox:
    """All messages of an installation, in the order they were sent.

    Of several letters that are wanted the latest is taken, and those before it are put aside with it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0
        self._waiting: list[Letter] = []
        self.ids: list[str] = []

    def so_far(self) -> int:
        """How many letters have come."""
        self._look()
        return len(self.ids)

    def take(self, what: str, wanted: Callable[[Letter], bool], *, after: int = 0) -> Letter:
        """The letter that is ``wanted``, taken out; it is waited for.

        Raises:
            Unmet: it has not come; says ``what`` was expected.
        """
        letter = self.see(what, wanted, after=after)
        self._waiting = [one for one in self._waiting if not wanted(one) or one.number > letter.number]
        return letter

    def see(self, what: str, wanted: Callable[[Letter], bool], *, after: int = 0) -> Letter:
        """The same, left where it is. Letters up to the one numbered ``after`` do not count.

        Raises:
            Unmet: it has not come; says ``what`` was expected.
        """
        end = time.monotonic() + LONGEST_WAIT
        while True:
            self._look()
            for letter in reversed(self._waiting):
                if letter.number > after and wanted(letter):
                    return letter
            if time.monotonic() > end:
                raise Unmet(f"{what} within {LONGEST_WAIT:g} s")
            time.sleep(LOOK_EVERY)

    def _look(self) -> None:
        try:
            with self._path.open("rb") as file:
                file.seek(self._read)
                data = file.read()
        except FileNotFoundError:
            return
        whole = data[: data.rfind(b"\n") + 1]
        self._read += len(whole)
        now = time.monotonic()
        for line in filter(None, whole.split(b"\n")):
            told = json.loads(line)
            self.ids.append(told["id"])
            self._waiting.append(
                Letter(
                    number=len(self.ids),
                    seen_at=now,
                    kind=told["kind"],
                    person=told["person"],
                    case=told["case"],
                    subject=told["subject"],
                    text=told["text"],
                    link=told["link"],
                )
            )
