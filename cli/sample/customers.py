"""The sample company's customers, as they were admitted and as they are known today (C, X)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from sqlmodel import select

from cli.sample.files import back_then, rows
from cli.sample.past import past_case
from config.words import CustomerType, Outcome, Security
from models.forms.onboarding import LineRecord
from models.house import Work
from models.onboarding import Rating, Terms, rate
from models.operations.applications import identifier_digest, set_identifier
from models.processes import ONBOARDING
from models.rules.scoring import Score, score
from models.tables import Case, Customer, CustomerFigures
from tasks.onboarding import admit_customer, record_credit_line

RECORDS_LINES = "he.jing"
REFERENCE_AGENCY = "credit reference agency"


def take_over_customers(work: Work) -> None:
    """Every customer with the case that admitted it, its credit line and its figures, refreshed where they changed."""
    known_since = _figures_since()
    figures_given = [part.name for part in work.house.policy.indicators.figures()]
    for row in rows("customers.csv"):
        then = back_then(work, row["admitted_days_ago"])
        customer = _customer(then, row)
        figures = {name: row[name] for name in figures_given if row.get(name)}
        _admit(then, row, customer, figures)
        latest = {**figures, **known_since.get(row["identifier"], {})}
        source = REFERENCE_AGENCY if row["identifier"] in known_since else ONBOARDING.name
        work.session.merge(CustomerFigures(customer_id=customer.id or 0, figures=latest, source=source, as_of=work.now))
    work.session.flush()


def customer_of(work: Work, identifier: str) -> Customer:
    """The sample's customer with this identity number."""
    digest = identifier_digest(work, identifier)
    return work.session.exec(select(Customer).where(Customer.identifier_digest == digest)).one()


def _customer(then: Work, row: Mapping[str, str]) -> Customer:
    customer = Customer(
        type=CustomerType(row["type"]),
        name=row["name"],
        contact=row["contact"],
        phone=row["phone"],
        email=row["email"] or None,
        industry=row["industry"],
        handler_id=row["handler"],
        prepays=row["prepays"] == "yes",
        created_at=then.now,
    )
    set_identifier(then, customer, row["identifier"])
    then.add(customer)
    return customer


def _admit(then: Work, row: Mapping[str, str], customer: Customer, figures: Mapping[str, str]) -> None:
    policy, limit = then.house.policy, Decimal(row["limit"] or 0)
    given = {
        "prepays": customer.prepays,
        "requested_limit": row["limit"] or None,
        "requested_term_days": int(row["term_days"]) if row["term_days"] else None,
        "figures": dict(figures),
    }
    outcome = Outcome.ADMITTED if limit else Outcome.ADMITTED_WITHOUT_CREDIT
    case = past_case(then, ONBOARDING, customer, outcome, by=customer.handler_id, given=given)
    scored = score(figures, policy.indicators, customer.type)
    admit_customer.function(then, case, scored, _rating(then, scored, figures))
    if limit:
        _record_line(then, row, case, limit)


def _rating(then: Work, scored: Score, figures: Mapping[str, str]) -> Rating:
    volume = Decimal(figures.get("annual_volume") or 0)
    return rate(scored.total, scored.total, then.house.policy, annual_volume=volume, listed=False)


def _record_line(then: Work, row: Mapping[str, str], case: Case, limit: Decimal) -> None:
    terms = Terms(
        limit=limit,
        term_days=int(row["term_days"]),
        securities=tuple(Security(one) for one in row["securities"].split()),
        note=row["line_note"],
    )
    entry = LineRecord(limit=limit, term_days=terms.term_days, ledger_number=f"XY-{case.ref[4:]}")
    record_credit_line.function(then, case, terms, entry, RECORDS_LINES)


def _figures_since() -> dict[str, dict[str, str]]:
    """What has become known of a customer since it was admitted, by its identity number."""
    known: dict[str, dict[str, str]] = {}
    for row in rows("figures_since.csv"):
        known.setdefault(row["customer"], {})[row["figure"]] = row["value"]
    return known
