"""A customer's privacy page: consents, legal holds, erasures, and what stands against one."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from config.words import ErasureState
from models.errors import Problem
from models.house import House
from models.operations.consents import keeps_consents
from models.operations.erasure import may_erase
from models.queries.consents import ConsentView, consents_of
from models.queries.ledger import customer_number
from models.queries.privacy import in_the_way
from models.queries.shown import Read
from models.tables import Customer, Erasure, LegalHold, Person


class HoldView(Read):
    """A legal hold. ``lifted_at`` is none while it stands."""

    id: int
    reason: str
    set_by: str | None
    set_at: datetime
    lifted_at: datetime | None
    lifted_because: str


class ErasureView(Read):
    """A request for erasure. ``values`` is how many values were erased."""

    id: int
    state: ErasureState
    reason: str
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    done_at: datetime | None
    values: int


class PrivacyView(Read):
    """What the page shows. Without ``decides`` holds and erasures are left out."""

    number: str
    name: str
    erased_at: datetime | None
    keeps: bool
    decides: bool
    consents: tuple[ConsentView, ...]
    holds: tuple[HoldView, ...] = ()
    erasures: tuple[ErasureView, ...] = ()


def privacy_view(session: Session, house: House, customer: Customer, viewer: Person) -> PrivacyView:
    """The page of ``customer`` as ``viewer`` sees it."""
    mine, decides = customer.id or 0, may_erase(viewer)
    today = house.calendar.day_of(house.clock())
    view = PrivacyView(
        number=customer_number(mine),
        name=customer.name,
        erased_at=customer.erased_at,
        keeps=keeps_consents(viewer, customer),
        decides=decides,
        consents=consents_of(session, mine, today, house.policy.privacy.consent_reminder_days),
    )
    if not decides:
        return view
    holds = session.exec(select(LegalHold).where(LegalHold.customer_id == mine).order_by(col(LegalHold.id).desc()))
    rows = session.exec(select(Erasure).where(Erasure.customer_id == mine).order_by(col(Erasure.id).desc())).all()
    return view.model_copy(
        update={
            "holds": tuple(HoldView(**row.model_dump(exclude={"customer_id", "lifted_by"})) for row in holds),
            "erasures": tuple(_erasure(row) for row in rows),
        }
    )


def against(session: Session, house: House, customer: Customer) -> list[Problem]:
    """What stands against erasing the customer's data today."""
    return in_the_way(session, customer, house.calendar.day_of(house.clock()))


def _erasure(row: Erasure) -> ErasureView:
    return ErasureView(**row.model_dump(exclude={"customer_id", "counts"}), values=sum(row.counts.values()))
