"""However a turn of customer care ends, the duty comes round again (X, C, B)."""

from __future__ import annotations

from models.ending import at_the_end_of
from models.house import Work
from models.operations.care import set_next_turn
from models.operations.parties import policy_of
from models.processes import CARE
from models.tables import Case


@at_the_end_of(CARE)
def comes_round_again(work: Work, case: Case) -> None:
    """Carried out, missed, withdrawn or cancelled: its next turn is set, by what it came to."""
    set_next_turn(work, case, policy_of(work, case))
