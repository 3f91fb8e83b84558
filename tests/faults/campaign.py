"""The campaign of kills: a load of cases, blows at random moments, and the same load undisturbed to compare with."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from itertools import islice

from tests.faults.company import Journey
from tests.faults.endings import Ending, account_of
from tests.faults.figures import Row, row_of, strikes
from tests.faults.ground import Ground, running_ground
from tests.faults.kills import Kills
from tests.faults.load import journeys

AT_ONCE = 16
MOST_JOURNEYS = 800


def undisturbed(wanted: Sequence[Journey], at_once: int = AT_ONCE) -> dict[str, Ending]:
    """How these journeys end when nothing happens, by their names."""
    with running_ground() as ground:
        ground.company.furnishes(wanted)
        plays(ground, wanted, at_once)
        return account_of(ground.company).endings


def killed(ground: Ground, database: str, number: int, seed: int, at_once: int = AT_ONCE) -> Row:
    """Play and kill, until all kills are done and every case has ended; what came of it."""
    coming = list(islice(journeys(seed), max(60, min(number * 3, MOST_JOURNEYS))))
    ground.company.furnishes(coming)
    kills = Kills(ground, number, seed)
    kills.start()
    plays(ground, coming, at_once)
    kills.join(timeout=10)
    problems = [kills.failure] if kills.failure else []
    problems += ["the load ran out before the kills did"] if kills.is_alive() else []
    fault = f"kill -9 on {database}: {strikes(kills.struck)}"
    return row_of(fault, kills.struck.total(), ground.company, kills.away, problems)


def plays(ground: Ground, coming: Sequence[Journey], at_once: int, until: threading.Thread | None = None) -> None:
    """Let the company play; it is at rest, and everybody told, when this returns, and ``until`` is over."""
    ground.company.plays(iter(coming), at_once)
    if until is not None:
        until.join()
    ground.company.comes_to_rest()
    ground.company.is_told()
