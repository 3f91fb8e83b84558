"""Who held a case how long: each step and each person's part of it, what was waited for, and what it sums up to.

Times of people come from their places on routes, where each stretch is kept; times of waiting and of standstill from
the audit trail. Of places given up before stretches were kept, one is told from when they were asked and let go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session, col, select

from config.languages import N_
from config.words import ActionKind, ClosedBy, SignerState, StepState
from models.operations.working_time import given_up_at
from models.queries.shown import Read
from models.queries.steps import names_of
from models.rules.calendar import BusinessCalendar
from models.rules.working_time import working_minutes
from models.tables import AuditEvent, Case, Signer, Step

Interval = tuple[datetime, datetime]


class RowKind(StrEnum):
    """What a row of the drawing is about."""

    STEP = "step"
    WAIT = "wait"
    FAILED = "failed"


class Stretch(Read):
    """Somebody held a step: from ``since`` until ``until`` (now, while they still do). ``minutes`` are working time.

    ``came_to`` is the translatable label of their answer, or of what became of their place; none while they hold it and
    where they held it again later. ``for_name`` is the absent person whom they stood in for.
    """

    person: str
    name: str
    since: datetime
    until: datetime
    minutes: int
    still: bool = False
    came_to: str | None = None
    for_name: str | None = None


class TimedRow(Read):
    """A step, a wait or a standstill. ``title`` is translatable; ``minutes`` are working time."""

    kind: RowKind
    key: str
    title: str
    since: datetime
    until: datetime
    minutes: int
    still: bool = False
    round: int = 1
    due_at: datetime | None = None
    outcome: ActionKind | None = None
    closed_by: ClosedBy | None = None
    stretches: tuple[Stretch, ...] = ()


class PersonTotal(Read):
    """All that one person held of a case, in working time. ``holds``: they hold something now."""

    person: str
    name: str
    minutes: int
    steps: int
    holds: bool = False


class CaseTimes(Read):
    """A case's time from its opening to its end, or to now (``still``).

    In working time: ``with_people`` is when somebody was asked, ``waiting`` when nobody was and a day or an event was
    waited for, ``minutes`` all of it; what remains is the system's own.
    """

    since: datetime
    until: datetime
    still: bool
    minutes: int
    with_people: int
    waiting: int
    rows: tuple[TimedRow, ...]
    people: tuple[PersonTotal, ...]


WAITS: Mapping[str, str] = {
    "evidence": N_("Waiting for evidence"),
    "client-signature": N_("Waiting for the client's signature"),
    "item-due": N_("Until the next item of the plan is due"),
    "effect-due": N_("Until the effect can be evaluated"),
    "day": N_("Put off to a later day"),
    "reception": N_("Waiting for the reception"),
    "promise": N_("Waiting for the promised payment"),
    "rung": N_("Until the next rung of the ladder"),
    "instalment": N_("Waiting for an instalment"),
    "papers": N_("Waiting for papers"),
    "appeal": N_("Waiting for an appeal"),
    "probation": N_("Probation"),
}
"""What a wait is called, by its name in the flow."""
SOME_WAIT = N_("Waiting for a day or an event")
FAILED = N_("Stopped by an error")
OPENED, OVER = "wait.opened", frozenset({"wait.ended", "wait.over"})
STUCK, FREED = "case.failed", frozenset({"case.tried-again", "case.closed"})


def case_times(
    session: Session,
    case: Case,
    calendar: BusinessCalendar,
    now: datetime,
    steps: Sequence[Step] | None = None,
    signers: Sequence[Signer] | None = None,
) -> CaseTimes:
    """Who held ``case`` how long, until ``now``: three queries, or one where its steps and signers are at hand."""
    if steps is None:
        steps = session.exec(select(Step).where(Step.case_ref == case.ref).order_by(col(Step.id))).all()
    if signers is None:
        signers = session.exec(select(Signer).where(Signer.case_ref == case.ref).order_by(col(Signer.id))).all()
    until = case.closed_at or now
    reading = _Reading(session, calendar, until, signers, over=case.closed_at is not None)
    rows = [reading.step(step) for step in steps]
    rows += reading.waits(case.ref)
    rows.sort(key=lambda row: (row.since, row.kind is not RowKind.STEP))
    asked = _merged((row.since, row.until) for row in rows if row.kind is RowKind.STEP)
    busy = _merged([*asked, *((row.since, row.until) for row in rows if row.kind is RowKind.WAIT)])
    with_people = sum(working_minutes(calendar, *part) for part in asked)
    return CaseTimes(
        since=case.opened_at,
        until=until,
        still=case.closed_at is None,
        minutes=working_minutes(calendar, case.opened_at, until),
        with_people=with_people,
        waiting=max(0, sum(working_minutes(calendar, *part) for part in busy) - with_people),
        rows=tuple(rows),
        people=_totals(rows),
    )


class _Reading:
    """The record of one case being read."""

    def __init__(
        self, session: Session, calendar: BusinessCalendar, until: datetime, signers: Sequence[Signer], *, over: bool
    ) -> None:
        self._session, self._calendar, self._until, self._over = session, calendar, until, over
        self._places: dict[int, list[Signer]] = {}
        ids: set[str] = set()
        for place in signers:
            self._places.setdefault(place.step_id, []).append(place)
            ids.update(one for one in (place.person_id, place.for_person_id) if one)
            ids.update(str(stretch["by"]) for stretch in place.held or ())
        self._names = names_of(session, ids) if ids else {}

    def step(self, step: Step) -> TimedRow:
        until = step.closed_at or self._until
        there = self._places.get(step.id or 0, [])
        labels = {str(action["name"]): str(action["label"]) for action in step.actions}
        stretches = [one for place in there for one in self._held(place, there, step, labels)]
        known = step.working_minutes if step.closed_at else None
        return TimedRow(
            kind=RowKind.STEP,
            key=step.key,
            title=step.title,
            since=step.opened_at,
            until=until,
            minutes=working_minutes(self._calendar, step.opened_at, until) if known is None else known,
            still=step.state is StepState.OPEN,
            round=step.round,
            due_at=step.due_at,
            outcome=step.outcome,
            closed_by=step.closed_by,
            stretches=tuple(sorted(stretches, key=lambda one: one.since)),
        )

    def _held(self, place: Signer, there: Sequence[Signer], step: Step, labels: Mapping[str, str]) -> Iterable[Stretch]:
        parts = [
            (str(one["by"]), datetime.fromisoformat(one["since"]), datetime.fromisoformat(one["until"]))
            for one in place.held or ()
        ]
        asked_at, holds = place.asked_at, place.state is SignerState.ASKED and step.state is StepState.OPEN
        if holds and asked_at is not None:
            parts.append((place.person_id, asked_at, self._until))
        elif not parts and asked_at is not None and place.state is not SignerState.WAITING:
            gone = given_up_at(place, there, step.closed_at) or self._until
            parts.append((place.person_id, asked_at, max(asked_at, gone)))
        for number, (by, since, until) in enumerate(parts):
            last = number == len(parts) - 1
            stood_in = place.for_person_id if by == place.person_id else None
            yield Stretch(
                person=by,
                name=self._name(by),
                since=since,
                until=until,
                minutes=working_minutes(self._calendar, since, until),
                still=last and holds,
                came_to=_came_to(place, labels) if last and not holds else None,
                for_name=self._name(stood_in) if stood_in else None,
            )

    def _name(self, person_id: str) -> str:
        return self._names.get(person_id, person_id)

    def waits(self, ref: str) -> list[TimedRow]:
        """Times of waiting and of standstill, from the audit trail."""
        told = [OPENED, *OVER, STUCK, *FREED]
        statement = select(AuditEvent).where(AuditEvent.case_ref == ref, col(AuditEvent.event).in_(told))
        begun: dict[str, AuditEvent] = {}
        found: list[TimedRow] = []
        for event in self._session.exec(statement.order_by(col(AuditEvent.seq))):
            key = str(event.data.get("wait", ""))
            if event.event in (OPENED, STUCK):
                begun[key] = event
            elif event.event in OVER and key in begun:
                found.append(self._row(begun.pop(key), key, event.at))
            elif event.event in FREED and "" in begun:
                found.append(self._row(begun.pop(""), "", event.at))
        return found + [self._row(event, key, None) for key, event in begun.items()]

    def _row(self, begun: AuditEvent, key: str, until: datetime | None) -> TimedRow:
        end = until or self._until
        return TimedRow(
            kind=RowKind.WAIT if key else RowKind.FAILED,
            key=key,
            title=WAITS.get(key.removeprefix("wait:").partition("#")[0], SOME_WAIT) if key else FAILED,
            since=begun.at,
            until=end,
            minutes=working_minutes(self._calendar, begun.at, end),
            still=until is None and not self._over,
        )


def _came_to(place: Signer, labels: Mapping[str, str]) -> str:
    if place.state in (SignerState.SIGNED, SignerState.ADVISED) and place.action:
        return labels.get(place.action, place.action)
    return place.state.label


def _merged(parts: Iterable[Interval]) -> list[Interval]:
    """Times in order, those that touch or overlap made one."""
    found: list[Interval] = []
    for since, until in sorted(parts):
        if found and since <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], until))
        else:
            found.append((since, until))
    return found


def _totals(rows: Sequence[TimedRow]) -> tuple[PersonTotal, ...]:
    """What each person held in all; whoever held most first."""
    totals: dict[str, PersonTotal] = {}
    for row in rows:
        for person_id in dict.fromkeys(one.person for one in row.stretches):
            theirs = [one for one in row.stretches if one.person == person_id]
            before = totals.get(person_id) or PersonTotal(person=person_id, name=theirs[0].name, minutes=0, steps=0)
            totals[person_id] = before.model_copy(
                update={
                    "minutes": before.minutes + sum(one.minutes for one in theirs),
                    "steps": before.steps + 1,
                    "holds": before.holds or any(one.still for one in theirs),
                }
            )
    return tuple(sorted(totals.values(), key=lambda one: (-one.minutes, one.name)))


def is_short(times: CaseTimes) -> bool:
    """Whether there is nothing yet that a drawing would show."""
    return not times.rows or times.until - times.since < timedelta(minutes=1)
