"""Approval matrices: whose signature a credit limit and a payment term need (C)."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from config.policy.base import Amount, Days, Fault, PolicyModel, Switch, refuse
from config.words import Mode, Role


class LimitRung(PolicyModel):
    """``role`` decides credit limits up to and including ``up_to`` yuan; left out on the last rung."""

    role: Role
    up_to: Amount | None = None


class TermRung(PolicyModel):
    """``role`` decides payment terms up to and including ``up_to_days``; left out on the last rung."""

    role: Role
    up_to_days: Days | None = None


class ExtraSigners(PolicyModel):
    """Amounts above ``above`` yuan also need these roles, signing by ``mode``."""

    above: Amount
    roles: tuple[Role, ...] = Field(min_length=1)
    mode: Literal[Mode.ALL, Mode.ANY] = Mode.ALL


class ApprovalPolicy(PolicyModel):
    """Who signs: the order of authority, the two ladders, and what happens where nobody can sign."""

    authority: tuple[Role, ...] = Field(min_length=1)
    """Approving roles, lowest first; each signs before the one above it."""
    of_the_department: tuple[Role, ...]
    """Roles that sign only for their own department. All others are company-wide."""
    by_limit: tuple[LimitRung, ...] = Field(min_length=1)
    by_term: tuple[TermRung, ...] = Field(min_length=1)
    also_sign_above: tuple[ExtraSigners, ...] = ()
    step_up_above: Amount
    """Above this amount a link shows, but deciding needs a signed-in session of that very person."""
    handler_is_barred: Switch = True
    """Whether the customer's own account handler is kept from approving, besides whoever started the case."""
    transfer_keeps_authority: Switch = True
    """Whether a place may be transferred only to somebody of the same role or of higher authority."""
    withdraw_after_signature: Switch = False
    """Whether the initiator may still withdraw once somebody above has signed."""
    urge_every_hours: Annotated[int, Field(strict=True, ge=1, le=720)] = 4
    """Hours between two urgings of the same step."""
    repeat_signer: Literal["skip", "next_level"]
    empty_level: Literal["next_level", "fallback"]
    fallback_role: Role

    @model_validator(mode="after")
    def _ladders_ascend(self) -> Self:
        faults: list[Fault] = []
        if len(set(self.authority)) != len(self.authority):
            faults.append((("authority",), "a role is given twice"))
        limits = [(rung.role, rung.up_to) for rung in self.by_limit]
        terms = [(rung.role, None if rung.up_to_days is None else Decimal(rung.up_to_days)) for rung in self.by_term]
        faults += self._ladder_faults("by_limit", "up_to", limits) + self._ladder_faults("by_term", "up_to_days", terms)
        refuse(faults)
        return self

    def _ladder_faults(self, ladder: str, key: str, rungs: list[tuple[Role, Decimal | None]]) -> list[Fault]:
        faults: list[Fault] = []
        for i, (role, end) in enumerate(rungs):
            if role not in self.authority:
                known = ", ".join(self.authority)
                faults.append(((ladder, i, "role"), f"{role.value} is not in the order of authority ({known})"))
            if end is None and i < len(rungs) - 1:
                faults.append(((ladder, i), f"only the last rung of {ladder} may leave out {key}"))
        if rungs[-1][1] is not None:
            faults.append(((ladder, len(rungs) - 1, key), f"the last rung of {ladder} must leave out {key}"))
        for i, ((lower, low), (upper, high)) in enumerate(pairwise(rungs)):
            if low is not None and high is not None and high <= low:
                faults.append(((ladder, i + 1, key), f"{ladder} does not ascend: {high} comes after {low}"))
            known_both = lower in self.authority and upper in self.authority
            if known_both and self.authority.index(upper) <= self.authority.index(lower):
                message = f"{ladder} does not ascend: {upper.value} is not above {lower.value}"
                faults.append(((ladder, i + 1, "role"), message))
        return faults

    def needs_sign_in(self, amount: Decimal | None) -> bool:
        """Whether deciding on ``amount`` yuan takes a signed-in session rather than a link alone."""
        return amount is not None and amount > self.step_up_above
