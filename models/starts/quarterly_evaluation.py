"""An evaluation begun by hand: operations or risk name the quarter (C)."""

from __future__ import annotations

from config.languages import N_
from models.forms.evaluation import PeriodWanted
from models.house import Work
from models.operations.evaluation import open_evaluation
from models.processes import EVALUATION
from models.rights import Right
from models.starting import Start, startable
from models.tables import Case, Person


def evaluate_period(work: Work, form: PeriodWanted, by: Person, key: str) -> Case:
    """The evaluation of the quarter named: the one there is, or a new one.

    Raises:
        Invalid: it is no quarter, or not over yet.
        Conflict: the company has no risk manager to answer for it.
    """
    return open_evaluation(work, form.period, by, key, origin="page")


EVALUATE = startable(
    Start(
        kind=EVALUATION,
        intro=N_("Evaluate the whole portfolio for a quarter that is over. A quarter has one evaluation."),
        form=PeriodWanted,
        opener=evaluate_period,
        right=Right.BEGIN_EVALUATION,
    )
)
