"""A coordination meeting begun by hand: operations or risk name the month (B)."""

from __future__ import annotations

from config.languages import N_
from models.forms.meeting import MonthWanted
from models.house import Work
from models.operations.meetings import open_meeting
from models.processes import MEETING
from models.rights import Right
from models.starting import Start, startable
from models.tables import Case, Person


def meet_about(work: Work, form: MonthWanted, by: Person, key: str) -> Case:
    """The meeting about the month named: the one there is, or a new one.

    Raises:
        Invalid: it is no month, or not over yet.
        Conflict: the company has no risk manager to call it.
    """
    return open_meeting(work, form.period, by, key, origin="page")


MEET = startable(
    Start(
        kind=MEETING,
        intro=N_("Prepare the coordination meeting about a month that is over. A month has one meeting."),
        form=MonthWanted,
        opener=meet_about,
        right=Right.BEGIN_MEETING,
    )
)
