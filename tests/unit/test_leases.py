"""Whose worker is dead, whatever the clock says."""

from datetime import timedelta

import pytest

from flows.leases import Lease, Leases
from tests.conftest import TUESDAY

LENGTH = 12


class Watch:
    """Counts seconds evenly; the clock on the wall is another thing."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def leases(watch: Watch) -> Leases:
    return Leases(LENGTH, watch)


def lease(seconds_left: float, fence: int = 1) -> Lease:
    return Lease("ONB-2026-000001", fence, TUESDAY + timedelta(seconds=seconds_left))


def test_a_lease_that_ran_out_while_it_was_watched_is_a_dead_worker_s(leases: Leases, watch: Watch) -> None:
    left = lease(LENGTH)
    assert leases.silent([left], TUESDAY) == set()
    watch.seconds = LENGTH + 1
    assert leases.silent([left], TUESDAY + timedelta(seconds=LENGTH + 1)) == {"ONB-2026-000001"}


def test_a_clock_put_forward_takes_no_lease_from_a_worker_that_goes_on_renewing(leases: Leases, watch: Watch) -> None:
    leases.silent([lease(LENGTH)], TUESDAY)
    jumped = TUESDAY + timedelta(hours=2)
    for renewals in range(1, 5):
        watch.seconds += LENGTH / 3
        renewed = Lease("ONB-2026-000001", 1, jumped + timedelta(seconds=renewals))
        assert leases.silent([renewed], jumped + timedelta(hours=1)) == set()


def test_a_lease_seen_for_the_first_time_is_given_time_to_be_renewed(leases: Leases, watch: Watch) -> None:
    long_over = lease(-3600)
    assert leases.silent([long_over], TUESDAY) == set()
    watch.seconds = LENGTH / 2
    assert leases.silent([long_over], TUESDAY) == {"ONB-2026-000001"}


def test_a_clock_put_back_keeps_no_dead_worker_s_case(leases: Leases, watch: Watch) -> None:
    far_ahead = lease(7200)
    leases.silent([far_ahead], TUESDAY)
    watch.seconds = LENGTH * 1.5
    assert leases.silent([far_ahead], TUESDAY) == {"ONB-2026-000001"}


def test_the_next_holder_s_lease_is_watched_anew(leases: Leases, watch: Watch) -> None:
    leases.silent([lease(-1, fence=1)], TUESDAY)
    watch.seconds = LENGTH
    assert leases.silent([lease(-1, fence=2)], TUESDAY) == set()
