"""What stands against erasing a customer's data, and everything that is kept on one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from pydantic_core import to_jsonable_python
from sqlalchemy import func
from sqlmodel import Session, SQLModel, col, select

from config.languages import N_
from config.words import CaseState, NominationState
from models.columns import unseal_text
from models.errors import Problem
from models.forms.sealed import PREFIX
from models.personal_data import OF_A_CASE, OF_A_CUSTOMER
from models.queries.ledger import customer_number, owed
from models.queries.standing import listing_history
from models.tables import (
    AuditEvent,
    Case,
    Customer,
    Invoice,
    LegalHold,
    Listing,
    Nomination,
    OutboxMessage,
    Paper,
    PaperSignature,
    Payment,
    RiskArchive,
)


def in_the_way(session: Session, customer: Customer, on: date) -> list[Problem]:
    """Why the customer's data cannot be erased on a day; nothing if it can."""
    found = []
    mine = customer.id or 0
    if cases := session.exec(
        select(Case.ref).where(Case.customer_id == mine, Case.state != CaseState.CLOSED).order_by(col(Case.ref))
    ).all():
        found.append(Problem("cases", N_("Cases are open: {cases}."), {"cases": ", ".join(cases)}))
    if (debt := owed(session, mine, on).total) > 0:
        found.append(Problem("money", N_("The customer owes {amount} yuan."), {"amount": f"{debt:,.2f}"}))
    credit = session.exec(select(func.sum(Payment.unallocated)).where(Payment.customer_id == mine)).one()
    if credit:
        found.append(Problem("money", N_("The customer has money with the company that belongs to no invoice.")))
    if any(one.until is None or one.until >= on for one in listing_history(session, customer)):
        found.append(Problem("listing", N_("An entry of the grey or black list stands.")))
    raised = select(Nomination.id).where(Nomination.customer_id == mine, Nomination.state == NominationState.OPEN)
    if session.exec(raised.limit(1)).first() is not None:
        found.append(Problem("listing", N_("The customer is named for a list, and that is not decided.")))
    held = N_("A legal hold stands: {reason}")
    return found + [Problem("hold", held, {"reason": hold.reason}) for hold in holds(session, mine)]


def holds(session: Session, customer_id: int) -> list[LegalHold]:
    """The legal holds that stand, the oldest first."""
    standing = select(LegalHold).where(LegalHold.customer_id == customer_id, col(LegalHold.lifted_at).is_(None))
    return list(session.exec(standing.order_by(col(LegalHold.id))).all())


def held_customers() -> Any:
    """The customers on whom a legal hold stands, for a condition."""
    return select(LegalHold.customer_id).where(col(LegalHold.lifted_at).is_(None))


def everything_on(session: Session, customer: Customer) -> dict[str, Any]:
    """Everything that is kept on one customer, by table, for the person it is about. Sealed values are opened.

    What others keep in confidence is not in it: who looked, and what the company's people wrote to each other about
    work, are there as they stand in the customer's own cases.
    """
    mine = customer.id or 0
    refs = session.exec(select(Case.ref).where(Case.customer_id == mine).order_by(col(Case.opened_at))).all()
    told: dict[str, Any] = {"customer": {"number": customer_number(mine), **_plain(customer)}}
    for name, rows in _of_customer(session, customer):
        told[name] = [_plain(row) for row in rows]
    told["cases"] = {ref: _case(session, ref) for ref in refs}
    return told


def _of_customer(session: Session, customer: Customer) -> Iterator[tuple[str, list[Any]]]:
    mine = customer.id or 0
    tables: list[Any] = [*OF_A_CUSTOMER, RiskArchive, Invoice]
    for table in tables:
        if table is Listing:
            yield "listing", listing_history(session, customer)
        else:
            rows = session.exec(select(table).where(table.customer_id == mine)).all()
            yield str(table.__tablename__), list(rows)
    number = customer_number(mine)
    about = select(AuditEvent).where(
        col(AuditEvent.case_ref).is_(None), AuditEvent.chained["customer"].as_string() == number
    )
    yield "trail", [_event(one) for one in session.exec(about.order_by(col(AuditEvent.seq)))]


def _case(session: Session, ref: str) -> dict[str, Any]:
    told: dict[str, Any] = {}
    tables: list[Any] = [*OF_A_CASE, Paper, OutboxMessage]
    for table in tables:
        key = Case.ref if table is Case else table.case_ref
        rows = session.exec(select(table).where(key == ref)).all()
        if rows:
            told[str(table.__tablename__)] = [_plain(row) for row in rows]
    papers = select(Paper.id).where(Paper.case_ref == ref)
    signed = session.exec(select(PaperSignature).where(col(PaperSignature.paper_id).in_(papers))).all()
    if signed:
        told["paper_signature"] = [_plain(row) for row in signed]
    trail = session.exec(select(AuditEvent).where(AuditEvent.case_ref == ref).order_by(col(AuditEvent.seq))).all()
    return {**told, "trail": [_event(one) for one in trail]}


def _event(event: AuditEvent) -> dict[str, Any]:
    return {
        "at": event.at.isoformat(),
        "by": f"{event.actor_kind.value} {event.actor_id or ''}".strip(),
        "event": event.event,
        **_opened(event.data),
    }


def _plain(row: SQLModel | dict[str, Any]) -> dict[str, Any]:
    # As the columns have it: a row out of the database was never validated, and is not written by its field's types.
    columns = row if isinstance(row, dict) else {name: getattr(row, name) for name in type(row).model_fields}
    written = to_jsonable_python(columns)
    return {
        name: _opened(value)
        for name, value in written.items()
        if value not in (None, "", [], {}) and not name.endswith(("_hash", "digest")) and name != "pinyin"
    }


def _opened(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _opened(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_opened(one) for one in value]
    if isinstance(value, str) and value.startswith(PREFIX):
        try:
            return unseal_text(value.removeprefix(PREFIX))
        except ValueError:
            return "(cannot be read any more)"
    return value
