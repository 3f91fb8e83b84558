"""What operations do with messages: send again, send anew, leave be.

What is certain decides. A message that certainly did not go out keeps its row and with it the name it has towards its
channel: it gets another round of attempts, and a channel that knows names takes it once however often it is tried. A
message that went out, or may have, is never sent under its own name again; whoever confirms that the person may read it
twice has a **new** message written (``again:<number>:<how often before>`` is its key, so that two people who press the
button at once send one), which goes to every address the person has now. Links and codes are made anew when it goes.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from config.languages import N_
from config.words import MessageState
from models.errors import Conflict, Invalid, NotFound, Problem
from models.house import Work
from models.operations.outbox import outbox
from models.operations.retry import said_why
from models.queries.rights import must_operate
from models.tables import OutboxMessage, Person

NOT_SENT = (MessageState.DEAD, MessageState.SKIPPED)
"""It certainly did not go out, and nobody is trying."""
OPEN = (MessageState.PENDING, MessageState.DEAD, MessageState.UNKNOWN)
"""Operations may say that it is not to be sent (any more)."""

SENT_ANEW = N_("It was sent anew, as another message.")


def resend(work: Work, by: Person, number: int) -> OutboxMessage:
    """Another round of attempts for a message that certainly did not go out; at once for one that waits.

    Raises:
        NotAllowed: ``by`` is not of operations.
        NotFound: there is no such message.
        Conflict: it went out, or may have; or it is being sent just now.
    """
    must_operate(by)
    message = message_of(work.session, number)
    free = (outbox.c.id == number) & outbox.c.state.in_([*NOT_SENT, MessageState.PENDING])
    again = update(outbox).where(free)
    if work.change(again.values(state=MessageState.PENDING, next_at=work.now, attempts=0, note=None)) != 1:
        raise Conflict(_REFUSED[message.state], number=number)
    work.record("message.sent-again", message=number, was=message.state, case=message.case_ref)
    work.session.refresh(message)
    return message


_REFUSED = {
    MessageState.SENDING: N_("Message {number} is being sent just now."),
    MessageState.SENT: N_("Message {number} was sent. To send it a second time, confirm that it may be read twice."),
    MessageState.UNKNOWN: N_(
        "Message {number} may have arrived. To send it a second time, confirm that it may be read twice."
    ),
    MessageState.PENDING: N_("Message {number} is not what it was: somebody came first. Look at it again."),
    MessageState.DEAD: N_("Message {number} is not what it was: somebody came first. Look at it again."),
    MessageState.SKIPPED: N_("Message {number} is not what it was: somebody came first. Look at it again."),
}


MOST_ANEW = 20
"""So often one message may be written anew; after that somebody should be telephoned."""


def keys_anew(number: int) -> list[str]:
    """The keys that a message may be written anew under, in their order."""
    return [f"again:{number}:{times}" for times in range(1, MOST_ANEW + 1)]


def times_sent_anew(session: Session, number: int) -> int:
    """How often a message was written anew."""
    keys = col(OutboxMessage.dedupe_key).in_(keys_anew(number))
    return session.exec(select(func.count()).select_from(OutboxMessage).where(keys)).one()


def send_anew(work: Work, by: Person, number: int, *, confirmed: bool, seen: int) -> OutboxMessage:
    """Write a message anew, for every address the person has now. ``seen`` is how often the page said it was before.

    Raises:
        NotAllowed: ``by`` is not of operations.
        NotFound: there is no such message.
        Invalid: not ``confirmed`` that it may be read twice.
        Conflict: somebody has just sent it anew; it waits or is being sent anyway.
    """
    must_operate(by)
    message = message_of(work.session, number)
    if not confirmed:
        problem = Problem("confirmed", N_("Please confirm that the message may be read twice."))
        raise Invalid(N_("Please look at the marked fields."), [problem])
    if message.state in (MessageState.PENDING, MessageState.SENDING):
        raise Conflict(N_("Message {number} is on its way already."), number=number)
    work.change(update(outbox).where(outbox.c.id == number).values(state=outbox.c.state))  # one at a time
    before = times_sent_anew(work.session, number)
    if before != seen:
        raise Conflict(N_("Message {number} was sent anew by somebody else just now."), number=number)
    if before >= MOST_ANEW:
        raise Conflict(N_("Message {number} was sent anew {times} times. Call them."), number=number, times=before)
    fresh = OutboxMessage(
        **message.model_dump(include={"kind", "person_id", "outside_id", "case_ref", "step_id", "signer_id"}),
        payload=message.payload,
        dedupe_key=f"again:{number}:{before + 1}",
        next_at=work.now,
        created_at=work.now,
    )
    work.add(fresh)
    given_up = (outbox.c.id == number) & (outbox.c.state == MessageState.DEAD)
    work.change(update(outbox).where(given_up).values(state=MessageState.SKIPPED, note=SENT_ANEW))
    work.record("message.sent-anew", message=number, anew=fresh.id, was=message.state, case=message.case_ref)
    return fresh


def skip(work: Work, by: Person, number: int, reason: str) -> OutboxMessage:
    """Say that a message is not to be sent (any more): the reason stands beside it.

    Raises:
        NotAllowed: ``by`` is not of operations.
        NotFound: there is no such message.
        Invalid: no reason, or too long a one.
        Conflict: it was sent, is being sent just now, or was left out already.
    """
    must_operate(by)
    reason = said_why(reason)
    message = message_of(work.session, number)
    open_still = (outbox.c.id == number) & outbox.c.state.in_(OPEN)
    if work.change(update(outbox).where(open_still).values(state=MessageState.SKIPPED, note=reason)) != 1:
        raise Conflict(N_("Message {number} cannot be left out any more."), number=number)
    work.record("message.left-out", message=number, was=message.state, case=message.case_ref, reason=reason)
    work.session.refresh(message)
    return message


def resend_dead(work: Work, by: Person, channel: str) -> int:
    """Another round of attempts for everything that was given up on one channel; returns how many that is.

    What nobody needs any more is left out when its turn comes, as always.

    Raises:
        NotAllowed: ``by`` is not of operations.
        Conflict: nothing was given up there.
    """
    must_operate(by)
    dead = (outbox.c.state == MessageState.DEAD) & (outbox.c.channel == channel)
    number = work.change(
        update(outbox).where(dead).values(state=MessageState.PENDING, next_at=work.now, attempts=0, note=None)
    )
    if not number:
        raise Conflict(N_("Nothing was given up on this channel."))
    work.record("messages.sent-again", channel=channel, count=number)
    return number


def message_of(session: Session, number: int) -> OutboxMessage:
    """One message.

    Raises:
        NotFound: there is none of this number.
    """
    message = session.get(OutboxMessage, number)
    if message is None:
        raise NotFound(N_("There is no message {number}."), number=number)
    return message


def dead_by_channel(session: Session) -> Sequence[tuple[str, int]]:
    """How many messages were given up on each channel."""
    counted = (
        select(OutboxMessage.channel, func.count())
        .where(OutboxMessage.state == MessageState.DEAD, col(OutboxMessage.channel).is_not(None))
        .group_by(col(OutboxMessage.channel))
        .order_by(func.count().desc(), col(OutboxMessage.channel))
    )
    return [(str(channel), number) for channel, number in session.exec(counted)]
