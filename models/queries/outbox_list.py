"""The outbox as operations see it: what was to be told to whom, by which channel, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import Session, col, select

from config.languages import N_
from config.words import Language, MessageState
from models.errors import Invalid, Problem
from models.operations.resend import keys_anew, message_of, times_sent_anew
from models.queries.cursor import number_of, read_cursor, write_cursor
from models.queries.shown import Read
from models.tables import OutboxMessage, OutsideParty, Person

FEW = (MessageState.DEAD, MessageState.UNKNOWN, MessageState.PENDING, MessageState.SENDING)
"""States that few messages are in: of these one channel's can be listed."""
_ANY = datetime(2000, 1, 1, tzinfo=UTC)


class MessageLine(Read):
    """One message. ``to_id`` names a member of staff; a message to somebody outside has none. ``note`` says why it
    stands as it does, in the channel's words or in ours (then translatable)."""

    number: int
    kind: str
    state: MessageState
    to: str
    to_id: str | None
    case_ref: str | None
    channel: str | None
    written_at: datetime
    next_at: datetime
    sent_at: datetime | None
    attempts: int
    note: str | None


class MessagePage(Read):
    items: tuple[MessageLine, ...]
    next_cursor: str | None = None


class MessageWhole(Read):
    """One message with what it is made of. ``payload`` holds no secret: links and codes are made when it is sent.

    ``sent_anew`` is how often it was written anew, ``others`` its like to other addresses of the same person.
    """

    line: MessageLine
    payload: dict[str, Any]
    language: Language | None
    sent_anew: int
    others: tuple[MessageLine, ...]


class MessageFilter(Read):
    """Which messages are wanted. ``channel`` only with a state that few are in (``FEW``)."""

    state: MessageState | None = None
    kind: str | None = None
    person: str | None = None
    case_ref: str | None = None
    channel: str | None = None


def messages(session: Session, wanted: MessageFilter, *, limit: int = 50, cursor: str | None = None) -> MessagePage:
    """The messages wanted, the latest written first.

    Raises:
        Invalid: the cursor is not one of ours; or a channel is wanted without a state that few are in.
    """
    if wanted.channel and wanted.state not in FEW:
        told = N_("Choose a state too: given up, fate unknown, waiting or being sent.")
        raise Invalid(N_("Please look at the marked fields."), [Problem("channel", told)])
    statement = _joined().order_by(col(OutboxMessage.id).desc()).limit(limit + 1)
    for column, value in (
        (OutboxMessage.state, wanted.state),
        (OutboxMessage.kind, wanted.kind),
        (OutboxMessage.person_id, wanted.person),
        (OutboxMessage.case_ref, wanted.case_ref),
        (OutboxMessage.channel, wanted.channel),
    ):
        if value:
            statement = statement.where(col(column) == value)
    if cursor:
        statement = statement.where(col(OutboxMessage.id) < number_of(read_cursor(cursor)[1]))
    rows = session.exec(statement).all()
    items = tuple(_line(row, name) for row, name in rows[:limit])
    return MessagePage(items=items, next_cursor=write_cursor(_ANY, items[-1].number) if len(rows) > limit else None)


def message_whole(session: Session, number: int) -> MessageWhole:
    """One message.

    Raises:
        NotFound: there is none of this number.
    """
    row = message_of(session, number)
    name = session.exec(_joined().where(col(OutboxMessage.id) == number)).one()[1]
    return MessageWhole(
        line=_line(row, name),
        payload=row.payload,
        language=_language(session, row),
        sent_anew=times_sent_anew(session, number),
        others=tuple(_line(other, to) for other, to in _others(session, row)),
    )


def _joined() -> Any:
    return (
        select(OutboxMessage, func.coalesce(Person.name, OutsideParty.name))
        .outerjoin(Person, col(Person.id) == OutboxMessage.person_id)
        .outerjoin(OutsideParty, col(OutsideParty.id) == OutboxMessage.outside_id)
    )


def _language(session: Session, row: OutboxMessage) -> Language | None:
    if row.person_id is not None:
        return session.get_one(Person, row.person_id).language
    return session.get_one(OutsideParty, row.outside_id).language if row.outside_id is not None else None


def _others(session: Session, row: OutboxMessage) -> Sequence[tuple[OutboxMessage, str]]:
    """The same message to the person's other addresses, and what it was written anew as, or is anew of."""
    kin: list[ColumnElement[bool]] = [col(OutboxMessage.dedupe_key).in_(keys_anew(row.id or 0))]
    name, _, rest = row.dedupe_key.partition(":")
    if name == "again":
        kin.append(col(OutboxMessage.id) == int(rest.partition(":")[0]))
    whose = (
        col(OutboxMessage.person_id) == row.person_id
        if row.person_id
        else col(OutboxMessage.outside_id) == row.outside_id
    )
    same = (
        col(OutboxMessage.created_at) == row.created_at,
        col(OutboxMessage.kind) == row.kind,
        col(OutboxMessage.case_ref).is_not_distinct_from(row.case_ref),
        col(OutboxMessage.signer_id).is_not_distinct_from(row.signer_id),
    )
    kin.append(and_(whose, *same))
    statement = _joined().where(or_(*kin), col(OutboxMessage.id) != row.id).order_by(col(OutboxMessage.id))
    found: Sequence[tuple[OutboxMessage, str]] = session.exec(statement).all()
    return found


def _line(row: OutboxMessage, name: str | None) -> MessageLine:
    return MessageLine(
        number=row.id or 0,
        kind=row.kind,
        state=row.state,
        to=name or "–",
        to_id=row.person_id,
        case_ref=row.case_ref,
        channel=row.channel,
        written_at=row.created_at,
        next_at=row.next_at,
        sent_at=row.sent_at,
        attempts=row.attempts,
        note=row.note,
    )
