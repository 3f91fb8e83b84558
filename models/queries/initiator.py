"""What whoever started or handles a case may do just now: urge 催办, withdraw 撤回, say something."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from config.languages import N_
from config.words import CaseState, StepState
from models.errors import NotFound
from models.house import House
from models.operations.cases import owner_of, signed_above
from models.operations.steps import case_is_live
from models.operations.urging import urged_until
from models.queries.shown import Read
from models.tables import Case, Person, Step


class InitiatorMoves(Read):
    """``urge_from``: when urging is possible again, if it was done a short while ago. ``signed_above`` names somebody
    who has signed and so bars the withdrawal."""

    may_urge: bool
    urge_from: datetime | None
    may_withdraw: bool
    signed_above: str | None


def initiator_moves(session: Session, house: House, case: Case, viewer: Person) -> InitiatorMoves:
    """The moves on ``case`` that are open to ``viewer`` now."""
    started, own = viewer.id == owner_of(case), viewer.id in (case.initiator_id, case.handler_id)
    if not own or not case_is_live(case) or case.state is CaseState.CLOSED:
        return InitiatorMoves(may_urge=False, urge_from=None, may_withdraw=False, signed_above=None)
    waits = select(Step).where(Step.case_ref == case.ref, Step.state == StepState.OPEN).order_by(col(Step.id))
    steps = session.exec(waits).all()
    pauses = [until for step in steps if (until := urged_until(session, house, case, step)) is not None]
    until = max(pauses, default=None)
    above = signed_above(session, house, case) if started else None
    return InitiatorMoves(
        may_urge=bool(steps),
        urge_from=until if until is not None and until > house.clock() else None,
        may_withdraw=started and above is None,
        signed_above=above,
    )


def latest_step(session: Session, ref: str) -> int:
    """The step that a case is at, or was at last.

    Raises:
        NotFound: nobody has been asked anything yet.
    """
    found = session.exec(select(Step.id).where(Step.case_ref == ref).order_by(col(Step.id).desc())).first()
    if found is None:
        raise NotFound(N_("Nobody has been asked anything yet."))
    return found
