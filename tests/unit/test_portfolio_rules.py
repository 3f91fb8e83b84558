"""Rules of the evaluation by their properties: scoring many, migration, concentration, limits, periods."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.policy import load_policy
from config.policy.evaluation import LimitRules
from config.words import Change, CreditGrade, CustomerClass, CustomerType, RiskLevel
from models.rules.concentration import concentration
from models.rules.migration import Standing, change, migration
from models.rules.periods import months_before, quarter, quarter_of
from models.rules.portfolio import Flag, Position, evaluate, within_grade
from models.rules.portfolio_scoring import PortfolioScoring
from models.rules.scoring import score

POLICY = load_policy()
SCORING = PortfolioScoring(POLICY.indicators)
VALUES = st.one_of(
    st.none(),
    st.sampled_from(["", " ", "—", "NaN", "Infinity", "1,234.5", "AA", "aa ", "clean", "不详", "1e3"]),
    st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**12).map(str),
    st.sampled_from([choice.value for p in POLICY.indicators.figures() if p.kind == "choice" for choice in p.choices]),
)
FIGURES = st.dictionaries(st.sampled_from([part.name for part in POLICY.indicators.figures()]), VALUES)
GRADES, LEVELS, CLASSES = (st.sampled_from(list(words)) for words in (CreditGrade, RiskLevel, CustomerClass))
STANDINGS = st.builds(Standing, GRADES, LEVELS, CLASSES)
YUAN = st.decimals(min_value=0, max_value=10**9, places=2)


@given(FIGURES, st.sampled_from(list(CustomerType)))
def test_many_are_scored_exactly_as_one_is(figures: dict[str, str | None], kind: CustomerType) -> None:
    one = score(figures, POLICY.indicators, kind)
    assert SCORING.points(figures, kind) == (one.total, len(one.missing))


@given(st.sampled_from([part for part in POLICY.indicators.figures() if part.kind == "number"]))
def test_a_number_on_the_edge_of_a_band_is_in_it(part) -> None:  # type: ignore[no-untyped-def]
    for band in part.bands[1:]:
        for number in (band.at_least, band.at_least - Decimal("0.001")):
            for kind in CustomerType:
                one = score({part.name: number}, POLICY.indicators, kind)
                assert SCORING.points({part.name: number}, kind).total == one.total


@given(STANDINGS, STANDINGS)
def test_a_move_there_is_the_opposite_of_the_move_back_unless_it_is_mixed(old: Standing, new: Standing) -> None:
    there, back = change(old, new), change(new, old)
    assert (there is Change.SAME) == (old == new)
    if there is Change.UP:
        assert back is Change.DOWN
    # Better in grade and worse in level is a downgrade either way.
    assert {there, back} in ({Change.UP, Change.DOWN}, {Change.SAME}, {Change.DOWN})


@given(st.lists(st.tuples(st.none() | GRADES, GRADES, st.integers(0, 10**6))))
def test_nobody_is_lost_or_made_up_in_a_migration_table(
    moves: list[tuple[CreditGrade | None, CreditGrade, int]],
) -> None:
    table = migration(moves, list(CreditGrade))
    assert table.total == sum(number for _, _, number in moves)
    assert table.worse + table.better + table.same + sum(table.first) == table.total
    assert sum(table.before) == sum(number for old, _, number in moves if old is not None)


@given(st.lists(YUAN, max_size=60), st.integers(1, 12))
def test_concentration_adds_up_and_stays_within_its_bounds(amounts: list[Decimal], top: int) -> None:
    found = concentration(((f"K-{n:06d}", "", amount) for n, amount in enumerate(amounts)), top)
    owed = sorted((amount for amount in amounts if amount > 0), reverse=True)
    assert found.total == sum(owed, Decimal(0))
    assert [share.amount for share in found.largest] == owed[:top]
    if owed:
        assert round(10_000 / len(owed)) <= found.index <= 10_000


def test_one_debtor_is_the_whole_and_equal_debtors_share_alike() -> None:
    assert concentration([("a", "", Decimal("86000.00"))], 5).index == 10_000
    assert concentration([(str(n), "", Decimal("5.00")) for n in range(4)], 5).index == 2_500
    assert [s.key for s in concentration([(k, "", Decimal(1)) for k in "cab"], 2).largest] == ["a", "b"]
    assert concentration([], 5).total == 0


@given(st.integers(0, 100), STANDINGS, YUAN, st.integers(0, 180), YUAN, YUAN, st.booleans(), st.integers(0, 100))
def test_no_limit_or_term_is_above_its_grade_and_only_deserving_customers_get_more(
    points: int,
    old: Standing,
    limit: Decimal,
    term: int,
    exposure: Decimal,
    overdue: Decimal,
    listed: bool,
    raise_by: int,
) -> None:
    rules = LimitRules(raise_percent=Decimal(raise_by), round_to=Decimal("10000.00"))
    found = evaluate(
        Position(points, old, listed=listed, exposure=exposure, overdue=overdue, limit=limit, term=term),
        POLICY.credit,
        rules,
    )
    row = POLICY.credit.row(found.new.grade)
    assert found.limit is not None
    assert found.limit <= max(row.limit, Decimal(0))
    assert (found.term or 0) <= min(term, row.term_days)
    assert (Flag.ABOVE_CAP in found.flags) == (limit > row.limit)
    if found.limit > limit:
        assert found.change is Change.UP
        assert not overdue
        assert not listed
        assert exposure * 100 >= limit * 80
        assert found.limit <= limit * (100 + raise_by) / 100
    if listed:
        assert found.new.level is POLICY.credit.listed_level


def test_who_has_no_line_gets_none_and_is_reported_only_if_they_trade_and_do_not_prepay() -> None:
    stood = Standing(CreditGrade.B, RiskLevel.LOW, CustomerClass.B)
    for trades, prepays in ((True, False), (True, True), (False, False)):
        found = evaluate(Position(85, stood, trades=trades, prepays=prepays), POLICY.credit, LimitRules())
        assert (found.limit, found.term) == (None, None)
        assert (Flag.NO_LINE in found.flags) == (trades and not prepays)


@given(st.integers(0, 100), GRADES)
def test_an_exception_is_rated_at_the_nearest_score_of_its_grade(points: int, wanted: CreditGrade) -> None:
    at = within_grade(points, wanted, POLICY.credit)
    row = POLICY.credit.row(wanted)
    assert row.lowest <= at <= row.highest
    assert all(abs(points - at) <= abs(points - other) for other in range(row.lowest, row.highest + 1))


@given(st.dates(date(2001, 1, 1), date(2900, 1, 1)))
def test_every_day_is_in_one_quarter_which_is_read_as_it_is_written(day: date) -> None:
    found = quarter_of(day)
    assert found.first <= day <= found.last
    assert quarter(str(found)) == found
    assert found.before.last + timedelta(days=1) == found.first


@pytest.mark.parametrize("wrong", ["", "2026", "2026Q0", "2026Q5", "26Q1", "2026-Q1", "Q12026", "2026Q１"])
def test_what_is_no_quarter_is_none(wrong: str) -> None:
    assert quarter(wrong) is None


def test_months_are_counted_back_to_the_last_day_a_month_has() -> None:
    assert months_before(date(2026, 3, 31), 1) == date(2026, 2, 28)
    assert months_before(date(2024, 2, 29), 12) == date(2023, 2, 28)
    assert months_before(date(2025, 12, 31), 24) == date(2023, 12, 31)
    assert months_before(date(2026, 1, 15), -12) == date(2027, 1, 15)
