"""A case, its journal, its human steps, and the run that carries it."""

from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel

from config.words import (
    ActionKind,
    CaseState,
    ClosedBy,
    Department,
    Expiry,
    Outcome,
    Place,
    Role,
    SignerState,
    StepState,
)
from models.tables.base import Decimal, datetime, instant, json, money, text, word

_UNMEASURED = sql("state = 'closed' AND working_minutes IS NULL")


def _few(name: str, column: str, *more: str) -> Index:
    """An index of those rows alone that have something in ``column``."""
    there = sql(f"{column} IS NOT NULL")
    return Index(name, column, *more, sqlite_where=there, postgresql_where=there)


class CaseNumber(SQLModel, table=True):
    """The last number given to a case of one process in one year."""

    __tablename__ = "case_number"

    prefix: str = Field(primary_key=True, max_length=8)
    year: int = Field(primary_key=True)
    last: int = 0


class Case(SQLModel, table=True):
    """One run of one process for one customer (or portfolio). Without an initiator, no member of staff began it.

    ``amount`` is what it is about, in yuan, where it is about an amount: the limit asked for, the debt.
    ``working_minutes`` is how long it took, in minutes of working time; known once it is closed. ``erased_at`` is when
    what it said of people was erased: what is left is references, days, sums and who of the staff decided what.
    """

    __tablename__ = "case"
    __table_args__ = (
        Index("ix_case_process_opened", "process", "opened_at"),
        # The statistics read these from the index alone: a case's row is long.
        Index("ix_case_closed", "closed_at", "process", "department", "outcome", "opened_at", "working_minutes"),
        Index("ix_case_opened", "opened_at", "process", "department"),
        Index("ix_case_state_process", "state", "process", "department", "opened_at"),
        Index("ix_case_state_opened", "state", "opened_at", "ref"),
        Index("ix_case_policy", "policy_version", "state"),
        # Searching, and every filter and order of the list of cases, read nothing but this.
        Index(
            "ix_case_search",
            *("opened_at", "ref", "title", "customer_id", "process", "state", "outcome", "department", "amount"),
            *("closed_at", "handler_id", "initiator_id"),
        ),
    )

    ref: str = Field(primary_key=True, max_length=32)
    process: str = Field(max_length=64, index=True)
    title: str = Field(max_length=250)
    customer_id: int | None = Field(default=None, foreign_key="customer.id", index=True)
    initiator_id: str | None = Field(default=None, foreign_key="person.id", max_length=64, index=True)
    handler_id: str = Field(foreign_key="person.id", max_length=64, index=True)
    department: Department = word(Department)
    origin: str = Field(max_length=16)
    request_key: str | None = Field(default=None, max_length=80, unique=True)
    state: CaseState = word(CaseState, default=CaseState.RUNNING, index=True)
    outcome: Outcome | None = word(Outcome, nullable=True)
    because: list[dict[str, Any]] = json(list)
    policy_version: str = Field(foreign_key="policy_version.version", max_length=64)
    input: dict[str, Any] = json()
    withdrawal: dict[str, Any] | None = json(None)
    amount: Decimal | None = money(nullable=True)
    opened_at: datetime = instant(index=True)
    closed_at: datetime | None = instant(nullable=True)
    working_minutes: int | None = None
    erased_at: datetime | None = instant(nullable=True)


class Run(SQLModel, table=True):
    """Who carries a case just now, and whether it has something to do.

    ``wake_seq`` counts the reasons to look at the case again; a segment sets ``seen_seq`` to it when it begins.
    ``wake_seq > seen_seq`` means work, whatever crashed in between. ``fence`` grows with every lease: a writer with
    an older number is refused. ``story_id`` is the artifact that tells the case in Prefect, on the page
    of ``story_run_id``; ``told_fence`` is the last segment that it tells of.
    """

    __tablename__ = "run"
    __table_args__ = (Index("ix_run_act_at", "act_at"), Index("ix_run_lease", "lease_until"))

    case_ref: str = Field(foreign_key="case.ref", primary_key=True, max_length=32)
    process: str = Field(max_length=64)
    flow_run_id: str | None = Field(default=None, max_length=36, index=True)
    attempt: int = 0
    wake_seq: int = 1
    seen_seq: int = 0
    act_at: datetime | None = instant(nullable=True)
    lease_owner: str | None = Field(default=None, max_length=80)
    lease_until: datetime | None = instant(nullable=True)
    fence: int = 0
    failures: int = 0
    failure: str | None = text(nullable=True)
    story_id: str | None = Field(default=None, max_length=36)
    story_run_id: str | None = Field(default=None, max_length=36)
    told_fence: int = 0


class JournalEntry(SQLModel, table=True):
    """What one verb of the flow came to; the flow answers from it when it runs again.

    An entry of a turn that is over (``CaseRun.turns``) is ``folded``: kept as record, and never read again.
    """

    __tablename__ = "journal_entry"
    __table_args__ = (UniqueConstraint("case_ref", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    case_ref: str = Field(foreign_key="case.ref", max_length=32)
    key: str = Field(max_length=120)
    verb: str = Field(max_length=8)
    folded: bool = False
    result: Any = json(None)
    at: datetime = instant()


class Step(SQLModel, table=True):
    """A human step as it was opened: content, actions and route are frozen; ``content_hash`` covers what is shown.

    ``working_minutes`` is how long it was open, in minutes of business time; known once it is closed.
    """

    __tablename__ = "step"
    __table_args__ = (
        UniqueConstraint("case_ref", "key"),
        Index("ix_step_state_due", "state", "due_at", "case_ref"),
        Index("ix_step_case_state", "case_ref", "state"),
        Index("ix_step_name_closed", "name", "closed_at"),
        # The statistics read these from the index alone: a step's row holds its whole content.
        Index("ix_step_closed", "closed_at", "case_ref", "name", "working_minutes", "due_at", "outcome", "closed_by"),
        Index("ix_step_path", "case_ref", "id", "name", "outcome"),
        Index("ix_step_unmeasured", "id", sqlite_where=_UNMEASURED, postgresql_where=_UNMEASURED),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_ref: str = Field(foreign_key="case.ref", max_length=32)
    key: str = Field(max_length=120)
    name: str = Field(max_length=64)
    round: int = 1
    title: str = Field(max_length=120)
    question: str = text()
    actions: list[dict[str, Any]] = json(list)
    returns_to: list[str] = json(list)
    content: dict[str, Any] = json()
    content_hash: str = Field(max_length=64)
    route: dict[str, Any] = json()
    level: int = 0
    sensitive: bool = False
    yields_to: list[str] = json(list)
    amount: Decimal | None = money(nullable=True)
    rejection_waits: bool = False
    keeps_signatures: bool = False
    urged_at: datetime | None = instant(nullable=True)
    escalations: int = 0
    expiry: Expiry = word(Expiry)
    state: StepState = word(StepState, default=StepState.OPEN)
    closed_by: ClosedBy | None = word(ClosedBy, nullable=True)
    outcome: ActionKind | None = word(ActionKind, nullable=True)
    action: str | None = Field(default=None, max_length=64)
    opened_at: datetime = instant()
    due_at: datetime = instant()
    expires_at: datetime = instant()
    closed_at: datetime | None = instant(nullable=True)
    working_minutes: int | None = None


class Signer(SQLModel, table=True):
    """One person's place on a step's route, and what they answered.

    A seat is signed when one of its people signs; the level's mode then counts seats. ``seen_at`` is when they first
    opened it; ``working_minutes`` how long they held it, in minutes of business time, once they no longer do. ``held``
    keeps the stretches of that, for the place may have been another's for a while: ``by``, ``since``, ``until``,
    ``minutes``.
    """

    __tablename__ = "signer"
    __table_args__ = (
        Index("ix_signer_inbox", "person_id", "state"),
        Index("ix_signer_done", "person_id", "signed_at"),
        Index("ix_signer_step", "step_id", "level"),
        Index("ix_signer_person_case", "person_id", "case_ref"),  # whose cases: read from the index alone
        # Few places have these. An index of all the others would tell the database that it is of no use.
        _few("ix_signer_for_person", "for_person_id", "case_ref"),
        _few("ix_signer_delegated", "delegated_by"),
        _few("ix_signer_added", "added_by"),
        Index("ix_signer_signed", "signed_at", "role", "person_id", "working_minutes", "case_ref"),
        Index("ix_signer_state", "state", "role", "person_id", "step_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    step_id: int = Field(foreign_key="step.id")
    case_ref: str = Field(foreign_key="case.ref", max_length=32, index=True)
    person_id: str = Field(foreign_key="person.id", max_length=64)
    level: int
    seat: str = Field(max_length=80)
    role: Role | None = word(Role, nullable=True)
    state: SignerState = word(SignerState, default=SignerState.WAITING)
    asked_at: datetime | None = instant(nullable=True)
    signed_at: datetime | None = instant(nullable=True)
    action: str | None = Field(default=None, max_length=64)
    kind: ActionKind | None = word(ActionKind, nullable=True)
    answer: dict[str, Any] | None = json(None)
    shown_hash: str | None = Field(default=None, max_length=64)
    answer_key: str | None = Field(default=None, max_length=80)
    answer_hash: str | None = Field(default=None, max_length=64)
    via: str | None = Field(default=None, max_length=16)
    void: bool = False
    times_asked: int = 0
    for_person_id: str | None = Field(default=None, foreign_key="person.id", max_length=64)
    delegated_by: int | None = Field(default=None, foreign_key="signer.id")
    added_by: int | None = Field(default=None, foreign_key="signer.id")
    added_where: Place | None = word(Place, nullable=True)
    took_over_from: int | None = Field(default=None, foreign_key="signer.id")
    moved_because: str | None = text(nullable=True)
    advice: dict[str, Any] | None = json(None)
    seen_at: datetime | None = instant(nullable=True)
    working_minutes: int | None = None
    held: list[dict[str, Any]] | None = json(None)


class Wait(SQLModel, table=True):
    """A wait for a time or for a business event, whichever comes first."""

    __tablename__ = "wait"
    __table_args__ = (
        UniqueConstraint("case_ref", "key"),
        Index("ix_wait_event", "event", "open"),
        Index("ix_wait_open", "open", "case_ref"),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_ref: str = Field(foreign_key="case.ref", max_length=32)
    key: str = Field(max_length=120)
    event: str | None = Field(default=None, max_length=64)
    until: datetime | None = instant(nullable=True)
    open: bool = True


class Signal(SQLModel, table=True):
    """A business event that happened while its case was not waiting for it; the next wait for it ends at once."""

    __tablename__ = "signal"
    __table_args__ = (Index("ix_signal_case", "case_ref", "event"),)

    id: int | None = Field(default=None, primary_key=True)
    case_ref: str = Field(foreign_key="case.ref", max_length=32)
    event: str = Field(max_length=64)
    payload: dict[str, Any] = json()
    at: datetime = instant()


class Progress(SQLModel, table=True):
    """How far a long task of a case has come."""

    __tablename__ = "progress"

    case_ref: str = Field(foreign_key="case.ref", primary_key=True, max_length=32)
    what: str = Field(max_length=120)
    done: int = 0
    total: int = 0
    at: datetime = instant()


class Timer(SQLModel, table=True):
    """Something due at a time. A timer that is no longer wanted is deleted, so every row is live."""

    __tablename__ = "timer"

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=32)
    due_at: datetime = instant(index=True)
    case_ref: str = Field(foreign_key="case.ref", max_length=32)
    step_id: int | None = Field(default=None, foreign_key="step.id", index=True)
    wait_id: int | None = Field(default=None, foreign_key="wait.id", index=True)
    signer_id: int | None = Field(default=None, foreign_key="signer.id", index=True)


class Document(SQLModel, table=True):
    """A paper handed in with a case: what it is and where the original is filed."""

    __tablename__ = "document"
    __table_args__ = (UniqueConstraint("case_ref", "kind", "reference"),)

    id: int | None = Field(default=None, primary_key=True)
    case_ref: str = Field(foreign_key="case.ref", index=True, max_length=32)
    kind: str = Field(max_length=64)
    reference: str = Field(max_length=200)
    received_at: datetime = instant()
