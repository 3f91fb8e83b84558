"""The load: cases of all five named processes in an order drawn by the seed, without end."""

from __future__ import annotations

import random
from collections.abc import Iterator

from tests.faults.company import Journey
from tests.faults.journeys.collections import COLLECTIONS
from tests.faults.journeys.evaluation import EVALUATION
from tests.faults.journeys.onboarding import ONBOARDING
from tests.faults.journeys.reception import RECEPTION
from tests.faults.journeys.repair import REPAIR

SCRIPTS = (*ONBOARDING, *RECEPTION, *COLLECTIONS, *REPAIR)
ROUND = len(SCRIPTS) + 1
EVALUATIONS = 8
"""Quarters that are evaluated at the most: the portfolio has no older figures worth evaluating."""


def journeys(seed: int) -> Iterator[Journey]:
    """Every script once in each round, in another order each time; with each round a quarter is evaluated."""
    luck = random.Random(seed)
    number = 0
    for quarter in range(1, 1_000_000):
        scripts = list(SCRIPTS)
        luck.shuffle(scripts)
        if quarter <= EVALUATIONS:
            # Its number is the quarter's; the ratings that it changes are nobody else's matter.
            yield Journey(quarter, EVALUATION)
        for script in scripts:
            number += 1
            yield Journey(100 + number, script)
