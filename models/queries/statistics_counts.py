"""What the statistics count, in SQL: each statement reads one index and nothing else, whatever the period.

Durations come as counted minutes, from which percentiles are exact; no row leaves the database by itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, String, case, cast, func, literal, type_coerce
from sqlalchemy import select as columns
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import Session, col, select

from config.words import ActionKind, CaseState, ClosedBy, Department, SignerState, StepState
from models.processes import PROCESSES
from models.tables import Case, Signer, Step

PREFIX = 3
"""Letters before the first hyphen of a case's reference: they say which process it is, without looking it up."""
PROCESS_OF = {kind.prefix: kind.name for kind in PROCESSES.values()}
ANSWERED = (ClosedBy.ANSWER, ClosedBy.EXPIRY)
"""Steps that somebody had to answer and did, or did not in time; the others were overtaken."""


class minutes_between(FunctionElement[int]):
    """Whole minutes from the first instant to the second, of their whole seconds, in SQL."""

    type = Integer()
    inherit_cache = True
    name = "minutes_between"


@compiles(minutes_between)
def _by_epoch(element: minutes_between, compiler: Any, **keywords: Any) -> str:
    first, second = (compiler.process(one, **keywords) for one in element.clauses)
    return f"CAST(floor((floor(extract(epoch FROM {second})) - floor(extract(epoch FROM {first}))) / 60) AS INTEGER)"


@compiles(minutes_between, "sqlite")
def _by_unix_seconds(element: minutes_between, compiler: Any, **keywords: Any) -> str:
    first, second = (compiler.process(one, **keywords) for one in element.clauses)
    return f"((strftime('%s', {second}) - strftime('%s', {first})) / 60)"


@dataclass(frozen=True)
class Sought:
    """What is counted: from ``begins`` to before ``ends`` (instants), of one process or all, of one department's cases
    or all."""

    begins: datetime
    ends: datetime
    process: str | None = None
    department: Department | None = None

    def years(self) -> Iterator[tuple[datetime, datetime]]:
        """The period in pieces of at most a year, one after the other."""
        begins = self.begins
        while begins < self.ends:
            ends = min(begins + timedelta(days=366), self.ends)
            yield begins, ends
            begins = ends

    def of_cases(self) -> list[ColumnElement[bool]]:
        """The conditions on ``Case``, its time left open."""
        found: list[ColumnElement[bool]] = []
        if self.process is not None:
            found.append(col(Case.process) == self.process)
        if self.department is not None:
            found.append(col(Case.department) == self.department)
        return found

    def of_refs(self, ref: Any, *, few: bool = False) -> list[ColumnElement[bool]]:
        """The same conditions on a column that holds cases' references: of many rows, or of a few, whose cases are
        looked up one by one."""
        found: list[ColumnElement[bool]] = []
        if self.process is not None:
            found.append(func.substr(ref, 1, PREFIX) == PROCESSES[self.process].prefix)
        if self.department is not None and few:
            found.append(select(Case.ref).where(Case.ref == ref, Case.department == self.department).exists())
        elif self.department is not None:
            found.append(ref.in_(select(Case.ref).where(Case.department == self.department)))
        return found


class StepKey(NamedTuple):
    process: str
    name: str


@dataclass
class StepCount:
    """What became of a step of one name; ``minutes`` are the working times of those answered."""

    answered: int = 0
    late: int = 0
    returned: int = 0
    refused: int = 0
    expired: int = 0
    open: int = 0
    overdue: int = 0

    def __post_init__(self) -> None:
        self.minutes: Counter[int] = Counter()


def opened(session: Session, sought: Sought, bounds: Sequence[datetime]) -> dict[tuple[str, int], int]:
    """Cases opened within the period, by process and by the part of it; ``bounds`` are the ends of the parts."""
    at = col(Case.opened_at)
    part = _part(at, bounds)
    rows = session.execute(
        columns(col(Case.process), part, func.count())
        .where(at >= sought.begins, at < sought.ends, *sought.of_cases())
        .group_by(col(Case.process), part)
    )
    return {(process, number): count for process, number, count in rows}


@dataclass
class Ended:
    """The cases ended within the period by process, ending and part, and how long they took by process: in minutes of
    the clock, and of working time."""

    endings: Counter[tuple[str, str | None, int]]
    clock: defaultdict[str, Counter[int]]
    working: defaultdict[str, Counter[int]]


def ended(session: Session, sought: Sought, bounds: Sequence[datetime]) -> Ended:
    """The cases ended within the period."""
    at = col(Case.closed_at)
    clock, working = minutes_between(col(Case.opened_at), at), col(Case.working_minutes)
    fields = (col(Case.process), _text(col(Case.outcome)), _text(_part(at, bounds)), _text(clock), _text(working))
    found = Ended(Counter(), defaultdict(Counter), defaultdict(Counter))
    for (process, outcome, part, took, worked), count in tally(session, sought, at, fields, *sought.of_cases()):
        found.endings[process, outcome or None, int(part)] += count
        found.clock[process][max(0, int(took))] += count
        if worked:
            found.working[process][int(worked)] += count
    return found


def open_now(session: Session, sought: Sought) -> dict[str, int]:
    """Cases that have not ended, by process; the period does not matter."""
    process = func.coalesce(col(Case.process), "")  # no column: else the index by process is walked to its end
    rows = session.execute(
        columns(process, func.count())
        .where(col(Case.state).in_([CaseState.RUNNING, CaseState.FAILED]), *sought.of_cases())
        .group_by(process)
    )
    return dict(rows.tuples().all())


_LATE = "late"
_ANSWERED, _RETURNED, _REFUSED, _EXPIRED = "", "return", "reject", "expired"


def steps(session: Session, sought: Sought, now: datetime) -> dict[StepKey, StepCount]:
    """Steps answered (or expired) within the period, and those open now, by process and name."""
    found: defaultdict[StepKey, StepCount] = defaultdict(StepCount)
    prefix, at, outcome = func.substr(col(Step.case_ref), 1, PREFIX), col(Step.closed_at), col(Step.outcome)
    became = case(
        (col(Step.closed_by) == ClosedBy.EXPIRY, _EXPIRED),
        (outcome == ActionKind.RETURN, _RETURNED),
        (outcome == ActionKind.REJECT, _REFUSED),
        else_=_ANSWERED,
    )
    late = case((at > col(Step.due_at), _LATE), else_="")
    fields = (prefix, col(Step.name), _text(col(Step.working_minutes)), late, became)
    where = (col(Step.closed_by).in_(ANSWERED), *sought.of_refs(col(Step.case_ref)))
    for (letters, name, minutes, is_late, fate), count in tally(session, sought, at, fields, *where):
        one = found[StepKey(PROCESS_OF.get(letters, letters), name)]
        one.answered += count
        one.late += count if is_late else 0
        if fate != _ANSWERED:
            one.returned += count if fate == _RETURNED else 0
            one.refused += count if fate == _REFUSED else 0
            one.expired += count if fate == _EXPIRED else 0
        if minutes:
            one.minutes[int(minutes)] += count
    waiting = session.execute(
        columns(prefix, col(Step.name), func.count(), _times(col(Step.due_at) < now))
        .where(col(Step.state) == StepState.OPEN, *sought.of_refs(col(Step.case_ref), few=True))
        .group_by(prefix, col(Step.name))
    )
    for letters, name, count, overdue in waiting:
        one = found[StepKey(PROCESS_OF.get(letters, letters), name)]
        one.open, one.overdue = count, overdue
    return dict(found)


def titles(session: Session, keys: Iterable[StepKey]) -> dict[StepKey, str]:
    """What these steps are called: as the one answered last is."""
    found: dict[StepKey, str] = {}
    some = list(keys)
    for start in range(0, len(some), _AT_ONCE):
        wanted = some[start : start + _AT_ONCE]
        names = columns(*(_title_of(key).label(f"title_{place}") for place, key in enumerate(wanted)))
        found |= {key: title or key.name for key, title in zip(wanted, session.execute(names).one(), strict=True)}
    return found


_AT_ONCE = 50


def _title_of(key: StepKey) -> ColumnElement[str]:
    latest = columns(col(Step.title)).where(col(Step.name) == key.name)
    if key.process in PROCESSES:
        latest = latest.where(func.substr(col(Step.case_ref), 1, PREFIX) == PROCESSES[key.process].prefix)
    return latest.order_by(col(Step.closed_at).desc()).limit(1).scalar_subquery()


def tally(
    session: Session, sought: Sought, at: Any, fields: Sequence[Any], *where: ColumnElement[bool]
) -> Iterator[tuple[list[str], int]]:
    """How often each combination of ``fields`` (texts, none of them null) comes among the rows whose ``at`` lies within
    the period.

    The database hands out all rows as one text, which is cut and counted here: it is done in less than half of the time
    that the same rows take one by one, or that sorting them takes in order to group them. A year at a time, so that
    the text of a long period is not held whole. No field holds a separator: they are words, slugs and numbers.
    """
    row: ColumnElement[str] = type_coerce(fields[0], String)
    for one in fields[1:]:
        row = row + _FIELD + type_coerce(one, String)
    found: Counter[str] = Counter()
    for begins, ends in sought.years():
        text = columns(func.aggregate_strings(row, _ROW)).where(at >= begins, at < ends, *where)
        if together := session.execute(text).scalar():
            found.update(together.split(_ROW))
    for line, count in found.items():
        yield line.split(_FIELD), count


_FIELD, _ROW = "|", "~"


def _text(field: Any) -> ColumnElement[str]:
    """Anything as text; nothing is empty text."""
    return func.coalesce(cast(field, String), "")


# -- who has how much to do -------------------------------------------------------------------------------------------


@dataclass
class Load:
    """What one role, department or person has before them and has answered within the period."""

    asked: int = 0
    overdue: int = 0
    answered: int = 0

    def __post_init__(self) -> None:
        self.minutes: Counter[int] = Counter()
        self.people: set[str] = set()


def loads(
    session: Session,
    sought: Sought,
    now: datetime,
    by: Any,
    *,
    belongs: Mapping[str, Any] | None = None,
    people: Sequence[str] | None = None,
) -> dict[Any, Load]:
    """What is asked of people now and what they answered within the period, by ``by``, a column of ``Signer``, or by
    what its values belong to. ``people`` names whose places count, if not everybody's."""
    found: defaultdict[Any, Load] = defaultdict(Load)
    mine = [col(Signer.person_id).in_(people)] if people is not None else []
    late = col(Signer.step_id).in_(select(Step.id).where(Step.state == StepState.OPEN, col(Step.due_at) < now))
    waiting = columns(by, col(Signer.person_id), func.count(), _times(late)).select_from(Signer)
    waiting = waiting.where(
        col(Signer.state) == SignerState.ASKED, *mine, *sought.of_refs(col(Signer.case_ref), few=True)
    )
    done = tally(
        session,
        sought,
        col(Signer.signed_at),
        (_text(by), _text(col(Signer.working_minutes))),
        *mine,
        *sought.of_refs(col(Signer.case_ref)),
    )
    for key, person_id, count, overdue in session.execute(waiting.group_by(by, col(Signer.person_id))):
        one = found[belongs.get(key) if belongs is not None else key]
        one.asked += count
        one.overdue += overdue
        one.people.add(person_id)
    for (key, minutes), count in done:
        one = found[belongs.get(key) if belongs is not None else key or None]
        one.answered += count
        if minutes:
            one.minutes[int(minutes)] += count
    return dict(found)


def _part(at: Any, bounds: Sequence[datetime]) -> ColumnElement[int]:
    """The number of the part of the period that ``at`` lies in."""
    return case(*((at < bound, number) for number, bound in enumerate(bounds)), else_=0) if bounds else literal(0)


def _times(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
