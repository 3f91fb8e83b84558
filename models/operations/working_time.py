"""How long steps were open and people held them, in working time: noted in the write that ends it.

A place may be held in several stretches, and by several people: a delegator waits for the delegate, a signer is held
back by one added before them, a substitute gives back. Each stretch is kept with whose it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from config.words import SignerState
from models.house import Work
from models.rules.calendar import BusinessCalendar
from models.rules.working_time import working_minutes
from models.tables import Signer, Step


def begin_hold(work: Work, place: Signer) -> None:
    """The holder of ``place`` is asked now; a stretch under way ends."""
    end_hold(work, place)
    place.asked_at, place.working_minutes = work.now, None


def end_hold(work: Work, place: Signer) -> None:
    """The holder of ``place`` no longer holds it: signed, moved on, held back, released. Call it before the state
    or the holder changes; a place that is not held stays as it is."""
    for name, value in held_until_now(work, place).items():
        setattr(place, name, value)
    work.session.add(place)


def held_until_now(work: Work, place: Signer) -> dict[str, Any]:
    """What ``end_hold`` sets, for a conditional write."""
    if place.state is not SignerState.ASKED or place.asked_at is None:
        return {}
    minutes = working_minutes(work.house.calendar, place.asked_at, work.now)
    stretch = {
        "by": place.person_id,
        "since": place.asked_at.isoformat(),
        "until": work.now.isoformat(),
        "minutes": minutes,
    }
    held = list(place.held or ()) + ([stretch] if place.asked_at < work.now else [])
    return {"held": held, "working_minutes": sum(one["minutes"] for one in held if one["by"] == place.person_id)}


def end_holds(work: Work, step: Step) -> None:
    """Nobody holds a step any more that has just closed. The bulk write that releases its places comes after this."""
    places = work.session.exec(select(Signer).where(Signer.step_id == step.id, col(Signer.asked_at).is_not(None))).all()
    for place in places:
        end_hold(work, place)
    measure_earlier(work, step, [one for one in places if one.working_minutes is None], places)
    work.session.flush()


def measure_earlier(work: Work, step: Step, missing: Iterable[Signer], among: Iterable[Signer] = ()) -> None:
    """Places given up before times held were noted: as well as the record tells, in one stretch each."""
    for place in missing:
        until = given_up_at(place, among, step.closed_at)
        place.working_minutes = minutes_between(work.house.calendar, place.asked_at, until)
        work.session.add(place)


def given_up_at(place: Signer, among: Iterable[Signer], closed_at: datetime | None) -> datetime | None:
    """When the holder of a place let go of it, where no stretch was noted: signed; else when whoever took it over was
    asked, when their level was signed to its end, or when the step closed."""
    if place.signed_at is not None:
        return place.signed_at
    there = list(among)
    taken = [one.asked_at for one in there if one.took_over_from == place.id and one.asked_at]
    if taken:
        return min(taken)
    higher = [one.asked_at for one in there if one.level > place.level and one.asked_at]
    return min(higher, default=closed_at)


def minutes_between(calendar: BusinessCalendar, begin: datetime | None, end: datetime | None) -> int:
    """Working minutes between two instants that an older version may not have noted."""
    return working_minutes(calendar, begin, end) if begin is not None and end is not None else 0
