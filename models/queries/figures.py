"""How the installation stands, in numbers that monitoring watches. Counts only: nothing about any person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, Executable, text
from sqlmodel import Session, col, func, select

from config.words import CaseState, MessageState, SignerState, StepState
from models.operations.outbox import backlog
from models.queries.backups import last_backup
from models.tables import Case, ChainHead, Heartbeat, Run, Signer, Step, Webhook, WebhookDelivery

LATE = timedelta(minutes=1)
"""A case that should have moved on for longer than this is late."""

ALIVE = timedelta(seconds=60)
"""A worker that was heard of within this time is alive."""


@dataclass(frozen=True)
class Figures:
    """Everything that is watched; ages in seconds, none where there is nothing to have an age."""

    cases: dict[tuple[str, str], int]
    cases_late: int
    steps_open: int
    steps_overdue: int
    places_asked: int
    messages: dict[str, int]
    message_age: float | None
    webhooks_active: int
    webhooks_paused: int
    deliveries: dict[str, int]
    webhook_lag: int
    workers: int
    heartbeat_age: float | None
    backup_age: float | None
    audit_events: int
    database_bytes: int


def figures(session: Session, engine: Engine, now: datetime) -> Figures:
    """The figures of this moment. Every count is answered from an index."""
    stand = backlog(session, now)
    head = session.exec(select(ChainHead.seq).where(ChainHead.id == 1)).first() or 0
    beats = worker_beats(session)
    heard = max(beats, default=None)
    return Figures(
        cases=_cases(session),
        cases_late=_late(session, now),
        steps_open=_count(session, select(func.count()).select_from(Step).where(Step.state == StepState.OPEN)),
        steps_overdue=_count(
            session,
            select(func.count()).select_from(Step).where(Step.state == StepState.OPEN, col(Step.due_at) < now),
        ),
        places_asked=_count(session, select(func.count()).select_from(Signer).where(Signer.state == SignerState.ASKED)),
        messages={
            MessageState.PENDING.value: stand.waiting,
            MessageState.SENDING.value: stand.sending,
            MessageState.UNKNOWN.value: stand.unknown,
            MessageState.DEAD.value: stand.dead,
        },
        message_age=max(0.0, (now - stand.oldest).total_seconds()) if stand.oldest else None,
        deliveries=_deliveries(session),
        **_webhooks(session, head),
        workers=sum(now - at <= ALIVE for at in beats),
        heartbeat_age=max(0.0, (now - heard).total_seconds()) if heard else None,
        backup_age=max(0.0, (now - saved.made_at).total_seconds()) if (saved := last_backup(session)) else None,
        audit_events=head,
        database_bytes=_size(session, engine),
    )


def worker_beats(session: Session) -> list[datetime]:
    """When each worker was last heard of."""
    return list(session.exec(select(Heartbeat.at).where(Heartbeat.kind == "worker")).all())


def _count(session: Session, statement: Executable) -> int:
    return int(session.execute(statement).scalar_one())


def _cases(session: Session) -> dict[tuple[str, str], int]:
    statement = select(Case.process, Case.state, func.count()).group_by(col(Case.state), col(Case.process))
    return {(process, CaseState(state).value): number for process, state, number in session.exec(statement)}


def _late(session: Session, now: datetime) -> int:
    running = select(func.count()).select_from(Run).join(Case, col(Case.ref) == Run.case_ref)
    return _count(session, running.where(Case.state == CaseState.RUNNING, col(Run.act_at) <= now - LATE))


def _deliveries(session: Session) -> dict[str, int]:
    watched = (MessageState.PENDING, MessageState.SENDING, MessageState.DEAD)
    statement = (
        select(WebhookDelivery.state, func.count())
        .where(col(WebhookDelivery.state).in_(watched))
        .group_by(col(WebhookDelivery.state))
    )
    found = {MessageState(state).value: number for state, number in session.exec(statement)}
    return {state.value: found.get(state.value, 0) for state in watched}


def _webhooks(session: Session, head: int) -> dict[str, int]:
    hooks = session.exec(select(Webhook.active, Webhook.position)).all()
    active = [position for is_active, position in hooks if is_active]
    return {
        "webhooks_active": len(active),
        "webhooks_paused": len(hooks) - len(active),
        "webhook_lag": max((head - position for position in active), default=0),
    }


def _size(session: Session, engine: Engine) -> int:
    if engine.dialect.name == "postgresql":
        return int(session.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    pages = session.execute(text("PRAGMA page_count")).scalar_one()
    return int(pages) * int(session.execute(text("PRAGMA page_size")).scalar_one())
