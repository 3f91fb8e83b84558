"""Who of the sample company's customers is on a list or under a measure, and what past receptions came to (B, R)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from cli.sample.customers import customer_of
from cli.sample.files import back_then, days_ago, rows, today
from cli.sample.past import past_case
from config.words import ListingCriterion, ListingKind, MeasureKind, Outcome, Resolution
from models.house import Work
from models.operations.applications import identifier_digest
from models.operations.standing import list_customer, set_measure
from models.processes import LISTING, RECEPTION
from models.tables import Case, Customer, Listing, ReceptionResult


def enter_standing(work: Work) -> None:
    """Lists, past receptions, measures, each with the case that decided it."""
    _strangers(work)
    decided_by = _listed_customers(work) | _received(work)
    for row in rows("measures.csv"):
        customer = customer_of(work, row["customer"])
        case = decided_by[row["customer"]]
        set_measure(
            work,
            customer.id or 0,
            case.ref,
            MeasureKind(row["kind"]),
            since=days_ago(work, row["since_days_ago"]),
            until=today(work) + timedelta(days=int(row["until_in_days"])) if row["until_in_days"] else None,
            scope=row["scope"],
            terms=_terms(row["terms"]),
            reason=row["reason"],
        )


def _terms(text: str) -> dict[str, object]:
    """``term_days=15`` or ``securities=deposit,pledge`` as a measure keeps it."""
    name, _, value = text.partition("=")
    if not name:
        return {}
    return {name: value.split(",") if name == "securities" else value}


def _strangers(work: Work) -> None:
    """Entries of the lists that name somebody who is no customer."""
    for row in rows("listings.csv"):
        work.add(
            Listing(
                kind=ListingKind(row["kind"]),
                criterion=ListingCriterion(row["criterion"]),
                name=row["name"],
                identifier_digest=identifier_digest(work, row["identifier"]),
                reason=row["reason"],
                since=date.fromisoformat(row["since"]),
            )
        )


def _listed_customers(work: Work) -> dict[str, Case]:
    decided_by: dict[str, Case] = {}
    for row in rows("customer_listings.csv"):
        then = back_then(work, row["since_days_ago"])
        customer = customer_of(work, row["customer"])
        case = past_case(then, LISTING, customer, Outcome.LISTED, by=None)
        decided_by[row["customer"]] = case
        list_customer(
            then,
            customer.id or 0,
            ListingKind(row["kind"]),
            ListingCriterion(row["criterion"]),
            row["reason"],
            row["evidence"].split("；"),
            case.ref,
        )
    return decided_by


def _received(work: Work) -> dict[str, Case]:
    """Past receptions with what they came to; the evaluation of their quarter counts them."""
    held: dict[str, Case] = {}
    for row in rows("receptions.csv"):
        then = back_then(work, row["days_ago"])
        customer = customer_of(work, row["customer"])
        held[row["customer"]] = case = past_case(then, RECEPTION, customer, Outcome(row["outcome"]), by="chen.yu")
        then.add(_result(then, row, case, customer))
    return held


def _result(then: Work, row: dict[str, str], case: Case, customer: Customer) -> ReceptionResult:
    return ReceptionResult(
        case_ref=case.ref,
        customer_id=customer.id or 0,
        agreed=case.outcome is Outcome.SETTLED,
        rounds=int(row["rounds"]),
        resolution=Resolution(row["resolution"]),
        satisfaction=int(row["satisfaction"]),
        at_stake=Decimal(row["at_stake"]),
        concession=Decimal(row["concession"]),
        loss_avoided=Decimal(row["loss_avoided"]),
        evaluated_at=then.now,
    )
