"""Scoring: bounds, direction, and missing values that are seen to be missing."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.policy import load_policy
from config.policy.indicators import ChoicePart, NumberPart
from config.words import CustomerType, Language
from models.rules.scoring import Figures, Score, score

INDICATORS = load_policy().indicators
TYPES = st.sampled_from(CustomerType)

# A steel trader in Xuzhou: sound, a little slow to pay.
STEEL_TRADER: dict[str, Decimal | str | None] = {
    "credit_rating": "AA",
    "credit_report": "clean",
    "overdue_days": Decimal(5),
    "annual_revenue": Decimal("86000000"),
    "roa": Decimal("4.2"),
    "roe": Decimal("11"),
    "ebit": Decimal("6300000"),
    "debt_ratio": Decimal("58"),
    "current_ratio": Decimal("1.4"),
    "market_position": "strong",
    "orders_per_year": Decimal(26),
    "annual_volume": Decimal("12400000.00"),
    "on_time_share": Decimal("94"),
    "contract_performance": Decimal("99"),
    "industry_outlook": "neutral",
    "industry_stance": "permitted",
    "lawsuits": Decimal(1),
    "penalties": Decimal(0),
    "public_opinion": "neutral",
}


def figure(part: NumberPart | ChoicePart) -> st.SearchStrategy[Decimal | str | None]:
    if isinstance(part, ChoicePart):
        return st.sampled_from([None, "", "no such word", *(choice.value for choice in part.choices)])
    return st.none() | st.decimals(-(10**9), 10**9, places=2) | st.sampled_from(["abc", "NaN", "1,200.50"])


FIGURES = st.fixed_dictionaries({part.name: figure(part) for part in INDICATORS.figures()})


def points(result: Score, name: str) -> int:
    return next(part.points for indicator in result.parts for part in indicator.parts if part.name == name)


def test_a_sound_steel_trader_scores_as_worked_out_by_hand() -> None:
    result = score(STEEL_TRADER, INDICATORS, CustomerType.MEDIUM)
    assert {indicator.name: indicator.points for indicator in result.parts} == {
        "credit_standing": Decimal("91.3"),  # 31.5 + 30 + 29.75, half up
        "operations": Decimal("71.5"),  # 10.5 + 9.75 + 12.75 + 7 + 13 + 10.5 + 8
        "trading_history": Decimal("94.8"),  # 20 + 25 + 29.75 + 20, half up
        "industry_background": Decimal("72.0"),  # 42 + 30
        "public_reputation": Decimal("82.0"),  # 28 + 30 + 24
    }
    assert not result.missing
    assert result.total == 84  # 27.375 + 17.875 + 23.6875 + 7.2 + 8.2 = 84.3375


@given(FIGURES, TYPES)
def test_a_score_and_its_parts_stay_between_0_and_100(figures: Figures, customer_type: CustomerType) -> None:
    result = score(figures, INDICATORS, customer_type)
    assert 0 <= result.total <= 100
    assert all(0 <= indicator.points <= 100 for indicator in result.parts)
    assert sum(indicator.weight for indicator in result.parts) == 100


@given(FIGURES, TYPES)
def test_the_total_is_the_weighted_mean_of_what_is_shown(figures: Figures, customer_type: CustomerType) -> None:
    result = score(figures, INDICATORS, customer_type)
    shown = sum(indicator.points * indicator.weight for indicator in result.parts) / 100
    assert abs(shown - result.total) <= Decimal("0.6")


@given(FIGURES, TYPES, st.data())
def test_a_better_figure_never_lowers_the_score(
    figures: dict[str, Decimal | str | None], customer_type: CustomerType, data: st.DataObject
) -> None:
    graded = [p for p in INDICATORS.figures(customer_type) if isinstance(p, NumberPart) and p.better]
    part = data.draw(st.sampled_from(graded))
    one, other = sorted(data.draw(st.tuples(*[st.decimals(-(10**8), 10**9, places=2)] * 2)))
    worse, better = (one, other) if part.better == "higher" else (other, one)
    low = score(figures | {part.name: worse}, INDICATORS, customer_type)
    high = score(figures | {part.name: better}, INDICATORS, customer_type)
    assert low.total <= high.total
    assert points(low, part.name) <= points(high, part.name)


@given(FIGURES, TYPES)
def test_what_is_missing_is_shown_as_missing_and_says_how_it_scored(
    figures: Figures, customer_type: CustomerType
) -> None:
    for indicator in score(figures, INDICATORS, customer_type).parts:
        for part in indicator.parts:
            given_value = figures[part.name]
            if part.missing:
                assert part.band is None
                assert str(part.points) in part.reason.render(Language.EN)
                assert part.reason.code == ("score.unreadable" if part.seen else "score.missing")
            else:
                assert given_value is not None
                assert part.band is not None
            assert given_value or part.missing or part.seen is not None


@pytest.mark.parametrize("customer_type", list(CustomerType))
def test_nobody_about_whom_nothing_is_known_gets_credit(customer_type: CustomerType) -> None:
    result = score({}, INDICATORS, customer_type)
    assert result.total < 50
    assert len(result.missing) == len(INDICATORS.figures(customer_type))


def test_a_missing_trading_history_counts_as_neutral() -> None:
    result = score({}, INDICATORS, CustomerType.SMALL)
    assert points(result, "on_time_share") == 50
    assert points(result, "roa") == INDICATORS.missing_points


def test_balance_sheet_figures_are_not_asked_of_an_individual() -> None:
    result = score({"income": "stable", "debt_to_income": Decimal(15)}, INDICATORS, CustomerType.INDIVIDUAL)
    names = {part.name for indicator in result.parts for part in indicator.parts}
    assert {"income", "debt_to_income"} <= names
    assert names.isdisjoint({"roa", "ebit", "credit_rating"})
    assert "资产负债率" in [label.in_(Language.ZH_CN) for label in result.not_applicable]


@pytest.mark.parametrize(
    ("value", "expected"),
    [("39.99", 100), ("40", 85), ("54.99", 85), ("55", 65), (" 84.9 ", 35), ("1,000", 5), ("-3", 100)],
)
def test_a_band_begins_with_its_lower_end_and_stops_before_its_upper(value: str, expected: int) -> None:
    assert points(score({"debt_ratio": value}, INDICATORS, CustomerType.LARGE), "debt_ratio") == expected


def test_a_value_nobody_can_read_counts_as_missing_and_is_still_shown() -> None:
    result = score({"credit_rating": "AAAA", "roa": "n/a"}, INDICATORS, CustomerType.LARGE)
    rating = next(part for part in result.missing if part.name == "credit_rating")
    assert rating.seen == "AAAA"
    assert rating.reason.render(Language.EN) == "“AAAA” cannot be read; it counts as missing and scores 40 points"


def test_ratings_are_read_whatever_their_capitals() -> None:
    assert points(score({"credit_rating": "aaa"}, INDICATORS, CustomerType.LARGE), "credit_rating") == 100


def test_the_band_hit_is_written_as_mathematics() -> None:
    result = score({"annual_volume": Decimal("2400000")}, INDICATORS, CustomerType.LARGE)
    part = next(p for i in result.parts for p in i.parts if p.name == "annual_volume")
    assert part.band is not None
    assert part.band.en == "2,000,000 ≤ x < 10,000,000"


@given(FIGURES, TYPES)
def test_a_score_comes_back_from_json_as_it_was(figures: Figures, customer_type: CustomerType) -> None:
    result = score(figures, INDICATORS, customer_type)
    assert Score.model_validate_json(result.model_dump_json()) == result
    assert Score.model_validate(result.model_dump(mode="json")) == result
