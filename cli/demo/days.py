"""Days that the demonstration has not got: the date of a timer is moved, here and nowhere else, in its own database.

Deadlines are business days. Nothing but the date is touched: that the timer is due, and what follows from it, is found
out and done by the product itself. Each move is on the audit trail as ``demo.timer-moved``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import update
from sqlmodel import col

from cli.demo.stage import Stage
from cli.terminal import operator
from models.tables import Timer


def moves_timer(stage: Stage, case: str, kind: str) -> None:
    """Let the one timer of this kind that the case has be due now; a case that just comes to it is waited for.

    Raises:
        Unmet: there is none.
    """

    def moved() -> int | None:
        with stage.house.work(operator()) as work:
            of_the_case = (col(Timer.case_ref) == case) & (col(Timer.kind) == kind)
            due = update(Timer).where(of_the_case).values(due_at=work.now - timedelta(seconds=1))
            found = work.change(due)
            if found:
                work.record("demo.timer-moved", case, timer=kind)
        return found or None

    found = stage.until(moved, f"{case} to have a timer “{kind}”")
    stage.account.expect(found == 1, f"{case} to have one timer “{kind}”, not {found}")


def lets_the_day_come(stage: Stage, case: str, then: Sequence[str] = ()) -> None:
    """The day that the case waits for is now. ``then`` are asked next."""
    letters = stage.mailbox.so_far()
    moves_timer(stage, case, "wait")
    stage.are_asked(case, then, letters)
