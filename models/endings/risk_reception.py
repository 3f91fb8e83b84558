"""When a reception ends: who sent a dispute here hears of it, and nobody outside is asked for anything more."""

from __future__ import annotations

from config.words import CaseState
from models.ending import at_the_end_of
from models.house import Work
from models.operations.outside import revoke_invitations
from models.operations.receptions import DISPUTE_SETTLED
from models.operations.waits import announce
from models.processes import RECEPTION
from models.purposes.sign_paper import NAME as SIGN_PAPER
from models.tables import Case


@at_the_end_of(RECEPTION)
def tell_who_waits(work: Work, case: Case) -> None:
    """Announce the end to every case that raised a reason, each with the invoices it disputes."""
    raised: dict[str, set[str]] = {}
    for why in case.input.get("reasons", []):
        if why.get("raised_by"):
            raised.setdefault(why["raised_by"], set()).update(why.get("invoices", []))
    for ref, invoices in sorted(raised.items()):
        raiser = work.session.get(Case, ref)
        if raiser is not None and raiser.state is not CaseState.CLOSED:
            outcome = case.outcome.value if case.outcome else None
            told = {"reception": case.ref, "outcome": outcome, "invoices": sorted(invoices)}
            announce(work, ref, DISPUTE_SETTLED, told)
            work.record_system("reception.ended-told", ref, reception=case.ref, outcome=outcome)


@at_the_end_of(RECEPTION)
def ask_nobody_outside_any_more(work: Work, case: Case) -> None:
    """A client whose signature is no longer waited for finds the link closed."""
    revoke_invitations(work, case.ref, SIGN_PAPER)
