"""May this customer trade now: whatever is stricter decides, and every answer says why."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.policy import Policy
from config.words import (
    CustomerClass,
    CustomerStatus,
    Language,
    ListingCriterion,
    ListingKind,
    MeasureKind,
    Security,
)
from models.rules.trading import Facts, InForce, Line, Listed, TradingAnswer, trading

GREY = Listed(ListingKind.GREY, ListingCriterion.MALICIOUS_ARREARS, date(2026, 1, 5))
BLACK = Listed(ListingKind.BLACK, ListingCriterion.FRAUD, date(2026, 2, 1))
LINE = Line(Decimal("800000"), 45, (Security.DEPOSIT,))


def steel_trader(**changes: Any) -> Facts:
    """An admitted class B customer with 800,000 over 45 days, of which 300,000 are used."""
    given_facts: dict[str, Any] = {
        "status": CustomerStatus.ADMITTED,
        "customer_class": CustomerClass.B,
        "line": LINE,
        "used": Decimal("300000"),
    }
    return Facts(**{**given_facts, **changes})


def codes(answer: TradingAnswer) -> list[str]:
    return [reason.code for reason in answer.because]


def test_on_credit_up_to_what_the_line_leaves(policy: Policy) -> None:
    answer = trading(steel_trader(), policy)
    assert (answer.may, answer.prepay) == (True, False)
    assert (answer.limit, answer.used, answer.available) == (Decimal("800000"), Decimal("300000"), Decimal("500000"))
    assert (answer.term_days, answer.securities) == (45, (Security.DEPOSIT,))
    assert codes(answer) == ["trading.line"]


@pytest.mark.parametrize(("amount", "may"), [("500000", True), ("500000.01", False)])
def test_an_amount_is_held_against_what_is_available(policy: Policy, amount: str, *, may: bool) -> None:
    assert trading(steel_trader(), policy, Decimal(amount)).may is may


def test_a_limit_used_up_says_so(policy: Policy) -> None:
    answer = trading(steel_trader(used=Decimal("912000")), policy)
    assert (answer.may, answer.available) == (False, Decimal(0))
    assert codes(answer)[0] == "trading.used_up"


@pytest.mark.parametrize(
    ("status", "code"),
    [(CustomerStatus.APPLICANT, "trading.not_admitted"), (CustomerStatus.REFUSED, "trading.refused")],
)
def test_only_admitted_customers_trade(policy: Policy, status: CustomerStatus, code: str) -> None:
    answer = trading(steel_trader(status=status), policy)
    assert not answer.may
    assert codes(answer)[0] == code


def test_the_black_list_stops_trading_and_the_grey_list_is_only_told(policy: Policy) -> None:
    assert not trading(steel_trader(listings=(BLACK,)), policy).may
    grey = trading(steel_trader(listings=(GREY,)), policy)
    assert grey.may
    assert "trading.listed" in codes(grey)


def test_a_suspension_says_no_with_scope_and_end(policy: Policy) -> None:
    suspended = InForce(MeasureKind.SUSPEND, "螺纹钢", date(2026, 6, 30))
    answer = trading(steel_trader(measures=(suspended,)), policy)
    assert not answer.may
    assert answer.because[0].render(Language.EN) == "Trading is suspended: 螺纹钢, 2026-06-30"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"line": None}, "trading.no_line"),
        ({"line": Line(Decimal(0), 0)}, "trading.line_of_nothing"),
        ({"line": None, "prepays": True}, "trading.prepays"),
        ({"customer_class": CustomerClass.D}, "trading.class_prepays"),
        ({"measures": (InForce(MeasureKind.FREEZE),)}, "trading.frozen"),
        ({"measures": (InForce(MeasureKind.PREPAYMENT),)}, "trading.prepayment_measure"),
    ],
)
def test_without_credit_trade_is_only_against_prepayment(policy: Policy, changes: dict[str, Any], code: str) -> None:
    answer = trading(steel_trader(**changes), policy, Decimal("90000000"))
    assert (answer.may, answer.prepay, answer.limit, answer.available, answer.term_days) == (True, True, 0, 0, 0)
    assert codes(answer) == [code]


def test_measures_narrow_limit_and_term_and_demand_security(policy: Policy) -> None:
    measures = (
        InForce(MeasureKind.LIMIT, terms={"limit": "400000"}),
        InForce(MeasureKind.LIMIT, terms={"limit": "350000"}),
        InForce(MeasureKind.SHORTER_TERM, terms={"term_days": 15}),
        InForce(MeasureKind.SECURITY, terms={"securities": ["pledge"]}),
        InForce(MeasureKind.MONITOR, until=date(2026, 9, 10), terms={"frequency": "weekly"}),
    )
    answer = trading(steel_trader(measures=measures), policy)
    assert (answer.limit, answer.available, answer.term_days) == (Decimal("350000"), Decimal("50000"), 15)
    assert answer.securities == (Security.DEPOSIT, Security.PLEDGE)
    assert {reason.code for reason in answer.conditions} == {
        "trading.limited_to",
        "trading.security",
        "trading.monitored",
    }


def test_a_cap_binds_prepaid_trades_too(policy: Policy) -> None:
    capped = steel_trader(line=None, prepays=True, measures=(InForce(MeasureKind.LIMIT, terms={"limit": "100000"}),))
    assert trading(capped, policy, Decimal("100000")).may
    refused = trading(capped, policy, Decimal("100001"))
    assert (refused.may, codes(refused)[0]) == (False, "trading.above_cap")


@pytest.mark.parametrize("amount", ["0", "-1"])
def test_a_trade_has_a_positive_amount(policy: Policy, amount: str) -> None:
    with pytest.raises(ValueError, match="positive"):
        trading(steel_trader(), policy, Decimal(amount))


amounts = st.decimals(min_value=0, max_value=5_000_000, places=2)
lines = st.builds(Line, amounts, st.integers(0, 120), st.sets(st.sampled_from(Security)).map(tuple))
measures_of = st.builds(
    InForce,
    st.sampled_from(MeasureKind),
    st.sampled_from(["", "螺纹钢"]),
    st.none() | st.just(date(2026, 12, 31)),
    st.fixed_dictionaries(
        {},
        optional={
            "limit": amounts.map(str),
            "term_days": st.integers(0, 90),
            "securities": st.lists(st.sampled_from([s.value for s in Security])),
        },
    ),
)
standings = st.builds(
    Facts,
    status=st.sampled_from(CustomerStatus),
    customer_class=st.none() | st.sampled_from(CustomerClass),
    prepays=st.booleans(),
    listings=st.lists(st.sampled_from([GREY, BLACK]), max_size=2, unique=True).map(tuple),
    measures=st.lists(measures_of, max_size=4).map(tuple),
    line=st.none() | lines,
    used=amounts,
)


@given(facts=standings, amount=st.none() | amounts.filter(lambda one: one > 0))
def test_every_answer_is_explained_and_holds_together(policy: Policy, facts: Facts, amount: Decimal | None) -> None:
    answer = trading(facts, policy, amount)
    assert answer.because
    assert all(reason.render(language) for reason in answer.because for language in Language)
    assert answer.limit <= (facts.line.limit if facts.line else 0)
    assert 0 <= answer.available <= answer.limit
    if answer.prepay:
        assert (answer.limit, answer.term_days) == (0, 0)
    if answer.may and not answer.prepay:
        assert answer.available > 0
        assert amount is None or amount <= answer.available
    assert TradingAnswer.model_validate_json(answer.model_dump_json()) == answer


@given(facts=standings, more=measures_of, amount=st.none() | amounts.filter(lambda one: one > 0))
def test_a_further_measure_never_loosens_anything(
    policy: Policy, facts: Facts, more: InForce, amount: Decimal | None
) -> None:
    stricter = Facts(**{**facts.__dict__, "measures": (*facts.measures, more)})
    before, after = trading(facts, policy, amount), trading(stricter, policy, amount)
    assert after.limit <= before.limit
    assert after.term_days <= before.term_days
    if after.may and not after.prepay:
        assert before.may
        assert not before.prepay
