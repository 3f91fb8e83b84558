"""The case's journal, and the lease that guards it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from models.house import Work
from models.tables import Case, JournalEntry, Run


class LeaseHeld(Exception):
    """Another worker carries this case just now."""


class Fenced(Exception):
    """This worker's lease on the case was lost to another; nothing it does is recorded any more."""


def lock_case(work: Work, case_ref: str) -> None:
    """Let one change of a case be made at a time.

    Whoever changes several rows of a case takes this lock before them, as a segment does by holding its lease: nobody
    then waits for each other in a circle, and nobody overlooks what the other is just adding. SQLite has one writer
    anyway.
    """
    if work.session.get_bind().dialect.name != "sqlite":
        work.session.exec(select(Run.case_ref).where(Run.case_ref == case_ref).with_for_update()).one()


def take_lease(work: Work, case_ref: str, owner: str, seconds: int) -> int:
    """Take the case for one segment of its run and return the fencing number.

    What there is to know at this moment counts as seen: a later reason to wake the case raises ``wake_seq`` again.

    Raises:
        LeaseHeld: somebody else holds it, and their lease has not run out.
    """
    table = Run.__table__  # type: ignore[attr-defined]
    free = table.c.lease_owner.is_(None) | (table.c.lease_until < work.now)
    taken = work.change(
        update(table)
        .where(table.c.case_ref == case_ref, free)
        .values(
            lease_owner=owner,
            lease_until=work.now + timedelta(seconds=seconds),
            fence=table.c.fence + 1,
            seen_seq=table.c.wake_seq,
            act_at=None,
        )
    )
    if taken != 1:
        raise LeaseHeld(case_ref)
    return work.session.exec(select(Run.fence).where(Run.case_ref == case_ref)).one()


def hold_lease(work: Work, case_ref: str, fence: int, seconds: int) -> Case:
    """Renew the lease within the work it protects, and return the case.

    Raises:
        Fenced: the lease has passed to another.
    """
    table = Run.__table__  # type: ignore[attr-defined]
    held = work.change(
        update(table)
        .where(table.c.case_ref == case_ref, table.c.fence == fence)
        .values(lease_until=work.now + timedelta(seconds=seconds))
    )
    if held != 1:
        raise Fenced(f"{case_ref}: the lease numbered {fence} was taken over")
    return work.session.get_one(Case, case_ref)


def drop_lease(work: Work, case_ref: str, fence: int, *, succeeded: bool) -> None:
    """Let go of the case at the end of a segment. A lease that was lost is nobody's to drop.

    A segment that succeeded wipes out the failures counted before it.
    """
    table = Run.__table__  # type: ignore[attr-defined]
    mine = (table.c.case_ref == case_ref) & (table.c.fence == fence)
    cured = {"failures": 0, "failure": None} if succeeded else {}
    work.change(update(table).where(mine).values(lease_owner=None, lease_until=None, **cured))


def read_journal(session: Session, case_ref: str) -> dict[str, Any]:
    """All that the case's verbs came to, by key: one query, however long the case is; turns that are over left out."""
    unfolded = select(JournalEntry.key, JournalEntry.result).where(
        JournalEntry.case_ref == case_ref, col(JournalEntry.folded).is_(False)
    )
    rows = session.exec(unfolded)
    return dict(rows.all())


def write_journal(work: Work, case_ref: str, key: str, verb: str, result: Any) -> None:
    """Remember what a verb came to. The database refuses a second entry under one key."""
    work.add(JournalEntry(case_ref=case_ref, key=key, verb=verb, result=result, at=work.now))


def fold_turn(work: Work, case_ref: str, key: str, turn: int) -> None:
    """Begin ``turn`` of the loop remembered under ``key``: what was written since the turn before is folded away."""
    marker = work.session.exec(
        select(JournalEntry).where(JournalEntry.case_ref == case_ref, JournalEntry.key == key)
    ).first()
    if marker is None:
        write_journal(work, case_ref, key, "turns", {"turn": turn, "since": None})
        return
    mine = (col(JournalEntry.case_ref) == case_ref) & (col(JournalEntry.id) > (marker.result["since"] or marker.id))
    last = work.session.exec(select(JournalEntry.id).where(mine).order_by(col(JournalEntry.id).desc())).first()
    work.change(update(JournalEntry).where(mine).values(folded=True).execution_options(synchronize_session=False))
    marker.result = {"turn": turn, "since": last or marker.result["since"]}
    work.add(marker)
