"""Conflicts of interest: why a person may not sign a step (processes §5)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from config.policy.approval import ApprovalPolicy
from config.words import Role
from models.rules.reasons import Reason, because


@dataclass(frozen=True)
class Concerned:
    """A person as a conflict of interest is judged: may they act, and what have they to do with the case?"""

    person_id: str
    name: str
    roles: frozenset[Role]
    active: bool


@dataclass(frozen=True)
class Parties:
    """Who has to do with a case: who started it, who handles the customer, who has a place on the step's route."""

    initiator_id: str | None
    handler_id: str
    seated: Collection[str] = ()
    decides: bool = True
    """Whether the step decides (approves or rejects); a step that only records bars nobody but the seated."""
    proposed_by: Collection[str] = ()


def objection(person: Concerned, parties: Parties, policy: ApprovalPolicy) -> Reason | None:
    """Why ``person`` may not be given a place on the step; nothing if they may."""
    if not person.active:
        return because("routing.inactive")
    if parties.decides and person.person_id == parties.initiator_id:
        return because("routing.started_it")
    if parties.decides and policy.handler_is_barred and person.person_id == parties.handler_id:
        return because("routing.handles_it")
    if person.person_id in parties.proposed_by:
        return because("routing.proposed_it")
    if person.person_id in parties.seated:
        return because("routing.seated_already")
    return None


def lacks_authority(person: Concerned, role: Role | None, policy: ApprovalPolicy) -> Reason | None:
    """Why ``person`` may not take over a place held as ``role`` for good: authority is not handed downwards (C)."""
    if role is None or not policy.transfer_keeps_authority or role in person.roles:
        return None
    if role in policy.authority:
        above = policy.authority[policy.authority.index(role) :]
        if person.roles & set(above):
            return None
    return because("routing.lacks_authority", role=role)
