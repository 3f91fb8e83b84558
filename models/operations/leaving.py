"""What ends when somebody leaves."""

from __future__ import annotations

from sqlmodel import col, select

from models.house import Work
from models.operations.absences import cancel_absence
from models.operations.sessions import end_access
from models.tables import Absence, Person


def let_go(work: Work, person: Person) -> None:
    """Who has left comes in by no session, link or token any more; coming back they sign in anew."""
    end_access(work, person.id)
    standing_in = select(Absence).where(
        Absence.substitute_id == person.id, col(Absence.cancelled_at).is_(None), col(Absence.ends_at) > work.now
    )
    for absence in work.session.exec(standing_in).all():
        cancel_absence(work, absence.id or 0)
