"""A clock that was put back: what was made due under the clock that was ahead is due now, not when time catches up."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import exists, or_, select, update

from config.words import MessageState
from models.house import SYSTEM, House
from models.tables import OutboxMessage, Run

AHEAD = timedelta(minutes=5)
"""Nothing that is to be looked at is put off for so long, and no two clocks of one installation may differ by it."""


def bring_back_to_now(house: House) -> int:
    """Make due what waits for a time that only a wrong clock can have named. Returns how many cases and messages.

    A case is looked at within minutes of being woken; a message was not written in the future. Deadlines and other
    timers stay as they are: of them nobody can tell whether they are right.
    """
    run, message = Run.__table__, OutboxMessage.__table__  # type: ignore[attr-defined]
    late = house.clock() + AHEAD
    pending = (message.c.state == MessageState.PENDING) & (message.c.created_at > late)
    with house.read() as session:
        there = session.execute(
            select(1).where(or_(exists().where(run.c.act_at > late), exists().where(pending)))
        ).first()
    if there is None:
        return 0
    with house.work(SYSTEM) as work:
        cases = work.change(update(run).where(run.c.act_at > late).values(act_at=work.now))
        soon = (message.c.next_at > work.now) & pending
        messages = work.change(update(message).where(soon).values(next_at=work.now, created_at=work.now))
        if cases or messages:
            work.record("clock.put-back", cases=cases, messages=messages)
    return cases + messages
