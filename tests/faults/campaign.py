"""The campaign of kills: a load of cases, blows at random moments, and the same load undisturbed to compare with."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from tests.faults.company import Journey
from tests.faults.endings import Ending, account_of
from tests.faults.figures import Row, row_of, strikes
from tests.faults.ground import Ground, running_ground
from tests.faults.kills import PAUSE, Kills
from tests.faults.load import journeys

AT_ONCE = 16
MOST_JOURNEYS = 800


def undisturbed(wanted: Sequence[Journey], at_once: int = AT_ONCE) -> dict[str, Ending]:
    """How these journeys end when nothing happens, by their names."""
    with running_ground() as ground:
        plays(ground, iter(wanted), wanted, at_once)
        return account_of(ground.company).endings


class Campaign:
    """Kills on one database; what was played is there to be played again undisturbed."""

    def __init__(self, database: str, kills: int, seed: int, at_once: int = AT_ONCE, least: int = 0) -> None:
        self.database, self.kills, self.seed = database, kills, seed
        self.at_once, self.least = at_once, least
        self.played: list[Journey] = []

    def run(self, ground: Ground, pause: tuple[float, float] = PAUSE) -> Kills:
        """Play and kill, until all kills are done and every case has ended."""
        coming = list(islice(journeys(self.seed), max(60, min(self.kills * 3, MOST_JOURNEYS))))
        kills = Kills(ground, self.kills, self.seed, pause)
        kills.start()
        plays(ground, self._noted(coming), coming, self.at_once)
        kills.join(timeout=10)
        if kills.is_alive():
            kills.failure = "the load ran out before the kills did"
        return kills

    def row(self, ground: Ground, kills: Kills, compared_with: Mapping[str, Ending] | None) -> Row:
        """The figures."""
        fault = f"kill -9 on {self.database}: {strikes(kills.struck)}"
        problems = [kills.failure] if kills.failure else []
        return row_of(
            fault, kills.struck.total(), ground.company, compared_with, kills.away, problems, struck=kills.struck
        )

    def _noted(self, coming: Sequence[Journey]) -> Iterator[Journey]:
        for journey in coming:
            self.played.append(journey)
            yield journey


def plays(
    ground: Ground,
    coming: Iterator[Journey],
    furnished: Sequence[Journey],
    at_once: int,
    until: threading.Thread | None = None,
) -> None:
    """Let the company play; it is at rest, and everybody told, when this returns, and ``until`` is over."""
    ground.company.furnishes(furnished)
    ground.company.plays(coming, at_once)
    if until is not None:
        until.join()
    ground.company.comes_to_rest()
    ground.company.is_told()
