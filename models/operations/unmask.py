"""Reading an encrypted field of a customer in full: by few, with a reason, each time on record (processes §5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import func
from sqlmodel import col, select

from config.languages import N_
from config.words import Word
from models.errors import Invalid, NotFound, Problem, Refused
from models.house import Work
from models.operations.looks import Looked
from models.queries.archive_parts import may_unmask
from models.queries.ledger import customer_number
from models.rights import Right, not_held
from models.tables import Customer, Look, Person

SHORTEST_REASON, LONGEST_REASON = 5, 300
WINDOW = timedelta(hours=1)


class Secret(Word):
    """A field that is stored encrypted and shown masked."""

    IDENTIFIER = "identifier", "Identity number"
    PHONE = "phone", "Telephone"


LOOKED: Mapping[Secret, Looked] = {Secret.IDENTIFIER: Looked.IDENTIFIER, Secret.PHONE: Looked.PHONE}


class UnmaskedTooOften(Refused):
    """Somebody has read so many masked fields within the hour that it is no single customer's business any more."""

    status = 429
    code = "unmasked-too-often"

    def __init__(self, limit: int) -> None:
        told = N_("You have had {limit} masked fields shown within an hour, the most there may be. Please wait.")
        super().__init__(told, limit=limit)


def unmask(work: Work, customer: Customer, person: Person, secret: Secret, reason: str) -> str:
    """The field in full, shown to ``person`` this once, because of ``reason``.

    Raises:
        NotAllowed: they do not work with such fields of this customer.
        Invalid: there is no proper reason.
        NotFound: nothing is on record.
        UnmaskedTooOften: they have had too many shown within the hour.
    """
    if not may_unmask(person, customer):
        raise not_held(Right.UNMASK)
    why = _proper(reason)
    value = {Secret.IDENTIFIER: customer.identifier, Secret.PHONE: customer.phone}[secret]
    if not value:
        raise NotFound(N_("Nothing is on record there."))
    number = customer_number(customer.id or 0)
    _not_too_often(work, person, number)
    looked = LOOKED[secret].value
    work.add(Look(customer_id=customer.id or 0, person_id=person.id, what=looked, reason=why, at=work.now))
    work.record("customer.unmasked", customer=number, field=secret.value, reason=why)
    return value


def _proper(reason: str) -> str:
    plain = " ".join(reason.split())
    if len(plain) < SHORTEST_REASON:
        told = N_("Say why in at least {min_length} characters.")
        problem = Problem("reason", told, {"min_length": SHORTEST_REASON})
    elif len(plain) > LONGEST_REASON:
        problem = Problem("reason", N_("At most {max_length} characters."), {"max_length": LONGEST_REASON})
    else:
        return plain
    raise Invalid(N_("Please look at the marked fields."), [problem])


def _not_too_often(work: Work, person: Person, number: str) -> None:
    """Their row is locked first, so that two requests at once cannot both be the last that is allowed."""
    work.session.exec(select(Person.id).where(Person.id == person.id).with_for_update()).one()
    shown = select(func.count()).select_from(Look).where(
        Look.person_id == person.id,
        col(Look.at) > work.now - WINDOW,
        col(Look.what).in_([looked.value for looked in LOOKED.values()]),
    )  # fmt: skip
    limit = work.house.settings.unmasks_per_hour
    if work.session.exec(shown).one() >= limit:
        raise UnmaskedTooOften(limit).note("customer.unmasking-refused", None, customer=number)
