"""Finding who owes overdue money, and opening a collections case for each (X): one a customer, never two."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, col, select

from config.words import CaseState
from models.house import House
from models.operations.collections import open_collections
from models.processes import COLLECTIONS
from models.queries.ledger import overdue_customers, slices
from models.rules.allocation import NOTHING
from models.tables import Case, Customer, Person

BATCH = 100
"""Cases opened in one transaction."""


class ScanReport(BaseModel):
    """What a scan found on the day ``on`` and did. ``day_off``: nothing was looked at, the company does not work."""

    model_config = ConfigDict(frozen=True)

    on: date
    day_off: bool = False
    customers: int = 0
    invoices: int = 0
    overdue: Decimal = NOTHING
    opened: int = 0
    under_way: int = 0


def _silent(_done: int, _total: int) -> None:
    """Nobody watches."""


def scan_overdue(
    house: House, on: date | None = None, *, anyway: bool = False, tell: Callable[[int, int], None] = _silent
) -> ScanReport:
    """Open a collections case for every customer with undisputed overdue invoices that has none.

    ``on`` is the company's day, today if not given; on a day off nothing is done unless ``anyway``. ``tell(done,
    total)`` is called after every batch. Each batch is a transaction of its own: broken off, the scan is run again;
    beside another scan, every case is still opened once.

    Raises:
        Conflict: nobody in the company handles customers.
    """
    day = on or house.calendar.day_of(house.clock())
    if not anyway and not house.calendar.is_business_day(day):
        return ScanReport(on=day, day_off=True)
    with house.read() as session:
        owing = overdue_customers(session, day)
        under_way = _under_way(session)
    without = [one.customer_id for one in owing if one.customer_id not in under_way]
    opened, looked_at = 0, 0
    for batch in slices(without, BATCH):
        with house.work() as work:
            _known = _at_hand(work.session, batch)
            opened += sum(open_collections(work, customer_id) is not None for customer_id in batch)
        looked_at += len(batch)
        tell(looked_at, len(without))
    report = ScanReport(
        on=day,
        customers=len(owing),
        invoices=sum(one.invoices for one in owing),
        overdue=sum((one.overdue for one in owing), NOTHING),
        opened=opened,
        under_way=len(owing) - opened,
    )
    with house.work() as work:
        work.record("ledger.scanned", **report.model_dump(mode="json", exclude={"day_off"}))
    return report


def _at_hand(session: Session, batch: Sequence[int]) -> Sequence[object]:
    """The customers of a batch and their handlers, read at once; while they are held, nobody asks for each again."""
    wanted = select(Customer, Person).join(Person, col(Person.id) == Customer.handler_id, isouter=True)
    return session.exec(wanted.where(col(Customer.id).in_(batch))).all()


def _under_way(session: Session) -> set[int | None]:
    running = select(Case.customer_id).where(Case.process == COLLECTIONS.name, col(Case.state) != CaseState.CLOSED)
    return set(session.exec(running))
