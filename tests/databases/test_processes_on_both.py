"""Each process leaves on PostgreSQL exactly what it leaves on SQLite, on a long way through."""

from collections.abc import Iterator

import pytest

import tasks.evaluation
from config.policy import Policy
from config.settings import Settings
from config.words import Outcome
from flows.direct_driver import DirectRunner, VirtualClock
from models.house import open_house
from tests.conftest import TUESDAY
from tests.databases.conftest import furnish
from tests.processes import test_collections_kills as collections
from tests.processes import test_quarterly_evaluation_kills as evaluation
from tests.processes import test_risk_reception_kills as reception
from tests.processes import test_standing_kills as standing
from tests.processes.conftest import Office
from tests.processes.mortality import Script, left_behind

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)

JOURNEYS: dict[Script, Outcome] = {
    reception.round_about: Outcome.SETTLED,
    collections.plan_broken_then_written_off: Outcome.WRITTEN_OFF,
    evaluation.returned_by_management: Outcome.SIGNED_OFF,
    standing.refused_and_granted_on_appeal: Outcome.REPAIRED,
    standing.listed_with_more_evidence_and_a_report: Outcome.LISTED,
}


@pytest.fixture
def on_sqlite(tmp_path_factory: pytest.TempPathFactory, policy: Policy) -> Iterator[Office]:
    """The same office with the other database."""
    settings = Settings(home=tmp_path_factory.mktemp("sqlite"), lease_seconds=12)
    furnish(settings, policy)
    clock = VirtualClock(TUESDAY)
    house = open_house(settings, policy, clock)
    yield Office(house, clock, DirectRunner(house, clock))
    house.engine.dispose()


@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda journey: journey.__name__)
def test_a_journey_leaves_the_same_behind_on_both_databases(
    journey: Script, office: Office, on_sqlite: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.evaluation, "BATCH", 2)
    journey(office)
    journey(on_sqlite)
    assert office.outcome is JOURNEYS[journey]
    assert left_behind(office) == left_behind(on_sqlite)
