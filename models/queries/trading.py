"""May this customer trade now, how much, on what terms, and why: answered from the record (B, C).

Orders ask this all day: the three statements are built once, and read no more columns than the rule looks at.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import BindParameter, bindparam, func, or_, select
from sqlmodel import Session, col

from config.languages import N_
from config.words import Security
from models.columns import Keys
from models.errors import NotFound
from models.house import House
from models.queries.ledger import customer_by
from models.rules.trading import NOTHING, Facts, InForce, Line, Listed, TradingAnswer, trading
from models.tables import CreditLine, Customer, Invoice, Listing, Measure

_customer: BindParameter[int] = bindparam("customer")
_on: BindParameter[date] = bindparam("on")

# The customer with the line in force (the newest, should there be several), and all that it owes (``exposure``).
_CUSTOMER = (
    select(
        col(Customer.status),
        col(Customer.customer_class),
        col(Customer.prepays),
        col(Customer.name),
        col(Customer.identifier_digest),
        col(CreditLine.limit),
        col(CreditLine.term_days),
        col(CreditLine.securities),
        select(func.sum(col(Invoice.outstanding)))
        .where(col(Invoice.customer_id) == _customer, col(Invoice.open))
        .scalar_subquery()
        .label("used"),
    )
    .join(CreditLine, (col(CreditLine.customer_id) == Customer.id) & col(CreditLine.ended_at).is_(None), isouter=True)
    .where(col(Customer.id) == _customer)
    .order_by(col(CreditLine.id).desc())
    .limit(1)
)
_LISTINGS = (
    select(col(Listing.kind), col(Listing.criterion), col(Listing.since))
    .where(
        or_(
            col(Listing.customer_id) == _customer,
            col(Listing.name) == bindparam("name"),
            col(Listing.identifier_digest) == bindparam("digest"),
        )
    )
    .where(col(Listing.since) <= _on, or_(col(Listing.until).is_(None), col(Listing.until) > _on))
    .order_by(col(Listing.since), col(Listing.id))
)
_MEASURES = (
    select(col(Measure.kind), col(Measure.scope), col(Measure.until), col(Measure.terms))
    .where(col(Measure.customer_id) == _customer, col(Measure.since) <= _on)
    .where(or_(col(Measure.until).is_(None), col(Measure.until) >= _on))
    .where(or_(col(Measure.lifted_on).is_(None), col(Measure.lifted_on) > _on))
    .order_by(col(Measure.since), col(Measure.id))
)


def may_trade(
    session: Session, house: House, customer_id: int, on: date, amount: Decimal | None = None
) -> TradingAnswer:
    """The answer under the running policy; ``on`` is a day of the company's calendar, ``amount`` in yuan.

    Raises:
        NoResultFound: there is no such customer.
        ValueError: the amount is not positive.
    """
    return trading(facts_of(session, customer_id, on), house.policy, amount)


def facts_of(session: Session, customer_id: int, on: date) -> Facts:
    """How the customer stands on a day, as the rule wants to know it.

    Raises:
        NoResultFound: there is no such customer.
    """
    connection = session.connection()
    about = connection.execute(_CUSTOMER, {"customer": customer_id}).one()
    named = {"customer": customer_id, "name": about.name, "digest": about.identifier_digest, "on": on}
    listings = connection.execute(_LISTINGS, named)
    measures = connection.execute(_MEASURES, {"customer": customer_id, "on": on})
    line = None if about.limit is None else Line(about.limit, about.term_days, tuple(map(Security, about.securities)))
    return Facts(
        status=about.status,
        customer_class=about.customer_class,
        prepays=about.prepays,
        listings=tuple(Listed(*row) for row in listings),
        measures=tuple(InForce(*row) for row in measures),
        line=line,
        used=about.used or NOTHING,
    )


def known_customer(session: Session, keys: Keys, text: str) -> Customer:
    """The customer called ``text``: its number, or its identity number.

    Raises:
        NotFound: there is none.
    """
    customer = customer_by(session, keys, text)
    if customer is None:
        raise NotFound(N_("There is no customer {number}."), number=text[:40])
    return customer
