"""A nomination whose case has ended without a listing is not open any more."""

from __future__ import annotations

from sqlmodel import select

from config.words import NominationState, Outcome
from models.ending import at_the_end_of
from models.house import Work
from models.processes import LISTING
from models.tables import Case, Nomination


@at_the_end_of(LISTING)
def settle_nomination(work: Work, case: Case) -> None:
    """Listed, or not: also where the case was withdrawn, lapsed or was cancelled."""
    state = NominationState.LISTED if case.outcome is Outcome.LISTED else NominationState.REFUSED
    waiting = select(Nomination).where(Nomination.decided_by == case.ref, Nomination.state == NominationState.OPEN)
    for nomination in work.session.exec(waiting).all():
        nomination.state = state
        work.add(nomination)
