"""Who has to do with a case, as conflicts of interest are judged; and the policy that the case began under."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import select

from config.policy import Policy
from config.words import ActionKind, SignerState
from models.house import Work
from models.rules.conflicts import Concerned, Parties
from models.tables import Case, Person, Signer, Step

DECIDING = {ActionKind.APPROVE, ActionKind.APPROVE_WITH_CONDITIONS, ActionKind.REJECT}
GONE = {SignerState.REMOVED, SignerState.TRANSFERRED, SignerState.RELEASED}


def policy_of(work: Work, case: Case) -> Policy:
    """The policy the case began under."""
    return work.house.policy_of(work.session, case.policy_version)


def decides(step: Step) -> bool:
    """Whether the step's answers decide, rather than record."""
    return any(ActionKind(action["kind"]) in DECIDING for action in step.actions)


def concerned(person: Person) -> Concerned:
    """A person as conflicts of interest are judged."""
    return Concerned(person.id, person.name, frozenset(person.roles), person.active)


def parties(work: Work, case: Case, step: Step, *, besides: Sequence[int] = ()) -> Parties:
    """Who has to do with the case and the step; places in ``besides`` do not count."""
    rows = work.session.exec(select(Signer).where(Signer.step_id == step.id)).all()
    seated = {row.person_id for row in rows if row.id not in besides and row.state not in GONE}
    proposed_by = step.route.get("proposed_by", ())
    return Parties(case.initiator_id, case.handler_id, frozenset(seated), decides(step), proposed_by)
