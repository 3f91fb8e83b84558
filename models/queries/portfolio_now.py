"""The portfolio as it stands today: levels, grades and classes, exposure and its concentration, age and recovery of
what is owed, lists, and where trading and credit lines do not go together (C, B, X)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Float, Subquery, and_, case, cast, func, or_, type_coerce
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from config.policy.evaluation import EvaluationPolicy
from config.words import CreditGrade, CustomerClass, CustomerStatus, ListingKind, RiskLevel, Word
from models.columns import FEN, Money
from models.evaluation import Summary
from models.house import House
from models.queries.credit_gaps import Group, above_limit, debts_of_all, idle_lines, lines_in_force, without_line, yuan
from models.queries.evaluation import summary_of
from models.queries.evaluation_report import INDUSTRY_UNKNOWN
from models.queries.ledger import AgeBand, ageing, customer_number
from models.queries.recovery import Recovery, recovery, whole
from models.queries.shown import Read
from models.rules.concentration import WHOLE, Concentration, Share, concentration
from models.rules.credit import NOTHING
from models.rules.migration import percent
from models.rules.reporting import Reported
from models.tables import Customer, Evaluation, Invoice, Listing

EVALUATIONS = 8
"""Evaluations whose migrations are compared: two years."""


class Standing(Read):
    """Customers of one level, grade or class: how many, what they owe (yuan), and their share of both in percent.
    Without a ``word``: nobody has rated them yet."""

    word: str
    label: str
    customers: int
    customers_percent: Decimal | None
    exposure: Decimal
    exposure_percent: Decimal | None


class EvaluationFound(Read):
    """What one quarterly evaluation found."""

    period: str
    case_ref: str
    signed_off_at: datetime | None
    summary: Summary


class Listed(Read):
    kind: ListingKind
    customers: int


class PortfolioNow(Read):
    """The whole of it on the day ``on``; ``period`` bounds the recovery only."""

    on: date
    first: date
    last: date
    period: str
    customers: int
    exposure: Decimal
    overdue: Decimal
    overdue_percent: Decimal | None
    limits: Decimal
    used_percent: Decimal | None
    levels: tuple[Standing, ...]
    grades: tuple[Standing, ...]
    classes: tuple[Standing, ...]
    listed: tuple[Listed, ...]
    by_customer: Concentration
    by_industry: Concentration
    too_much: tuple[str, ...]
    ageing: tuple[AgeBand, ...]
    recovery: tuple[Recovery, ...]
    recovered: Recovery
    no_line: Group
    over_limit: Group
    idle_lines: Group
    evaluations: tuple[EvaluationFound, ...]


def portfolio_now(session: Session, house: House, period: Reported) -> PortfolioNow:
    """The portfolio today, and what of the period's due money came in."""
    on, rules = house.calendar.day_of(house.clock()), house.policy.evaluation
    debts, lines = debts_of_all(), lines_in_force(house.clock())
    standing = _standing(session, debts)
    exposure = sum((row[4] for row in standing), NOTHING)
    spread, industries = _concentration(session, debts, rules)
    too_much = [share.key for share in spread.largest if share.percent > rules.customer_share_percent]
    too_much += [share.key for share in industries.largest if share.percent > rules.industry_share_percent]
    ages = ageing(session, on)
    overdue = _overdue(session, on)
    limits, used = _limits(session, debts, lines)
    parts = recovery(session, period)
    return PortfolioNow(
        on=on,
        first=period.first,
        last=period.last,
        period=period.name,
        customers=sum(row[3] for row in standing),
        exposure=exposure,
        overdue=overdue,
        overdue_percent=percent(overdue, exposure),
        limits=limits,
        used_percent=percent(used, limits),
        levels=_by(standing, 0, RiskLevel),
        grades=_by(standing, 1, CreditGrade),
        classes=_by(standing, 2, CustomerClass),
        listed=_listed(session, on),
        by_customer=spread,
        by_industry=industries,
        too_much=tuple(too_much),
        ageing=ages,
        recovery=parts,
        recovered=whole(period, parts),
        no_line=without_line(session, debts, lines, on),
        over_limit=above_limit(session, debts, lines),
        idle_lines=idle_lines(session, lines, on),
        evaluations=evaluations(session),
    )


def _standing(session: Session, debts: Subquery) -> Sequence[Any]:
    """Everybody the company trades with, by level, grade and class, with what they owe: one statement."""
    words = (col(Customer.risk_level), col(Customer.credit_grade), col(Customer.customer_class))
    owed = yuan(func.sum(debts.c.owed))
    return session.execute(
        columns(*words, func.count(), owed)
        .select_from(Customer)
        .join(debts, debts.c.customer_id == col(Customer.id), isouter=True)
        .where(or_(col(Customer.status) == CustomerStatus.ADMITTED, debts.c.owed.is_not(None)))
        .group_by(*words)
    ).all()


def _by(rows: Sequence[Any], place: int, words: type[RiskLevel | CreditGrade | CustomerClass]) -> tuple[Standing, ...]:
    counts: Counter[Word | None] = Counter()
    owed: defaultdict[Word | None, Decimal] = defaultdict(lambda: NOTHING)
    for row in rows:
        counts[row[place]] += row[3]
        owed[row[place]] += row[4]
    number, total = sum(counts.values()), sum(owed.values(), NOTHING)
    order: list[Word | None] = [*words, *([None] if counts[None] else [])]
    return tuple(
        Standing(
            word=word.value if word else "",
            label=word.label if word else "",
            customers=counts[word],
            customers_percent=percent(counts[word], number),
            exposure=owed[word],
            exposure_percent=percent(owed[word], total),
        )
        for word in order
    )


def _concentration(session: Session, debts: Subquery, rules: EvaluationPolicy) -> tuple[Concentration, Concentration]:
    industry: ColumnElement[str] = func.coalesce(func.nullif(func.trim(Customer.industry), ""), INDUSTRY_UNKNOWN)
    together = columns(industry, type_coerce(func.sum(debts.c.owed), Money)).join(
        Customer, col(Customer.id) == debts.c.customer_id
    )
    rows = session.execute(together.where(debts.c.owed > 0).group_by(industry))
    by_industry = concentration(((name, name, amount) for name, amount in rows), rules.largest)
    return _by_customer(session, debts, rules.largest), by_industry


def _by_customer(session: Session, debts: Subquery, named: int) -> Concentration:
    """As the rule ``concentration`` has it, added up in the database: they may be a hundred thousand."""
    owed = debts.c.owed
    number, total, squares = session.execute(
        columns(func.count(), yuan(func.sum(owed)), func.sum(cast(owed, Float) * owed)).where(owed > 0)
    ).one()
    if not number:
        return Concentration(total=NOTHING, number=0)
    rows = session.execute(
        columns(debts.c.customer_id, col(Customer.name), type_coerce(owed, Money))
        .join(Customer, col(Customer.id) == debts.c.customer_id)
        .where(owed > 0)
        .order_by(owed.desc(), debts.c.customer_id)
        .limit(named)
    )
    largest = tuple(
        Share(key=customer_number(customer_id), name=name, amount=amount, percent=percent(amount, total) or Decimal(0))
        for customer_id, name, amount in rows
    )
    index = round(WHOLE * float(squares) / float(total * FEN) ** 2)
    return Concentration(total=total, number=number, largest=largest, index=index)


def _overdue(session: Session, on: date) -> Decimal:
    late = columns(yuan(func.sum(col(Invoice.outstanding)))).where(
        col(Invoice.open), col(Invoice.due_on) < on, col(Invoice.disputed).is_(False)
    )
    amount: Decimal = session.execute(late).scalar_one()
    return amount


def _limits(session: Session, debts: Subquery, lines: Subquery) -> tuple[Decimal, Decimal]:
    """All limits in force, and what those who have one owe."""
    row = session.execute(
        columns(yuan(func.sum(lines.c.limit)), yuan(func.sum(case((lines.c.limit > 0, debts.c.owed)))))
        .select_from(lines)
        .join(debts, debts.c.customer_id == lines.c.customer_id, isouter=True)
    ).one()
    return row[0], row[1]


def _listed(session: Session, on: date) -> tuple[Listed, ...]:
    in_force = and_(col(Listing.since) <= on, or_(col(Listing.until).is_(None), col(Listing.until) > on))
    who = func.count(func.distinct(func.coalesce(col(Listing.customer_id), -col(Listing.id))))
    rows = session.execute(columns(col(Listing.kind), who).where(in_force).group_by(col(Listing.kind)))
    found: dict[ListingKind, int] = dict(rows.tuples().all())
    return tuple(Listed(kind=kind, customers=found.get(kind, 0)) for kind in ListingKind)


def evaluations(session: Session) -> tuple[EvaluationFound, ...]:
    """The latest evaluations that have found something, the latest first."""
    rows = session.exec(select(Evaluation).order_by(col(Evaluation.period).desc()).limit(EVALUATIONS)).all()
    return tuple(
        EvaluationFound(period=row.period, case_ref=row.case_ref, signed_off_at=row.signed_off_at, summary=found)
        for row in rows
        if (found := summary_of(row)) is not None
    )
