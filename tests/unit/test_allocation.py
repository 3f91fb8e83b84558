"""Which invoices a payment settles: nothing is lost, nothing is settled twice, and the oldest comes first (X)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.allocation import Claim, Part, Split, allocate

AMOUNTS = st.integers(1, 5_000_000_00).map(lambda fen: Decimal(fen) / 100)
DAYS = st.integers(0, 40).map(lambda days: date(2026, 1, 1) + timedelta(days=days))
CLAIMS = st.lists(
    st.builds(
        Claim,
        number=st.integers(1, 99).map("FP-{:02d}".format),
        due_on=DAYS,
        outstanding=AMOUNTS,
        disputed=st.booleans(),
    ),
    max_size=12,
    unique_by=lambda claim: claim.number,
)
JANUARY = Claim("FP-07", date(2026, 1, 31), Decimal("400000.00"))
FEBRUARY = Claim("FP-03", date(2026, 2, 28), Decimal("840000.00"))


def test_a_part_payment_settles_the_oldest_due_invoice_first() -> None:
    split = allocate(Decimal("500000.00"), [FEBRUARY, JANUARY])
    assert split == Split((Part("FP-07", Decimal("400000.00")), Part("FP-03", Decimal("100000.00"))), Decimal("0.00"))


def test_what_is_paid_above_everything_owed_is_left_as_credit() -> None:
    assert allocate(Decimal("1250000.00"), [FEBRUARY, JANUARY]).rest == Decimal("10000.00")


def test_a_customer_may_say_which_invoice_it_pays() -> None:
    split = allocate(Decimal("900000.00"), [JANUARY, FEBRUARY], ["FP-03"])
    assert [part.number for part in split.parts] == ["FP-03", "FP-07"]
    assert split.parts[1].amount == Decimal("60000.00")


def test_what_is_disputed_is_settled_last_unless_it_is_named() -> None:
    disputed = Claim("FP-01", date(2025, 11, 30), Decimal("70000.00"), disputed=True)
    claims = [disputed, JANUARY]
    assert [part.number for part in allocate(Decimal("450000.00"), claims).parts] == ["FP-07", "FP-01"]
    assert [part.number for part in allocate(Decimal("60000.00"), claims, ["FP-01"]).parts] == ["FP-01"]


@pytest.mark.parametrize("amount", ["0", "-0.01"])
def test_nothing_and_less_settle_nothing(amount: str) -> None:
    with pytest.raises(ValueError, match="settles nothing"):
        allocate(Decimal(amount), [JANUARY])


@given(AMOUNTS, CLAIMS)
def test_the_parts_and_the_rest_add_up_to_the_payment(amount: Decimal, claims: list[Claim]) -> None:
    split = allocate(amount, claims)
    assert sum((part.amount for part in split.parts), split.rest) == amount
    assert split.rest >= 0


@given(AMOUNTS, CLAIMS)
def test_no_invoice_gets_more_than_is_owed_on_it_and_none_a_part_of_nothing(
    amount: Decimal, claims: list[Claim]
) -> None:
    owed = {claim.number: claim.outstanding for claim in claims}
    split = allocate(amount, claims)
    assert all(0 < part.amount <= owed[part.number] for part in split.parts)
    assert len({part.number for part in split.parts}) == len(split.parts)


@given(AMOUNTS, CLAIMS)
def test_credit_is_left_only_when_nothing_is_owed_any_more(amount: Decimal, claims: list[Claim]) -> None:
    split = allocate(amount, claims)
    paid = sum((part.amount for part in split.parts), Decimal(0))
    assert split.rest == 0 or paid == sum((claim.outstanding for claim in claims), Decimal(0))


@given(AMOUNTS, CLAIMS)
def test_an_invoice_gets_something_only_when_every_older_one_is_settled(amount: Decimal, claims: list[Claim]) -> None:
    settled = {part.number: part.amount for part in allocate(amount, claims).parts}
    undisputed = [claim for claim in claims if not claim.disputed]
    for later in undisputed:
        if later.number in settled:
            older = [claim for claim in undisputed if claim.due_on < later.due_on]
            assert all(settled.get(claim.number) == claim.outstanding for claim in older)


@given(AMOUNTS, CLAIMS, st.randoms(use_true_random=False))
def test_the_order_in_which_invoices_were_entered_does_not_matter(amount: Decimal, claims: list[Claim], dice) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(claims)
    dice.shuffle(shuffled)
    assert allocate(amount, shuffled) == allocate(amount, claims)


@given(AMOUNTS, AMOUNTS, CLAIMS)
def test_two_payments_settle_what_one_of_both_would(first: Decimal, second: Decimal, claims: list[Claim]) -> None:
    one = allocate(first, claims)
    paid = {part.number: part.amount for part in one.parts}
    left = [
        Claim(claim.number, claim.due_on, claim.outstanding - paid.get(claim.number, Decimal(0)), claim.disputed)
        for claim in claims
    ]
    two = allocate(second, left)
    for part in two.parts:
        paid[part.number] = paid.get(part.number, Decimal(0)) + part.amount
    both = allocate(first + second, claims)
    assert paid == {part.number: part.amount for part in both.parts}
    assert one.rest + two.rest == both.rest
