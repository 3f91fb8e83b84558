"""An office that is attacked: what it has of its own is the tests' of the API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.policy import Policy
from flows.direct_driver import DirectRunner, VirtualClock
from models.house import House
from tests.api.conftest import Office
from tests.attacks.company import Opened, Stricken, strike, wander

LOOKERS = ("xu.ming", "wu.gang", "li.na")
"""Operations, the risk manager, a handler: together they see every desk."""


@pytest.fixture
def settings(settings):
    """Attackers are patient: what the rate limit and the lock-out do is tested by themselves."""
    return settings.model_copy(update={"rate_limit_per_minute": 0, "lockout_failures": 1000})


@pytest.fixture
def office(house: House, runner: DirectRunner, clock: VirtualClock) -> Office:
    return Office(house, runner, clock)


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory, policy: Policy, empty_database: Path) -> Iterator[list[Stricken]]:
    """The company where everything that was written is an attack."""
    played = list(strike(tmp_path_factory.mktemp("stricken"), empty_database, policy))
    yield played
    for one in played:
        one.house.engine.dispose()


@pytest.fixture(scope="session")
def wandered(company: list[Stricken]) -> list[Opened]:
    """What somebody of each desk gets to see of it all."""
    known: set[tuple[str, str]] = set()
    return [opened for place in company for who in LOOKERS for opened in wander(place, who, known)]
