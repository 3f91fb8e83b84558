"""When a listed customer may apply for credit repair (B), condition by condition, with the earliest day.

A day that is named is the first on which the condition holds; what only the applicant can do (pay, hand in a document)
has none.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from config.policy.listing import Repair
from config.words import CreditGrade, ListingCriterion, ListingKind
from models.rules.reasons import Reason, Result, because

MONTHS_A_YEAR = 12
NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class Entry:
    """An entry of the lists in force."""

    kind: ListingKind
    criterion: ListingCriterion
    since: date


@dataclass(frozen=True)
class RepairFacts:
    """What the conditions look at, on the day ``on``.

    ``arrears`` are overdue or were given up unpaid, in yuan; ``last_overdue`` is the last day on which anything was
    overdue, ``closing_document`` the number of the paper handed in (empty: none).
    """

    on: date
    entries: tuple[Entry, ...]
    arrears: Decimal = NOTHING
    last_overdue: date | None = None
    closing_document: str = ""


class Condition(Result):
    """One condition: whether it is met, why, and from which day on it will be, where a day decides."""

    met: bool
    reason: Reason
    earliest: date | None = None


class Eligibility(Result):
    """All conditions, and the first day on which an application can succeed if the rest has been done by then."""

    conditions: tuple[Condition, ...]
    earliest: date | None = None

    @property
    def met(self) -> bool:
        return all(condition.met for condition in self.conditions)

    @property
    def unmet(self) -> tuple[Reason, ...]:
        """The unmet conditions, and when to apply again where that can be said."""
        why = tuple(condition.reason for condition in self.conditions if not condition.met)
        if not why or self.earliest is None:
            return why
        return (*why, because("repair.reapply", earliest=self.earliest.isoformat()))


def eligibility(facts: RepairFacts, policy: Repair) -> Eligibility:
    """Each condition of ``policy`` for the entries in force.

    Raises:
        ValueError: there is no entry: nothing to repair.
    """
    if not facts.entries:
        raise ValueError("only a listed customer can have its credit repaired")
    conditions = [
        *(_long_enough(entry, facts.on, policy) for entry in facts.entries),
        *([_paid(facts.arrears)] if policy.arrears_paid else []),
        _never_overdue(facts, policy),
        *(_closed(one, facts.closing_document) for one in _officially_closed(facts, policy)),
    ]
    days = [one.earliest for one in conditions if not one.met and one.earliest is not None]
    return Eligibility(conditions=tuple(conditions), earliest=max(days, default=None))


def _long_enough(entry: Entry, on: date, policy: Repair) -> Condition:
    months = policy.months_since_listing[entry.kind]
    from_day = add_months(entry.since, months)
    told: dict[str, Any] = {"list": entry.kind, "since": entry.since.isoformat(), "months": months}
    if on >= from_day:
        return Condition(met=True, reason=because("repair.since_met", **told))
    reason = because("repair.since_unmet", **told, earliest=from_day.isoformat())
    return Condition(met=False, reason=reason, earliest=from_day)


def _paid(arrears: Decimal) -> Condition:
    if arrears <= 0:
        return Condition(met=True, reason=because("repair.arrears_met"))
    return Condition(met=False, reason=because("repair.arrears_unmet", amount=arrears.quantize(NOTHING)))


def _never_overdue(facts: RepairFacts, policy: Repair) -> Condition:
    months = policy.months_without_overdue
    met = because("repair.overdue_met", months=months)
    if facts.last_overdue is None:
        return Condition(met=True, reason=met)
    from_day = add_months(facts.last_overdue, months) + timedelta(days=1)
    if facts.on >= from_day:
        return Condition(met=True, reason=met)
    reason = because(
        "repair.overdue_unmet",
        last=facts.last_overdue.isoformat(),
        months=months,
        earliest=from_day.isoformat(),
    )
    return Condition(met=False, reason=reason, earliest=from_day)


def _officially_closed(facts: RepairFacts, policy: Repair) -> list[ListingCriterion]:
    given = {entry.criterion for entry in facts.entries}
    return [one for one in ListingCriterion if one in given and one in policy.closing_document_for]


def _closed(criterion: ListingCriterion, document: str) -> Condition:
    if document.strip():
        return Condition(met=True, reason=because("repair.closing_met", number=document.strip()))
    return Condition(met=False, reason=because("repair.closing_unmet", criterion=criterion))


def add_months(day: date, months: int) -> date:
    """The same day of a later (or, negative, an earlier) month; the last one where the month is shorter."""
    number = day.year * MONTHS_A_YEAR + day.month - 1 + months
    year, month = divmod(number, MONTHS_A_YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def not_better_than(grade: CreditGrade, best: CreditGrade) -> bool:
    """Whether ``grade`` is at most as good as ``best``: a repair gives no better grade than the score does."""
    order = list(CreditGrade)
    return order.index(grade) >= order.index(best)
