"""The round of customer care (X, C, B): duties planned where they lack, quiet ones done, the rest put to people."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from pydantic import BaseModel, ConfigDict
from sqlmodel import col, select

from config.policy import Policy
from config.policy.care import Festival
from config.policy.frequencies import Frequency
from config.words import CareKind, CustomerStatus
from models.house import House
from models.operations.care import open_care, plan_duties
from models.queries.care import PLANNED, count_due, due_turns, quiet_turns, unplanned
from models.queries.ledger import slices
from models.rules.turns import next_turn
from models.tables import CareTurn, Customer

BATCH = 500
"""Duties planned, or quietly done, in one transaction."""
OPENED_AT_ONCE = 50


class CareReport(BaseModel):
    """What a round did on the day ``on``. ``day_off``: nothing was looked at, the company does not work.

    ``planned`` duties were begun for customers who lacked them, ``quiet`` ones done by the system alone, ``opened``
    put to people; ``waiting`` are due and wait for the next round.
    """

    model_config = ConfigDict(frozen=True)

    on: date
    day_off: bool = False
    planned: int = 0
    quiet: int = 0
    opened: int = 0
    waiting: int = 0


def go_round(
    house: House, on: date | None = None, *, kinds: Collection[CareKind] = tuple(CareKind), anyway: bool = False
) -> CareReport:
    """Carry out the round for ``kinds`` on the company's day (today if not given).

    On a day off nothing is done unless ``anyway``. Every batch is a transaction of its own: broken off, the round is
    run again; beside another, every turn is still opened once.

    Raises:
        Conflict: nobody in the company handles customers.
    """
    day = on or house.calendar.day_of(house.clock())
    if not anyway and not house.calendar.is_business_day(day):
        return CareReport(on=day, day_off=True)
    duties = [kind for kind in PLANNED if kind in kinds]
    planned = sum(_plan(house, kind) for kind in duties)
    quiet = _monitor_quietly(house, day) if CareKind.MONITORING in duties else 0
    left = house.policy.care.open_at_most
    greeted = _open_greetings(house, day, left) if CareKind.GREETING in kinds else 0
    opened = _open_due(house, day, duties, left - greeted)
    with house.read() as session:
        waiting = count_due(session, day, duties) if duties else 0
    report = CareReport(on=day, planned=planned, quiet=quiet, opened=opened + greeted, waiting=waiting)
    with house.work() as work:
        work.record("care.round", **report.model_dump(mode="json", exclude={"day_off"}))
    return report


def _plan(house: House, kind: CareKind) -> int:
    """Customers taken over from a file have no duties yet: they begin here, spread over one round."""
    planned = after = 0
    while True:
        with house.work() as work:
            batch = unplanned(work.session, kind, after, BATCH)
            if not batch:
                return planned
            planned += plan_duties(work, kind, batch, house.policy)
            after = batch[-1].id or 0


def _monitor_quietly(house: House, day: date) -> int:
    """Where nothing stands out, the system's own look is the monitoring of the levels that policy names (B)."""
    rules, done = house.policy, 0
    while True:
        with house.work() as work:
            batch = quiet_turns(work.session, day, rules.care.by_system, BATCH)
            if not batch:
                return done
            for routine in batch:
                routine.last_on, routine.missed = day, 0
                routine.next_on = next_turn(day, Frequency(routine.every))
            work.add(*batch)
            work.record("care.monitored", on=day, customers=[routine.customer_id for routine in batch])
            done += len(batch)


def _open_due(house: House, day: date, kinds: Collection[CareKind], most: int) -> int:
    with house.read() as session:
        due = [
            (row.customer_id, CareKind(row.duty), row.next_on)
            for row, _ in due_turns(session, day, kinds, max(0, most))
        ]
    opened = 0
    for batch in slices(due, OPENED_AT_ONCE):
        with house.work() as work:
            for customer_id, kind, due_on in batch:
                opened += open_care(work, customer_id, kind, due_on=due_on) is not None
    return opened


def _open_greetings(house: House, day: date, most: int) -> int:
    """Greetings of the festivals at hand, to customers of their classes who have not been greeted yet (X)."""
    opened = 0
    for festival, on in festivals_at_hand(house.policy, day):
        dates = {
            "greet_by": on.isoformat(),
            "given_up": (on + timedelta(days=house.policy.care.greetings.days_after)).isoformat(),
        }
        for batch in slices(_not_greeted(house, festival, on, most - opened), OPENED_AT_ONCE):
            with house.work() as work:
                for customer_id in batch:
                    case = open_care(
                        work,
                        customer_id,
                        CareKind.GREETING,
                        due_on=on,
                        occasion=occasion_of(festival, on),
                        told=festival.label.model_dump(),
                        dates=dates,
                    )
                    opened += case is not None
    return opened


def festivals_at_hand(policy: Policy, day: date) -> list[tuple[Festival, date]]:
    """The festivals whose greetings are due: so many days before, up to the festival itself."""
    before = timedelta(days=policy.care.greetings.days_before)
    return [
        (festival, on)
        for festival in policy.care.greetings.festivals
        for on in festival.dates
        if on - before <= day <= on
    ]


def occasion_of(festival: Festival, on: date) -> str:
    """What a festival of one year is known by."""
    return f"{festival.name}:{on.isoformat()}"


def _not_greeted(house: House, festival: Festival, on: date, most: int) -> list[int]:
    greeted = (
        select(CareTurn.case_ref)
        .where(CareTurn.occasion == occasion_of(festival, on), CareTurn.customer_id == Customer.id)
        .exists()
    )
    wanted = select(Customer.id).where(
        Customer.status == CustomerStatus.ADMITTED, col(Customer.customer_class).in_(list(festival.classes)), ~greeted
    )
    with house.read() as session:
        found = session.exec(wanted.order_by(col(Customer.id)).limit(max(0, most))).all()
    return [customer_id for customer_id in found if customer_id is not None]
