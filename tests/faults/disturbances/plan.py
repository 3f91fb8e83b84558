"""A disturbance: it is done to a company at work, and then all promises are looked at."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from tests.faults.campaign import plays
from tests.faults.company import Journey
from tests.faults.ground import Ground, NotHere
from tests.faults.load import ROUND, journeys

BUSY = 5.0  # seconds of work before anything is done to it


@dataclass(frozen=True)
class Plan:
    """How much is to be played, for how many seconds each disturbance lasts, what draws the lots."""

    seconds: float = 60.0
    cases: int = 3 * ROUND
    at_once: int = 8
    seed: int = 1

    def journeys(self) -> list[Journey]:
        """The cases of every disturbance, as many of them as begin before it is over."""
        return list(islice(journeys(self.seed), self.cases))


Disturb = Callable[[Ground], list[float]]
"""Does it, and undoes it. Returns how many seconds each blow kept the product from working."""


def disturbed(
    fault: str, ground: Ground, plan: Plan, disturb: Disturb, wanted: list[Journey] | None = None
) -> tuple[list[float], list[str]]:
    """Let the company play while ``disturb`` is done to it. Returns the seconds away, and what went wrong."""
    blows: list[float] = []
    problems: list[str] = []

    def strike() -> None:
        try:
            lasts(min(BUSY, plan.seconds / 2), lambda: len(ground.company.cases) > 0, ground.company.patience)
            blows.extend(disturb(ground))
        except Exception as error:  # told with the figures
            problems.append(f"{fault}: {type(error).__name__}: {error}")
        finally:
            ground.company.stopped.set()

    coming = wanted if wanted is not None else plan.journeys()
    ground.company.furnishes(coming)
    striking = threading.Thread(target=strike, name=fault, daemon=True)
    striking.start()
    plays(ground, coming, plan.at_once, until=striking)
    return blows, problems


def lasts(seconds: float, has_struck: Callable[[], bool], patience: float = 120.0) -> None:
    """Wait until a disturbance has lasted for so long, and longer until it has struck anybody at all."""
    began = time.monotonic()
    while (gone := time.monotonic() - began) < seconds or (not has_struck() and gone < patience):
        time.sleep(0.05)


def wait_until(holds: Callable[[], bool], what: str, patience: float = 180.0) -> None:
    """Look until it is so.

    Raises:
        NotHere: it does not come to be.
    """
    end = time.monotonic() + patience
    while not holds():
        if time.monotonic() > end:
            raise NotHere(f"waited in vain for {what}")
        time.sleep(0.1)
