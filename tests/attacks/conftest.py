"""An office that is attacked: what it has of its own is the tests' of the API."""

from __future__ import annotations

import pytest

from flows.direct_driver import DirectRunner, VirtualClock
from models.house import House
from tests.api.conftest import Office


@pytest.fixture
def settings(settings):
    """Attackers are patient: what the rate limit does is tested by itself."""
    return settings.model_copy(update={"rate_limit_per_minute": 0})


@pytest.fixture
def office(house: House, runner: DirectRunner, clock: VirtualClock) -> Office:
    return Office(house, runner, clock)
