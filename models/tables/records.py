"""What is kept about what happened: audit chain, outbox, policy versions, heartbeats."""

from datetime import UTC
from typing import Any
from uuid import uuid4

from pydantic import ConfigDict
from sqlalchemy import JSON, Column, Connection, Index, Table, UniqueConstraint, event
from sqlalchemy.ext.hybrid import hybrid_property
from sqlmodel import Field, Relationship, SQLModel

from config.words import ActorKind, MessageState
from models.schedules import ChangeState, ScheduleAct
from models.tables.base import datetime, encrypted, instant, json, text, word
from models.tables.privacy import AuditPrivate

PRIVATE = "private"
"""The field of a chained event that holds the salted hash of its private part."""


class AuditEvent(SQLModel, table=True):
    """One fact, chained to the one before by its hash. Never changed, never deleted.

    ``chained`` is what the hash covers: references, codes, numbers, and the salted hash of what is said in people's own
    words. ``data`` has these words as well, as long as they have not been erased. In a query ``data`` is ``chained``.
    """

    __tablename__ = "audit_event"
    __table_args__ = (Index("ix_audit_event_event", "event", "seq"),)
    model_config = ConfigDict(ignored_types=(hybrid_property,))  # type: ignore[assignment]

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = instant()
    case_ref: str | None = Field(default=None, index=True, max_length=32)
    actor_kind: ActorKind = word(ActorKind)
    actor_id: str | None = Field(default=None, max_length=80)
    event: str = Field(max_length=64)
    chained: dict[str, Any] = Field(default_factory=dict, sa_column=Column("data", JSON, nullable=False))
    previous: str = Field(max_length=64)
    hash: str = Field(max_length=64)
    private: AuditPrivate | None = Relationship(sa_relationship_kwargs={"lazy": "selectin", "uselist": False})

    @hybrid_property
    def data(self) -> dict[str, Any]:
        """What is known of the event."""
        if PRIVATE not in self.chained:
            return self.chained
        plain = {name: value for name, value in self.chained.items() if name != PRIVATE}
        return plain | ((self.private.content or {}) if self.private is not None else {})

    @data.inplace.expression
    @classmethod
    def _data(cls) -> Any:
        return cls.chained


class ChainHead(SQLModel, table=True):
    """The last link of the audit chain; locked while the next is added."""

    __tablename__ = "chain_head"

    id: int = Field(default=1, primary_key=True)
    seq: int = 0
    hash: str = Field(default="0" * 64, max_length=64)


class Installation(SQLModel, table=True):
    """This installation's own name, made with its tables and anew whenever a backup is restored.

    What is asked of others under a name that must be used once (a flow run of Prefect) carries it, so that a database
    that was set back never meets what was asked in the time that it no longer knows of.
    """

    __tablename__ = "installation"

    id: int = Field(default=1, primary_key=True)
    key: str = Field(max_length=32)
    since: datetime = instant()
    restored_from: str | None = Field(default=None, max_length=64)


@event.listens_for(Installation.__table__, "after_create")  # type: ignore[attr-defined]
def _name_it(table: Table, connection: Connection, **_: Any) -> None:
    connection.execute(table.insert().values(id=1, key=uuid4().hex, since=datetime.now(UTC)))


class OutboxMessage(SQLModel, table=True):
    """A message to a person, or to somebody outside, written with the decision that caused it and sent afterwards.

    ``channel`` and ``channel_id`` say where it goes. They are empty until the first sender looks at the row: it then
    addresses it, and adds a row for each further address, so that every address is tried and retried by itself.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index("ix_outbox_due", "state", "next_at"),
        Index("ix_outbox_person", "person_id", "state"),
        Index("ix_outbox_signer", "signer_id"),
        Index("ix_outbox_state", "state", "id"),
        Index("ix_outbox_kind", "kind", "id"),
        Index("ix_outbox_channel", "state", "channel"),
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=64)
    dedupe_key: str = Field(max_length=160, unique=True)
    person_id: str | None = Field(default=None, foreign_key="person.id", max_length=64)
    outside_id: int | None = Field(default=None, foreign_key="outside_party.id", index=True)
    case_ref: str | None = Field(default=None, max_length=32, index=True)
    step_id: int | None = Field(default=None, index=True)
    signer_id: int | None = Field(default=None)
    payload: dict[str, Any] = json()
    state: MessageState = word(MessageState, default=MessageState.PENDING)
    attempts: int = 0
    next_at: datetime = instant()
    created_at: datetime = instant()
    claimed_by: str | None = Field(default=None, max_length=80)
    claimed_at: datetime | None = instant(nullable=True)
    sent_at: datetime | None = instant(nullable=True)
    channel: str | None = Field(default=None, max_length=32)
    channel_id: int | None = Field(default=None, foreign_key="channel.id")
    note: str | None = text(nullable=True)


class PolicyVersion(SQLModel, table=True):
    """A policy as it ran, whole: a case keeps the version it began under."""

    __tablename__ = "policy_version"

    version: str = Field(primary_key=True, max_length=64)
    body: str = text()
    first_used_at: datetime = instant()


class Heartbeat(SQLModel, table=True):
    """A part of the product saying that it is alive."""

    __tablename__ = "heartbeat"

    name: str = Field(primary_key=True, max_length=80)
    kind: str = Field(max_length=16)
    at: datetime = instant()
    since: datetime = instant()
    facts: dict[str, Any] = json()


class Look(SQLModel, table=True):
    """Somebody looked at what is kept on a customer: what of it, and why where a reason is asked for (5)."""

    __tablename__ = "look"
    __table_args__ = (Index("ix_look_customer", "customer_id", "at"), Index("ix_look_person", "person_id", "at"))

    id: int | None = Field(default=None, primary_key=True)
    customer_id: int = Field(foreign_key="customer.id")
    person_id: str = Field(foreign_key="person.id", max_length=64)
    what: str = Field(max_length=40)
    reason: str = text()
    at: datetime = instant()


class MadeOnce(SQLModel, table=True):
    """What a request with an ``Idempotency-Key`` has made: its repeat is given the same, and makes nothing.

    ``key`` is the digest of the person, the kind of request and the key; ``asked`` that of what was asked for.
    """

    __tablename__ = "made_once"

    key: str = Field(primary_key=True, max_length=64)
    asked: str = Field(max_length=64)
    made: str = Field(max_length=80)
    at: datetime = instant(index=True)


class Webhook(SQLModel, table=True):
    """An address of another program that is told of events. The address and the signing secret are encrypted.

    ``position`` is the audit event up to which its deliveries are written; it stands still while the webhook is paused.
    ``failures`` counts deliveries given up one after the other.
    """

    __tablename__ = "webhook"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=80)
    url: str = encrypted()
    secret: str = encrypted()
    events: list[str] = json(list)
    active: bool = True
    created_by: str = Field(foreign_key="person.id", max_length=64)
    created_at: datetime = instant()
    paused_because: str | None = text(nullable=True)
    failures: int = 0
    position: int = 0


class WebhookDelivery(SQLModel, table=True):
    """One event on its way to one webhook."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("webhook_id", "event_seq"),
        Index("ix_webhook_delivery_due", "state", "next_at"),
        Index("ix_webhook_delivery_webhook", "webhook_id", "state", "next_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    webhook_id: int = Field(foreign_key="webhook.id")
    event_seq: int
    event: str = Field(max_length=64)
    case_ref: str | None = Field(default=None, max_length=32)
    state: MessageState = word(MessageState, default=MessageState.PENDING)
    attempts: int = 0
    next_at: datetime = instant()
    created_at: datetime = instant()
    claimed_by: str | None = Field(default=None, max_length=80)
    claimed_at: datetime | None = instant(nullable=True)
    sent_at: datetime | None = instant(nullable=True)
    status: int | None = None
    note: str | None = text(nullable=True)


class RoutineState(SQLModel, table=True):
    """How a routine's schedules stood in Prefect when they were last looked at. ``version`` grows with every change
    to them, made here or there; whoever changes them says which version they saw."""

    __tablename__ = "routine_state"

    routine: str = Field(primary_key=True, max_length=64)
    version: int = 1
    seen: dict[str, Any] = json()
    seen_at: datetime = instant()


class ScheduleChange(SQLModel, table=True):
    """Something done to a routine or to one of its schedules: on record before Prefect is asked, and settled after.

    ``schedule_id`` is Prefect's; ``before`` and ``after`` are how the schedule (or the one run) stood. Without a person
    it was made in Prefect's own pages.
    """

    __tablename__ = "schedule_change"
    __table_args__ = (Index("ix_schedule_change_routine", "routine", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    routine: str = Field(max_length=64)
    schedule_id: str | None = Field(default=None, max_length=36)
    act: ScheduleAct = word(ScheduleAct)
    state: ChangeState = word(ChangeState)
    actor_kind: ActorKind = word(ActorKind)
    person_id: str | None = Field(default=None, foreign_key="person.id", max_length=64)
    before: dict[str, Any] | None = json(None)
    after: dict[str, Any] | None = json(None)
    asked_at: datetime = instant()
    settled_at: datetime | None = instant(nullable=True)
    note: str | None = text(nullable=True)
