"""Digests: whoever has asked for it is told of what is not urgent in one message, once an hour or once a day.

It is looked at when messages are claimed, before they are addressed: what is to wait for a digest waits in the outbox;
when its time has come, everything that waits is marked, and the digest queued, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select

from config.languages import N_
from config.policy.steps import QuietHours
from config.words import DigestRhythm, MessageState, Outcome
from models.house import House, Work
from models.messages import (
    CaseClosed,
    ConsentEnding,
    Digest,
    DigestItem,
    QualificationExpiring,
    QuestionAnswered,
    StepAsked,
    StepCopied,
    StepReminder,
    queue,
)
from models.operations.pointless import why_pointless
from models.rules.digests import cannot_wait, digest_moment
from models.tables import OutboxMessage, Person, Preference

DIGESTIBLE = frozenset(
    {
        StepAsked.kind,
        StepReminder.kind,
        StepCopied.kind,
        QuestionAnswered.kind,
        CaseClosed.kind,
        QualificationExpiring.kind,
        ConsentEnding.kind,
    }
)
"""What a digest may hold back. Any other message is told at once: deadlines, escalation, urging, questions, warnings,
failures, sign-in links. Of these, too, what falls due before the day after the digest is told at once."""

ASKING = frozenset({StepAsked.kind, StepReminder.kind})

IN_A_DIGEST = N_("It was told in a digest.")
MOST_ITEMS = 50
"""A digest lists so many at most; what is more goes into a second one."""
MOST_LOOKED_AT = 500


def gather_digests(work: Work) -> None:
    """Let what is not urgent wait for the digest of whoever wants one, and queue the digests that are due."""
    rows = _waiting(work, OutboxMessage.next_at <= work.now)
    for person_id in dict.fromkeys(row.person_id for row in rows):
        preference = work.session.get_one(Preference, person_id)
        theirs = [row for row in rows if row.person_id == person_id]
        if any(_is_due(work, preference, row) for row in theirs):
            _tell(work, preference, _waiting(work, OutboxMessage.person_id == person_id))


def release_held(work: Work, person_id: str) -> None:
    """Look anew at what waits for somebody's digest: they have changed their mind about it."""
    table: Any = OutboxMessage.__table__  # type: ignore[attr-defined]
    held = (table.c.person_id == person_id) & (table.c.state == MessageState.PENDING) & table.c.channel.is_(None)
    theirs = held & table.c.kind.in_(DIGESTIBLE) & (table.c.next_at > work.now)
    work.change(update(table).where(theirs).values(next_at=work.now))


def quiet_hours_of(house: House, preference: Preference | None) -> tuple[QuietHours, ...]:
    """The company's quiet hours, and a person's own."""
    company = house.policy.steps.quiet_hours
    if preference is None or preference.quiet_from is None or preference.quiet_until is None:
        return (company,)
    own = QuietHours(start=time.fromisoformat(preference.quiet_from), end=time.fromisoformat(preference.quiet_until))
    return (company, own)


def next_digest(house: House, preference: Preference, since: datetime) -> datetime:
    """The instant of the first digest after ``since``, which is an instant too."""
    at = time.fromisoformat(preference.digest_at) if preference.digest_at else None
    local = house.calendar.local(since)
    return digest_moment(preference.digest, at, local, quiet_hours_of(house, preference))


def _waiting(work: Work, which: Any) -> list[OutboxMessage]:
    statement = (
        select(OutboxMessage)
        .join(Preference, col(Preference.person_id) == OutboxMessage.person_id)
        .where(OutboxMessage.state == MessageState.PENDING, col(OutboxMessage.channel).is_(None), which)
        .where(col(OutboxMessage.kind).in_(DIGESTIBLE), Preference.digest != DigestRhythm.NONE)
        .order_by(col(OutboxMessage.id))
        .limit(MOST_LOOKED_AT)
    )
    return list(work.session.exec(statement).all())


def _is_due(work: Work, preference: Preference, row: OutboxMessage) -> bool:
    """Whether the digest that ``row`` waits for is to be sent now. If it is not, the row waits; unless it is urgent."""
    moment = next_digest(work.house, preference, row.created_at)
    if _urgent(work, row, moment):
        return False
    if moment <= work.now:
        return True
    row.next_at = moment
    work.session.add(row)
    return False


def _urgent(work: Work, row: OutboxMessage, moment: datetime) -> bool:
    due, day_of = _due_at(row), work.house.calendar.day_of
    return cannot_wait(day_of(due) if due else None, day_of(moment))


def _due_at(row: OutboxMessage) -> datetime | None:
    written = row.payload.get("due_at") if row.kind in ASKING else None
    return datetime.fromisoformat(str(written)) if written else None


def _tell(work: Work, preference: Preference, rows: Sequence[OutboxMessage]) -> None:
    """One message in place of ``rows``; a single one is sent as it is, for its own link leads straight to answering."""
    person = work.session.get_one(Person, preference.person_id)
    held = [row for row in rows if not _urgent(work, row, next_digest(work.house, preference, row.created_at))]
    wanted: dict[str, OutboxMessage] = {}
    for row in held:
        reason = why_pointless(work, row, person)
        if reason is not None:
            row.state, row.note = MessageState.SKIPPED, reason
        else:  # a place is listed once, whatever was to be said of it
            wanted[f"place {row.signer_id}" if row.kind in ASKING else f"message {row.id}"] = row
    alone = len(wanted) == 1
    for row in held:
        if row.state is MessageState.PENDING:
            if alone and row in wanted.values():
                row.next_at = work.now
            else:
                row.state, row.note = MessageState.SKIPPED, IN_A_DIGEST
        work.session.add(row)
    told = list(wanted.values())
    for number in range(0, 0 if alone else len(told), MOST_ITEMS):
        part = told[number : number + MOST_ITEMS]
        message = Digest(items=tuple(_item(work.house, row) for row in part))
        queue(work, message, preference.person_id, f"digest:{part[0].id}")
    preference.digested_until = work.now
    work.session.add(preference)
    work.session.flush()


def _item(house: House, row: OutboxMessage) -> DigestItem:
    written = row.payload
    base = house.settings.base_url
    if row.signer_id is not None:
        place = f"/steps/{row.signer_id}"
    else:
        place = f"/cases/{row.case_ref}" if row.case_ref else "/qualifications"
    outcome = written.get("outcome")
    return DigestItem(
        message=row.id or 0,
        about=row.kind,
        signer_id=row.signer_id,
        case_ref=row.case_ref or "",
        case_title=str(written.get("case_title") or written.get("person") or ""),
        process=str(written.get("process", "")),
        step_title=str(written.get("step_title", "")),
        due_at=_due_at(row),
        outcome=Outcome(outcome) if outcome else None,
        url=base + place,
    )
