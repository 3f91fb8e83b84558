"""What a company's cases have come to, to be compared with a run in which nothing was disturbed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Table
from sqlmodel import Session, SQLModel, col, select

from config.words import ActorKind, MessageState, Outcome, SignerState
from models.audit import verify
from models.messages import PortfolioWarning
from models.operations.outbox import message_id
from models.processes import EVALUATION
from models.tables import AuditEvent, Case, JournalEntry, OutboxMessage, Run, Signer, Step
from tests.faults.company import Company
from tests.faults.mailbox import letters
from tests.processes.mortality import OF_THE_CARRIER, _plain, _tells

Signed = tuple[str, str, str, str]
"""Journey, step, person, action."""

TOLD_APART = {
    *OF_THE_CARRIER,
    *("case", "signer", "step", "outbox_message", "timer", "wait", "signal"),
    *("approval_link", "sign_in_link", "outside_link", "progress", "look", "webhook_delivery", "made_once"),
    *("evaluation", "evaluation_row"),
}
"""Tables that are compared in their own way below, that a repeat may touch, or that tell of the whole portfolio."""

OF_DISTURBANCES = ("run.", "schedule.", "case.stumbled", "message.", "outside.code", "outside.opened", "case.looked")
"""Audit events that a disturbance may add: they say that something was put right, or asked for again."""

MORE_IF_DISTURBED = {"outside_code", "step_nudge", "outside_needs"}
"""Messages that people cause by asking again, or that follow one whose fate is unknown (docs/notifications.md)."""


@dataclass(frozen=True)
class Ending:
    """What one case has left behind, without instants and row numbers."""

    outcome: Outcome | None
    steps: Counter[Any]
    signatures: Counter[Any]
    journal: Counter[str]
    effects: Counter[Any]
    messages: Counter[Any]
    events: Counter[Any]

    def unlike(self, other: Ending) -> str:
        """In what they differ; empty if in nothing."""
        told = []
        if self.outcome != other.outcome:
            told.append(f"outcome {self.outcome} instead of {other.outcome}")
        for name in ("steps", "signatures", "journal", "effects", "messages", "events"):
            mine, theirs = getattr(self, name), getattr(other, name)
            if mine != theirs:
                told.append(f"{name}: more {dict(mine - theirs)}, less {dict(theirs - mine)}")
        return "; ".join(told)


@dataclass(frozen=True)
class Account:
    """What a whole company has come to."""

    endings: dict[str, Ending]
    signed: Counter[Signed]
    sent: int
    undelivered: list[str]
    duplicates: int
    chain_broken_at: int | None
    restless: int


def account_of(company: Company) -> Account:
    """Read it all; the product is at rest."""
    with company.house.read() as session:
        endings = {journey.name: _ending(session, ref) for ref, journey in company.cases.items()}
        signed: Counter[Signed] = Counter()
        for ref, journey in company.cases.items():
            for key, person, action in _answered(session, ref):
                signed[journey.name, key, person, action] += 1
        rows = session.exec(select(OutboxMessage)).all()
        restless = session.exec(select(Run.case_ref).where(col(Run.lease_owner).is_not(None))).all()
        broken = verify(session).broken_at
    came = Counter(str(one.get("id")) for one in letters(company.product.settings.home / "messages.jsonl"))
    console = [row for row in rows if row.channel == "console"]
    missing = [
        f"{row.kind} {row.id}" for row in console if row.state is MessageState.SENT and not came[message_id(row)]
    ]
    stuck = [f"{row.kind} {row.id} is {row.state}" for row in rows if row.state in (MessageState.DEAD,)]
    return Account(
        endings=endings,
        signed=signed,
        sent=sum(row.state is MessageState.SENT for row in rows),
        undelivered=[*missing, *stuck],
        duplicates=sum(number - 1 for number in came.values()),
        chain_broken_at=broken,
        restless=len(restless),
    )


def _answered(session: Session, ref: str) -> list[tuple[str, str, str]]:
    rows = session.exec(
        select(Step.key, Signer.person_id, Signer.action)
        .join(Step, col(Step.id) == Signer.step_id)
        .where(Signer.state == SignerState.SIGNED, Signer.case_ref == ref)
    )
    return [(key, person, action or "") for key, person, action in rows]


def _ending(session: Session, ref: str) -> Ending:
    case = session.get_one(Case, ref)
    steps = select(Step.key, Step.state, Step.closed_by, Step.outcome, Step.level).where(Step.case_ref == ref)
    messages = select(OutboxMessage.kind, OutboxMessage.person_id).where(OutboxMessage.case_ref == ref)
    events = select(AuditEvent.event, AuditEvent.actor_kind, AuditEvent.actor_id).where(AuditEvent.case_ref == ref)
    ending = Ending(
        outcome=case.outcome,
        steps=Counter(session.exec(steps).all()),
        signatures=Counter(_answered(session, ref)),
        journal=Counter(session.exec(select(JournalEntry.key).where(JournalEntry.case_ref == ref)).all()),
        effects=_effects(session, ref),
        messages=Counter(tuple(row) for row in session.exec(messages) if row[0] not in MORE_IF_DISTURBED),
        events=Counter(_event(*row) for row in session.exec(events) if not row[0].startswith(OF_DISTURBANCES)),
    )
    return _of_portfolio(ending) if case.process == EVALUATION.name else ending


def _event(event: str, kind: ActorKind, actor: str | None) -> tuple[str, str, str | None]:
    """People outside are numbered as they come."""
    return (event, kind.value, None if kind is ActorKind.OUTSIDE else actor)


def _of_portfolio(ending: Ending) -> Ending:
    """What an evaluation writes depends on how far the other cases are just then: its steps, signatures and the rest of
    its messages are compared."""
    told = Counter({row: number for row, number in ending.messages.items() if row[0] != PortfolioWarning.kind})
    return replace(ending, journal=Counter(), effects=Counter(), events=Counter(), messages=told)


def _effects(session: Session, ref: str) -> Counter[Any]:
    """What the case has written into every other table that has rows of cases."""
    found: Counter[Any] = Counter()
    for table in SQLModel.metadata.sorted_tables:
        if table.name in TOLD_APART or "case_ref" not in table.columns:
            continue
        for row in session.execute(_telling(table).where(table.c.case_ref == ref)).all():
            found[table.name, *(_plain(value) for value in row)] += 1
    return found


def _telling(table: Table) -> Any:
    kept = [column for column in table.columns if _tells(column) and "ref" not in column.name]
    kept = [column for column in kept if column.name not in ("number", "dedupe_key", "reference")]
    return table.select().with_only_columns(table.c.case_ref.is_not(None), *kept)
