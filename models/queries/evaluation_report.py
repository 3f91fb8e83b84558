"""What the report adds to the findings: concentration, ageing, and the work of the period measured (C, R, B)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from sqlalchemy import ColumnElement, func, type_coerce
from sqlmodel import Session, col, select

from config.languages import N_
from config.policy import Policy
from config.policy.evaluation import EvaluationPolicy
from models.columns import Money
from models.evaluation import Age, Assessment, Portfolio, Spread
from models.queries.evaluation_work import Span, measured, receptions, weighed
from models.queries.ledger import ageing, customer_number
from models.rules.concentration import Concentration, concentration
from models.tables import Customer, EvaluationRow

INDUSTRY_UNKNOWN = N_("Industry not stated")
Row = EvaluationRow


def spread_of(session: Session, ref: str, rules: EvaluationPolicy) -> Spread:
    """How the exposure of the portfolio is spread over customers and industries (C)."""
    customers = concentration(_by_customer(session, ref), rules.largest)
    industries = concentration(_by_industry(session, ref), rules.largest)
    too_much = [share.key for share in customers.largest if share.percent > rules.customer_share_percent]
    too_much += [share.key for share in industries.largest if share.percent > rules.industry_share_percent]
    return Spread(customers=_named(session, customers), industries=industries, too_much=tuple(too_much))


def _by_customer(session: Session, ref: str) -> Iterator[tuple[str, str, Decimal]]:
    rows = select(Row.customer_id, col(Row.exposure)).where(Row.case_ref == ref, col(Row.exposure) > 0)
    for customer_id, amount in session.exec(rows.execution_options(yield_per=2000)):
        yield customer_number(customer_id), "", amount


def _by_industry(session: Session, ref: str) -> Iterator[tuple[str, str, Decimal]]:
    industry: ColumnElement[str] = func.coalesce(func.nullif(func.trim(Customer.industry), ""), INDUSTRY_UNKNOWN)
    rows = (
        select(industry, type_coerce(func.sum(col(Row.exposure)), Money))
        .join(Customer, col(Customer.id) == Row.customer_id)
        .where(Row.case_ref == ref, col(Row.exposure) > 0)
        .group_by(industry)
    )
    for name, amount in session.exec(rows.execution_options(yield_per=2000)):
        yield name, name, amount


def _named(session: Session, found: Concentration) -> Concentration:
    """The largest with their names, which were not carried along for everybody."""
    ids = {int(share.key.removeprefix("K-")): share.key for share in found.largest}
    rows = session.exec(select(Customer.id, Customer.name).where(col(Customer.id).in_(ids))).all()
    names = {ids[id or 0]: name for id, name in rows}
    named = tuple(share.model_copy(update={"name": names.get(share.key, "")}) for share in found.largest)
    return found.model_copy(update={"largest": named})


def ages_of(session: Session, portfolio: Portfolio) -> tuple[Age, ...]:
    """What is outstanding by age on the day of the evaluation."""
    return tuple(
        Age(name=band.age.value, label=band.age.label, amount=band.amount, invoices=band.invoices)
        for band in ageing(session, portfolio.on)
    )


def assessment_of(session: Session, ref: str, span: Span, policy: Policy) -> Assessment:
    """The work of the period against its targets (R, B). An indicator without data says so and weighs nothing."""
    indicators = measured(session, ref, span, policy)
    return Assessment(
        indicators=indicators,
        receptions=receptions(session, span),
        score=weighed(indicators),
        without_data=sum(one.met is None for one in indicators),
    )
