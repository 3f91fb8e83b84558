"""What the rows of an evaluation add up to: counted in the database, however many they are."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import ColumnElement, String, case, func, or_, type_coerce
from sqlalchemy import cast as as_type
from sqlmodel import Session, col, select

from config.policy.evaluation import EvaluationPolicy, NominationRules
from config.words import Change, ContactAnswer, CreditGrade, CustomerClass, RiskLevel, Word
from models.columns import Money
from models.evaluation import (
    Breaches,
    Candidate,
    Changes,
    Finding,
    LimitChange,
    LimitChanges,
    Portfolio,
    Summary,
    Totals,
)
from models.queries.ledger import customer_number, slices
from models.rules.credit import NOTHING
from models.rules.migration import Migration, migration, percent
from models.rules.portfolio import BREACHES, Flag
from models.tables import CollectionContact, Customer, EvaluationRow

SHOWN = 10
"""How many customers a step names; the rest is in the list."""
NAMED = 100
"""How many candidates for a list a step names."""
_TENTH = Decimal("0.1")

Row = EvaluationRow


def flagged(flag: Flag) -> ColumnElement[bool]:
    """Rows that carry ``flag``."""
    return as_type(col(Row.flags), String).contains(f'"{flag.value}"')


def limit_differs() -> ColumnElement[bool]:
    """Rows whose credit line changes, in limit or term."""
    return col(Row.old_limit).is_not(None) & or_(
        col(Row.new_limit) != col(Row.old_limit), col(Row.new_term) != col(Row.old_term)
    )


def differs() -> ColumnElement[bool]:
    """Rows that change something, or whose grade a reviewer has set: what a review is about."""
    return or_(col(Row.change) != Change.SAME, col(Row.exception).is_not(None), limit_differs())


def becomes_high() -> ColumnElement[bool]:
    """Customers at high risk who were not before."""
    return (col(Row.new_level) == RiskLevel.HIGH) & or_(
        col(Row.old_level).is_(None), col(Row.old_level) != RiskLevel.HIGH
    )


def summary_of(session: Session, ref: str, portfolio: Portfolio, rules: EvaluationPolicy) -> Summary:
    """What the evaluation ``ref`` found."""
    candidates = candidates_of(session, ref, rules.nomination)
    new_high = session.exec(select(func.count()).where(Row.case_ref == ref, becomes_high())).one()
    return Summary(
        period=portfolio.period,
        cut_off=portfolio.cut_off,
        on=portfolio.on,
        totals=_totals(session, ref),
        grades=_migration(session, ref, col(Row.old_grade), col(Row.new_grade), CreditGrade),
        levels=_migration(session, ref, col(Row.old_level), col(Row.new_level), RiskLevel),
        classes=_migration(session, ref, col(Row.old_class), col(Row.new_class), CustomerClass),
        breaches=_breaches(session, ref),
        new_high=new_high,
        candidates=tuple(candidates[:NAMED]),
        more_candidates=max(0, len(candidates) - NAMED),
    )


def _totals(session: Session, ref: str) -> Totals:
    row = session.execute(
        select(  # type: ignore[call-overload]
            func.count(),
            _yuan(Row.exposure),
            _yuan(Row.overdue),
            _yuan(Row.old_limit),
            _yuan(Row.exposure, col(Row.old_limit) > 0),
            func.sum(col(Row.points)),
            func.sum(col(Row.missing)),
        ).where(Row.case_ref == ref)
    ).one()
    number, exposure, overdue, limits, used, points, missing = row
    return Totals(
        customers=number,
        exposure=exposure,
        overdue=overdue,
        overdue_percent=percent(overdue, exposure),
        limits=limits,
        used_percent=percent(used, limits),
        average_points=(Decimal(points) / number).quantize(_TENTH, ROUND_HALF_UP) if number else None,
        figures_missing=missing or 0,
    )


def _yuan(column: Any, where: ColumnElement[bool] | None = None) -> ColumnElement[Decimal]:
    amount = col(column) if where is None else case((where, col(column)))
    return type_coerce(func.coalesce(func.sum(amount), 0), Money)


def _migration(
    session: Session, ref: str, old: Any, new: Any, words: type[CreditGrade | RiskLevel | CustomerClass]
) -> Migration:
    moves = session.execute(select(old, new, func.count()).where(Row.case_ref == ref).group_by(old, new))
    told: Iterable[tuple[Word | None, Word, int]] = (tuple(move) for move in moves)
    return migration(told, list(words))


def _breaches(session: Session, ref: str) -> Breaches:
    counts = {
        flag: session.exec(select(func.count()).where(Row.case_ref == ref, flagged(flag))).one() for flag in BREACHES
    }
    worst = select(Row, Customer.name).join(Customer, col(Customer.id) == Row.customer_id)
    worst = worst.where(Row.case_ref == ref, or_(*(flagged(flag) for flag in BREACHES)))
    rows = session.exec(worst.order_by(col(Row.exposure).desc(), col(Row.customer_id)).limit(SHOWN)).all()
    return Breaches(
        no_line=counts[Flag.NO_LINE],
        above_cap=counts[Flag.ABOVE_CAP],
        over_limit=counts[Flag.OVER_LIMIT],
        gravest=tuple(finding(row, name) for row, name in rows),
    )


def finding(row: EvaluationRow, name: str) -> Finding:
    """A row as it is named."""
    return Finding(
        customer_id=row.customer_id,
        number=customer_number(row.customer_id),
        name=name,
        exposure=row.exposure,
        overdue=row.overdue,
        limit=row.old_limit,
        days_overdue=row.days_overdue,
    )


def candidates_of(session: Session, ref: str, rules: NominationRules) -> list[Candidate]:
    """Who is to be nominated for malicious arrears: long and much overdue, and asked in vain (B).

    Whoever is on a list already is none.
    """
    overdue = session.exec(
        select(Row.customer_id, Customer.name, col(Row.overdue), Row.days_overdue)
        .join(Customer, col(Customer.id) == Row.customer_id)
        .where(
            Row.case_ref == ref,
            Row.days_overdue > rules.overdue_days,
            Row.overdue >= rules.overdue_at_least,
            ~flagged(Flag.LISTED),
        )
        .order_by(col(Row.overdue).desc(), col(Row.customer_id))
    ).all()
    refusals = refusals_of(session, [customer_id for customer_id, *_ in overdue])
    return [
        Candidate(
            customer_id=customer_id,
            number=customer_number(customer_id),
            name=name,
            overdue=amount,
            days_overdue=days,
            refusals=refusals[customer_id],
        )
        for customer_id, name, amount, days in overdue
        if refusals.get(customer_id, 0) >= rules.refusals
    ]


def refusals_of(session: Session, customers: list[int]) -> dict[int, int]:
    """Refusals, stalling answers and broken promises on record, by customer."""
    contact = CollectionContact
    found: dict[int, int] = {}
    for some in slices(customers):
        rows = (
            select(contact.customer_id, func.count())
            .where(
                col(contact.customer_id).in_(some),
                or_(
                    col(contact.answer).in_([ContactAnswer.REFUSES, ContactAnswer.STALLS]),
                    col(contact.promise_kept).is_(False),
                ),
            )
            .group_by(col(contact.customer_id))
        )
        found.update(dict(session.exec(rows).all()))
    return found


# -- what is reviewed and approved ------------------------------------------------------------------------------------


def changes_of(session: Session, ref: str) -> Changes:
    """Who moves, with the fingerprint of all of it."""
    by_change = dict(
        session.exec(select(col(Row.change), func.count()).where(Row.case_ref == ref).group_by(col(Row.change))).all()
    )
    exceptions = select(func.count()).where(Row.case_ref == ref, col(Row.exception).is_not(None))
    return Changes(
        up=by_change.get(Change.UP, 0),
        down=by_change.get(Change.DOWN, 0),
        first=by_change.get(Change.FIRST, 0),
        same=by_change.get(Change.SAME, 0),
        exceptions=session.exec(exceptions).one(),
        fingerprint=fingerprint(session, ref, differs()),
        address=f"/cases/{ref}/changes",
    )


def limit_changes_of(session: Session, ref: str) -> LimitChanges:
    """The credit lines that change."""
    mine = (Row.case_ref == ref, limit_differs())
    raised, cut = col(Row.new_limit) > col(Row.old_limit), col(Row.new_limit) < col(Row.old_limit)
    row = session.execute(
        select(  # type: ignore[call-overload]
            func.count(),
            func.sum(case((raised, 1), else_=0)),
            func.sum(case((cut, 1), else_=0)),
            _yuan(Row.old_limit),
            _yuan(Row.new_limit),
            type_coerce(func.max(case((raised, col(Row.new_limit)))), Money),
        ).where(*mine)
    ).one()
    number, up, down, before, after, highest = row
    named = select(Row, Customer.name).join(Customer, col(Customer.id) == Row.customer_id).where(*mine)
    step = func.abs(col(Row.new_limit) - col(Row.old_limit))
    largest = session.exec(named.order_by(step.desc(), col(Row.customer_id)).limit(SHOWN)).all()
    return LimitChanges(
        raised=up or 0,
        cut=down or 0,
        term_only=number - (up or 0) - (down or 0),
        total_before=before,
        total_after=after,
        largest_raised=highest or NOTHING,
        largest=tuple(limit_change(row, name) for row, name in largest),
        fingerprint=fingerprint(session, ref, limit_differs()),
        address=f"/cases/{ref}/changes?show=limits",
    )


def limit_change(row: EvaluationRow, name: str) -> LimitChange:
    """A row's change of its credit line."""
    return LimitChange(
        customer_id=row.customer_id,
        number=customer_number(row.customer_id),
        name=name,
        old_limit=row.old_limit or NOTHING,
        new_limit=row.new_limit or NOTHING,
        old_term=row.old_term or 0,
        new_term=row.new_term or 0,
    )


def fingerprint(session: Session, ref: str, which: ColumnElement[bool]) -> str:
    """SHA-256 over the rows ``which`` of the evaluation, in the order of their customers."""
    parts = (
        Row.customer_id,
        Row.points,
        col(Row.old_grade),
        col(Row.old_level),
        col(Row.new_grade),
        col(Row.new_level),
        col(Row.new_class),
        Row.old_limit,
        Row.new_limit,
        Row.new_term,
        col(Row.exception),
    )
    rows = session.execute(
        select(*parts)  # type: ignore[call-overload]
        .where(Row.case_ref == ref, which)
        .order_by(col(Row.customer_id))
        .execution_options(yield_per=2000)
    )
    made = hashlib.sha256()
    for row in rows:
        made.update("|".join("" if part is None else str(part) for part in row).encode() + b"\n")
    return made.hexdigest()
