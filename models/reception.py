"""What a reception speaks of: the background file, the team, where negotiations stand, the items tracked (R)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from pydantic import BaseModel

from config.policy import Text
from config.policy.reception import MajorCase
from config.words import (
    CreditGrade,
    CustomerClass,
    Language,
    MeasureKind,
    Outcome,
    Resolution,
    RiskLevel,
    Security,
    Stance,
    TeamRole,
    TrackingState,
)
from models.onboarding import Block, ListingFound
from models.rules.reasons import Reason, because
from models.steps import Signature


class WhyReceived(Block):
    """One reason for which the client is received: who said it (a person, or the case that sent it), and when."""

    reason: str
    trigger: str
    by: str | None
    raised_by: str | None
    invoices: tuple[str, ...] = ()
    on: date


class KnownFigure(Block):
    """A figure on file: its label, its value as written, and as it is read out."""

    label: Text
    value: str
    told: Text | str = ""


class FigureGroup(Block):
    """The figures of one indicator, and the labels of those that are missing."""

    label: Text
    figures: tuple[KnownFigure, ...]
    missing: tuple[Text, ...]


class TradingRecord(Block):
    """What the ledger says of the trade with a client: amounts in yuan, the last twelve months by date of invoice.

    ``per_month`` is the mean number of invoices in a month; ``days_late`` the mean of settled invoices, in days after
    the due date (none if nothing was settled).
    """

    since: date | None
    invoices: int
    amount: Decimal
    per_month: Decimal
    prepays: bool
    limit: Decimal | None
    term_days: int | None
    securities: tuple[Security, ...] = ()
    days_late: Decimal | None
    outstanding: Decimal
    overdue: Decimal
    disputed: Decimal
    oldest_due: date | None


class MeasureFound(Block):
    """A measure in force against the client."""

    kind: MeasureKind
    scope: str
    since: date
    until: date | None


class OpenCase(Block):
    """Another case of the same client that is under way. ``process`` is its title, to be translated."""

    ref: str
    process: str
    opened_on: date


class Background(Block):
    """The background file (R 3.2, 1)."""

    reasons: tuple[WhyReceived, ...]
    level: RiskLevel | None
    grade: CreditGrade | None
    customer_class: CustomerClass | None
    figures: tuple[FigureGroup, ...]
    figures_from: str | None
    trading: TradingRecord
    listings: tuple[ListingFound, ...]
    measures: tuple[MeasureFound, ...]
    open_cases: tuple[OpenCase, ...]


class TeamMate(Block):
    """A member of the team."""

    person_id: str
    name: str
    role: TeamRole


class Team(Block):
    """The reception team as it stands."""

    members: tuple[TeamMate, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(member.person_id for member in self.members)


class Declined(Block):
    """Why a team did not come about: who declined, and what they said; nothing if they did not answer."""

    name: str
    reason: str


class CommitmentMade(Block):
    """A commitment given to the client, flagged wherever the case goes on (R 3.2, 3)."""

    given_in: str
    given_by: str
    what: str
    on: date


class EvidenceItem(Block):
    """A piece of evidence on file."""

    what: str
    reference: str
    received_on: date


class OpinionGiven(Block):
    """One department's opinion."""

    name: str
    seat: str
    stance: Stance
    opinion: str
    must_not_concede: str = ""
    recoverable: Decimal | None = None
    future_trade: Decimal | None = None
    legal_standing: str = ""


class Authority(Block):
    """How far a concession may go: without approval up to ``free``; ``cap`` is set once more was refused."""

    free: Decimal
    cap: Decimal | None = None
    refused: str = ""


class MinutesDraft(Block):
    """The texts of the minutes, drafted from what was recorded."""

    language: Language
    participants: str
    demands: str
    discussed: str
    solution: str
    consensus: str
    party_name: str
    party_capacity: str
    party_email: str


class MinutesPaper(Block):
    """The minutes as a paper: what is signed is the text with this hash. ``text`` is a ``PaperText``."""

    paper_id: int
    number: str
    version: int
    sha256: str
    text: dict[str, object]


class Objection(Block):
    """Who did not sign the minutes, and why; ``outside`` for the client, ``answered`` unless they kept silent."""

    name: str
    reason: str
    outside: bool = False
    answered: bool = True


class ItemDue(Block):
    """An item of the tracking plan. ``adjustments_left`` says how often it may still be put off."""

    item_id: int
    what: str
    owner_id: str
    owner: str
    due_on: date
    planned_for: date
    adjustments: int = 0
    adjustments_left: int = 0
    missed: int = 0
    state: TrackingState = TrackingState.OPEN
    closed_on: date | None = None
    note: str = ""


def opinions_of(signatures: Sequence[Signature]) -> tuple[OpinionGiven, ...]:
    """The departments' opinions, as later steps show them."""
    return tuple(
        OpinionGiven(
            name=one.name,
            seat=one.seat,
            stance=one.form["stance"],
            opinion=one.form["opinion"],
            must_not_concede=one.form.get("must_not_concede", ""),
            recoverable=_amount(one.form.get("recoverable")),
            future_trade=_amount(one.form.get("future_trade")),
            legal_standing=one.form.get("legal_standing", ""),
        )
        for one in signatures
        if not one.void
    )


def _amount(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


class Effects(BaseModel):
    """What makes a case major, gathered. Amounts in yuan."""

    at_stake: Decimal
    concession: Decimal
    all_three: bool
    legal_action: bool


def why_major(effects: Effects, rules: MajorCase) -> tuple[Reason, ...]:
    """Every rule by which a case is a major one; none if it is not (R)."""
    found = []
    if effects.at_stake >= rules.at_stake_from:
        found.append(because("reception.major_amount", amount=effects.at_stake, above=rules.at_stake_from))
    if effects.concession >= rules.concession_from:
        found.append(because("reception.major_concession", amount=effects.concession, above=rules.concession_from))
    if rules.all_three_effects and effects.all_three:
        found.append(because("reception.major_effects"))
    if rules.legal_action and effects.legal_action:
        found.append(because("reception.major_lawsuit"))
    return tuple(found)


def ending(*, agreed: bool, legal_action: bool, resolution: Resolution) -> Outcome:
    """How a reception that ran to its end has ended (R).

    Where legal action was approved the matter is with the court. Otherwise it is settled when the client agreed and
    something of it came true, or when it was resolved in full after all.
    """
    if legal_action:
        return Outcome.LEGAL_ACTION
    if resolution is Resolution.FULL or (agreed and resolution is Resolution.PARTLY):
        return Outcome.SETTLED
    return Outcome.NOT_SETTLED
