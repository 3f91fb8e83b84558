"""How things stand, as the record has it: whose turn it is, what cases wait for, whether all is at rest."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from config.words import CaseState, MessageState, SignerState
from models.house import House
from models.tables import Case, OutboxMessage, Run, Signer, Step, Wait


@dataclass(frozen=True)
class Asked:
    """A person's turn on a step of a case."""

    signer_id: int
    step_id: int
    case_ref: str
    person_id: str
    step: str
    key: str
    level: int
    content: dict[str, Any]
    content_hash: str


def asked(house: House) -> list[Asked]:
    """Whose turn it is, oldest step first; of several people, in the order of their names."""
    with house.read() as session:
        rows = session.exec(
            select(Signer, Step)
            .join(Step, col(Step.id) == Signer.step_id)
            .where(Signer.state == SignerState.ASKED)
            .order_by(col(Step.id), col(Signer.person_id))
        ).all()
        return [
            Asked(
                *(s.id or 0, step.id or 0, s.case_ref, s.person_id, step.name, step.key, s.level),
                *(step.content, step.content_hash),
            )
            for s, step in rows
        ]


def waits(house: House) -> Sequence[Wait]:
    """What cases wait for besides people."""
    with house.read() as session:
        return session.exec(select(Wait).where(col(Wait.open)).order_by(col(Wait.id))).all()


def under_way_of(house: House, refs: Collection[str]) -> list[str]:
    """Those of these cases that have not ended."""
    with house.read() as session:
        return [ref for ref in session.exec(select(Case.ref).where(Case.state != CaseState.CLOSED)) if ref in refs]


def at_rest(house: House, refs: Collection[str]) -> bool:
    """Whether none of these cases has anything to do but wait."""
    with house.read() as session:
        restless = (col(Run.act_at).is_not(None)) | (col(Run.lease_owner).is_not(None))
        return not any(ref in refs for ref in session.exec(select(Run.case_ref).where(restless)).all())


def all_told(house: House) -> bool:
    """Whether every message that is due has been sent."""
    waiting = col(OutboxMessage.state).in_([MessageState.PENDING, MessageState.SENDING])
    due = select(OutboxMessage.id).where(waiting, col(OutboxMessage.next_at) <= house.clock())
    with house.read() as session:
        return session.exec(due).first() is None


def standing(house: House, refs: Sequence[str]) -> list[str]:
    """What each of these cases is doing instead of ending."""
    told: list[tuple[str, Any]] = [(turn.case_ref, f"{turn.person_id} is asked {turn.key}") for turn in asked(house)]
    told += [(wait.case_ref, f"waits {wait.key}") for wait in waits(house)]
    with house.read() as session:
        runs = session.exec(select(Run).where(col(Run.case_ref).in_(refs))).all()
    told += [(run.case_ref, f"act {run.act_at} lease {run.lease_owner} {run.failure or ''}") for run in runs]
    return [f"{ref}: " + ", ".join(one for of, one in told if of == ref) for ref in refs]
