"""Customer care: opening a turn, planning the duties of a customer, setting the next turn (X, C, B)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import insert
from sqlmodel import col, select

from config.languages import N_
from config.policy import Policy
from config.words import CareKind, Outcome
from models.errors import NotFound
from models.house import Work
from models.operations.cases import one_opener_at_a_time, open_case
from models.operations.handling import handler_of
from models.processes import CARE
from models.queries.care import how_often, rhythms, turn_under_way
from models.rules.turns import first_turn, next_turn
from models.tables import CareTurn, Case, Customer, Person, Routine

BY_ROUND = "round"
"""The origin of a case that the round of customer care has opened."""


def open_care(
    work: Work,
    customer_id: int,
    kind: CareKind,
    *,
    due_on: date,
    origin: str = BY_ROUND,
    occasion: str = "",
    told: Mapping[str, Any] | str = "",
    dates: Mapping[str, str] | None = None,
    initiator: Person | None = None,
    request_key: str | None = None,
) -> Case | None:
    """Open a turn of a duty, or return none: one is under way, or this festival has had its greeting.

    ``occasion`` is kept to know it again; ``told`` is how it is shown. ``dates`` may hold ``greet_by`` and
    ``given_up``. The same ``request_key`` again gives the case it opened the first time.

    Raises:
        NotFound: there is no such customer.
        Conflict: nobody in the company handles customers.
    """
    one_opener_at_a_time(work)
    if request_key:
        earlier = work.session.exec(select(Case).where(Case.request_key == request_key)).first()
        if earlier is not None:
            return earlier
    if turn_under_way(work.session, customer_id, kind) is not None:
        return None
    if kind is CareKind.GREETING and origin == BY_ROUND and _greeted(work, customer_id, occasion):
        return None
    customer = work.session.get(Customer, customer_id)
    if customer is None:
        raise NotFound(N_("There is no such customer."))
    handler = handler_of(work.session, customer)
    case = open_case(
        work,
        CARE,
        title=customer.name,
        initiator=initiator,
        handler=handler,
        department=handler.department,
        origin=origin,
        request_key=request_key,
        customer_id=customer_id,
        given={"kind": kind.value, "due_on": due_on.isoformat(), "occasion": told or occasion, **(dates or {})},
    )
    work.add(CareTurn(case_ref=case.ref, customer_id=customer_id, kind=kind, due_on=due_on, occasion=occasion[:200]))
    work.record("care.opened", case.ref, kind=kind, due_on=due_on)
    return case


def _greeted(work: Work, customer_id: int, occasion: str) -> bool:
    known = select(CareTurn.case_ref).where(CareTurn.occasion == occasion, CareTurn.customer_id == customer_id)
    return work.session.exec(known.limit(1)).first() is not None


def plan_duties(work: Work, kind: CareKind, customers: Sequence[Customer], policy: Policy) -> int:
    """Begin a duty towards customers who lack it (taken over from a file), its first turns spread over one round."""
    today = work.house.calendar.day_of(work.now)
    every = rhythms(work.session, customers, kind, policy, today)
    rows = [
        {
            "customer_id": number,
            "duty": kind.value,
            "every": rhythm.value,
            "next_on": first_turn(today, rhythm, number),
            "missed": 0,
        }
        for number, rhythm in every.items()
    ]
    if rows:
        work.session.execute(insert(Routine), rows)
        work.record("care.planned", kind=kind, customers=len(rows))
    return len(rows)


def routine_of(work: Work, customer_id: int, kind: CareKind) -> Routine | None:
    """The customer's duty of this kind, if it is planned."""
    mine = select(Routine).where(Routine.customer_id == customer_id, Routine.duty == kind.value)
    return work.session.exec(mine.order_by(col(Routine.id))).first()


def set_next_turn(work: Work, case: Case, policy: Policy) -> date | None:
    """When the duty comes round again, now that its case has ended. None where it does not (greetings).

    Carried out: after the rhythm of level or class, from the day it was done. Not carried out: soon again, and it
    is counted. Withdrawn or cancelled: at the next regular turn. What was begun by hand counts only when done.
    """
    turn = work.session.get(CareTurn, case.ref)
    if turn is None or turn.kind is CareKind.GREETING:
        return None
    today = work.house.calendar.day_of(work.now)
    customer = work.session.get_one(Customer, turn.customer_id)
    routine = routine_of(work, turn.customer_id, turn.kind)
    every = how_often(work.session, customer, turn.kind, policy, today)
    if every is None or (case.origin != BY_ROUND and turn.done_on is None):
        return routine.next_on if routine else None
    if routine is None:
        routine = Routine(customer_id=turn.customer_id, duty=turn.kind.value, every=every.value, next_on=today)
    routine.every, routine.set_by = every.value, case.ref
    if turn.done_on is not None:
        routine.last_on, routine.missed = turn.done_on, 0
        routine.next_on = max(next_turn(routine.last_on, every), today)
    elif case.outcome is Outcome.LAPSED:
        routine.missed += 1
        again = work.house.calendar.add_business_days(work.now, policy.care.again_after_days)
        routine.next_on = min(work.house.calendar.day_of(again), next_turn(today, every))
        work.record_system("care.missed", case.ref, kind=turn.kind, times=routine.missed)
    else:
        routine.next_on = next_turn(today, every)
    work.add(routine)
    work.record_system("care.next-turn", case.ref, kind=turn.kind, next_on=routine.next_on)
    return routine.next_on
