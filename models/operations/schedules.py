"""Changes to when routines run: on record before Prefect is asked, settled afterwards; and what was changed elsewhere.

Prefect holds the schedules, we hold how they stood when last seen. A change is asked for against the version somebody
saw: of two who change at once, the second is told. Who dies between asking and settling leaves a change under way; the
next look at Prefect says what became of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from config.languages import N_
from config.words import ActorKind
from models.audit import canonical as canonical_json
from models.errors import Conflict
from models.house import House, Work
from models.queries.rights import must_operate
from models.schedules import CHANGES_A_SCHEDULE, ChangeState, RoutineSeen, ScheduleAct, ScheduleSeen
from models.tables import Person, RoutineState, ScheduleChange

UNDER_WAY = timedelta(seconds=60)
"""A change asked for longer ago than this was given up by whoever asked; Prefect says what became of it."""

OVERTAKEN = N_("Somebody has changed the schedules of this routine since. Look at them again; nothing was changed.")
_OPEN = (ChangeState.ASKED, ChangeState.UNANSWERED)
_LOST = N_("It was broken off before Prefect had done it.")
_UNKNOWN = N_("Whether Prefect has done it is not known; its runs show it.")


def ask(
    work: Work,
    person: Person,
    routine: str,
    act: ScheduleAct,
    *,
    version: int | None = None,
    schedule_id: str | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> int:
    """Put on record what Prefect is about to be asked for, and return the change's number.

    What changes schedules is asked for against the ``version`` that was seen; what concerns one run is not.

    Raises:
        NotAllowed: for anybody but operations.
        Conflict: they were changed since.
    """
    must_operate(person)
    if act in CHANGES_A_SCHEDULE:
        table = RoutineState.__table__  # type: ignore[attr-defined]
        mine = (table.c.routine == routine) & (table.c.version == version)
        if work.change(update(table).where(mine).values(version=RoutineState.version + 1)) != 1:
            raise Conflict(OVERTAKEN).note("schedule.overtaken", None, routine=routine, act=act.value, version=version)
    change = ScheduleChange(
        routine=routine,
        schedule_id=schedule_id,
        act=act,
        state=ChangeState.ASKED,
        actor_kind=work.actor.kind,
        person_id=person.id,
        before=dict(before) if before is not None else None,
        after=dict(after) if after is not None else None,
        asked_at=work.now,
    )
    work.add(change)
    work.record(
        "schedule.asked",
        change=change.id,
        routine=routine,
        act=act.value,
        schedule=schedule_id,
        before=change.before,
        after=change.after,
    )
    return change.id or 0


def settle(
    work: Work,
    change_id: int,
    seen: RoutineSeen | None = None,
    *,
    schedule_id: str | None = None,
    result: Mapping[str, Any] | None = None,
) -> None:
    """Prefect has done it. ``seen`` is how the routine stands now, where its schedules were changed; ``result`` is what
    came of it besides."""
    change = work.session.get_one(ScheduleChange, change_id)
    change.schedule_id = schedule_id or change.schedule_id
    if result:
        change.after = {**(change.after or {}), **result}
    _end(work, change, ChangeState.DONE)
    if seen is not None:
        _keep(work, change.routine, seen)


def fail(work: Work, change_id: int, why: str, *, answered: bool) -> None:
    """Prefect has refused it, or was never asked; or it did not answer, and only the next look can tell."""
    change = work.session.get_one(ScheduleChange, change_id)
    change.note = why[:500]
    _end(work, change, ChangeState.FAILED if answered else ChangeState.UNANSWERED)


def look(house: House, routine: str, seen: RoutineSeen) -> int:
    """Compare how a routine stands in Prefect with what is on record; return the version of what was seen.

    What became of a change that nobody settled is found out, and what was changed in Prefect itself is noted. Writes
    only where there is something to write.
    """
    with house.read() as session:
        known = session.get(RoutineState, routine)
        if known is not None and known.seen == seen.model_dump(mode="json") and not _left_open(session, house, routine):
            return known.version
    try:
        with house.work() as work:
            return _notice(work, routine, seen)
    except IntegrityError:  # two looked for the first time at once: the other was first
        with house.read() as session:
            return session.get_one(RoutineState, routine).version


def _left_open(session: Session, house: House, routine: str) -> bool:
    open_ones = select(ScheduleChange).where(ScheduleChange.routine == routine, col(ScheduleChange.state).in_(_OPEN))
    return any(_given_up(change, house) for change in session.exec(open_ones))


def _given_up(change: ScheduleChange, house: House) -> bool:
    return change.state is ChangeState.UNANSWERED or house.clock() - change.asked_at > UNDER_WAY


def _notice(work: Work, routine: str, seen: RoutineSeen) -> int:
    known = work.session.exec(select(RoutineState).where(RoutineState.routine == routine).with_for_update()).first()
    if known is None:
        work.add(RoutineState(routine=routine, seen=seen.model_dump(mode="json"), seen_at=work.now))
        work.record("schedule.first-seen", routine=routine, state=seen)
        return 1
    open_ones = work.session.exec(
        select(ScheduleChange)
        .where(ScheduleChange.routine == routine, col(ScheduleChange.state).in_(_OPEN))
        .order_by(col(ScheduleChange.id))
    ).all()
    if any(not _given_up(change, work.house) for change in open_ones):
        return known.version  # somebody is at it: what differs is theirs to settle
    before = RoutineSeen.model_validate(known.seen)
    happened = [] if _made_anew(before, seen) else list(differences(before, seen))
    for change in open_ones:
        mine = next((one for one in happened if _is(change, one[0], one[1], one[3])), None)
        if mine is not None:
            happened.remove(mine)
            change.schedule_id, change.note = mine[1], None
        else:
            change.note = _LOST if change.act in CHANGES_A_SCHEDULE else _UNKNOWN
        _end(work, change, ChangeState.DONE if mine is not None else ChangeState.FAILED)
    for act, schedule_id, was, now in happened:
        _elsewhere(work, routine, act, schedule_id, was, now)
    if before != seen:
        known.version += 1
        _keep(work, routine, seen)
    return known.version


def as_they_stood(house: House) -> dict[str, RoutineSeen]:
    """How each routine stood when it was last seen, by its name: for a Prefect that does not know them."""
    with house.read() as session:
        known = session.exec(select(RoutineState)).all()
        return {one.routine: RoutineSeen.model_validate(one.seen) for one in known}


def _made_anew(before: RoutineSeen, seen: RoutineSeen) -> bool:
    """Whether these are the same schedules under new numbers: Prefect was new, and they were made as they had stood."""
    if before.paused is not seen.paused or before.schedules.keys() & seen.schedules.keys():
        return False
    return _told(before) == _told(seen)


def _told(seen: RoutineSeen) -> list[str]:
    return sorted(canonical_json(one) for one in seen.schedules.values())


def differences(before: RoutineSeen, after: RoutineSeen) -> Iterator[tuple[ScheduleAct, str | None, Any, Any]]:
    """What was done between two looks: the act, the schedule it concerns, how that stood before and stands after."""
    if before.paused is not after.paused:
        act = ScheduleAct.ALL_PAUSED if after.paused else ScheduleAct.ALL_RESUMED
        yield act, None, {"paused": before.paused}, {"paused": after.paused}
    for one in sorted(before.schedules.keys() | after.schedules.keys()):
        was, now = before.schedules.get(one), after.schedules.get(one)
        if was == now:
            continue
        yield _act(was, now), one, _dumped(was), _dumped(now)


def _act(was: ScheduleSeen | None, now: ScheduleSeen | None) -> ScheduleAct:
    if was is None:
        return ScheduleAct.CREATED
    if now is None:
        return ScheduleAct.DELETED
    if was.model_copy(update={"active": now.active}) == now:
        return ScheduleAct.RESUMED if now.active else ScheduleAct.PAUSED
    return ScheduleAct.UPDATED


def _dumped(one: ScheduleSeen | None) -> dict[str, Any] | None:
    return one.model_dump(mode="json") if one is not None else None


def _is(change: ScheduleChange, act: ScheduleAct, schedule_id: str | None, now: Any) -> bool:
    """Whether a difference is what a change asked for. The number of a schedule to be made is not known before."""
    same = change.act is ScheduleAct.CREATED or change.schedule_id == schedule_id
    return change.act is act and same and (act is ScheduleAct.DELETED or change.after == now)


def _elsewhere(work: Work, routine: str, act: ScheduleAct, schedule_id: str | None, was: Any, now: Any) -> None:
    work.add(
        ScheduleChange(
            routine=routine,
            schedule_id=schedule_id,
            act=act,
            state=ChangeState.ELSEWHERE,
            actor_kind=ActorKind.SYSTEM,
            before=was,
            after=now,
            asked_at=work.now,
            settled_at=work.now,
        )
    )
    work.record_system(
        "schedule.changed-elsewhere", routine=routine, act=act.value, schedule=schedule_id, before=was, after=now
    )


def _keep(work: Work, routine: str, seen: RoutineSeen) -> None:
    known = work.session.get_one(RoutineState, routine)
    known.seen, known.seen_at = seen.model_dump(mode="json"), work.now
    work.session.add(known)


def _end(work: Work, change: ScheduleChange, state: ChangeState) -> None:
    change.state, change.settled_at = state, work.now
    work.session.add(change)
    event = {ChangeState.DONE: "schedule.changed", ChangeState.FAILED: "schedule.failed"}.get(
        state, "schedule.unanswered"
    )
    work.record(event, change=change.id, routine=change.routine, act=change.act.value, note=change.note)
