"""When a credit repair ends, nobody outside is asked for anything more."""

from __future__ import annotations

from models.ending import at_the_end_of
from models.house import Work
from models.operations.outside import revoke_invitations
from models.operations.repair import APPEAL, APPLY, SUPPLY
from models.processes import REPAIR
from models.tables import Case


@at_the_end_of(REPAIR)
def close_the_links(work: Work, case: Case) -> None:
    """However it ended: what is still open is open no more."""
    for purpose in (APPLY, SUPPLY, APPEAL):
        revoke_invitations(work, case.ref, purpose)
