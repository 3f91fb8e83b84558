"""An assessment of the work begun by hand: operations or audit name the half-year (R, B)."""

from __future__ import annotations

from config.languages import N_
from models.forms.assessment import HalfYearWanted
from models.house import Work
from models.operations.assessments import open_assessment
from models.processes import ASSESSMENT
from models.rights import Right
from models.starting import Start, startable
from models.tables import Case, Person


def assess(work: Work, form: HalfYearWanted, by: Person, key: str) -> Case:
    """The assessment of the half-year named: the one there is, or a new one.

    Raises:
        Invalid: it is no half-year, or not over yet.
        Conflict: the company has no internal auditor.
    """
    return open_assessment(work, form.period, by, key, origin="page")


ASSESS = startable(
    Start(
        kind=ASSESSMENT,
        intro=N_("Assess the work of a half-year that is over. A half-year has one assessment."),
        form=HalfYearWanted,
        opener=assess,
        right=Right.BEGIN_ASSESSMENT,
    )
)
