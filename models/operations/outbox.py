"""The outbox as its senders use it: what is due, and claiming it.

A row is claimed, in state SENDING and committed, before it is handed to a channel, and marked afterwards
(``models.operations.fates``). What is guaranteed about it is told in ``docs/notifications.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import and_, func, or_, text, update
from sqlmodel import Session, col, select

from config.languages import N_
from config.words import Language, MessageState
from models.audit import digest
from models.house import Work
from models.messages import (
    ConsentEnding,
    Digest,
    OutsideCode,
    OutsideInvited,
    OutsideNeeds,
    QualificationExpiring,
    QuestionAsked,
    SignIn,
    TokenExpiring,
    TrialMessage,
    WebhookPaused,
)
from models.operations.access import issue_approval_link, issue_sign_in_link
from models.operations.digests import gather_digests, quiet_hours_of
from models.operations.outside_secrets import issue_code, issue_outside_link
from models.operations.papers import issuer_of
from models.operations.people import DISTURBING, ChannelKind, Destination, destinations, outside_destinations
from models.operations.pointless import is_asked, why_pointless
from models.rules.quiet_hours import quiet_until, quiet_until_all
from models.tables import Channel, OutboxMessage, OutsideParty, Person, Preference, Signer

ORPHANED_AFTER = timedelta(seconds=60)
"""A claim that its sender has not renewed for this long belongs to a sender that died."""

NO_ADDRESS = N_("No address is known to which it could be sent.")
ADDRESS_OFF = N_("The address was switched off.")

AT_ANY_HOUR = frozenset({SignIn.kind, OutsideCode.kind, TrialMessage.kind})
"""What quiet hours do not hold back: whoever it is for has asked for it just now, and waits for it."""

COPIED = {"kind", "person_id", "outside_id", "case_ref", "step_id", "signer_id", "next_at", "created_at"}

Recipient = Person | OutsideParty

MOST_LOOKED_AT = 200
"""Messages addressed by one claim at the most: at night they may all be held, and others want to write meanwhile."""

outbox: Any = OutboxMessage.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Claim:
    """A sender's hold on a row. Every claim counts ``attempt`` up, so that an older hold is worth nothing."""

    id: int
    message_id: str
    kind: str
    channel: str
    person_id: str | None
    outside_id: int | None
    case_ref: str | None
    claimed_by: str
    claimed_at: datetime
    attempt: int


@dataclass(frozen=True)
class Delivery:
    """A claimed message with all that sending it needs. ``link`` and ``code`` are secrets: neither logged nor stored.

    ``absent`` is in whose name the person signs, if they stand in for somebody. ``company`` is in whose name somebody
    outside is written to.
    """

    claim: Claim
    payload: dict[str, Any]
    person_name: str
    language: Language
    address: str = field(repr=False)
    link: str | None = field(repr=False)
    absent: str | None = None
    code: str | None = field(default=None, repr=False)
    company: str | None = None


@dataclass(frozen=True)
class Backlog:
    """How the outbox stands. ``late`` are due and not yet sent; ``oldest`` is since when the first of them is due."""

    waiting: int
    late: int
    oldest: datetime | None
    sending: int
    unknown: int
    dead: int


def message_id(row: OutboxMessage) -> str:
    """The name of a message towards channels: the same for ever, and not given again by another database."""
    return digest([row.id, row.dedupe_key, row.created_at.isoformat()])[:32]


# -- claiming --------------------------------------------------------------------------------------------------------


def claim(work: Work, sender: str, limit: int) -> list[Delivery]:
    """Claim up to ``limit`` messages that are due, in the order they were written; never two of one person's address.

    What has become pointless is skipped, with its reason; what would disturb somebody in quiet hours waits for their
    end, and what somebody wants to read in a digest for that. Links are made here; only their hashes are stored.
    """
    _one_claimer_at_a_time(work)
    gather_digests(work)
    until = quiet_until(work.house.policy.steps.quiet_hours, work.house.calendar.local(work.now))
    taken: list[Delivery] = []
    looked_at = 0
    while len(taken) < limit and looked_at < MOST_LOOKED_AT:
        addressed = _address(work, limit)
        if until is not None:
            _hold(work, until)
        _hold_for_some(work)
        looked_at += addressed
        rows = _take(work, sender, limit - len(taken))
        if not rows and not addressed:
            break
        reached = _recipients(work, rows)
        made = [made for row in rows if (made := _prepare(work, row, reached[row.id])) is not None]
        taken += made
        if addressed < limit and len(made) == len(rows) < limit:
            break  # all is addressed, and none that was skipped has let another pass
    return taken


def _one_claimer_at_a_time(work: Work) -> None:
    # On PostgreSQL two claims at once would not see each other's, and a person's order would be lost. SQLite has one
    # writer anyway.
    if work.session.get_bind().dialect.name == "postgresql":
        work.session.execute(text("SELECT pg_advisory_xact_lock(7021)"))


def _address(work: Work, limit: int) -> int:
    statement = (
        select(OutboxMessage)
        .where(OutboxMessage.state == MessageState.PENDING, col(OutboxMessage.next_at) <= work.now)
        .where(col(OutboxMessage.channel).is_(None))
        .order_by(col(OutboxMessage.next_at), col(OutboxMessage.id))
        .limit(limit)
    )
    rows = work.session.exec(statement).all()
    reached = _recipients(work, rows)
    for row in rows:
        places = _destinations(work, row, reached[row.id])
        if not places:
            row.state, row.note = MessageState.SKIPPED, NO_ADDRESS
        for number, place in enumerate(places):
            target = row if number == 0 else _copy(row, place)
            target.channel, target.channel_id = place.kind.value, place.channel_id
            work.session.add(target)
    work.session.flush()
    return len(rows)


def _destinations(work: Work, row: OutboxMessage, to: Recipient) -> Sequence[Destination]:
    if isinstance(to, OutsideParty):
        return outside_destinations(work.house.settings, to)
    return destinations(work.session, work.house.settings, to, row.kind)


def _copy(row: OutboxMessage, place: Destination) -> OutboxMessage:
    """The same message to a further address of the person."""
    return OutboxMessage(
        **row.model_dump(
            include={"kind", "person_id", "outside_id", "case_ref", "step_id", "signer_id", "next_at", "created_at"}
        ),
        payload=row.payload,
        dedupe_key=f"copy:{row.id}:{place.kind}:{place.channel_id or 0}",
    )


def _hold(work: Work, until: datetime) -> None:
    """Let what is due and would disturb somebody wait ``until`` quiet hours are over, repeats as well."""
    work.change(update(outbox).where(_would_disturb(work)).values(next_at=until))


def _would_disturb(work: Work) -> Any:
    disturbs = outbox.c.channel.in_([kind.value for kind in DISTURBING]) & outbox.c.kind.not_in(AT_ANY_HOUR)
    return (outbox.c.state == MessageState.PENDING) & (outbox.c.next_at <= work.now) & disturbs


def _hold_for_some(work: Work) -> None:
    """The same for those whose own quiet hours are longer than the company's."""
    concerned = (outbox.c.person_id == col(Preference.person_id)) & _would_disturb(work)
    statement = select(Preference).where(col(Preference.quiet_from).is_not(None))
    local = work.house.calendar.local(work.now)
    for preference in work.session.exec(statement.where(select(outbox.c.id).where(concerned).exists())).all():
        until = quiet_until_all(quiet_hours_of(work.house, preference), local)
        if until is not None:
            theirs = outbox.c.person_id == preference.person_id
            work.change(update(outbox).where(theirs & _would_disturb(work)).values(next_at=until))


def _take(work: Work, sender: str, limit: int) -> list[OutboxMessage]:
    before = outbox.alias("before")
    first_of_its_address = ~(
        select(before.c.id)
        .where(
            or_(before.c.person_id == outbox.c.person_id, before.c.outside_id == outbox.c.outside_id),
            before.c.channel == outbox.c.channel,
            func.coalesce(before.c.channel_id, 0) == func.coalesce(outbox.c.channel_id, 0),
            before.c.state.in_([MessageState.PENDING, MessageState.SENDING]),
            or_(
                before.c.state == MessageState.SENDING,
                and_(before.c.next_at <= work.now, before.c.id < outbox.c.id),
            ),
        )
        .exists()
    )
    due = (
        select(outbox.c.id)
        .where(outbox.c.state == MessageState.PENDING, outbox.c.next_at <= work.now)
        .where(outbox.c.channel.is_not(None), first_of_its_address)
        .order_by(outbox.c.next_at, outbox.c.id)
        .limit(limit)
    )
    claimed = work.session.execute(
        update(outbox)
        .where(outbox.c.id.in_(due), outbox.c.state == MessageState.PENDING)
        .values(state=MessageState.SENDING, claimed_by=sender, claimed_at=work.now, attempts=outbox.c.attempts + 1)
        .returning(outbox.c.id)
    )
    mine = col(OutboxMessage.id).in_([row.id for row in claimed])
    statement = select(OutboxMessage).where(mine).order_by(col(OutboxMessage.next_at), col(OutboxMessage.id))
    return list(work.session.exec(statement.execution_options(populate_existing=True)).all())


def _recipients(work: Work, rows: Sequence[OutboxMessage]) -> dict[int | None, Recipient]:
    """Whom each row is for, by the row's number."""
    wanted = col(Person.id).in_({row.person_id for row in rows if row.person_id is not None})
    people = {person.id: person for person in work.session.exec(select(Person).where(wanted))}
    outside = {row.outside_id for row in rows if row.outside_id is not None}
    strangers = select(OutsideParty).where(col(OutsideParty.id).in_(outside))
    parties = {party.id: party for party in work.session.exec(strangers)} if outside else {}
    return {row.id: people[row.person_id] if row.person_id is not None else parties[row.outside_id] for row in rows}


def _prepare(work: Work, row: OutboxMessage, to: Recipient) -> Delivery | None:
    address = _address_of(work.session, row, to)
    reason = why_pointless(work, row, to) or (ADDRESS_OFF if address is None else None)
    if reason is not None or address is None:
        row.state, row.note = MessageState.SKIPPED, reason
        work.add(row)
        return None
    return Delivery(
        claim=claim_on(row),
        payload=row.payload,
        person_name=to.name,
        language=to.language or work.house.settings.language,
        address=address,
        link=_link(work, row),
        absent=_absent(work.session, row),
        company=issuer_of(work.house, to.language) if isinstance(to, OutsideParty) else None,
        code=issue_code(work, link_id) if row.kind == OutsideCode.kind and (link_id := _link_id(row)) else None,
    )


def claim_on(row: OutboxMessage) -> Claim:
    """The claim that a row in state SENDING is under."""
    if row.id is None or row.claimed_at is None:
        raise ValueError("the row is not claimed")
    return Claim(
        id=row.id,
        message_id=message_id(row),
        kind=row.kind,
        channel=row.channel or "",
        person_id=row.person_id,
        outside_id=row.outside_id,
        case_ref=row.case_ref,
        claimed_by=row.claimed_by or "",
        claimed_at=row.claimed_at,
        attempt=row.attempts,
    )


def _address_of(session: Session, row: OutboxMessage, to: Recipient) -> str | None:
    if row.channel_id is not None:
        channel = session.get_one(Channel, row.channel_id)
        return channel.address if channel.active else None
    return to.email if row.channel == ChannelKind.MAIL else ""


def _absent(session: Session, row: OutboxMessage) -> str | None:
    place = session.get(Signer, row.signer_id) if row.signer_id is not None else None
    if place is None or place.for_person_id is None or place.person_id != row.person_id:
        return None
    return session.get_one(Person, place.for_person_id).name


def _link(work: Work, row: OutboxMessage) -> str | None:
    """Where the message leads: to answering for whoever is asked, else to a page that takes a sign-in."""
    base = work.house.settings.base_url
    if row.outside_id is not None:  # somebody outside is led to what they may do, and to nothing else
        link_id = _link_id(row) if row.kind == OutsideInvited.kind else None
        return f"{base}/o/{issue_outside_link(work, link_id)}" if link_id else None
    if row.signer_id is not None and is_asked(work.session, row):
        return f"{base}/a/{issue_approval_link(work, row.signer_id)}"
    if row.kind == SignIn.kind:
        return f"{base}/sign-in/{issue_sign_in_link(work, cast(str, row.person_id))}"
    if row.kind == OutsideNeeds.kind and row.case_ref is None:
        return f"{base}/outside"
    if row.kind == QualificationExpiring.kind:
        return f"{base}/qualifications"
    if row.kind == ConsentEnding.kind:
        return f"{base}/customers/{row.payload.get('number', '')}/privacy"
    if row.kind in _PAGES:
        return base + _PAGES[row.kind]
    if row.kind == QuestionAsked.kind:
        return f"{base}/questions/{int(row.payload.get('question_id', 0))}"
    if row.kind == WebhookPaused.kind:
        return f"{base}/operations/webhooks/{int(row.payload.get('webhook_id', 0))}"
    return f"{base}/cases/{row.case_ref}" if row.case_ref else None


_PAGES = {Digest.kind: "/", TrialMessage.kind: "/me/notifications", TokenExpiring.kind: "/me/tokens"}


def _link_id(row: OutboxMessage) -> int:
    return int(row.payload.get("link_id", 0))


def renew(work: Work, sender: str) -> None:
    """Say that ``sender`` is alive and still busy with what it has claimed."""
    mine = (outbox.c.claimed_by == sender) & (outbox.c.state == MessageState.SENDING)
    work.change(update(outbox).where(mine).values(claimed_at=work.now))


# -- how it stands ---------------------------------------------------------------------------------------------------


def next_wake(session: Session) -> datetime | None:
    """When a sender next has something to look at: a message falls due, or a claim grows old. None: not until told."""
    pending = select(func.min(outbox.c.next_at)).where(outbox.c.state == MessageState.PENDING).scalar_subquery()
    claimed = select(func.min(outbox.c.claimed_at)).where(outbox.c.state == MessageState.SENDING).scalar_subquery()
    due, oldest = session.execute(select(pending, claimed)).one()
    return min((at for at in (due, oldest and oldest + ORPHANED_AFTER) if at is not None), default=None)


def backlog(session: Session, now: datetime) -> Backlog:
    """Counts for operations; what was sent or skipped is not counted, so it costs little however much that is."""
    states = (MessageState.PENDING, MessageState.SENDING, MessageState.UNKNOWN, MessageState.DEAD)
    grouped = session.execute(
        select(outbox.c.state, func.count().label("number")).where(outbox.c.state.in_(states)).group_by(outbox.c.state)
    )
    counts: dict[str, int] = {row.state: row.number for row in grouped}
    late = (outbox.c.state == MessageState.PENDING) & (outbox.c.next_at <= now)
    number, oldest = session.execute(select(func.count(), func.min(outbox.c.next_at)).where(late)).one()
    return Backlog(
        waiting=counts.get(MessageState.PENDING, 0),
        late=number,
        oldest=oldest,
        sending=counts.get(MessageState.SENDING, 0),
        unknown=counts.get(MessageState.UNKNOWN, 0),
        dead=counts.get(MessageState.DEAD, 0),
    )
