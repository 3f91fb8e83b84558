"""The inbox: what waits for one person, the most urgent first."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import and_, func, or_
from sqlmodel import Session, col, select

from config.words import SignerState
from models.queries.cursor import number_of, read_cursor, write_cursor
from models.queries.shown import Read
from models.rules.calendar import BusinessCalendar
from models.tables import Case, Signer, Step


class Urgency(StrEnum):
    """How soon something is due, on the company's calendar."""

    OVERDUE = "overdue"
    TODAY = "today"
    LATER = "later"


class Deadline(Read):
    """When something is due, and how far that is in business days (0: before the next business day has passed)."""

    at: datetime
    urgency: Urgency
    business_days: int


class InboxItem(Read):
    """One step that waits for this person."""

    signer_id: int
    case_ref: str
    case_title: str
    process: str
    title: str
    question: str
    round: int
    sensitive: bool
    asked_at: datetime
    due: Deadline


class Inbox(Read):
    """A page of the inbox. ``total`` counts everything that waits, on all pages."""

    items: tuple[InboxItem, ...]
    total: int
    next_cursor: str | None = None


def deadline(calendar: BusinessCalendar, now: datetime, due_at: datetime) -> Deadline:
    """How urgent ``due_at`` is at ``now``. Past: business days since; ahead: business days left."""
    if due_at < now:
        return Deadline(at=due_at, urgency=Urgency.OVERDUE, business_days=calendar.business_days_between(due_at, now))
    same_day = calendar.day_of(now) == calendar.day_of(due_at)
    return Deadline(
        at=due_at,
        urgency=Urgency.TODAY if same_day else Urgency.LATER,
        business_days=calendar.business_days_between(now, due_at),
    )


def inbox(
    session: Session,
    person_id: str,
    calendar: BusinessCalendar,
    now: datetime,
    *,
    limit: int = 50,
    cursor: str | None = None,
) -> Inbox:
    """What waits for ``person_id``, by due date; ``limit`` items from ``cursor`` on.

    Raises:
        Invalid: the cursor is not one of ours.
    """
    mine = and_(col(Signer.person_id) == person_id, col(Signer.state) == SignerState.ASKED)
    statement = (
        select(Signer, Step, Case.title, Case.process)
        .join(Step, col(Step.id) == Signer.step_id)
        .join(Case, col(Case.ref) == Signer.case_ref)
        .where(mine)
        .order_by(col(Step.due_at), col(Signer.id))
        .limit(limit + 1)
    )
    if cursor:
        at, key = read_cursor(cursor)
        after = number_of(key)
        statement = statement.where(or_(col(Step.due_at) > at, and_(col(Step.due_at) == at, col(Signer.id) > after)))
    rows = session.exec(statement).all()
    items = tuple(_item(calendar, now, *row) for row in rows[:limit])
    total = session.exec(select(func.count()).select_from(Signer).where(mine)).one()
    more = len(rows) > limit
    return Inbox(
        items=items,
        total=total,
        next_cursor=write_cursor(items[-1].due.at, items[-1].signer_id) if more else None,
    )


def _item(
    calendar: BusinessCalendar, now: datetime, signer: Signer, step: Step, case_title: str, process: str
) -> InboxItem:
    return InboxItem(
        signer_id=signer.id or 0,
        case_ref=signer.case_ref,
        case_title=case_title,
        process=process,
        title=step.title,
        question=step.question,
        round=step.round,
        sensitive=step.sensitive,
        asked_at=signer.asked_at or step.opened_at,
        due=deadline(calendar, now, step.due_at),
    )
