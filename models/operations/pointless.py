"""Messages that have become pointless before they were sent: why they are not sent any more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from sqlmodel import Session, col, select

from config.languages import N_
from config.words import CaseState, MessageState, SignerState, StepState
from models.house import Work
from models.messages import (
    Digest,
    DunningReminder,
    OutsideCode,
    OutsideInvited,
    QuestionAnswered,
    QuestionAsked,
    SignIn,
    StepAsked,
    StepCopied,
    StepDue,
    StepEscalated,
    StepNudge,
    StepReminder,
    StepUrged,
)
from models.operations.outside_secrets import CODE_LASTS
from models.tables import Case, Copy, OutboxMessage, OutsideLink, OutsideParty, Person, Remark, Signer, Step

NOT_ACTIVE = N_("The person is no longer active.")
STEP_CLOSED = N_("The step no longer waits for this person.")
SAID_SINCE = N_("A later message says it anew.")
ARRIVED = N_("An earlier message has arrived after all.")
NOBODY_LATE = N_("Nobody named in it is waited for any more.")
QUESTION_CLOSED = N_("The question was answered, or its step has closed.")
ANSWER_TOO_LATE = N_("The step has closed.")
READ_ALREADY = N_("The person has read it already.")
ASKED_LONG_AGO = N_("The sign-in link was asked for too long ago.")
LINK_OVER = N_("What the link opens was done, taken back, or has expired.")
CODE_ASKED_LONG_AGO = N_("The code was asked for too long ago.")
DIGEST_OVER = N_("Everything it lists is done.")
CASE_OVER = N_("The case has ended meanwhile.")

SAYS_IT_ANEW = {
    StepAsked.kind: (StepAsked.kind,),
    StepReminder.kind: (StepReminder.kind, StepDue.kind),
    StepUrged.kind: (StepUrged.kind,),
}
"""Of several such messages that have waited (over a night, for a channel in trouble), only the last is sent."""


def why_pointless(work: Work, row: OutboxMessage, to: Person | OutsideParty) -> str | None:
    """Why ``row`` need not be sent to whom it is for any more; None if it is still wanted."""
    if isinstance(to, Person) and not to.active:
        return NOT_ACTIVE
    if row.kind in _REASONS:
        return _REASONS[row.kind](work, row)
    return _about_a_place(work, row) if row.signer_id is not None else None


def is_asked(session: Session, row: OutboxMessage) -> bool:
    """Whether the step still waits for the person that ``row`` is for, in the place that it is about.

    A place changes hands when a substitute takes over or gives back: its messages and links are its holder's alone.
    """
    if row.signer_id is None:
        return False
    place = session.get_one(Signer, row.signer_id)
    return place.state is SignerState.ASKED and place.person_id == row.person_id


def _about_a_place(work: Work, row: OutboxMessage) -> str | None:
    if not is_asked(work.session, row):
        return STEP_CLOSED
    if _said_since(work.session, row):
        return SAID_SINCE
    return ARRIVED if row.kind == StepNudge.kind and _reached(work.session, row) else None


def _said_since(session: Session, row: OutboxMessage) -> bool:
    later = select(OutboxMessage.id).where(
        OutboxMessage.signer_id == row.signer_id,
        OutboxMessage.person_id == row.person_id,
        col(OutboxMessage.kind).in_(SAYS_IT_ANEW.get(row.kind, ())),
        col(OutboxMessage.created_at) > row.created_at,
        OutboxMessage.state != MessageState.DEAD,
    )
    return row.kind in SAYS_IT_ANEW and session.exec(later).first() is not None


def _reached(session: Session, row: OutboxMessage) -> bool:
    """Whether a message about this place has certainly reached them since the last whose fate is unknown."""
    about = select(OutboxMessage.created_at).where(
        OutboxMessage.signer_id == row.signer_id, OutboxMessage.person_id == row.person_id
    )
    lost = session.exec(
        about.where(OutboxMessage.state == MessageState.UNKNOWN).order_by(col(OutboxMessage.created_at).desc())
    ).first()
    if lost is None:
        return True
    sent = about.where(OutboxMessage.state == MessageState.SENT, col(OutboxMessage.created_at) >= lost)
    return session.exec(sent).first() is not None


def _nobody_late(work: Work, row: OutboxMessage) -> str | None:
    asked = (
        select(Person.name)
        .join(Signer, col(Signer.person_id) == Person.id)
        .where(Signer.step_id == row.step_id, Signer.state == SignerState.ASKED)
    )
    late = set(row.payload.get("late", ()))
    return None if late & set(work.session.exec(asked).all()) else NOBODY_LATE


def _question_closed(work: Work, row: OutboxMessage) -> str | None:
    answered = select(Remark.id).where(Remark.answers == int(row.payload.get("question_id", 0)))
    done = work.session.exec(answered).first() is not None or not _is_open(work.session, row)
    return QUESTION_CLOSED if done else None


def _answer_too_late(work: Work, row: OutboxMessage) -> str | None:
    return None if _is_open(work.session, row) else ANSWER_TOO_LATE


def _read_already(work: Work, row: OutboxMessage) -> str | None:
    # Who is told of a step is told of it whether it is open or closed: nothing is asked of them.
    read = select(Copy.id).where(
        Copy.step_id == row.step_id, Copy.person_id == row.person_id, col(Copy.read_at).is_not(None)
    )
    return READ_ALREADY if work.session.exec(read).first() is not None else None


def _asked_long_ago(work: Work, row: OutboxMessage) -> str | None:
    patience = timedelta(minutes=work.house.settings.sign_in_minutes)
    return ASKED_LONG_AGO if row.created_at + patience < work.now else None


def _link_over(work: Work, row: OutboxMessage) -> str | None:
    link = work.session.get(OutsideLink, int(row.payload.get("link_id", 0)))
    live = link is not None and link.used_at is None and link.revoked_at is None and link.expires_at > work.now
    return None if live else LINK_OVER


def _code_not_wanted(work: Work, row: OutboxMessage) -> str | None:
    too_old = row.created_at + CODE_LASTS < work.now
    return CODE_ASKED_LONG_AGO if too_old else _link_over(work, row)


def _is_open(session: Session, row: OutboxMessage) -> bool:
    step = session.get(Step, row.step_id)
    return step is not None and step.state is StepState.OPEN


def _case_over(work: Work, row: OutboxMessage) -> str | None:
    """Whoever has paid while the reminder waited is not reminded any more."""
    case = work.session.get(Case, row.case_ref)
    return CASE_OVER if case is not None and case.state is CaseState.CLOSED else None


def _digest_over(work: Work, row: OutboxMessage) -> str | None:
    items = row.payload.get("items", ())
    places = [item["signer_id"] for item in items if item["due_at"]]
    asked = select(Signer.id).where(
        col(Signer.id).in_(places), Signer.person_id == row.person_id, Signer.state == SignerState.ASKED
    )
    only_tells = len(places) < len(items)
    return None if only_tells or work.session.exec(asked).first() is not None else DIGEST_OVER


_REASONS: Mapping[str, Callable[[Work, OutboxMessage], str | None]] = {
    StepEscalated.kind: _nobody_late,
    QuestionAsked.kind: _question_closed,
    QuestionAnswered.kind: _answer_too_late,
    StepCopied.kind: _read_already,
    SignIn.kind: _asked_long_ago,
    Digest.kind: _digest_over,
    OutsideInvited.kind: _link_over,
    OutsideCode.kind: _code_not_wanted,
    DunningReminder.kind: _case_over,
}
