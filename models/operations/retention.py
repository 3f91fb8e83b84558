"""Erasing by policy what has had its time: applicants refused, cases that are over, files, looks, messages, ways in."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import delete, update
from sqlmodel import SQLModel, and_, col, func, not_, or_, select

from config.words import CaseState, CustomerStatus, ErasureState, MessageState, Outcome
from models.errors import Invalid
from models.house import SYSTEM, House, Work
from models.operations.erasing import delete_files, erase_case, erase_customer
from models.operations.erasure import carry_out
from models.personal_data import ERASED
from models.queries.privacy import held_customers, in_the_way
from models.tables import (
    ApprovalLink,
    Attachment,
    Case,
    Customer,
    Erasure,
    Look,
    OutboxMessage,
    SignInEntry,
    SignInLink,
    Step,
    WebSession,
)

BATCH = 500
"""Rows deleted in one transaction."""
OVER = (MessageState.SENT, MessageState.SKIPPED, MessageState.DEAD, MessageState.UNKNOWN)
NOT_ADMITTED = (Outcome.REFUSED, Outcome.WITHDRAWN, Outcome.LAPSED, Outcome.CANCELLED)


class Erased(BaseModel):
    """What a round came to, in numbers. ``waiting`` wait for the next round, ``held`` for a legal hold to be lifted."""

    model_config = ConfigDict(frozen=True)

    requests: int = 0
    applicants: int = 0
    cases: int = 0
    files: int = 0
    looks: int = 0
    messages: int = 0
    ways_in: int = 0
    waiting: int = 0
    held: int = 0


def months_before(now: datetime, months: int) -> datetime:
    """The same day so many months ago; of a month without that day, its last."""
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    day = min(now.day, calendar.monthrange(year, month + 1)[1])
    return now.replace(year=year, month=month + 1, day=day)


def erase_what_is_due(house: House) -> Erased:
    """One round. Each case, applicant and batch is a transaction of its own: broken off, the next round goes on."""
    policy, now = house.policy.privacy, house.clock()
    left = policy.erase_at_most
    requests = sum(_finish(house, number) for number in _confirmed(house))
    applicants = cases = waiting = held = 0
    if policy.refused_applications is not None:
        before = months_before(now, policy.refused_applications)
        for customer_id in _refused(house, before, left):
            applicants += _erase_applicant(house, customer_id, before)
        left -= applicants
    if policy.closed_cases is not None:
        before = months_before(now, policy.closed_cases)
        due, held = _closed(house, before, left)
        for ref in due:
            cases += _erase_closed(house, ref)
        waiting = _count(house, and_(_due_cases(before), ~_is_held(Case.customer_id)))
    if policy.documents is not None:
        _forget_files(house, months_before(now, policy.documents))
    files = delete_files(house)
    report = Erased(
        requests=requests,
        applicants=applicants,
        cases=cases,
        files=files,
        looks=_delete_old(house, Look, Look.at, policy.looks, now, ~_is_held(Look.customer_id)),
        messages=_delete_old(house, OutboxMessage, OutboxMessage.created_at, policy.messages, now, _message_over()),
        ways_in=sum(_ways_in(house, policy.sign_ins, now)),
        waiting=waiting,
        held=held,
    )
    with house.work() as work:
        work.record("privacy.round", **report.model_dump())
    return report


def _confirmed(house: House) -> list[int]:
    """Requests that somebody confirmed, and whose erasing was broken off."""
    with house.read() as session:
        rows = session.exec(select(Erasure.id).where(Erasure.state == ErasureState.CONFIRMED)).all()
    return [number for number in rows if number is not None]


def _finish(house: House, number: int) -> int:
    try:
        return int(bool(carry_out(house, SYSTEM, number)))
    except Invalid:  # something has come to stand against it: it waits until that is over
        return 0


def _refused(house: House, before: datetime, most: int) -> list[int]:
    """Customers who were never admitted, and whose every case ended with a refusal or nothing before a moment."""
    theirs = col(Case.customer_id) == Customer.id
    live = select(Case.ref).where(theirs, or_(Case.state != CaseState.CLOSED, col(Case.closed_at) >= before))
    ended = select(Case.ref).where(theirs, col(Case.outcome).in_(NOT_ADMITTED))
    wanted = (
        select(Customer.id)
        .where(Customer.status != CustomerStatus.ADMITTED, col(Customer.erased_at).is_(None))
        .where(ended.exists(), ~live.exists(), ~_is_held(Customer.id))
        .order_by(col(Customer.id))
        .limit(max(0, most))
    )
    with house.read() as session:
        return [number for number in session.exec(wanted) if number is not None]


def _erase_applicant(house: House, customer_id: int, before: datetime) -> int:
    """The applicant with all their cases, in one transaction: an application has few."""
    with house.work() as work:
        customer = work.session.exec(select(Customer).where(Customer.id == customer_id).with_for_update()).one()
        cases = work.session.exec(select(Case).where(Case.customer_id == customer_id)).all()
        lately = any(one.closed_at is None or one.closed_at >= before for one in cases)
        if lately or in_the_way(work.session, customer, work.house.calendar.day_of(work.now)):
            return 0
        for case in cases:
            if case.erased_at is None:
                erase_case(work, case, "policy")
        erase_customer(work, customer, "policy")
    return 1


def _due_cases(before: datetime) -> Any:
    return and_(Case.state == CaseState.CLOSED, col(Case.closed_at) < before, col(Case.erased_at).is_(None))


def _is_held(customer_id: Any) -> Any:
    return func.coalesce(customer_id, 0).in_(held_customers())


def _closed(house: House, before: datetime, most: int) -> tuple[list[str], int]:
    due = _due_cases(before)
    wanted = select(Case.ref).where(due, ~_is_held(Case.customer_id)).order_by(col(Case.closed_at), col(Case.ref))
    with house.read() as session:
        refs = list(session.exec(wanted.limit(max(0, most))).all())
    return refs, _count(house, and_(due, _is_held(Case.customer_id)))


def _count(house: House, which: Any) -> int:
    with house.read() as session:
        return session.exec(select(func.count()).select_from(Case).where(which)).one()


def _erase_closed(house: House, ref: str) -> int:
    with house.work() as work:
        wanted = select(Case).where(Case.ref == ref, col(Case.erased_at).is_(None), ~_is_held(Case.customer_id))
        case = work.session.exec(wanted.with_for_update()).first()
        if case is None or case.state is not CaseState.CLOSED:
            return 0
        erase_case(work, case, "policy")
    return 1


def _forget_files(house: House, before: datetime) -> None:
    """Files of cases that ended long ago lose their names; ``delete_files`` then deletes them."""
    over = select(Case.ref).where(
        Case.state == CaseState.CLOSED, col(Case.closed_at) < before, ~_is_held(Case.customer_id)
    )
    with house.work() as work:
        mine = and_(col(Attachment.case_ref).in_(over), col(Attachment.name) != ERASED)
        renamed = update(Attachment).where(mine).values(name=ERASED).execution_options(synchronize_session=False)
        if number := work.change(renamed):
            work.record("privacy.files-erased", files=number)


def _message_over() -> Any:
    live = select(Case.ref).where(Case.state != CaseState.CLOSED)
    case_is_over = or_(col(OutboxMessage.case_ref).is_(None), col(OutboxMessage.case_ref).not_in(live))
    return and_(col(OutboxMessage.state).in_(OVER), case_is_over)


def _ways_in(house: House, months: int | None, now: datetime) -> Iterable[int]:
    yield _delete_old(house, SignInLink, SignInLink.expires_at, months, now)
    yield _delete_old(house, WebSession, WebSession.expires_at, months, now)
    yield _delete_old(house, SignInEntry, SignInEntry.at, months, now)
    open_steps = select(Step.id).where(Step.state == "open")
    yield _delete_old(
        house, ApprovalLink, ApprovalLink.expires_at, months, now, not_(col(ApprovalLink.step_id).in_(open_steps))
    )


def _delete_old(house: House, table: type[SQLModel], at: Any, months: int | None, now: datetime, *more: Any) -> int:
    if months is None:
        return 0
    deleted, key = 0, table.id  # type: ignore[attr-defined]
    while True:
        with house.work() as work:
            batch = select(key).where(at < months_before(now, months), *more).limit(BATCH)
            gone = _delete(work, table, key, list(work.session.exec(batch).all()))
        deleted += gone
        if gone < BATCH:
            return deleted


def _delete(work: Work, table: type[SQLModel], key: Any, rows: list[int]) -> int:
    if not rows:
        return 0
    return work.change(delete(table).where(key.in_(rows)).execution_options(synchronize_session=False))
