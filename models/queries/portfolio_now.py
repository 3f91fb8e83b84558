"""The portfolio as it stands today: levels, grades and classes, exposure and its concentration, age and recovery of
what is owed, lists, and where trading and credit lines do not go together (C, B, X)."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
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
from models.queries.evaluation import summary_of
from models.queries.evaluation_report import INDUSTRY_UNKNOWN
from models.queries.ledger import AgeBand, ageing, customer_number
from models.queries.shown import Read
from models.rules.concentration import WHOLE, Concentration, Share, concentration
from models.rules.credit import NOTHING
from models.rules.migration import percent
from models.rules.periods import months_before
from models.rules.reporting import Part, Reported
from models.tables import Allocation, CreditLine, Customer, Evaluation, Invoice, Listing, Payment

NAMED = 10
"""How many customers are named where there may be many; the number says how many there are."""
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


class Named(Read):
    """A customer named: what they owe and their limit (yuan)."""

    number: str
    name: str
    exposure: Decimal
    limit: Decimal | None


class Group(Read):
    """Customers found by a rule: how many, what it is about (yuan), and the gravest."""

    count: int
    amount: Decimal
    gravest: tuple[Named, ...] = ()


class Recovery(Read):
    """Of what fell due within a part of the period (yuan), what had been paid by the end of the period."""

    name: str
    first: date
    last: date
    months: int
    due: Decimal
    recovered: Decimal
    percent: Decimal | None


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
    debts, lines = _debts(), _lines(house.clock())
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
        recovered=_whole(period, parts),
        no_line=_no_line(session, debts, lines, on),
        over_limit=_over_limit(session, debts, lines),
        idle_lines=_idle(session, lines, on),
        evaluations=evaluations(session),
    )


def _debts() -> Subquery:
    """What every customer owes, due or not, disputed or not."""
    owed = func.sum(col(Invoice.outstanding)).label("owed")
    wanted: Any = columns(col(Invoice.customer_id).label("customer_id"), owed).where(col(Invoice.open))
    found: Subquery = wanted.group_by(col(Invoice.customer_id)).subquery()
    return found


def _lines(now: datetime) -> Subquery:
    """The credit line in force of every customer who has one."""
    in_force = and_(col(CreditLine.effective_from) <= now, or_(_endless(), col(CreditLine.ended_at) > now))
    most = func.max(col(CreditLine.limit)).label("limit")
    wanted: Any = columns(col(CreditLine.customer_id).label("customer_id"), most).where(in_force)
    found: Subquery = wanted.group_by(col(CreditLine.customer_id)).subquery()
    return found


def _endless() -> ColumnElement[bool]:
    return col(CreditLine.ended_at).is_(None)


def _money(amount: Any) -> ColumnElement[Decimal]:
    return type_coerce(func.coalesce(amount, 0), Money)


def _standing(session: Session, debts: Subquery) -> Sequence[Any]:
    """Everybody the company trades with, by level, grade and class, with what they owe: one statement."""
    words = (col(Customer.risk_level), col(Customer.credit_grade), col(Customer.customer_class))
    owed = _money(func.sum(debts.c.owed))
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
        columns(func.count(), _money(func.sum(owed)), func.sum(cast(owed, Float) * owed)).where(owed > 0)
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
    late = columns(_money(func.sum(col(Invoice.outstanding)))).where(
        col(Invoice.open), col(Invoice.due_on) < on, col(Invoice.disputed).is_(False)
    )
    amount: Decimal = session.execute(late).scalar_one()
    return amount


def _limits(session: Session, debts: Subquery, lines: Subquery) -> tuple[Decimal, Decimal]:
    """All limits in force, and what those who have one owe."""
    row = session.execute(
        columns(_money(func.sum(lines.c.limit)), _money(func.sum(case((lines.c.limit > 0, debts.c.owed)))))
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


# -- trading and credit lines that do not go together -----------------------------------------------------------------


def _no_line(session: Session, debts: Subquery, lines: Subquery, on: date) -> Group:
    """Customers who trade, do not pay before delivery, and have no credit line: a breach of the credit policy (C)."""
    wanted = (
        columns(col(Customer.id), col(Customer.name), _money(debts.c.owed), type_coerce(lines.c.limit, Money))
        .select_from(Customer)
        .join(debts, debts.c.customer_id == col(Customer.id), isouter=True)
        .join(lines, lines.c.customer_id == col(Customer.id), isouter=True)
        .where(
            col(Customer.prepays).is_(False),
            func.coalesce(lines.c.limit, 0) == 0,
            or_(debts.c.owed > 0, _was_invoiced(col(Customer.id), on)),
        )
    )
    return _group(session, wanted, 2)


def _over_limit(session: Session, debts: Subquery, lines: Subquery) -> Group:
    """Customers who owe more than their limit."""
    wanted = (
        columns(col(Customer.id), col(Customer.name), _money(debts.c.owed), type_coerce(lines.c.limit, Money))
        .select_from(lines)
        .join(debts, debts.c.customer_id == lines.c.customer_id)
        .join(Customer, col(Customer.id) == lines.c.customer_id)
        .where(lines.c.limit > 0, debts.c.owed > lines.c.limit)
    )
    return _group(session, wanted, 2)


def _idle(session: Session, lines: Subquery, on: date) -> Group:
    """Credit lines of customers who owe nothing and were sent no invoice within the year."""
    open_invoice = columns(col(Invoice.id)).where(col(Invoice.customer_id) == lines.c.customer_id, col(Invoice.open))
    wanted = (
        columns(col(Customer.id), col(Customer.name), _money(None), type_coerce(lines.c.limit, Money))
        .select_from(lines)
        .join(Customer, col(Customer.id) == lines.c.customer_id)
        .where(lines.c.limit > 0, ~open_invoice.exists(), ~_was_invoiced(lines.c.customer_id, on))
    )
    return _group(session, wanted, 3)


def _was_invoiced(customer_id: Any, on: date) -> ColumnElement[bool]:
    """Whether an invoice was issued within the year. One that was has fallen due since, too: read from the index."""
    since = months_before(on, 12)
    recent = columns(col(Invoice.id)).where(
        col(Invoice.customer_id) == customer_id, col(Invoice.due_on) > since, col(Invoice.issued_on) > since
    )
    return recent.exists()


def _group(session: Session, wanted: Any, amount: int) -> Group:
    """How many and how much, and the gravest by ``amount``, a column of ``wanted`` (2: owed, 3: limit)."""
    found = wanted.subquery()
    total = list(found.c)[amount]
    whole = _money(func.sum(total).over())
    rows = session.execute(
        columns(*found.c, func.count().over(), whole).order_by(total.desc(), found.c.id).limit(NAMED)
    ).all()
    return Group(
        count=rows[0][4] if rows else 0,
        amount=rows[0][5] if rows else NOTHING,
        gravest=tuple(
            Named(number=customer_number(row[0]), name=row[1], exposure=row[2] or NOTHING, limit=row[3]) for row in rows
        ),
    )


# -- recovery ---------------------------------------------------------------------------------------------------------


def recovery(session: Session, period: Reported) -> tuple[Recovery, ...]:
    """Recovered ÷ due, by the parts of the period in which the money fell due (R, B).

    A settled invoice was paid but for what was written off; of the others the payments are looked up.
    """
    due, settled = col(Invoice.due_on), col(Invoice.settled_on)
    within, still = due.between(period.first, period.last), or_(settled.is_(None), settled > period.last)
    paid = case((~still, col(Invoice.amount) - func.coalesce(col(Invoice.written_off), 0)), else_=0)
    whole = columns(due, _money(func.sum(col(Invoice.amount))), _money(func.sum(paid))).where(within).group_by(due)
    in_part = (
        columns(due, _money(func.sum(col(Allocation.amount))))
        .select_from(Invoice)
        .join(Allocation, col(Allocation.invoice_id) == Invoice.id)
        .join(Payment, col(Payment.id) == Allocation.payment_id)
        .where(within, still, col(Payment.received_on) <= period.last)
        .where(or_(settled.is_not(None), col(Invoice.outstanding) < col(Invoice.amount)))
        .group_by(due)
    )
    owed: defaultdict[Part, Decimal] = defaultdict(lambda: NOTHING)
    came: defaultdict[Part, Decimal] = defaultdict(lambda: NOTHING)
    parts = period.parts
    begins = [part.first for part in parts]
    for day, amount, settlement in session.execute(whole):
        part = parts[bisect_right(begins, day) - 1]
        owed[part] += amount
        came[part] += settlement
    for day, amount in session.execute(in_part):
        came[parts[bisect_right(begins, day) - 1]] += amount
    return tuple(_recovered(part, owed[part], came[part]) for part in parts)


def _recovered(part: Part, due: Decimal, came: Decimal) -> Recovery:
    return Recovery(
        name=part.name,
        first=part.first,
        last=part.last,
        months=part.months,
        due=due,
        recovered=came,
        percent=percent(came, due),
    )


def _whole(period: Reported, parts: Iterable[Recovery]) -> Recovery:
    some = tuple(parts)
    due, came = sum((one.due for one in some), NOTHING), sum((one.recovered for one in some), NOTHING)
    return Recovery(
        name=period.name,
        first=period.first,
        last=period.last,
        months=0,
        due=due,
        recovered=came,
        percent=percent(came, due),
    )


def evaluations(session: Session) -> tuple[EvaluationFound, ...]:
    """The latest evaluations that have found something, the latest first."""
    rows = session.exec(select(Evaluation).order_by(col(Evaluation.period).desc()).limit(EVALUATIONS)).all()
    return tuple(
        EvaluationFound(period=row.period, case_ref=row.case_ref, signed_off_at=row.signed_off_at, summary=found)
        for row in rows
        if (found := summary_of(row)) is not None
    )
