"""The inbox: what waits for one person, the most urgent first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import and_, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from config.words import RemarkKind, SignerState, StepState
from models.forms import form_named
from models.queries.cursor import number_of, read_cursor, write_cursor
from models.queries.shown import Read
from models.rules.calendar import BusinessCalendar
from models.tables import Case, Copy, Person, Remark, Signer, Step

LISTED = 20
"""Questions and copies listed at most."""


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


class InOneGo(Read):
    """The answer that several steps of one kind can be given in one go: it needs nothing filled in. ``kind`` names it.

    ``comments``: a comment may go with it.
    """

    kind: str
    action: str
    label: str
    comments: bool


class InboxItem(Read):
    """One step that waits for this person.

    ``for_name`` is the absent person they stand in for; ``confirms`` says that a delegate has answered and the answer
    waits to be confirmed; ``in_one_go`` how it can be answered together with others like it.
    """

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
    step_name: str
    content_hash: str
    amount: Decimal | None = None
    for_name: str | None = None
    confirms: bool = False
    in_one_go: InOneGo | None = None


class QuestionItem(Read):
    """A question that waits for this person's answer."""

    question_id: int
    case_ref: str
    case_title: str
    step_title: str
    by: str
    text: str
    at: datetime
    due: Deadline


class CopyItem(Read):
    """A step this person was told of (抄送)."""

    case_ref: str
    case_title: str
    step_title: str
    by: str
    at: datetime
    read: bool


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
    absent = {signer.for_person_id for signer, *_ in rows if signer.for_person_id}
    names = dict(session.exec(select(Person.id, Person.name).where(col(Person.id).in_(absent))).all()) if absent else {}
    items = tuple(_item(calendar, now, names, *row) for row in rows[:limit])
    total = session.exec(select(func.count()).select_from(Signer).where(mine)).one()
    more = len(rows) > limit
    return Inbox(
        items=items,
        total=total,
        next_cursor=write_cursor(items[-1].due.at, items[-1].signer_id) if more else None,
    )


def _item(
    calendar: BusinessCalendar,
    now: datetime,
    names: Mapping[str, str],
    signer: Signer,
    step: Step,
    case_title: str,
    process: str,
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
        step_name=step.name,
        content_hash=step.content_hash,
        amount=step.amount,
        for_name=names.get(signer.for_person_id or ""),
        confirms=signer.advice is not None,
        in_one_go=None if signer.advice is not None else in_one_go(process, step),
    )


def in_one_go(process: str, step: Step) -> InOneGo | None:
    """How ``step`` can be answered together with others like it: its first action, if nothing need be filled in."""
    first = step.actions[0]
    form = form_named(str(first["form"]))
    if step.content.get("fields") or any(field.is_required() for field in form.model_fields.values()):
        return None
    kind = f"{process}.{step.name}.{first['name']}"
    return InOneGo(kind=kind, action=first["name"], label=first["label"], comments="comment" in form.model_fields)


def questions_to(session: Session, person_id: str, calendar: BusinessCalendar, now: datetime) -> list[QuestionItem]:
    """The questions that ``person_id`` has not answered yet, on steps that are open; the most urgent first."""
    answer = aliased(Remark)
    statement = (
        select(Remark, Step, Case.title, Person.name)
        .join(Step, col(Step.id) == Remark.step_id)
        .join(Case, col(Case.ref) == Remark.case_ref)
        .join(Person, col(Person.id) == Remark.by_person_id)
        .where(Remark.to_person_id == person_id, Remark.kind == RemarkKind.QUESTION, Step.state == StepState.OPEN)
        .where(~select(answer.id).where(answer.answers == Remark.id).exists())
        .order_by(col(Step.due_at), col(Remark.id))
        .limit(LISTED)
    )
    return [
        QuestionItem(
            question_id=remark.id or 0,
            case_ref=remark.case_ref,
            case_title=case_title,
            step_title=step.title,
            by=by,
            text=remark.text,
            at=remark.at,
            due=deadline(calendar, now, step.due_at),
        )
        for remark, step, case_title, by in session.exec(statement)
    ]


def copies_to(session: Session, person_id: str, *, limit: int = LISTED) -> list[CopyItem]:
    """The latest steps that ``person_id`` was told of, those not read yet first."""
    statement = (
        select(Copy, Step.title, Case.title, Person.name)
        .join(Step, col(Step.id) == Copy.step_id)
        .join(Case, col(Case.ref) == Copy.case_ref)
        .join(Person, col(Person.id) == Copy.copied_by)
        .where(Copy.person_id == person_id)
        .order_by(col(Copy.read_at).is_not(None), col(Copy.id).desc())
        .limit(limit)
    )
    return [
        CopyItem(
            case_ref=copy.case_ref,
            case_title=case_title,
            step_title=step_title,
            by=by,
            at=copy.copied_at,
            read=copy.read_at is not None,
        )
        for copy, step_title, case_title, by in session.exec(statement)
    ]
