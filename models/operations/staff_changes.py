"""Changing one member of staff: by operations, on record field by field, and never over somebody else's change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select

from config.languages import N_
from models.audit import digest
from models.errors import Conflict, Invalid, NotFound, Problem
from models.house import Work
from models.messages import SignIn, queue
from models.operations.leaving import let_go
from models.operations.people import add_channel
from models.operations.retry import said_why
from models.operations.staff import StaffMember, changes_of, faults_of, person_named, staff_member
from models.queries.rights import must_operate
from models.tables import Channel, Person


def version_of(person: Person) -> str:
    """What a page or program must have seen to change this person: it is another after every change."""
    fields = person.model_dump(mode="json", exclude={"roles"})
    return digest([fields, sorted(map(str, person.roles))])[:16]


def change_person(work: Work, by: Person, member: StaffMember, *, seen: str, reason: str = "") -> Person:
    """Bring the person called ``member.id`` up to date. ``seen`` is the version that was read before.

    Who is no longer active is signed out everywhere, keeps no token, and stands in for nobody.

    Raises:
        NotAllowed: ``by`` is not of operations.
        NotFound: there is no such person.
        Conflict: somebody else has changed them meanwhile.
        Invalid: the manager is unknown or below them, the address somebody else's, or nobody would be left to operate.
    """
    must_operate(by)
    faults = faults_of(work, [member]) if work.session.get(Person, member.id) else []
    person = _seen(work, member.id, seen)
    if faults:
        raise Invalid(N_("Please look at the marked fields."), [fault for _, fault in faults])
    changes = changes_of(person, member)
    if not changes:
        return person
    for name, value in member.model_dump(exclude={"id", "roles"}).items():
        setattr(person, name, value)
    person.roles = list(member.roles)
    work.add(person)
    work.record("person.changed", person=person.id, changes=changes, **({"reason": reason} if reason else {}))
    if "active" in changes and not person.active:
        let_go(work, person)
    return person


def set_active(work: Work, by: Person, person_id: str, active: bool, reason: str, *, seen: str) -> Person:
    """Take a person out of service, or back into it. What waits for them is handed on by ``hand_on``.

    Raises:
        Invalid: no reason, or nobody would be left to operate. Otherwise as ``change_person``.
    """
    must_operate(by)
    reason = said_why(reason)
    person = _seen(work, person_id, seen)
    return change_person(work, by, _as_member(person, active=active), seen=seen, reason=reason)


def _as_member(person: Person, **differing: Any) -> StaffMember:
    return staff_member(
        **{**person.model_dump(mode="json", exclude={"roles"}), "roles": list(person.roles), **differing}
    )


def _seen(work: Work, person_id: str, seen: str) -> Person:
    statement = select(Person).where(Person.id == person_id).with_for_update()
    person = work.session.exec(statement.execution_options(populate_existing=True)).first()
    if person is None:
        raise NotFound(N_("There is no person {person}."), person=person_id[:64])
    if version_of(person) != seen:
        told = N_("{name} was changed by somebody else meanwhile. Look at the entry as it is now, and change it again.")
        raise Conflict(told, name=person.name)
    return person


# -- where they are reached ------------------------------------------------------------------------------------------


def give_channel(work: Work, by: Person, person_id: str, address: str) -> Channel:
    """Give a person one more address. ``address`` is in the form that channels keep (``notifications.addresses``).

    Raises:
        NotAllowed: ``by`` is not of operations. NotFound: there is no such active person.
        Conflict: they have this address already.
    """
    must_operate(by)
    person = person_named(work, person_id)
    if any(channel.address == address for channel in channels_of(work, person.id)):
        raise Conflict(N_("{name} is reached at this address already."), name=person.name)
    return add_channel(work, person.id, address)


def take_channel(work: Work, by: Person, person_id: str, channel_id: int) -> None:
    """Take an address away. Messages waiting for it are left out when their turn comes.

    Raises:
        NotAllowed: ``by`` is not of operations. NotFound: the person has no such address (any more).
    """
    must_operate(by)
    mine = (col(Channel.id) == channel_id) & (col(Channel.person_id) == person_id) & col(Channel.active)
    if work.change(update(Channel).where(mine).values(active=False)) != 1:
        raise NotFound(N_("There is no such address."))
    channel = work.session.get_one(Channel, channel_id)
    work.record("channel.removed", person=person_id, channel=channel_id, kind=channel.kind)


def channels_of(work: Work, person_id: str) -> Sequence[Channel]:
    """The addresses in use of one person, besides their mail address."""
    theirs = select(Channel).where(Channel.person_id == person_id, col(Channel.active)).order_by(col(Channel.id))
    return work.session.exec(theirs).all()


def send_sign_in_link(work: Work, by: Person, person_id: str) -> None:
    """Send a person a one-time sign-in link: to their registered address, as if they had asked; once a minute at most.

    Operations do not get to see it.

    Raises:
        NotAllowed: ``by`` is not of operations. NotFound: there is no such active person.
        Invalid: no address is known to which it could go.
    """
    must_operate(by)
    person = person_named(work, person_id)
    settings = work.house.settings
    if not ((person.email and settings.mail_url) or channels_of(work, person.id) or settings.console_channel):
        told = N_("No address is known to which it could be sent.")
        raise Invalid(told, [Problem("address", told)])
    queue(work, SignIn(), person.id, f"sign-in:ops:{person.id}:{work.now:%Y-%m-%dT%H:%M}")
    work.record("sign-in.link-sent", person=person.id)
