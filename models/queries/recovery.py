"""What of the money that fell due came in (R, B): recovered ÷ due, by the months of a period."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from sqlalchemy import case, func, or_
from sqlalchemy import select as columns
from sqlmodel import Session, col

from models.queries.credit_gaps import yuan
from models.queries.shown import Read
from models.rules.credit import NOTHING
from models.rules.migration import percent
from models.rules.reporting import Part, Reported
from models.tables import Allocation, Invoice, Payment


class Recovery(Read):
    """Of what fell due within a part of the period (yuan), what had been paid by the end of the period."""

    name: str
    first: date
    last: date
    months: int
    due: Decimal
    recovered: Decimal
    percent: Decimal | None


def recovery(session: Session, period: Reported) -> tuple[Recovery, ...]:
    """Recovered ÷ due, by the parts of the period in which the money fell due (R, B).

    A settled invoice was paid but for what was written off; of the others the payments are looked up.
    """
    due, settled = col(Invoice.due_on), col(Invoice.settled_on)
    within, still = due.between(period.first, period.last), or_(settled.is_(None), settled > period.last)
    paid = case((~still, col(Invoice.amount) - func.coalesce(col(Invoice.written_off), 0)), else_=0)
    whole = columns(due, yuan(func.sum(col(Invoice.amount))), yuan(func.sum(paid))).where(within).group_by(due)
    in_part = (
        columns(due, yuan(func.sum(col(Allocation.amount))))
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


def whole(period: Reported, parts: Iterable[Recovery]) -> Recovery:
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
