"""How a customer stands (B): measures set and lifted, nominations, entries of the lists begun and ended.

Nothing is ever deleted: what is over keeps its dates, its case and its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlmodel import Session, col, or_, select

from config.languages import N_
from config.words import CaseState, ListingCriterion, ListingKind, MeasureKind, NominationState
from models.audit import canonical
from models.house import Work
from models.operations.cases import one_opener_at_a_time, open_case
from models.operations.handling import handler_of
from models.operations.waits import announce
from models.processes import LISTING
from models.rules.credit import customer_class
from models.tables import Case, Customer, Listing, Measure, Nomination, Person

EVIDENCE_ADDED = "evidence-added"
"""Announced to a listing decision: a further nomination has brought more evidence."""
REPLACED_BY_BLACK = N_("Replaced by an entry of the black list")


def set_measure(
    work: Work,
    customer_id: int,
    case_ref: str,
    kind: MeasureKind,
    *,
    since: date | None = None,
    until: date | None = None,
    scope: str = "",
    terms: Mapping[str, Any] | None = None,
    reason: str = "",
) -> Measure:
    """Put a measure in force from ``since`` (today) to ``until`` (no end), both included.

    A case has one measure of a kind in force: the same again with other terms changes it, with the same terms nothing.
    ``terms`` as the table says: ``limit`` (yuan as text), ``term_days``, ``securities``, ``frequency``.

    Raises:
        ValueError: it would end before it begins.
    """
    begins = since or work.house.calendar.day_of(work.now)
    if until is not None and until < begins:
        raise ValueError(f"a measure from {begins} cannot end on {until}")
    running = (
        select(Measure)
        .where(Measure.customer_id == customer_id, Measure.case_ref == case_ref, Measure.kind == kind)
        .where(col(Measure.lifted_on).is_(None))
    )
    measure = work.session.exec(running).first()
    given: dict[str, Any] = {"scope": scope, "terms": dict(terms or {}), "reason": reason, "until": until}
    if measure is None:
        measure = Measure(customer_id=customer_id, kind=kind, since=begins, case_ref=case_ref, set_at=work.now, **given)
    elif all(canonical(getattr(measure, name)) == canonical(value) for name, value in given.items()):
        return measure
    for name, value in given.items():
        setattr(measure, name, value)
    work.add(measure)
    work.record(
        "measure.set", case_ref, measure=kind, since=measure.since, until=until, scope=scope, terms=given["terms"]
    )
    return measure


def lift_measures(
    work: Work,
    customer_id: int,
    case_ref: str,
    by_case: str,
    because: str,
    kinds: Iterable[MeasureKind] | None = None,
) -> int:
    """Lift what ``case_ref`` has set against the customer, from today on, as ``by_case`` decided. Returns how many."""
    wanted = None if kinds is None else set(kinds)
    set_by_it = select(Measure).where(
        Measure.customer_id == customer_id, Measure.case_ref == case_ref, col(Measure.lifted_on).is_(None)
    )
    lifted = [one for one in work.session.exec(set_by_it) if wanted is None or one.kind in wanted]
    for measure in lifted:
        measure.lifted_on = work.house.calendar.day_of(work.now)
        measure.lifted_by, measure.lifted_because = by_case, because
    work.add(*lifted)
    if lifted:
        kinds_lifted = sorted(measure.kind.value for measure in lifted)
        work.record("measure.lifted", by_case, measures=kinds_lifted, set_by=case_ref, because=because)
    return len(lifted)


def measures_in_force(session: Session, customer_id: int, on: date) -> list[Measure]:
    """The measures in force against the customer on a day, the oldest first."""
    statement = (
        select(Measure)
        .where(Measure.customer_id == customer_id, col(Measure.since) <= on)
        .where(or_(col(Measure.until).is_(None), col(Measure.until) >= on))
        .where(or_(col(Measure.lifted_on).is_(None), col(Measure.lifted_on) > on))
    )
    return list(session.exec(statement.order_by(col(Measure.since), col(Measure.id))).all())


def listings_in_force(session: Session, customer: Customer, on: date) -> list[Listing]:
    """The entries of the lists that name the customer on a day (by record, number or exact name), the oldest first."""
    named = [col(Listing.customer_id) == customer.id, col(Listing.name) == customer.name]
    if customer.identifier_digest:
        named.append(col(Listing.identifier_digest) == customer.identifier_digest)
    statement = (
        select(Listing)
        .where(or_(*named), col(Listing.since) <= on)
        .where(or_(col(Listing.until).is_(None), col(Listing.until) > on))
    )
    return list(session.exec(statement.order_by(col(Listing.since), col(Listing.id))).all())


def nominate(
    work: Work,
    customer_id: int,
    kind: ListingKind,
    criterion: ListingCriterion,
    reason: str,
    evidence: Sequence[str],
    raised_by: str | None = None,
    *,
    initiator: Person | None = None,
    request_key: str | None = None,
) -> Nomination:
    """Name the customer for a list; risk and legal decide in a case of its own (B).

    One nomination for a list is open at a time: a further one joins it with its evidence, and whoever is deciding
    looks anew. Of a customer who is on that list, or on the black one, the nomination is only kept: it is ``listed``.

    Raises:
        Conflict: the customer has no handler, and the company none at all.
    """
    one_opener_at_a_time(work)
    customer = work.session.get_one(Customer, customer_id)
    running = open_nomination(work.session, customer_id, kind)
    if running is not None:
        return _join(work, running, reason, evidence, raised_by)
    nomination = Nomination(
        customer_id=customer_id,
        kind=kind,
        criterion=criterion,
        reason=reason,
        evidence=list(dict.fromkeys(evidence)),
        raised_by=raised_by,
        raised_at=work.now,
    )
    listed = listing_as_strict(work, customer, kind)
    if listed is not None:
        nomination.state, nomination.decided_by = NominationState.LISTED, listed.case_ref
        work.add(nomination)
        work.record("nomination.listed-already", raised_by, list=listed.kind, since=listed.since)
        return nomination
    handler = handler_of(work.session, customer)
    case = open_case(
        work,
        LISTING,
        title=customer.name,
        initiator=initiator,
        handler=handler,
        department=customer.department,
        origin="process" if initiator is None else "page",
        request_key=request_key,
        customer_id=customer_id,
    )
    nomination.decided_by = case.ref
    work.add(nomination)
    work.record("nomination.raised", case.ref, list=kind, criterion=criterion, raised_by=raised_by)
    if raised_by is not None:
        work.record("nomination.raised-here", raised_by, list=kind, criterion=criterion, decided_by=case.ref)
    return nomination


def open_nomination(session: Session, customer_id: int, kind: ListingKind) -> Nomination | None:
    """The customer's nomination for this list that is still to be decided."""
    statement = (
        select(Nomination)
        .join(Case, col(Case.ref) == Nomination.decided_by)
        .where(Nomination.customer_id == customer_id, Nomination.kind == kind)
        .where(Nomination.state == NominationState.OPEN, Case.state != CaseState.CLOSED)
    )
    return session.exec(statement).first()


def listing_as_strict(work: Work, customer: Customer, kind: ListingKind) -> Listing | None:
    """An entry in force that is at least as strict as an entry of ``kind`` would be."""
    found = listings_in_force(work.session, customer, work.house.calendar.day_of(work.now))
    return next((one for one in found if one.kind in (kind, ListingKind.BLACK)), None)


def _join(work: Work, running: Nomination, reason: str, evidence: Sequence[str], raised_by: str | None) -> Nomination:
    fresh = [one for one in dict.fromkeys([*evidence]) if one not in running.evidence]
    if not fresh and reason in running.reason.splitlines():
        return running
    running.evidence = [*running.evidence, *fresh]
    if reason and reason not in running.reason.splitlines():
        running.reason = f"{running.reason}\n{reason}"
    work.add(running)
    decided_by = running.decided_by or ""
    work.record("nomination.joined", decided_by, evidence=fresh, reason=reason, raised_by=raised_by)
    if raised_by is not None:
        work.record("nomination.joined-here", raised_by, list=running.kind, decided_by=decided_by)
    announce(work, decided_by, EVIDENCE_ADDED)
    return running


def list_customer(
    work: Work,
    customer_id: int,
    kind: ListingKind,
    criterion: ListingCriterion,
    reason: str,
    evidence: Sequence[str],
    case_ref: str,
    since: date | None = None,
) -> Listing:
    """Put the customer on a list, from ``since`` (today), and at the listed risk level (B).

    The same case lists a customer once. A grey entry ends when a black one begins; a black list also stops trading
    where policy says so, as a measure of the same case.
    """
    customer = work.session.get_one(Customer, customer_id)
    by_case = select(Listing).where(Listing.customer_id == customer_id, Listing.case_ref == case_ref)
    same = by_case.where(Listing.kind == kind, Listing.criterion == criterion, col(Listing.until).is_(None))
    if (earlier := work.session.exec(same).first()) is not None:
        return earlier
    begins = since or work.house.calendar.day_of(work.now)
    if kind is ListingKind.BLACK:
        for listing in listings_in_force(work.session, customer, begins):
            if listing.kind is ListingKind.GREY:
                end_listing(work, listing, case_ref, REPLACED_BY_BLACK)
    listing = Listing(
        kind=kind,
        criterion=criterion,
        name=customer.name,
        identifier_digest=customer.identifier_digest,
        customer_id=customer_id,
        reason=reason,
        since=begins,
        evidence=list(evidence),
        case_ref=case_ref,
    )
    work.add(listing)
    work.record("customer.listed", case_ref, list=kind, criterion=criterion, since=begins)
    _at_the_listed_level(work, customer)
    if kind in work.house.policy.listing.stops_trading:
        set_measure(work, customer_id, case_ref, MeasureKind.SUSPEND, since=begins, reason=reason)
    return listing


def end_listing(work: Work, listing: Listing, case_ref: str, because: str) -> Listing:
    """End an entry of the lists from today on; it stays as history. Ended already, nothing changes."""
    if listing.until is None:
        listing.until = work.house.calendar.day_of(work.now)
        listing.ended_by, listing.ended_because = case_ref, because
        work.add(listing)
        work.record(
            "listing.ended", case_ref, list=listing.kind, criterion=listing.criterion, since=listing.since, why=because
        )
    return listing


def _at_the_listed_level(work: Work, customer: Customer) -> None:
    """B: whoever is listed is at the policy's level for that, whatever the score; the class follows (C)."""
    credit = work.house.policy.credit
    customer.risk_level = credit.listed_level
    if customer.credit_grade is not None:
        customer.customer_class = customer_class(customer.credit_grade, credit.listed_level, None, credit)
    work.add(customer)
