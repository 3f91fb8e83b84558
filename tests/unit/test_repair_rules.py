"""The conditions of credit repair (B), one by one, and the earliest day to apply again."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.policy import Policy
from config.words import CreditGrade, Language, ListingCriterion, ListingKind
from models.rules.repair import Entry, RepairFacts, add_months, eligibility, not_better_than

TODAY = date(2026, 3, 10)
GREY = Entry(ListingKind.GREY, ListingCriterion.MALICIOUS_ARREARS, date(2025, 9, 10))
UNLAWFUL = Entry(ListingKind.BLACK, ListingCriterion.UNLAWFUL, date(2025, 1, 31))


def test_six_months_on_the_grey_list_are_enough_on_the_very_day(policy: Policy) -> None:
    rules = policy.listing.repair
    assert eligibility(RepairFacts(TODAY, (GREY,)), rules).met
    too_soon = eligibility(RepairFacts(TODAY - timedelta(days=1), (GREY,)), rules)
    assert not too_soon.met
    assert too_soon.earliest == TODAY
    assert too_soon.unmet[0].render(Language.EN).endswith("the 6 months are over on 2026-03-10")


def test_the_last_overdue_day_starts_the_months_again(policy: Policy) -> None:
    facts = RepairFacts(TODAY, (GREY,), last_overdue=date(2025, 12, 20))
    found = eligibility(facts, policy.listing.repair)
    assert [reason.code for reason in found.unmet] == ["repair.overdue_unmet", "repair.reapply"]
    assert found.earliest == date(2026, 6, 21)


def test_arrears_have_no_day_only_a_sum(policy: Policy) -> None:
    found = eligibility(RepairFacts(TODAY, (GREY,), arrears=Decimal("96000")), policy.listing.repair)
    assert found.earliest is None
    assert found.unmet[0].render(Language.EN) == "Arrears of 96,000.00 yuan are to be paid first"
    assert len(found.unmet) == 1


def test_unlawful_activity_needs_the_closing_document(policy: Policy) -> None:
    rules = policy.listing.repair
    assert [r.code for r in eligibility(RepairFacts(TODAY, (UNLAWFUL,)), rules).unmet] == ["repair.closing_unmet"]
    assert not eligibility(RepairFacts(TODAY, (UNLAWFUL,), closing_document="  "), rules).met
    assert eligibility(RepairFacts(TODAY, (UNLAWFUL,), closing_document="徐公经撤案字3号"), rules).met


def test_conditions_that_policy_does_not_set_are_not_asked(policy: Policy) -> None:
    lenient = policy.listing.repair.model_copy(update={"arrears_paid": False, "closing_document_for": ()})
    assert eligibility(RepairFacts(TODAY, (UNLAWFUL,), arrears=Decimal(1)), lenient).met


def test_only_the_listed_have_something_to_repair(policy: Policy) -> None:
    with pytest.raises(ValueError, match="listed"):
        eligibility(RepairFacts(TODAY, ()), policy.listing.repair)


@pytest.mark.parametrize(
    ("day", "months", "after"),
    [
        (date(2025, 8, 31), 6, date(2026, 2, 28)),
        (date(2023, 8, 31), 6, date(2024, 2, 29)),
        (date(2026, 3, 10), -6, date(2025, 9, 10)),
        (date(2026, 1, 31), -1, date(2025, 12, 31)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
    ],
)
def test_months_are_calendar_months(day: date, months: int, after: date) -> None:
    assert add_months(day, months) == after


def test_a_grade_is_compared_by_its_worth() -> None:
    assert not_better_than(CreditGrade.D, CreditGrade.A)
    assert not_better_than(CreditGrade.B, CreditGrade.B)
    assert not not_better_than(CreditGrade.A, CreditGrade.B)


days = st.dates(date(2015, 1, 1), date(2035, 12, 31))
entries = st.lists(
    st.builds(Entry, st.sampled_from(ListingKind), st.sampled_from(ListingCriterion), days), min_size=1, max_size=3
).map(tuple)
situations = st.builds(
    RepairFacts,
    on=days,
    entries=entries,
    arrears=st.decimals(0, 10_000_000, places=2),
    last_overdue=st.none() | days,
    closing_document=st.sampled_from(["", "徐公经撤案字3号"]),
)


@given(facts=situations)
def test_on_the_earliest_day_with_everything_done_an_application_succeeds_and_not_a_day_before(
    policy: Policy, facts: RepairFacts
) -> None:
    rules = policy.listing.repair
    found = eligibility(facts, rules)
    if found.earliest is None:
        return
    done = {"entries": facts.entries, "last_overdue": facts.last_overdue, "closing_document": "有"}
    assert facts.on < found.earliest
    assert eligibility(RepairFacts(on=found.earliest, **done), rules).met
    assert not eligibility(RepairFacts(on=found.earliest - timedelta(days=1), **done), rules).met


@given(facts=situations, later=st.integers(0, 4000))
def test_waiting_never_makes_a_condition_worse(policy: Policy, facts: RepairFacts, later: int) -> None:
    rules = policy.listing.repair
    after = RepairFacts(**{**facts.__dict__, "on": facts.on + timedelta(days=later)})
    for now, then in zip(eligibility(facts, rules).conditions, eligibility(after, rules).conditions, strict=True):
        assert then.met or not now.met


@given(facts=situations)
def test_every_condition_is_told_in_both_languages(policy: Policy, facts: RepairFacts) -> None:
    found = eligibility(facts, policy.listing.repair)
    assert found.met is (found.unmet == ())
    for condition in found.conditions:
        assert all(condition.reason.render(language) for language in Language)
