"""What a quarterly evaluation speaks of: the portfolio, what was found, limits, indicators (C, B, R, X)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from config.policy.base import Text
from config.words import Department
from models.onboarding import Block
from models.rules.concentration import Concentration
from models.rules.migration import Migration


class Portfolio(Block):
    """Who is evaluated: so many customers, in ranges of their ids.

    Behaviour is measured up to ``cut_off``, the last day of the period; what is owed, lines and lists are those of
    ``on``, the day the evaluation is made.
    """

    period: str
    cut_off: date
    on: date
    customers: int
    ranges: tuple[tuple[int, int], ...]
    batch: int = 1

    def done_after(self, number: int) -> int:
        """How many customers the ranges up to ``number`` (from 0) hold."""
        return min((number + 1) * self.batch, self.customers)


class Changes(Block):
    """How many customers move, by what the move is; ``exceptions`` counts those whose grade a reviewer set.

    ``fingerprint`` is the hash of every row that changes or carries an exception: whoever confirms, confirms these.
    """

    up: int
    down: int
    first: int
    same: int
    exceptions: int
    fingerprint: str
    address: str

    @property
    def moved(self) -> int:
        return self.up + self.down + self.first


class Finding(Block):
    """A customer named in a step or a report: why is in ``what``'s words, amounts in yuan."""

    customer_id: int
    number: str
    name: str
    exposure: Decimal
    overdue: Decimal = Decimal("0.00")
    limit: Decimal | None = None
    days_overdue: int = 0


class Breaches(Block):
    """Rules of the credit policy that are broken, with how often and the gravest by exposure (C)."""

    no_line: int
    above_cap: int
    over_limit: int
    gravest: tuple[Finding, ...] = ()

    @property
    def any(self) -> bool:
        return bool(self.no_line or self.above_cap or self.over_limit)


class Totals(Block):
    """The portfolio in figures (yuan). ``overdue_percent`` of the exposure; none if nothing is owed."""

    customers: int
    exposure: Decimal
    overdue: Decimal
    overdue_percent: Decimal | None
    limits: Decimal
    used_percent: Decimal | None
    average_points: Decimal | None
    figures_missing: int


class Age(Block):
    """What is outstanding of one age."""

    name: str
    label: str
    amount: Decimal
    invoices: int


class Spread(Block):
    """Concentration by customer and by industry, and what of it policy calls too much."""

    customers: Concentration
    industries: Concentration
    too_much: tuple[str, ...] = ()


class Candidate(Block):
    """Somebody to be nominated for a list, with what speaks for it (B)."""

    customer_id: int
    number: str
    name: str
    overdue: Decimal
    days_overdue: int
    refusals: int


class Summary(Block):
    """What the evaluation found, as the review shows it."""

    period: str
    cut_off: date
    on: date
    totals: Totals
    grades: Migration
    levels: Migration
    classes: Migration
    breaches: Breaches
    new_high: int
    candidates: tuple[Candidate, ...] = ()
    more_candidates: int = 0


class LimitChange(Block):
    """One line that changes: from and to, limit in yuan and term in days."""

    customer_id: int
    number: str
    name: str
    old_limit: Decimal
    new_limit: Decimal
    old_term: int
    new_term: int


class LimitChanges(Block):
    """All lines that change (C). The matrix is asked about the largest raised limit; cuts go to its lowest level."""

    raised: int
    cut: int
    term_only: int
    total_before: Decimal
    total_after: Decimal
    largest_raised: Decimal
    largest: tuple[LimitChange, ...]
    fingerprint: str
    address: str

    @property
    def lines(self) -> int:
        return self.raised + self.cut + self.term_only


class Indicator(Block):
    """An assessment indicator: its value in percent, or that there are no data; ``basis`` counts what it rests on."""

    name: str
    label: Text
    target: Decimal
    better: str
    weight: int
    departments: tuple[Department, ...]
    value: Decimal | None
    basis: int = 0

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; unknown without data."""
        if self.value is None:
            return None
        return self.value >= self.target if self.better == "higher" else self.value <= self.target


class Receptions(Block):
    """The receptions of the period (R): how many ended, agreed, and what they came to (yuan)."""

    ended: int
    agreed: int
    resolved: int
    satisfaction: Decimal | None
    asked: int
    loss_avoided: Decimal
    concessions: Decimal
    major: int


class Assessment(Block):
    """The work of the period measured against its targets (R, B). ``score`` weighs the indicators that have data."""

    indicators: tuple[Indicator, ...]
    receptions: Receptions
    score: Decimal | None
    without_data: int


class Report(Block):
    """What management signs."""

    summary: Summary
    changes: Changes
    limits: LimitChanges
    spread: Spread
    ageing: tuple[Age, ...]
    assessment: Assessment
    address: str
