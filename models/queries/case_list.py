"""The list of cases a person may see, newest first."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from config.words import CaseState, Outcome, StepState
from models.queries.cursor import read_cursor, write_cursor
from models.queries.rights import concerning, visible_to
from models.queries.shown import Read
from models.tables import Case, Person, Step


class CaseLine(Read):
    """One case in a list. ``waits_at`` holds the titles of its open steps."""

    ref: str
    process: str
    title: str
    state: CaseState
    outcome: Outcome | None
    handler: str
    opened_at: datetime
    closed_at: datetime | None
    waits_at: tuple[str, ...] = ()


class CaseList(Read):
    """A page of cases."""

    items: tuple[CaseLine, ...]
    next_cursor: str | None = None


class CaseFilter(Read):
    """Which cases are wanted; nothing given means all that may be seen. ``mine`` leaves out what one only watches."""

    process: str | None = None
    state: CaseState | None = None
    outcome: Outcome | None = None
    mine: bool = False
    customer_id: int | None = None


def cases(
    session: Session, person: Person, wanted: CaseFilter, *, limit: int = 50, cursor: str | None = None
) -> CaseList:
    """The cases ``person`` may see and wants, newest first; ``limit`` of them from ``cursor`` on.

    Raises:
        Invalid: the cursor is not one of ours.
    """
    statement = (
        select(Case, Person.name)
        .join(Person, col(Person.id) == Case.handler_id)
        .where(concerning(person) if wanted.mine else visible_to(person))
        .order_by(col(Case.opened_at).desc(), col(Case.ref).desc())
        .limit(limit + 1)
    )
    if wanted.process:
        statement = statement.where(Case.process == wanted.process)
    if wanted.state:
        statement = statement.where(Case.state == wanted.state)
    if wanted.outcome:
        statement = statement.where(Case.outcome == wanted.outcome)
    if wanted.customer_id is not None:
        statement = statement.where(Case.customer_id == wanted.customer_id)
    if cursor:
        at, ref = read_cursor(cursor)
        statement = statement.where(or_(col(Case.opened_at) < at, and_(col(Case.opened_at) == at, col(Case.ref) < ref)))
    rows = session.exec(statement).all()
    shown = rows[:limit]
    waiting = _open_steps(session, [case.ref for case, _ in shown if case.state is not CaseState.CLOSED])
    items = tuple(_line(case, handler, waiting.get(case.ref, ())) for case, handler in shown)
    more = len(rows) > limit
    return CaseList(items=items, next_cursor=write_cursor(items[-1].opened_at, items[-1].ref) if more else None)


def _open_steps(session: Session, refs: list[str]) -> dict[str, tuple[str, ...]]:
    if not refs:
        return {}
    statement = select(Step.case_ref, Step.title).where(col(Step.case_ref).in_(refs), Step.state == StepState.OPEN)
    found: dict[str, tuple[str, ...]] = {}
    for ref, title in session.exec(statement):
        found[ref] = (*found.get(ref, ()), title)
    return found


def _line(case: Case, handler: str, waits_at: tuple[str, ...]) -> CaseLine:
    return CaseLine(
        ref=case.ref,
        process=case.process,
        title=case.title,
        state=case.state,
        outcome=case.outcome,
        handler=handler,
        opened_at=case.opened_at,
        closed_at=case.closed_at,
        waits_at=waits_at,
    )
