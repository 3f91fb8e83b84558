"""Grade, level, class, proposal and conditions."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from config.policy import load_policy
from config.words import CreditGrade, CustomerClass, Language, RiskLevel, Security
from models.rules.credit import (
    Conditions,
    CreditProposal,
    customer_class,
    grade,
    merge_conditions,
    propose,
    risk_level,
)

CREDIT = load_policy().credit
AMOUNTS = st.decimals(0, 10**8, places=2)
CONDITIONS = st.builds(
    Conditions,
    limit=st.none() | AMOUNTS,
    term_days=st.none() | st.integers(0, 400),
    securities=st.lists(st.sampled_from(Security), max_size=6).map(tuple),
    note=st.sampled_from(["", "先款后货", "Deposit before delivery", "  two\n\nlines "]),
)


def test_every_score_has_exactly_one_grade_and_one_level() -> None:
    for points in range(101):
        assert sum(band.lowest <= points <= band.highest for band in CREDIT.grades) == 1
        assert grade(points, CREDIT) in CreditGrade
        assert risk_level(points, CREDIT) in RiskLevel


def test_a_higher_score_never_means_a_worse_grade_or_level() -> None:
    grades, levels = list(CreditGrade), list(RiskLevel)
    for low, high in pairwise(range(101)):
        assert grades.index(grade(low, CREDIT)) >= grades.index(grade(high, CREDIT))
        assert levels.index(risk_level(low, CREDIT)) >= levels.index(risk_level(high, CREDIT))


@pytest.mark.parametrize(
    ("points", "expected"), [(100, "A"), (90, "A"), (89, "B"), (80, "B"), (79, "C"), (50, "C"), (49, "D"), (0, "D")]
)
def test_grades_change_where_the_table_says(points: int, expected: str) -> None:
    assert grade(points, CREDIT).value == expected


@pytest.mark.parametrize("points", [-1, 101])
def test_a_score_outside_the_table_is_refused(points: int) -> None:
    with pytest.raises(ValueError, match="outside the credit table"):
        grade(points, CREDIT)
    with pytest.raises(ValueError, match="outside the risk levels"):
        risk_level(points, CREDIT)


def test_whoever_is_listed_is_a_high_risk_whatever_the_score() -> None:
    assert risk_level(99, CREDIT) is RiskLevel.LOW
    assert risk_level(99, CREDIT, listed=True) is RiskLevel.HIGH


@pytest.mark.parametrize(
    ("credit_grade", "level", "volume", "expected"),
    [
        (CreditGrade.A, RiskLevel.LOW, Decimal(2_000_000), CustomerClass.A),
        (CreditGrade.A, RiskLevel.LOW, Decimal(1_999_999), CustomerClass.B),
        (CreditGrade.A, RiskLevel.LOW, None, CustomerClass.B),
        (CreditGrade.B, RiskLevel.LOW, Decimal(10_000_000), CustomerClass.A),
        (CreditGrade.B, RiskLevel.MEDIUM, Decimal(10_000_000), CustomerClass.B),
        (CreditGrade.C, RiskLevel.MEDIUM, Decimal(90_000_000), CustomerClass.C),
        (CreditGrade.D, RiskLevel.LOW, Decimal(90_000_000), CustomerClass.D),
        (CreditGrade.A, RiskLevel.HIGH, Decimal(90_000_000), CustomerClass.D),
    ],
)
def test_the_first_class_rule_that_holds_decides(
    credit_grade: CreditGrade, level: RiskLevel, volume: Decimal | None, expected: CustomerClass
) -> None:
    assert customer_class(credit_grade, level, volume, CREDIT) is expected


def test_a_request_above_the_cap_is_cut_and_says_so() -> None:
    proposal = propose(CreditGrade.C, Decimal("1240000"), 45, prepays=False, policy=CREDIT)
    assert (proposal.limit, proposal.term_days, proposal.cut) == (Decimal("1000000.00"), 30, True)
    assert [reason.render(Language.EN) for reason in proposal.reasons] == [
        "The limit asked for, 1,240,000.00, is above the cap for grade C · Fair and was cut to 1,000,000.00",
        "The term asked for, 45 days, is above the cap for grade C · Fair; cut to 30 days",
    ]


def test_a_request_within_the_table_is_proposed_as_asked() -> None:
    proposal = propose(CreditGrade.B, Decimal("2400000"), 60, prepays=False, policy=CREDIT)
    assert (proposal.limit, proposal.term_days) == (Decimal("2400000.00"), 60)
    assert not proposal.cut
    assert not proposal.prepay_only


def test_grade_d_gets_no_credit_and_is_told_why() -> None:
    proposal = propose(CreditGrade.D, Decimal("50000"), 30, prepays=False, policy=CREDIT)
    assert (proposal.limit, proposal.term_days, proposal.prepay_only, proposal.cut) == (0, 0, True, True)
    assert [reason.code for reason in proposal.reasons] == ["credit.grade_without_credit"]


def test_who_pays_before_delivery_needs_no_credit_line() -> None:
    proposal = propose(CreditGrade.A, Decimal(0), 0, prepays=True, policy=CREDIT)
    assert proposal.prepay_only
    assert not proposal.cut
    assert [reason.code for reason in proposal.reasons] == ["credit.prepays"]


def test_who_asks_for_nothing_gets_nothing() -> None:
    proposal = propose(CreditGrade.A, Decimal(0), 30, prepays=False, policy=CREDIT)
    assert proposal.prepay_only
    assert [reason.code for reason in proposal.reasons] == ["credit.none_asked"]


def test_a_negative_request_is_refused() -> None:
    with pytest.raises(ValueError, match="not negative"):
        propose(CreditGrade.A, Decimal(-1), 30, prepays=False, policy=CREDIT)


@given(st.sampled_from(CreditGrade), AMOUNTS, st.integers(0, 400), st.booleans())
def test_a_proposal_exceeds_neither_the_request_nor_the_table(
    credit_grade: CreditGrade, asked: Decimal, term: int, prepays: bool
) -> None:
    proposal = propose(credit_grade, asked, term, prepays=prepays, policy=CREDIT)
    row = CREDIT.row(credit_grade)
    assert proposal.limit <= min(asked, row.limit)
    assert proposal.term_days <= min(term, row.term_days)
    assert proposal.cut is (not prepays and asked > 0 and (proposal.limit < asked or proposal.term_days < term))
    assert proposal.prepay_only is (proposal.limit == 0)
    assert proposal.reasons
    assert CreditProposal.model_validate_json(proposal.model_dump_json()) == proposal


@given(CONDITIONS, CONDITIONS)
def test_merging_does_not_depend_on_the_order(one: Conditions, other: Conditions) -> None:
    assert merge_conditions([one, other]) == merge_conditions([other, one])


@given(CONDITIONS, CONDITIONS, CONDITIONS)
def test_merging_step_by_step_is_merging_at_once(a: Conditions, b: Conditions, c: Conditions) -> None:
    assert merge_conditions([merge_conditions([a, b]), c]) == merge_conditions([a, merge_conditions([b, c])])


@given(st.lists(CONDITIONS, min_size=1, max_size=5))
def test_merged_conditions_are_never_looser_than_any_of_them(several: list[Conditions]) -> None:
    merged = merge_conditions(several)
    for one in several:
        assert one.limit is None or (merged.limit is not None and merged.limit <= one.limit)
        assert one.term_days is None or (merged.term_days is not None and merged.term_days <= one.term_days)
        assert set(one.securities) <= set(merged.securities)
        assert set(one.note.splitlines()) <= set(merged.note.splitlines())
    assert merge_conditions([merged, *several]) == merged


def test_no_conditions_merge_to_none() -> None:
    assert merge_conditions([]) == Conditions()
    assert not merge_conditions([Conditions(), Conditions()]).any


def test_the_strictest_of_two_approvals_holds() -> None:
    head = Conditions(limit=Decimal("2000000"), securities=(Security.PLEDGE,), note="质押率不超过六成")
    vice = Conditions(limit=Decimal("2400000"), term_days=60, securities=(Security.DEPOSIT,))
    assert merge_conditions([head, vice]) == Conditions(
        limit=Decimal("2000000.00"),
        term_days=60,
        securities=(Security.DEPOSIT, Security.PLEDGE),
        note="质押率不超过六成",
    )


def test_later_approvals_cannot_exceed_the_proposal() -> None:
    proposal = propose(CreditGrade.C, Decimal("1240000"), 45, prepays=False, policy=CREDIT)
    generous = Conditions(limit=Decimal("9000000"), term_days=90)
    settled = merge_conditions([proposal.as_conditions(), generous])
    assert (settled.limit, settled.term_days) == (Decimal("1000000.00"), 30)


def test_negative_conditions_are_refused() -> None:
    with pytest.raises(ValidationError):
        Conditions(limit=Decimal(-1))
    with pytest.raises(ValidationError):
        Conditions(term_days=-1)
