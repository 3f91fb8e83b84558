"""The deadlines of one person, for their calendar: what waits for them, what they were asked, what they track."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from config.words import RemarkKind, SignerState, StepState, TrackingState
from models.queries.shown import Read
from models.tables import Case, Remark, Signer, Step, TrackingItem

MOST = 200
"""Of each kind at the most: nobody plans their days by more."""


class About(StrEnum):
    """What is due."""

    STEP = "step"
    QUESTION = "question"
    TRACKING = "tracking"


class Due(Read):
    """One deadline: an instant, or a day of the company. ``since`` is when it came up; nothing here is personal but the
    title of the case."""

    about: About
    number: int
    title: str
    case_title: str
    case_ref: str
    process: str
    at: datetime | date
    since: datetime


def deadlines(session: Session, person_id: str, today: date) -> tuple[Due, ...]:
    """What is due from ``person_id``. Tracking items are told from ``today`` on; then their own step asks for them."""
    return (*_steps(session, person_id), *_questions(session, person_id), *_tracking(session, person_id, today))


def _steps(session: Session, person_id: str) -> list[Due]:
    statement = (
        select(
            col(Signer.id),
            col(Signer.asked_at),
            col(Step.title),
            col(Step.due_at),
            col(Step.opened_at),
            col(Case.ref),
            col(Case.title),
            col(Case.process),
        )
        .join(Step, col(Step.id) == Signer.step_id)
        .join(Case, col(Case.ref) == Signer.case_ref)
        .where(col(Signer.person_id) == person_id, col(Signer.state) == SignerState.ASKED)
        .where(col(Step.state) == StepState.OPEN)
        .order_by(col(Step.due_at), col(Signer.id))
        .limit(MOST)
    )
    return [
        Due(
            about=About.STEP,
            number=number or 0,
            title=title,
            case_title=case_title,
            case_ref=ref,
            process=process,
            at=due_at,
            since=asked_at or opened_at,
        )
        for number, asked_at, title, due_at, opened_at, ref, case_title, process in session.execute(statement)
    ]


def _questions(session: Session, person_id: str) -> list[Due]:
    answer = aliased(Remark)
    statement = (
        select(
            col(Remark.id),
            col(Remark.at),
            col(Step.title),
            col(Step.due_at),
            col(Case.ref),
            col(Case.title),
            col(Case.process),
        )
        .join(Step, col(Step.id) == Remark.step_id)
        .join(Case, col(Case.ref) == Remark.case_ref)
        .where(col(Remark.to_person_id) == person_id, col(Remark.kind) == RemarkKind.QUESTION)
        .where(col(Step.state) == StepState.OPEN)
        .where(~select(col(answer.id)).where(col(answer.answers) == col(Remark.id)).exists())
        .order_by(col(Step.due_at), col(Remark.id))
        .limit(MOST)
    )
    return [
        Due(
            about=About.QUESTION,
            number=number or 0,
            title=title,
            case_title=case_title,
            case_ref=ref,
            process=process,
            at=due_at,
            since=asked_at,
        )
        for number, asked_at, title, due_at, ref, case_title, process in session.execute(statement)
    ]


def _tracking(session: Session, person_id: str, today: date) -> list[Due]:
    statement = (
        select(
            col(TrackingItem.id),
            col(TrackingItem.due_on),
            col(Case.ref),
            col(Case.title),
            col(Case.process),
            col(Case.opened_at),
        )
        .join(Case, col(Case.ref) == TrackingItem.case_ref)
        .where(col(TrackingItem.owner_id) == person_id, col(TrackingItem.state) == TrackingState.OPEN)
        .where(col(TrackingItem.due_on) >= today)
        .order_by(col(TrackingItem.due_on), col(TrackingItem.id))
        .limit(MOST)
    )
    return [
        Due(
            about=About.TRACKING,
            number=number or 0,
            title="",
            case_title=case_title,
            case_ref=ref,
            process=process,
            at=due_on,
            since=opened_at,
        )
        for number, due_on, ref, case_title, process, opened_at in session.execute(statement)
    ]
