"""May this customer trade now, how much, on what terms, and why (B, C): a pure rule over how the customer stands.

Whatever is stricter decides: lists and suspensions say no; prepayment leaves no credit; of several caps the lowest, of
several terms the shortest counts, and every security is demanded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from config.languages import N_
from config.policy import Policy
from config.words import (
    CustomerClass,
    CustomerStatus,
    ListingCriterion,
    ListingKind,
    MeasureKind,
    Security,
)
from models.rules.reasons import Label, Reason, Result, because

NOTHING = Decimal("0.00")
FEN = Decimal("0.01")
EVERYTHING = N_("all trading")
NO_END = N_("until lifted")


@dataclass(frozen=True)
class Listed:
    """An entry of the lists in force."""

    kind: ListingKind
    criterion: ListingCriterion
    since: date


@dataclass(frozen=True)
class InForce:
    """A measure in force; ``terms`` as the measure keeps them."""

    kind: MeasureKind
    scope: str = ""
    until: date | None = None
    terms: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Line:
    """The credit line on record: limit in yuan, term in days."""

    limit: Decimal
    term_days: int
    securities: tuple[Security, ...] = ()


@dataclass(frozen=True)
class Facts:
    """How a customer stands on a day. ``used`` is what it owes in all, in yuan."""

    status: CustomerStatus
    customer_class: CustomerClass | None = None
    prepays: bool = False
    listings: tuple[Listed, ...] = ()
    measures: tuple[InForce, ...] = ()
    line: Line | None = None
    used: Decimal = NOTHING


class TradingAnswer(Result):
    """The answer, explained. Amounts in yuan, terms in days.

    ``may`` without ``prepay`` means on credit, up to ``available``; with ``prepay`` only against payment before
    delivery. ``conditions`` bind a trade that may be made; ``because`` says how the answer came about.
    """

    may: bool
    limit: Decimal
    used: Decimal
    available: Decimal
    term_days: int
    prepay: bool
    securities: tuple[Security, ...] = ()
    conditions: tuple[Reason, ...] = ()
    because: tuple[Reason, ...] = ()


# A class is treated by its strategy (C): the last one trades against payment before delivery.
PREPAYING_CLASS = CustomerClass.D


def trading(facts: Facts, policy: Policy, amount: Decimal | None = None) -> TradingAnswer:
    """Whether the customer may trade now; with ``amount`` (yuan), whether a trade of that size may be made on credit.

    Raises:
        ValueError: the amount is not positive.
    """
    if amount is not None and amount <= 0:
        raise ValueError("a trade has a positive amount")
    against = [*_by_status(facts), *_by_lists(facts, policy), *_by_suspension(facts)]
    prepaying = _why_prepay(facts)
    cap = _cap(facts)
    limit, term, how = (NOTHING, 0, ()) if prepaying or facts.line is None else _terms(facts, facts.line, cap)
    available = max(NOTHING, limit - facts.used)
    if not prepaying and not against:
        against += _beyond_the_line(amount, available, limit, facts.used)
    elif prepaying and not against and amount is not None and cap is not None and amount > cap:
        against.append(because("trading.above_cap", amount=_yuan(amount), cap=_yuan(cap)))
    return TradingAnswer(
        may=not against,
        limit=limit,
        used=facts.used,
        available=available,
        term_days=term,
        prepay=bool(prepaying),
        securities=_securities(facts, on_credit=not prepaying),
        conditions=tuple(_conditions(facts, cap)),
        because=(*against, *prepaying, *how, *_noted(facts, policy)),
    )


def _by_status(facts: Facts) -> list[Reason]:
    if facts.status is CustomerStatus.APPLICANT:
        return [because("trading.not_admitted")]
    return [because("trading.refused")] if facts.status is CustomerStatus.REFUSED else []


def _by_lists(facts: Facts, policy: Policy) -> list[Reason]:
    stops = policy.listing.stops_trading
    return [_listed("trading.listed_stops", one) for one in facts.listings if one.kind in stops]


def _listed(code: str, one: Listed) -> Reason:
    return because(code, list=one.kind, since=one.since.isoformat(), criterion=one.criterion)


def _by_suspension(facts: Facts) -> list[Reason]:
    return [
        because("trading.suspended", scope=_scope(one), until=_until(one))
        for one in facts.measures
        if one.kind is MeasureKind.SUSPEND
    ]


def _why_prepay(facts: Facts) -> list[Reason]:
    """Every reason for which there is no credit; empty when there is."""
    kinds = {one.kind: one for one in reversed(facts.measures)}
    found: list[Reason] = []
    if facts.prepays:
        found.append(because("trading.prepays"))
    elif facts.line is None:
        # C: whoever does not pay before delivery needs a line; trading without one is a breach.
        found.append(because("trading.no_line"))
    elif facts.line.limit <= 0:
        found.append(because("trading.line_of_nothing"))
    if facts.customer_class is PREPAYING_CLASS:
        found.append(because("trading.class_prepays", klass=facts.customer_class))
    if (frozen := kinds.get(MeasureKind.FREEZE)) is not None:
        found.append(because("trading.frozen", until=_until(frozen)))
    if (prepayment := kinds.get(MeasureKind.PREPAYMENT)) is not None:
        found.append(because("trading.prepayment_measure", until=_until(prepayment)))
    return found


def _cap(facts: Facts) -> Decimal | None:
    """The lowest limit that a measure sets."""
    caps = [_amount(one.terms.get("limit")) for one in facts.measures if one.kind is MeasureKind.LIMIT]
    return min((cap for cap in caps if cap is not None), default=None)


def _terms(facts: Facts, line: Line, cap: Decimal | None) -> tuple[Decimal, int, tuple[Reason, ...]]:
    """Limit and term of the line, narrowed by the measures."""
    how = [because("trading.line", limit=_yuan(line.limit), term=line.term_days)]
    limit, term = line.limit, line.term_days
    if cap is not None and cap < limit:
        limit = cap
        how.append(because("trading.limited", cap=_yuan(cap)))
    terms = [_days(one.terms.get("term_days")) for one in facts.measures if one.kind is MeasureKind.SHORTER_TERM]
    shortest = min((days for days in terms if days is not None), default=None)
    if shortest is not None and shortest < term:
        term = shortest
        how.append(because("trading.shorter_term", term=term))
    return limit.quantize(FEN), term, tuple(how)


def _beyond_the_line(amount: Decimal | None, available: Decimal, limit: Decimal, used: Decimal) -> list[Reason]:
    if amount is not None and amount > available:
        return [because("trading.above_available", amount=_yuan(amount), available=_yuan(available))]
    return [because("trading.used_up", limit=_yuan(limit), used=_yuan(used))] if available <= 0 else []


def _securities(facts: Facts, *, on_credit: bool) -> tuple[Security, ...]:
    """What secures the trade: the line's own securities on credit, and whatever a measure demands."""
    wanted = set(facts.line.securities) if facts.line and on_credit else set()
    for one in facts.measures:
        if one.kind is MeasureKind.SECURITY:
            wanted |= set(_known(one.terms.get("securities", ())))
    return tuple(security for security in Security if security in wanted)


def _conditions(facts: Facts, cap: Decimal | None) -> list[Reason]:
    found: list[Reason] = []
    for one in facts.measures:
        if one.kind is MeasureKind.LIMIT:
            code = "trading.limited_scope" if cap is None else "trading.limited_to"
            more = {} if cap is None else {"cap": _yuan(cap)}
            found.append(because(code, scope=_scope(one), until=_until(one), **more))
        elif one.kind is MeasureKind.SECURITY:
            found.append(because("trading.security", until=_until(one)))
        elif one.kind is MeasureKind.MONITOR:
            found.append(because("trading.monitored", until=_until(one)))
    return list(dict.fromkeys(found))


def _noted(facts: Facts, policy: Policy) -> list[Reason]:
    """What whoever trades should know, though it does not decide."""
    return [_listed("trading.listed", one) for one in facts.listings if one.kind not in policy.listing.stops_trading]


def _scope(one: InForce) -> str | Label:
    return one.scope or Label(label=EVERYTHING)


def _until(one: InForce) -> str | Label:
    return one.until.isoformat() if one.until else Label(label=NO_END)


def _yuan(amount: Decimal) -> Decimal:
    return amount.quantize(FEN)


def _amount(value: Any) -> Decimal | None:
    return Decimal(str(value)) if value not in (None, "") else None


def _days(value: Any) -> int | None:
    return int(value) if value not in (None, "") else None


def _known(values: Iterable[Any]) -> list[Security]:
    return [Security(value) for value in values if value in list(Security)]
