"""Lists of cases a person may see: a page, all of them one after the other, and how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select as sa_select
from sqlmodel import Session, col, func, select

from config.words import CaseState, Department, Outcome, SignerState, StepState
from models.queries.case_filter import CaseFilter, after, conditions, mark, ordering
from models.queries.ledger import customer_number
from models.queries.shown import Read
from models.tables import Case, Person, Signer, Step

__all__ = ["PIECE", "CaseFilter", "CaseLine", "CaseList", "Waiting", "cases", "how_many"]

PIECE = 500
"""As many cases are read at a time where all of a list are wanted."""


class Waiting(Read):
    """An open step of a case: its title, until when it is asked, and of whom."""

    title: str
    due_at: datetime
    people: tuple[str, ...] = ()


class CaseLine(Read):
    """One case in a list. ``waits`` holds its open steps; ``customer`` is the number of whom it is about."""

    ref: str
    process: str
    title: str
    state: CaseState
    outcome: Outcome | None
    handler: str
    opened_at: datetime
    closed_at: datetime | None
    department: Department
    amount: Decimal | None = None
    customer: str | None = None
    working_minutes: int | None = None
    waits: tuple[Waiting, ...] = ()

    @property
    def waits_at(self) -> tuple[str, ...]:
        """The titles of the steps that are open."""
        return tuple(step.title for step in self.waits)


class CaseList(Read):
    """A page of cases."""

    items: tuple[CaseLine, ...]
    next_cursor: str | None = None


def cases(
    session: Session, person: Person, wanted: CaseFilter, *, limit: int = 50, cursor: str | None = None
) -> CaseList:
    """The cases ``person`` may see and wants, in the order wanted; ``limit`` of them from ``cursor`` on.

    Raises:
        Invalid: the cursor is not one of ours.
    """
    found = (
        select(Case.ref).where(*conditions(session, person, wanted)).order_by(*ordering(wanted.order)).limit(limit + 1)
    )
    if cursor:
        found = found.where(after(wanted.order, cursor))
    refs = session.exec(found).all()
    shown = _rows(session, refs[:limit])
    waiting = _open_steps(session, [case.ref for case, _ in shown if case.state is not CaseState.CLOSED])
    items = tuple(_line(case, handler, waiting.get(case.ref, ())) for case, handler in shown)
    return CaseList(items=items, next_cursor=mark(wanted.order, shown[-1][0]) if len(refs) > limit else None)


def how_many(session: Session, person: Person, wanted: CaseFilter, up_to: int) -> int:
    """How many cases ``person`` may see and wants; counting ends at ``up_to``."""
    some = select(Case.ref).where(*conditions(session, person, wanted)).limit(up_to).subquery()
    return session.exec(select(func.count()).select_from(some)).one()


def _rows(session: Session, refs: Sequence[str]) -> list[tuple[Case, str]]:
    """The cases called so with their handlers' names, in the same order."""
    statement = select(Case, Person.name).join(Person, col(Person.id) == Case.handler_id)
    rows = {case.ref: (case, name) for case, name in session.exec(statement.where(col(Case.ref).in_(refs)))}
    return [rows[ref] for ref in refs if ref in rows]


def _open_steps(session: Session, refs: list[str]) -> dict[str, tuple[Waiting, ...]]:
    if not refs:
        return {}
    statement = (
        sa_select(col(Step.case_ref), col(Step.id), col(Step.title), col(Step.due_at), col(Person.name))
        .join(Signer, (col(Signer.step_id) == Step.id) & (col(Signer.state) == SignerState.ASKED), isouter=True)
        .join(Person, col(Person.id) == Signer.person_id, isouter=True)
        .where(col(Step.case_ref).in_(refs), col(Step.state) == StepState.OPEN)
        .order_by(col(Step.id), col(Signer.id))
    )
    steps: dict[str, dict[int, Waiting]] = {}
    for ref, step_id, title, due_at, name in session.execute(statement):
        of_case = steps.setdefault(ref, {})
        one = of_case.get(step_id) or Waiting(title=title, due_at=due_at)
        of_case[step_id] = one.model_copy(update={"people": (*one.people, name)}) if name else one
    return {ref: tuple(of_case.values()) for ref, of_case in steps.items()}


def _line(case: Case, handler: str, waits: tuple[Waiting, ...]) -> CaseLine:
    return CaseLine(
        ref=case.ref,
        process=case.process,
        title=case.title,
        state=case.state,
        outcome=case.outcome,
        handler=handler,
        opened_at=case.opened_at,
        closed_at=case.closed_at,
        department=case.department,
        amount=case.amount,
        customer=None if case.customer_id is None else customer_number(case.customer_id),
        working_minutes=case.working_minutes,
        waits=waits,
    )
