"""What became of a claimed message: sent, to be tried again, given up, or unknown.

Every mark is one conditional write that needs the claim. A sender that was thought dead and comes back late may still
say what really happened to a message whose fate was unknown; on anything else its claim is worth nothing any more.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from config.languages import N_
from config.words import MessageState, SignerState
from models.errors import Conflict, NotFound
from models.house import Work
from models.messages import StepNudge, queue
from models.operations.outbox import ORPHANED_AFTER, Claim, claim_on, outbox
from models.tables import OutboxMessage, Signer

BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 240, 480, 960))
"""How long a message waits after each failure; after the last it is given up, a day and a half after the first."""

MAX_ATTEMPTS = len(BACK_OFF) + 1

NUDGE_AFTER = timedelta(minutes=10)

FOUND_SENT = N_("Its sender died; the channel has it on record.")
KILLS_SENDERS = N_("Its sender died at every attempt.")
SENDER_DIED = N_("Its sender died while sending it, and the channel cannot say whether it went out.")


def mark_sent(work: Work, claim: Claim, note: str | None = None) -> bool:
    """The channel has taken the message. Returns whether the claim was still good."""
    return _mark(work, claim, state=MessageState.SENT, sent_at=work.now, note=note)


def mark_failed(work: Work, claim: Claim, reason: str, *, temporary: bool) -> MessageState:
    """The channel has not taken the message: it waits for its next attempt, or is given up for operations to see."""
    if not temporary or claim.attempt >= MAX_ATTEMPTS:
        if _mark(work, claim, state=MessageState.DEAD, note=reason):
            _record(work, "message.given-up", claim, reason)
        return MessageState.DEAD
    _back_to_waiting(work, claim, work.now + BACK_OFF[claim.attempt - 1], reason)
    return MessageState.PENDING


def mark_unknown(work: Work, claim: Claim, reason: str = SENDER_DIED) -> None:
    """Nobody can say whether the message went out. It is never sent again; a different one follows if need be."""
    if _mark(work, claim, state=MessageState.UNKNOWN, note=reason):
        _record(work, "message.fate-unknown", claim, reason)
        _queue_nudge(work, claim)


def put_back(work: Work, claim: Claim) -> None:
    """The message was certainly not sent, or its receiver knows a second copy: it is sent again at once."""
    if claim.attempt >= MAX_ATTEMPTS:
        mark_failed(work, claim, KILLS_SENDERS, temporary=False)
    else:
        _back_to_waiting(work, claim, work.now, None)


def _back_to_waiting(work: Work, claim: Claim, at: datetime, note: str | None) -> None:
    _mark(work, claim, state=MessageState.PENDING, next_at=at, note=note, claimed_by=None, claimed_at=None)


def _mark(work: Work, claim: Claim, **values: Any) -> bool:
    held = (
        (outbox.c.id == claim.id)
        & (outbox.c.claimed_by == claim.claimed_by)
        & (outbox.c.attempts == claim.attempt)
        & outbox.c.state.in_([MessageState.SENDING, MessageState.UNKNOWN])
    )
    return work.change(update(outbox).where(held).values(**values)) == 1


def _record(work: Work, event: str, claim: Claim, reason: str) -> None:
    work.record(
        event,
        claim.case_ref,
        message=claim.id,
        kind=claim.kind,
        person=claim.person_id,
        outside=claim.outside_id,
        channel=claim.channel,
        reason=reason,
    )


def _queue_nudge(work: Work, claim: Claim) -> None:
    """A message of its own, for ten minutes from now; whether it is still wanted is looked at then.

    One for each person and step: a nudge that is lost too is not followed by another.
    """
    lost = work.session.get_one(OutboxMessage, claim.id)
    if lost.signer_id is None or lost.person_id is None:
        return
    if work.session.get_one(Signer, lost.signer_id).state is SignerState.ASKED:
        queue(
            work,
            StepNudge.model_validate(lost.payload),
            lost.person_id,
            f"nudge:{lost.signer_id}:{lost.person_id}",
            case_ref=lost.case_ref,
            step_id=lost.step_id,
            signer_id=lost.signer_id,
            at=work.now + NUDGE_AFTER,
        )


# -- recovery --------------------------------------------------------------------------------------------------------


def orphans(session: Session, now: datetime, is_gone: Callable[[str], bool]) -> list[Claim]:
    """The claims whose senders have died: not renewed for a minute, or held by a sender that ``is_gone``."""
    sending = select(OutboxMessage).where(OutboxMessage.state == MessageState.SENDING).order_by(col(OutboxMessage.id))
    claims = [claim_on(row) for row in session.exec(sending)]
    return [claim for claim in claims if claim.claimed_at <= now - ORPHANED_AFTER or is_gone(claim.claimed_by)]


def resend(work: Work, outbox_id: int) -> None:
    """Give a message that was given up another round of attempts.

    Raises:
        NotFound: there is no such message.
        Conflict: it was not given up. A message that may have arrived is never sent twice.
    """
    if work.session.get(OutboxMessage, outbox_id) is None:
        raise NotFound(N_("There is no message {number}."), number=outbox_id)
    dead = (outbox.c.id == outbox_id) & (outbox.c.state == MessageState.DEAD)
    again = update(outbox).where(dead).values(state=MessageState.PENDING, next_at=work.now, attempts=0)
    if work.change(again) != 1:
        raise Conflict(N_("Message {number} was not given up; only such messages are sent again."), number=outbox_id)
    work.record("message.sent-again", message=outbox_id)
