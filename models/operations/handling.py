"""Who looks after a customer: its own handler, or whoever stands in where there is none."""

from __future__ import annotations

from sqlmodel import Session, col, select

from config.languages import N_
from config.words import Role
from models.errors import Conflict
from models.tables import Customer, Person


def handler_of(session: Session, customer: Customer) -> Person:
    """The customer's handler; where there is none any more, an active handler of its department, else of any.

    Raises:
        Conflict: the company has no active handler at all.
    """
    own = session.get(Person, customer.handler_id) if customer.handler_id else None
    if own is not None and own.active:
        return own
    active = session.exec(select(Person).where(col(Person.active)).order_by(col(Person.id))).all()
    handlers = [person for person in active if Role.HANDLER in person.roles]
    nearest = [person for person in handlers if person.department is customer.department]
    for person in [*nearest, *handlers]:
        return person
    raise Conflict(N_("{name} has no handler, and nobody holds that role."), name=customer.name)
