"""The other boxes of the inbox: questions to one person, what they were told of, and what they have done."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import and_, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from config.words import ActionKind, CaseState, Outcome, RemarkKind, SignerState, StepState
from models.queries.cursor import number_of, read_cursor, write_cursor
from models.queries.inbox import Deadline, InboxFilter, concerned_by, deadline, in_the_name, urgent, worth
from models.queries.shown import Read
from models.rules.calendar import BusinessCalendar
from models.tables import Case, Copy, Person, Remark, Signer, Step

EVERYTHING = InboxFilter()


class Box(StrEnum):
    """A part of the inbox."""

    WAITING = "waiting"
    ASKED = "asked"
    COPIED = "copied"
    DONE = "done"


class QuestionItem(Read):
    """A question that waits for this person's answer."""

    question_id: int
    case_ref: str
    case_title: str
    process: str
    step_title: str
    by: str
    text: str
    at: datetime
    due: Deadline


class Questions(Read):
    """A page of questions."""

    items: tuple[QuestionItem, ...]
    next_cursor: str | None = None


class CopyItem(Read):
    """A step this person was told of (抄送)."""

    copy_id: int
    case_ref: str
    case_title: str
    process: str
    step_title: str
    by: str
    at: datetime
    read: bool


class Copies(Read):
    """A page of what somebody was told of."""

    items: tuple[CopyItem, ...]
    next_cursor: str | None = None


class DoneItem(Read):
    """A step this person has answered: how, when, and what has become of its case.

    ``void``: the case went back, and was asked anew. ``proposed``: they answered for whoever had delegated it.
    """

    signer_id: int
    case_ref: str
    case_title: str
    process: str
    title: str
    answer: str
    kind: ActionKind
    at: datetime
    state: CaseState
    outcome: Outcome | None
    amount: Decimal | None = None
    for_name: str | None = None
    void: bool = False
    proposed: bool = False


class Done(Read):
    """A page of what somebody has done."""

    items: tuple[DoneItem, ...]
    next_cursor: str | None = None


def questions_to(
    session: Session,
    person_id: str,
    calendar: BusinessCalendar,
    now: datetime,
    wanted: InboxFilter = EVERYTHING,
    *,
    limit: int = 50,
    cursor: str | None = None,
) -> Questions:
    """The questions that ``person_id`` has not answered yet, on steps that are open; the most urgent first.

    Raises:
        Invalid: the cursor is not one of ours.
    """
    answer = aliased(Remark)
    statement = (
        select(Remark, Step, Case, Person.name)
        .join(Step, col(Step.id) == Remark.step_id)
        .join(Case, col(Case.ref) == Remark.case_ref)
        .join(Person, col(Person.id) == Remark.by_person_id)
        .where(Remark.to_person_id == person_id, Remark.kind == RemarkKind.QUESTION, Step.state == StepState.OPEN)
        .where(~select(answer.id).where(answer.answers == Remark.id).exists())
        .where(*concerned_by(wanted), *urgent(wanted.urgency, calendar, now))
        .order_by(col(Step.due_at), col(Remark.id))
        .limit(limit + 1)
    )
    if cursor:
        at, key = read_cursor(cursor)
        after = number_of(key)
        statement = statement.where(or_(col(Step.due_at) > at, and_(col(Step.due_at) == at, col(Remark.id) > after)))
    rows = session.exec(statement).all()
    items = tuple(
        QuestionItem(
            question_id=remark.id or 0,
            case_ref=remark.case_ref,
            case_title=case.title,
            process=case.process,
            step_title=step.title,
            by=by,
            text=remark.text,
            at=remark.at,
            due=deadline(calendar, now, step.due_at),
        )
        for remark, step, case, by in rows[:limit]
    )
    more = len(rows) > limit
    return Questions(items=items, next_cursor=write_cursor(items[-1].due.at, items[-1].question_id) if more else None)


def copies_to(
    session: Session,
    person_id: str,
    wanted: InboxFilter = EVERYTHING,
    *,
    limit: int = 50,
    cursor: str | None = None,
) -> Copies:
    """The steps that ``person_id`` was told of: those not read yet first, then the latest.

    Raises:
        Invalid: the cursor is not one of ours.
    """
    before, was_read = divmod(number_of(read_cursor(cursor)[1]), 2) if cursor else (None, 0)
    rows: list[tuple[Copy, str, Case, str]] = []
    if not was_read:
        rows += _copies(session, person_id, wanted, before, limit + 1, read=False)
        before = None
    if len(rows) <= limit:  # each half comes in the order of an index: what somebody was ever told of is never sorted
        rows += _copies(session, person_id, wanted, before, limit + 1 - len(rows), read=True)
    items = tuple(
        CopyItem(
            copy_id=copy.id or 0,
            case_ref=copy.case_ref,
            case_title=case.title,
            process=case.process,
            step_title=step_title,
            by=by,
            at=copy.copied_at,
            read=copy.read_at is not None,
        )
        for copy, step_title, case, by in rows[:limit]
    )
    more = len(rows) > limit
    return Copies(items=items, next_cursor=_after_copy(items[-1]) if more else None)


def _copies(
    session: Session, person_id: str, wanted: InboxFilter, before: int | None, limit: int, *, read: bool
) -> list[tuple[Copy, str, Case, str]]:
    statement = (
        select(Copy, Step.title, Case, Person.name)
        .join(Step, col(Step.id) == Copy.step_id)
        .join(Case, col(Case.ref) == Copy.case_ref)
        .join(Person, col(Person.id) == Copy.copied_by)
        .where(Copy.person_id == person_id, *concerned_by(wanted))
        .where(col(Copy.read_at).is_not(None) if read else col(Copy.read_at).is_(None))
        .order_by(col(Copy.id).desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(col(Copy.id) < before)
    return list(session.exec(statement).all())


def _after_copy(last: CopyItem) -> str:
    return write_cursor(last.at, last.copy_id * 2 + last.read)


def done_by(
    session: Session,
    person_id: str,
    wanted: InboxFilter = EVERYTHING,
    *,
    limit: int = 50,
    cursor: str | None = None,
) -> Done:
    """The steps that ``person_id`` has answered, the latest first.

    Raises:
        Invalid: the cursor is not one of ours.
    """
    statement = (
        select(Signer, Step, Case)
        .join(Step, col(Step.id) == Signer.step_id)
        .join(Case, col(Case.ref) == Signer.case_ref)
        .where(Signer.person_id == person_id, col(Signer.signed_at).is_not(None))
        .where(*concerned_by(wanted), *worth(wanted), *in_the_name(wanted))
        .order_by(col(Signer.signed_at).desc(), col(Signer.id).desc())
        .limit(limit + 1)
    )
    if cursor:
        at, key = read_cursor(cursor)
        before = number_of(key)
        earlier = and_(col(Signer.signed_at) == at, col(Signer.id) < before)
        statement = statement.where(col(Signer.signed_at) <= at, or_(col(Signer.signed_at) < at, earlier))
    rows = session.exec(statement).all()
    absent = {signer.for_person_id for signer, *_ in rows if signer.for_person_id}
    names = dict(session.exec(select(Person.id, Person.name).where(col(Person.id).in_(absent))).all()) if absent else {}
    items = tuple(
        _done(signer, step, case, names.get(signer.for_person_id or "")) for signer, step, case in rows[:limit]
    )
    more = len(rows) > limit
    return Done(items=items, next_cursor=write_cursor(items[-1].at, items[-1].signer_id) if more else None)


def _done(signer: Signer, step: Step, case: Case, for_name: str | None) -> DoneItem:
    declared = next((one for one in step.actions if one["name"] == signer.action), None)
    return DoneItem(
        signer_id=signer.id or 0,
        case_ref=case.ref,
        case_title=case.title,
        process=case.process,
        title=step.title,
        answer=declared["label"] if declared else signer.action or "",
        kind=signer.kind or ActionKind.RECORD,
        at=signer.signed_at or step.opened_at,
        state=case.state,
        outcome=case.outcome,
        amount=step.amount,
        for_name=for_name,
        void=signer.void,
        proposed=signer.state is SignerState.ADVISED,
    )
