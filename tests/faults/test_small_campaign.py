"""The campaign of ``make faults``, a small one: its machinery works, and its promises hold for a handful of blows."""

from collections.abc import Iterator

import pytest

from tests.conftest import in_ci
from tests.faults.campaign import killed
from tests.faults.disturbances.clocks import LONG_LEASE, clock_of_its_own, jumps, leases_robbed
from tests.faults.disturbances.mail import always_awake, applications, bad_day, judged_by, tries_again
from tests.faults.disturbances.network import behind_a_wire, unavailable
from tests.faults.disturbances.plan import Plan, disturbed
from tests.faults.figures import Row, row_of
from tests.faults.ground import POSTGRESQL, SQLITE, Ground, NotHere, running_ground
from tests.faults.mail_server import Postmaster

SEED = 20260310
KILLS = {SQLITE: 5, POSTGRESQL: 4}
PATIENT = {"lease_seconds": LONG_LEASE}


@pytest.fixture(scope="module", params=[SQLITE, POSTGRESQL])
def few_kills(request: pytest.FixtureRequest) -> Iterator[Row]:
    """A few cases on each database while this and that is killed with -9, PostgreSQL too."""
    database = str(request.param)
    try:
        with running_ground(database) as ground:
            yield killed(ground, database, KILLS[database], SEED, at_once=6)
    except NotHere as reason:
        if in_ci():
            pytest.fail(str(reason))
        pytest.skip(str(reason))


def test_nothing_accepted_is_lost_or_doubled_however_often_it_is_killed(few_kills: Row) -> None:
    assert (few_kills.lost, few_kills.doubled) == (0, 0)
    assert few_kills.accepted > 0


def test_every_case_ends_as_its_people_meant_it_to(few_kills: Row) -> None:
    assert few_kills.unlike == []
    assert few_kills.cases >= 6


def test_everybody_is_told_once_and_the_record_verifies(few_kills: Row) -> None:
    assert (few_kills.undelivered, few_kills.duplicates, few_kills.chain) == ([], 0, True)
    assert few_kills.delivered > 0


def test_everything_comes_back_by_itself(few_kills: Row) -> None:
    assert few_kills.problems == []
    assert few_kills.away


def test_a_bad_day_of_the_mail_server_of_prefect_and_of_the_clock_harms_nothing(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    post, plan = Postmaster(), Plan(seconds=4, at_once=4)
    post.refuses = {"wang.jun@hengyuan.example"}
    policy = always_awake(tmp_path_factory.mktemp("policy"))
    url = f"mailto://127.0.0.1:{post.port}?from=risk@hengyuan.example&cto=1"
    with (
        post.serving(),
        clock_of_its_own() as clock,
        behind_a_wire() as (wire, given),
        running_ground(mail_url=url, console_channel=False, policy_folder=policy, **given, **PATIENT) as ground,
    ):

        def all_of_it(_ground: Ground) -> list[float]:
            bad = bad_day(post, plan.seconds)
            return [*bad, *unavailable(wire, plan.seconds), *jumps(clock, plan.seconds, SEED)]

        away, problems = disturbed("a bad day", ground, plan, all_of_it, applications(40))
        tries_again(ground)
        row = row_of("a bad day", 3, ground.company, away, [*problems, *leases_robbed(ground)])
        assert judged_by(post, row, ground).told() == []
        assert wire.refused
