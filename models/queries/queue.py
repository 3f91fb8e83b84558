"""The working queue of operations: every case that has not ended, where it waits, on whom, and what is wrong with it.

A case **failed** when its run met an error that did not go away by itself. A running case is **stuck** when nothing can
move it:

- it is due for a worker for longer than ``PATIENCE``, or the worker that held it fell silent that long ago;
- it asks nobody anything, waits for no time and no event, and no worker has it;
- it asks people, and none of them is active any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_
from sqlalchemy import select as columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from config.languages import N_
from config.words import CaseState, SignerState, StepState, Word
from models.queries.cursor import read_cursor, write_cursor
from models.queries.failures import failure_told
from models.queries.inbox import Deadline, deadline
from models.queries.rights import reads_everything, visible_to
from models.queries.shown import Read, Sentence
from models.rules.calendar import BusinessCalendar
from models.rules.reasons import Label
from models.tables import Case, Person, Run, Signer, Step, Wait

PATIENCE = timedelta(minutes=5)
"""How long a case may be due, or its worker silent, before it counts as stuck."""


class Standing(Word):
    """How a case that has not ended stands, as operations see it."""

    PEOPLE = "people", "Waits for people"
    TIME = "time", "Waits for a date or an event"
    WORK = "work", "Being worked on"
    STUCK = "stuck", "Stuck"
    FAILED = "failed", "Failed"


class Which(Word):
    """Which part of the queue is wanted."""

    ALL = "all", "Everything open"
    LATE = "late", "Past a deadline"
    STUCK = "stuck", "Stuck"
    FAILED = "failed", "Failed"


class Order(Word):
    """How the queue is sorted."""

    AGE = "age", "Oldest first"
    DEADLINE = "deadline", "Nearest deadline first"


class Waiting(Read):
    """One step that a case waits at: since when, until when, and for whom."""

    title: str
    since: datetime
    due_at: datetime
    people: tuple[str, ...]


class QueueLine(Read):
    """One case of the queue. ``why`` says what is wrong with it, in plain words, where something is."""

    ref: str
    process: str
    title: str
    handler: str
    opened_at: datetime
    standing: Standing
    why: Sentence | None = None
    waits: tuple[Waiting, ...] = ()
    age_days: int = 0
    until: datetime | None = None
    event: str | None = None
    due: Deadline | None = None
    failure: str | None = None
    failures: int = 0


class QueuePage(Read):
    """A page of the queue."""

    items: tuple[QueueLine, ...]
    next_cursor: str | None = None


class QueueFilter(Read):
    """Which cases are wanted. ``person`` (an id): those that wait for them."""

    which: Which = Which.ALL
    order: Order = Order.AGE
    process: str | None = None
    person: str | None = None


def queue_page(
    session: Session,
    viewer: Person,
    wanted: QueueFilter,
    calendar: BusinessCalendar,
    now: datetime,
    *,
    limit: int = 50,
    cursor: str | None = None,
) -> QueuePage:
    """The cases that have not ended, as wanted; ``limit`` of them from ``cursor`` on.

    Raises:
        Invalid: the cursor is not one of ours.
    """
    rows = _rows(session, viewer, wanted, now, limit + 1, cursor)
    lines = _lines(session, [case for case, _, _ in rows[:limit]], calendar, now)
    last = rows[limit - 1] if len(rows) > limit else None
    return QueuePage(items=lines, next_cursor=write_cursor(last[1], last[2]) if last else None)


def queue_line(session: Session, case: Case, calendar: BusinessCalendar, now: datetime) -> QueueLine:
    """How one case stands."""
    return _lines(session, [case], calendar, now)[0]


def queue_counts(session: Session, now: datetime) -> dict[Which, int]:
    """How many cases each part of the queue holds."""
    counted = columns(col(Case.state), func.count()).where(col(Case.state) != CaseState.CLOSED)
    of_state = {row[0]: row[1] for row in session.execute(counted.group_by(col(Case.state)))}
    late = columns(func.count(func.distinct(col(Step.case_ref)))).where(_is_late(now))
    running = columns(func.count()).select_from(Case).where(col(Case.state) == CaseState.RUNNING)
    failed = of_state.get(CaseState.FAILED, 0)
    return {
        Which.ALL: of_state.get(CaseState.RUNNING, 0) + failed,
        Which.LATE: session.execute(late).scalar_one(),
        Which.STUCK: session.execute(running.where(_is_stuck(now, col(Case.ref)))).scalar_one(),
        Which.FAILED: failed,
    }


# -- which cases -----------------------------------------------------------------------------------------------------


def _rows(
    session: Session, viewer: Person, wanted: QueueFilter, now: datetime, limit: int, cursor: str | None
) -> list[tuple[Case, datetime, str]]:
    """Cases with what they are sorted by."""
    # What failed or is stuck may ask nobody, and then it has no deadline: it is always listed by age.
    along_deadlines = wanted.order is Order.DEADLINE and wanted.which in (Which.ALL, Which.LATE)
    of_order = _by_deadline if along_deadlines else _by_age
    keys = of_order(session, viewer, wanted, now, limit, read_cursor(cursor) if cursor else None)
    refs = [ref for _, ref in keys]
    cases = {case.ref: case for case in session.exec(select(Case).where(col(Case.ref).in_(refs)))} if refs else {}
    return [(cases[ref], at, ref) for at, ref in keys]


Key = tuple[datetime, str]


def _by_age(
    session: Session,
    viewer: Person,
    wanted: QueueFilter,
    now: datetime,
    limit: int,
    after: Key | None,
) -> list[Key]:
    """State by state: each is read from its index in order, and no more of it than is shown."""
    at, ref = col(Case.opened_at), col(Case.ref)
    found: list[Key] = []
    for state in _states(wanted):
        statement = columns(at, ref).where(col(Case.state) == state, visible_to(viewer), *_conditions(wanted, now, ref))
        if wanted.process:
            statement = statement.where(col(Case.process) == wanted.process)
        if after:
            statement = statement.where(or_(at > after[0], and_(at == after[0], ref > after[1])))
        found += [(key[0], key[1]) for key in session.execute(statement.order_by(at, ref).limit(limit))]
    return sorted(found)[:limit]


def _by_deadline(
    session: Session,
    viewer: Person,
    wanted: QueueFilter,
    now: datetime,
    limit: int,
    after: Key | None,
) -> list[Key]:
    """Along the open steps, each case at its first: only as many are read as are shown. Cases that ask nobody have no
    deadline and are not in this order."""
    at, ref = col(Step.due_at), col(Step.case_ref)  # what has an open step has not ended
    other = aliased(Step)
    sooner = or_(
        col(other.due_at) < at,
        and_(col(other.due_at) == at, col(other.id) < col(Step.id)),
    )
    earlier = exists().where(col(other.case_ref) == ref, col(other.state) == StepState.OPEN, sooner)
    statement = columns(at, ref).where(col(Step.state) == StepState.OPEN, ~earlier, *_conditions(wanted, now, ref))
    if wanted.process:
        statement = statement.where(ref.in_(columns(col(Case.ref)).where(col(Case.process) == wanted.process)))
    if not reads_everything(viewer):
        statement = statement.where(ref.in_(columns(col(Case.ref)).where(visible_to(viewer))))
    if wanted.which is Which.LATE:
        statement = statement.where(at < now)
    if after:
        statement = statement.where(or_(at > after[0], and_(at == after[0], ref > after[1])))
    return [(key[0], key[1]) for key in session.execute(statement.order_by(at, ref).limit(limit))]


def _states(wanted: QueueFilter) -> list[CaseState]:
    if wanted.which is Which.FAILED:
        return [CaseState.FAILED]
    return [CaseState.RUNNING] if wanted.which is Which.STUCK else [CaseState.RUNNING, CaseState.FAILED]


def _conditions(wanted: QueueFilter, now: datetime, ref: Any) -> list[ColumnElement[bool]]:
    """What is wanted of the cases called ``ref``."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.person:
        theirs = columns(col(Signer.case_ref)).where(
            col(Signer.person_id) == wanted.person, col(Signer.state) == SignerState.ASKED
        )
        conditions.append(ref.in_(theirs))
    if wanted.which is Which.LATE and wanted.order is Order.AGE:
        conditions.append(ref.in_(columns(col(Step.case_ref)).where(_is_late(now))))
    if wanted.which is Which.STUCK:
        conditions.append(_is_stuck(now, ref))
    return conditions


def _is_late(now: datetime) -> ColumnElement[bool]:
    return and_(col(Step.state) == StepState.OPEN, col(Step.due_at) < now)


def _is_stuck(now: datetime, ref: Any) -> ColumnElement[bool]:
    """Of running cases: nothing can move them. Sets read from their indexes; no question is asked case by case."""
    asking = columns(col(Step.case_ref)).where(col(Step.state) == StepState.OPEN)
    waiting = columns(col(Wait.case_ref)).where(col(Wait.open).is_(True))
    carried = columns(col(Run.case_ref)).where(or_(col(Run.act_at) > _LONG_AGO, col(Run.lease_until) > _LONG_AGO))
    overdue = columns(col(Run.case_ref)).where(_nobody_came(now - PATIENCE))
    forgotten = and_(ref.not_in(asking), ref.not_in(waiting), ref.not_in(carried))
    return or_(ref.in_(overdue), forgotten, ref.in_(_asked_of_nobody()))


_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def _nobody_came(long_ago: datetime) -> ColumnElement[bool]:
    return or_(col(Run.act_at) < long_ago, col(Run.lease_until) < long_ago)


def _asked_of_nobody() -> Select[Any]:
    """Cases with an open step that is asked of people who have all left."""
    gone, there = aliased(Signer), aliased(Signer)
    left = columns(col(Person.id)).where(col(Person.active).is_(False))
    somebody = (
        exists()
        .where(col(there.step_id) == col(gone.step_id), col(there.state) == SignerState.ASKED)
        .where(col(there.person_id).not_in(left))
    )
    return columns(col(gone.case_ref)).where(
        col(gone.person_id).in_(left), col(gone.state) == SignerState.ASKED, ~somebody
    )


# -- how they stand --------------------------------------------------------------------------------------------------


def _lines(session: Session, cases: Sequence[Case], calendar: BusinessCalendar, now: datetime) -> tuple[QueueLine, ...]:
    refs = [case.ref for case in cases]
    steps = _open_steps(session, refs)
    asked = _asked(session, [step.id or 0 for some in steps.values() for step in some])
    waits = _open_waits(session, refs)
    runs = {run.case_ref: run for run in session.exec(select(Run).where(col(Run.case_ref).in_(refs)))} if refs else {}
    handlers = {case.handler_id for case in cases}
    names = dict(session.exec(select(Person.id, Person.name).where(col(Person.id).in_(handlers))).all())
    return tuple(
        _line(case, names, steps.get(case.ref, []), asked, waits.get(case.ref, []), runs.get(case.ref), calendar, now)
        for case in cases
    )


def _open_steps(session: Session, refs: Sequence[str]) -> dict[str, list[Any]]:
    if not refs:
        return {}
    statement = (
        columns(Step.id, Step.case_ref, Step.title, Step.opened_at, Step.due_at)  # type: ignore[call-overload]
        .where(col(Step.case_ref).in_(refs), col(Step.state) == StepState.OPEN)
        .order_by(col(Step.due_at))
    )
    found: dict[str, list[Any]] = {}
    for row in session.execute(statement):
        found.setdefault(row.case_ref, []).append(row)
    return found


def _asked(session: Session, step_ids: Sequence[int]) -> dict[int, list[tuple[str, bool]]]:
    """Who is asked at each step: name, and whether they are active."""
    if not step_ids:
        return {}
    statement = (
        select(Signer.step_id, Signer.state, Person.name, Person.active)
        .join(Person, col(Person.id) == Signer.person_id)
        .where(col(Signer.step_id).in_(step_ids))
        .order_by(col(Signer.id))
    )
    found: dict[int, list[tuple[str, bool]]] = {}
    for step_id, state, name, active in session.exec(statement):
        if state is SignerState.ASKED:  # told apart here: by state the database would read everybody who is asked
            found.setdefault(step_id, []).append((name, active))
    return found


def _open_waits(session: Session, refs: Sequence[str]) -> dict[str, list[Wait]]:
    found: dict[str, list[Wait]] = {}
    if refs:
        for wait in session.exec(select(Wait).where(col(Wait.case_ref).in_(refs), col(Wait.open).is_(True))):
            found.setdefault(wait.case_ref, []).append(wait)
    return found


def _line(
    case: Case,
    names: Mapping[str, str],
    steps: Sequence[Any],
    asked: Mapping[int, list[tuple[str, bool]]],
    waits: Sequence[Wait],
    run: Run | None,
    calendar: BusinessCalendar,
    now: datetime,
) -> QueueLine:
    run = run or Run(case_ref=case.ref, process=case.process)  # taken over from before, it was never carried
    standing, why = _standing(case, steps, asked, waits, run, calendar, now)
    due_at = min((step.due_at for step in steps), default=None)
    return QueueLine(
        ref=case.ref,
        process=case.process,
        title=case.title,
        handler=names.get(case.handler_id, case.handler_id),
        opened_at=case.opened_at,
        standing=standing,
        why=why,
        waits=tuple(
            Waiting(
                title=step.title,
                since=step.opened_at,
                due_at=step.due_at,
                people=tuple(name for name, _ in asked.get(step.id, ())),
            )
            for step in steps
        ),
        until=min((wait.until for wait in waits if wait.until), default=None),
        event=next((wait.event for wait in waits if wait.event), None),
        age_days=(now - case.opened_at).days,
        due=deadline(calendar, now, due_at) if due_at is not None else None,
        failure=run.failure,
        failures=run.failures,
    )


WORKER_SILENT = N_("The worker that had it has been silent since {at}. Another takes it over as soon as one runs.")
NOT_TAKEN_UP = N_("It should have moved on at {at}, and no worker has taken it up. See that a worker runs.")
ALL_GONE = N_("“{step}” is asked of {people}, no longer active. Hand the step on to somebody else.")
NOBODY_ASKED = N_("It asks nobody, waits for nothing, and no worker has it. Have it looked at again.")


def _on_clock(calendar: BusinessCalendar, at: datetime) -> str:
    return f"{calendar.local(at):%Y-%m-%d %H:%M}"


def _standing(
    case: Case,
    steps: Sequence[Any],
    asked: Mapping[int, list[tuple[str, bool]]],
    waits: Sequence[Wait],
    run: Run,
    calendar: BusinessCalendar,
    now: datetime,
) -> tuple[Standing, Sentence | None]:
    if case.state is CaseState.FAILED:
        return Standing.FAILED, failure_told(run.failure)
    long_ago = now - PATIENCE
    if run.lease_owner is not None and run.lease_until is not None and run.lease_until < long_ago:
        return Standing.STUCK, Sentence(message=WORKER_SILENT, values={"at": _on_clock(calendar, run.lease_until)})
    if run.act_at is not None and run.act_at < long_ago:
        return Standing.STUCK, Sentence(message=NOT_TAKEN_UP, values={"at": _on_clock(calendar, run.act_at)})
    for step in steps:
        holders = asked.get(step.id, [])
        if holders and not any(active for _, active in holders):
            people = ", ".join(name for name, _ in holders)
            return Standing.STUCK, Sentence(
                message=ALL_GONE, values={"step": Label(label=step.title), "people": people}
            )
    if steps:
        return Standing.PEOPLE, None
    if run.act_at is not None or run.lease_owner is not None:
        return Standing.WORK, None
    if waits:
        return Standing.TIME, None
    return Standing.STUCK, Sentence(message=NOBODY_ASKED)
