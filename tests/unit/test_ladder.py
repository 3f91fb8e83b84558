"""The collections ladder by its rules (X, B): no rung twice, none skipped silently, payment ends it from anywhere."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.policy import load_policy
from config.policy.collections import Rung
from config.words import RungState, StrategyState, StrategyWay
from models.rules.calendar import BusinessCalendar
from models.rules.ladder import Move, Next, Position, business_day, next_move, this_or_next

LADDER = load_policy().collections.ladder
NAMES = [rung.name for rung in LADDER]
DUE = date(2026, 3, 9)
DONE = dict.fromkeys(NAMES, RungState.DONE)
CHINA = BusinessCalendar("CN")


@dataclass(frozen=True)
class Holidays:
    """A calendar of any shape: weekends, and days off thrown in at random."""

    off: frozenset[date]
    weekends: bool = True

    def is_business_day(self, day: date) -> bool:
        return day not in self.off and not (self.weekends and day.weekday() >= 5)


def at(day: date, **more: object) -> Next:
    return next_move(Position(since=DUE, **more), LADDER, day, CHINA)  # type: ignore[arg-type]


@pytest.mark.parametrize(("number", "day"), [(1, 10), (3, 12), (15, 30)])
def test_rungs_fall_due_on_business_days_from_the_oldest_due_date(number: int, day: int) -> None:
    assert business_day(CHINA, DUE, number) == date(2026, 3, day)


def test_the_spring_festival_does_not_count() -> None:
    # Due on Friday 13 February 2026; the festival lasts until the 23rd, Saturday the 14th and the 28th are worked.
    assert business_day(CHINA, date(2026, 2, 13), 1) == date(2026, 2, 14)
    assert business_day(CHINA, date(2026, 2, 13), 3) == date(2026, 2, 25)


def test_what_falls_due_on_a_day_off_is_due_on_the_next_business_day() -> None:
    sunday = date(2026, 3, 8)
    assert this_or_next(CHINA, sunday) == DUE
    assert business_day(CHINA, sunday, 1) == business_day(CHINA, DUE, 1)


def test_before_the_first_rung_the_case_waits_for_its_day() -> None:
    assert at(DUE) == Next(Move.AWAIT_RUNG, LADDER[0], date(2026, 3, 10))
    assert at(date(2026, 3, 10)).move is Move.CLIMB


def test_a_case_found_late_climbs_every_rung_without_waiting() -> None:
    late = business_day(CHINA, DUE, 20)
    assert at(late).rung == LADDER[0]
    assert at(late, rungs={"reminder": RungState.DONE}).rung == LADDER[1]
    waiting = at(late, rungs=dict.fromkeys(("reminder", "telephone", "letter"), RungState.DONE))
    assert (waiting.move, waiting.on) == (Move.AWAIT_RUNG, business_day(CHINA, DUE, 30))


def test_a_rung_begun_is_asked_again_even_where_a_payment_moved_its_day() -> None:
    since = business_day(CHINA, DUE, 10)
    again = next_move(
        Position(since=since, rungs={"reminder": RungState.DONE, "telephone": RungState.BEGUN}), LADDER, since, CHINA
    )
    assert (again.move, again.rung, again.again) == (Move.CLIMB, LADDER[1], True)


def test_a_rung_not_carried_out_in_time_does_not_come_again() -> None:
    rungs = {"reminder": RungState.DONE, "telephone": RungState.NOT_DONE}
    assert at(business_day(CHINA, DUE, 15), rungs=rungs).rung == LADDER[2]


def test_a_promise_holds_the_ladder_to_the_end_of_its_day() -> None:
    promised = business_day(CHINA, DUE, 18)
    rungs = {"reminder": RungState.DONE, "telephone": RungState.DONE}
    assert at(promised, promised_until=promised, rungs=rungs).move is Move.AWAIT_PROMISE
    assert at(promised + timedelta(days=1), promised_until=promised, rungs=rungs).rung == LADDER[2]


def test_a_dispute_holds_the_ladder_and_nothing_undisputed_waits_for_it_too() -> None:
    assert at(business_day(CHINA, DUE, 40), disputed=True).move is Move.AWAIT_RECEPTION
    only = next_move(Position(since=None, disputed=True), LADDER, DUE, CHINA)
    assert only.move is Move.AWAIT_RECEPTION


@pytest.mark.parametrize(
    ("strategy", "move"),
    [
        (None, Move.CHOOSE),
        ((StrategyWay.AGENCY, StrategyState.PROPOSED), Move.APPROVE),
        ((StrategyWay.AGENCY, StrategyState.RETURNED), Move.CHOOSE),
        ((StrategyWay.PLAN, StrategyState.RUNNING), Move.PURSUE),
        ((StrategyWay.PLAN, StrategyState.FAILED), Move.CHOOSE),
        ((StrategyWay.PLAN, StrategyState.DONE), Move.CHOOSE),
    ],
)
def test_after_the_last_rung_a_way_is_chosen_approved_and_gone(
    strategy: tuple[StrategyWay, StrategyState] | None, move: Move
) -> None:
    assert at(business_day(CHINA, DUE, 70), rungs=DONE, strategy=strategy).move is move


# -- by properties --------------------------------------------------------------------------------------------------


@dataclass
class Debt:
    """A debt played day by day, apart from the product: invoices, payments, and what people do on each rung."""

    calendar: Holidays
    invoices: list[tuple[date, int]]
    payments: dict[date, int]
    answers: list[tuple[str, int]]
    opened: date
    rungs: dict[str, RungState] = field(default_factory=dict)
    fired: list[tuple[str, date, date]] = field(default_factory=list)
    held_until: date | None = None
    in_hand: tuple[str, date] | None = None
    finished: date | None = None
    paid: int = 0

    def since(self, today: date) -> date | None:
        """The oldest due date of what is overdue and not covered by payments, the oldest settled first."""
        left = self.paid
        for due, amount in sorted(self.invoices):
            left -= amount
            if left < 0 and due < today:
                return due
        return None

    def play(self, days: int) -> None:
        for number in range(days):
            today = self.opened + timedelta(days=number)
            self.paid += self.payments.get(today, 0)
            if self.calendar.is_business_day(today) or today in self.payments:
                self.live_through(today)
            if self.finished:
                return

    def live_through(self, today: date) -> None:
        for _ in range(2 * len(LADDER) + 2):
            if self.in_hand and today >= self.in_hand[1]:
                self.rungs[self.in_hand[0]] = RungState.DONE
                self.in_hand = None
            since = self.since(today)
            move = next_move(
                Position(since=since, promised_until=self.held_until, rungs=self.rungs), LADDER, today, self.calendar
            )
            if move.move is Move.FINISH:
                self.finished = today
            if move.move is not Move.CLIMB or self.in_hand:
                return
            self.climb(move, since or today, today)

    def climb(self, move: Next, since: date, today: date) -> None:
        assert move.rung is not None
        assert self.held_until is None or today > self.held_until, "a promise holds the ladder"
        if not move.again:
            self.fired.append((move.rung.name, today, since))
        answer, span = self.answers[len(self.fired) % len(self.answers)]
        self.rungs[move.rung.name] = {"missed": RungState.NOT_DONE, "slow": RungState.BEGUN}.get(answer, RungState.DONE)
        if answer == "slow":
            self.in_hand = (move.rung.name, today + timedelta(days=span))
        if answer == "promise":
            self.held_until = today + timedelta(days=span)


def offsets(most: int) -> st.SearchStrategy[date]:
    return st.integers(0, most).map(lambda number: DUE + timedelta(days=number))


debts = st.builds(
    Debt,
    calendar=st.builds(Holidays, off=st.frozensets(offsets(200), max_size=40), weekends=st.booleans()),
    invoices=st.lists(st.tuples(offsets(120), st.integers(1, 500)), min_size=1, max_size=6),
    payments=st.dictionaries(offsets(200), st.integers(1, 400), max_size=6),
    answers=st.lists(
        st.tuples(st.sampled_from(["done", "missed", "slow", "promise"]), st.integers(1, 14)), min_size=1, max_size=6
    ),
    opened=offsets(90),
)


@settings(max_examples=300)
@given(debt=debts)
def test_no_rung_fires_twice_and_they_fire_in_order_with_none_left_out(debt: Debt) -> None:
    debt.play(260)
    assert [name for name, _, _ in debt.fired] == NAMES[: len(debt.fired)]


@settings(max_examples=300)
@given(debt=debts)
def test_no_rung_fires_before_its_day(debt: Debt) -> None:
    debt.play(260)
    for name, on, since in debt.fired:
        assert on >= business_day(debt.calendar, since, _rung(name).from_day)


@settings(max_examples=200)
@given(debt=debts, day=st.integers(0, 200))
def test_payment_in_full_ends_it_on_that_day_from_anywhere(debt: Debt, day: int) -> None:
    pay_day = debt.opened + timedelta(days=day)
    debt.payments[pay_day] = sum(amount for _, amount in debt.invoices)
    debt.play(day + 1)
    assert debt.finished is not None
    assert debt.finished <= pay_day


@settings(max_examples=200)
@given(debt=debts)
def test_unpaid_and_unheld_every_rung_comes_in_the_end(debt: Debt) -> None:
    debt.payments.clear()
    debt.answers = [("missed" if answer == "promise" else answer, span) for answer, span in debt.answers]
    debt.play(365)
    assert [name for name, _, _ in debt.fired] in (NAMES, [])  # nothing at all where nothing was due when it opened
    assert bool(debt.fired) == (debt.finished is None)


@given(
    states=st.dictionaries(st.sampled_from(NAMES), st.sampled_from(list(RungState))),
    strategy=st.none() | st.tuples(st.sampled_from(list(StrategyWay)), st.sampled_from(list(StrategyState))),
    promised=st.none() | offsets(300),
    today=offsets(300),
)
def test_nothing_owed_finishes_whatever_else_is_the_case(
    states: dict[str, RungState],
    strategy: tuple[StrategyWay, StrategyState] | None,
    promised: date | None,
    today: date,
) -> None:
    position = Position(since=None, promised_until=promised, rungs=states, strategy=strategy)
    assert next_move(position, LADDER, today, CHINA).move is Move.FINISH


def _rung(name: str) -> Rung:
    return next(rung for rung in LADDER if rung.name == name)
