"""What a collections case speaks of: what is owed, what was said, the special group, the way on (X, B)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from config.policy.base import Text
from config.words import ContactAnswer, ContactWay, InstalmentState, Outcome, RungState, StrategyState, StrategyWay
from models.onboarding import Block
from models.papers import PaperText
from models.rules.ladder import Move
from models.rules.reasons import Reason


class OwedLine(Block):
    """One overdue invoice. ``days`` are calendar days beyond its due date."""

    number: str
    due_on: date
    amount: Decimal
    outstanding: Decimal
    days: int
    disputed: bool


class OwedNow(Block):
    """What is overdue today. ``overdue`` leaves out what is disputed; ``day`` counts business days from ``since``.

    ``promise_until`` is the last day that a promise made now can hold the ladder to. Of very many invoices the oldest
    are listed, and ``more`` says how many are not.
    """

    on: date
    total: Decimal
    overdue: Decimal
    disputed: Decimal
    since: date | None
    day: int
    invoices: tuple[OwedLine, ...]
    more: int = 0
    promise_until: date


class Debtor(Block):
    """The customer as every step shows it; numbers masked."""

    customer_id: int
    number: str
    name: str
    contact: str | None
    phone: str | None
    email: str | None


class Said(Block):
    """One approach to the customer and what came of it."""

    at: datetime
    rung: Text | None
    way: ContactWay
    answer: ContactAnswer
    by: str
    owed: Decimal
    promise_on: date | None = None
    promised: Decimal | None = None
    promise_kept: bool | None = None
    note: str = ""


class RungLine(Block):
    """One rung as the case page shows it."""

    label: Text
    from_day: int
    state: RungState | None
    begun_at: datetime | None


class GroupShown(Block):
    """The special group: who sits for each department, and who has accepted."""

    number: int
    members: dict[str, str]
    names: dict[str, str]
    accepted: tuple[str, ...]
    declined: str
    evidence: tuple[dict[str, Any], ...] | None

    @property
    def asked(self) -> tuple[str, ...]:
        """Members who have not accepted yet."""
        return tuple(one for one in dict.fromkeys(self.members.values()) if one not in self.accepted)


class InstalmentLine(Block):
    """One instalment of a plan."""

    number: int
    due_on: date
    amount: Decimal
    state: InstalmentState = InstalmentState.OPEN


class Proposal(Block):
    """A way on after the ladder: what was proposed, and how far it has come."""

    number: int
    way: StrategyWay
    state: StrategyState
    amount: Decimal
    proposed_by: str
    terms: dict[str, Any]
    facts: dict[str, Any]
    instalments: tuple[InstalmentLine, ...] = ()
    note: str = ""


class PaperShown(Block):
    """A paper that belongs to a step, with its whole text."""

    paper_id: int
    number: str
    version: int
    sha256: str
    text: PaperText


class Times(Block):
    """By when a step is answered, and when it expires; none where policy's times hold."""

    due_at: datetime | None = None
    expires_at: datetime | None = None


class Ended(Block):
    """How the case ends."""

    outcome: Outcome
    because: Reason


class Stock(Block):
    """Where the case stands, and what it does next: looked up anew in every turn.

    ``until`` is when a wait ends by itself, or a report is due. ``kept`` are the times of steps that a payment has
    overtaken: asked again, they keep them. ``rung`` is the ladder's name of the rung that is climbed or awaited,
    ``last_rung`` the one before; ``spoken`` says whether anybody has approached the customer in person or by letter.
    """

    move: Move
    owed: OwedNow
    customer: Debtor
    contacts: tuple[Said, ...]
    ladder: tuple[RungLine, ...]
    rung: str = ""
    last_rung: str = ""
    spoken: bool = False
    again: bool = False
    until: datetime | None = None
    kept: dict[str, Times] = {}
    group: GroupShown | None = None
    proposal: Proposal | None = None
    ended: Ended | None = None

    def times(self, step: str) -> Times:
        """The times of a step that was overtaken; by policy, if it was not."""
        return self.kept.get(step, Times())
