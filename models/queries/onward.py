"""What happens after an answer: whom the case waits for now."""

from __future__ import annotations

from sqlmodel import Session, col, select

from config.words import CaseState, Outcome, SignerState
from models.queries.shown import Read
from models.tables import Case, Person, Signer, Step


class Onward(Read):
    """Where a case stands: its state, and each open step with those who are asked."""

    state: CaseState
    outcome: Outcome | None
    asked: tuple[tuple[str, tuple[str, ...]], ...]


def onward(session: Session, case_ref: str) -> Onward:
    """Where the case ``case_ref`` stands now. Two queries."""
    case = session.get_one(Case, case_ref)
    statement = (
        select(Step.title, Person.name)
        .join(Signer, col(Signer.step_id) == Step.id)
        .join(Person, col(Person.id) == Signer.person_id)
        .where(Signer.case_ref == case_ref, Signer.state == SignerState.ASKED)
        .order_by(col(Step.id), col(Signer.id))
    )
    asked: dict[str, tuple[str, ...]] = {}
    for title, name in session.exec(statement):
        asked[title] = (*asked.get(title, ()), name)
    return Onward(state=case.state, outcome=case.outcome, asked=tuple(asked.items()))
