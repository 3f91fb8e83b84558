"""Erasing one customer's data on request: asked by one person, confirmed by another, refused while anything stands
against it, and carried out case by case, so that it may be broken off and goes on."""

from __future__ import annotations

from collections import Counter

from sqlmodel import col, select

from config.languages import N_
from config.words import CaseState, ErasureState
from models.audit import Actor
from models.errors import Conflict, Invalid, NotAllowed, NotFound, Problem
from models.house import House, Work
from models.operations.erasing import delete_files, erase_case, erase_customer
from models.queries.ledger import customer_number
from models.queries.privacy import in_the_way
from models.rights import Right, holds, must_hold
from models.tables import Case, Customer, Erasure, LegalHold, Person

SHORTEST_REASON, LONGEST_REASON = 5, 1000


class StandsAgainst(Invalid):
    """Something stands against an erasure, told point by point."""

    status = 409
    code = "stands-against-erasure"


def may_erase(person: Person) -> bool:
    """Whether this person asks for erasures and confirms those that others asked for."""
    return holds(person, Right.DECIDE_ERASURE)


def must_decide(person: Person) -> None:
    """Let pass who decides on erasures.

    Raises:
        NotAllowed: it is for others.
    """
    must_hold(person, Right.DECIDE_ERASURE)


def proper_reason(reason: str) -> str:
    """A reason on one line.

    Raises:
        Invalid: it is too short or too long.
    """
    plain = " ".join(reason.split())
    if len(plain) < SHORTEST_REASON:
        problem = Problem("reason", N_("Say why in at least {min_length} characters."), {"min_length": SHORTEST_REASON})
    elif len(plain) > LONGEST_REASON:
        problem = Problem("reason", N_("At most {max_length} characters."), {"max_length": LONGEST_REASON})
    else:
        return plain
    raise Invalid(N_("Please look at the marked fields."), [problem])


def ask_erasure(work: Work, customer: Customer, reason: str) -> Erasure:
    """Ask that everything on ``customer`` be erased. Asked twice is asked once.

    Raises:
        Invalid: there is no proper reason.
        Conflict: something stands against it, told point by point; or it is erased already.
    """
    why = proper_reason(reason)
    _lock(work, customer)
    if customer.erased_at is not None:
        raise Conflict(N_("The data of this customer was erased already."))
    _nothing_in_the_way(work, customer)
    known = work.session.exec(
        select(Erasure).where(
            Erasure.customer_id == customer.id, col(Erasure.state).in_([ErasureState.ASKED, ErasureState.CONFIRMED])
        )
    ).first()
    if known is not None:
        return known
    row = Erasure(
        customer_id=customer.id or 0,
        state=ErasureState.ASKED,
        reason=why,
        asked_by=work.actor.id or "",
        asked_at=work.now,
    )
    work.add(row)
    work.record("privacy.erasure-asked", customer=customer_number(customer.id or 0), erasure=row.id, reason=why)
    return row


def confirm_erasure(work: Work, erasure_id: int, by: Person) -> Erasure:
    """Confirm what another person asked for. It is then carried out by ``carry_out``, whoever calls it.

    Raises:
        NotAllowed: they do not decide on it, or asked for it themselves.
        NotFound: there is no such request.
        Conflict: it is decided already, or something stands against it by now.
    """
    row = _waiting(work, erasure_id, by)
    if row.asked_by == by.id:
        raise NotAllowed(N_("Whoever asked for an erasure does not confirm it.")).note(
            "privacy.erasure-refused", None, erasure=row.id
        )
    customer = work.session.get_one(Customer, row.customer_id)
    _lock(work, customer)
    _nothing_in_the_way(work, customer)
    row.state, row.decided_by, row.decided_at = ErasureState.CONFIRMED, by.id, work.now
    work.add(row)
    work.record("privacy.erasure-confirmed", customer=customer_number(row.customer_id), erasure=row.id)
    return row


def turn_down_erasure(work: Work, erasure_id: int, by: Person, reason: str) -> Erasure:
    """Turn a request down; whoever asked may do so too.

    Raises:
        NotAllowed, NotFound, Conflict, Invalid: as for confirming.
    """
    row = _waiting(work, erasure_id, by)
    why = proper_reason(reason)
    row.state, row.decided_by, row.decided_at = ErasureState.TURNED_DOWN, by.id, work.now
    work.add(row)
    work.record("privacy.erasure-turned-down", customer=customer_number(row.customer_id), erasure=row.id, reason=why)
    return row


def carry_out(house: House, actor: Actor, erasure_id: int) -> Counter[str]:
    """Erase what a confirmed request is about. Broken off, it is called again and goes on.

    Raises:
        Conflict: something has come to stand against it meanwhile; what was not erased yet stays.
    """
    done: Counter[str] = Counter()
    while True:
        with house.work(actor) as work:
            row = work.session.get_one(Erasure, erasure_id)
            if row.state is not ErasureState.CONFIRMED:
                return done
            customer = work.session.get_one(Customer, row.customer_id)
            _lock(work, customer)
            _nothing_in_the_way(work, customer)
            left = select(Case).where(
                Case.customer_id == customer.id, Case.state == CaseState.CLOSED, col(Case.erased_at).is_(None)
            )
            case = work.session.exec(left.order_by(col(Case.ref)).limit(1)).first()
            counts = (
                erase_case(work, case, "request", row.id)
                if case is not None
                else erase_customer(work, customer, "request", row.id)
            )
            done += counts
            row.counts = {name: row.counts.get(name, 0) + number for name, number in counts.items() if number}
            if case is None:
                row.state, row.done_at = ErasureState.DONE, work.now
            work.add(row)
        if case is None:
            delete_files(house)
            return done


def set_hold(work: Work, customer: Customer, by: Person, reason: str) -> LegalHold:
    """Nothing on ``customer`` is erased from now on until the hold is lifted.

    Raises:
        NotAllowed, Invalid: not theirs to set, or without a proper reason.
    """
    must_decide(by)
    hold = LegalHold(customer_id=customer.id or 0, reason=proper_reason(reason), set_by=by.id, set_at=work.now)
    _lock(work, customer)
    work.add(hold)
    work.record("privacy.hold-set", customer=customer_number(customer.id or 0), reason=hold.reason)
    return hold


def lift_hold(work: Work, hold_id: int, by: Person, reason: str) -> LegalHold:
    """Lift a hold.

    Raises:
        NotAllowed, NotFound, Conflict, Invalid: not theirs, not there, lifted already, without a proper reason.
    """
    must_decide(by)
    hold = work.session.get(LegalHold, hold_id)
    if hold is None:
        raise NotFound(N_("There is no such legal hold."))
    if hold.lifted_at is not None:
        raise Conflict(N_("This hold was lifted already."))
    hold.lifted_because, hold.lifted_at, hold.lifted_by = proper_reason(reason), work.now, by.id
    work.add(hold)
    work.record("privacy.hold-lifted", customer=customer_number(hold.customer_id), reason=hold.lifted_because)
    return hold


def _waiting(work: Work, erasure_id: int, by: Person) -> Erasure:
    must_decide(by)
    row = work.session.exec(select(Erasure).where(Erasure.id == erasure_id).with_for_update()).first()
    if row is None:
        raise NotFound(N_("There is no such request."))
    if row.state is not ErasureState.ASKED:
        raise Conflict(N_("This request is decided already."))
    return row


def _lock(work: Work, customer: Customer) -> None:
    """Two requests, a hold and an erasure, do not pass each other."""
    work.session.exec(select(Customer.id).where(Customer.id == customer.id).with_for_update()).one()


def _nothing_in_the_way(work: Work, customer: Customer) -> None:
    found = in_the_way(work.session, customer, work.house.calendar.day_of(work.now))
    if found:
        raise StandsAgainst(N_("The data of this customer cannot be erased now."), found)
