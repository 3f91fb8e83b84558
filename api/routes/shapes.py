"""What the JSON API gives. Texts are in the caller's language, words by their stable values."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from config.words import (
    ActionKind,
    ActorKind,
    CaseState,
    ClosedBy,
    CreditGrade,
    CustomerClass,
    CustomerStatus,
    CustomerType,
    Department,
    Mode,
    Outcome,
    RemarkKind,
    RiskLevel,
    SignerState,
    StepState,
)
from models.queries.inbox import Urgency
from models.queries.route import LevelState


class Given(BaseModel):
    """Base of everything that we answer."""


class OpenedCase(Given):
    """A case that was opened, now or by the same request before."""

    ref: str = Field(examples=["ONB-2026-000123"])
    url: str


class Imported(Given):
    """What came of a file."""

    rows: int
    encoding: str
    cases: list[str]


class DecisionRecorded(Given):
    """An answer that is on record. ``repeated``: it was on record already."""

    case: str
    action: str
    step_closed: bool
    repeated: bool


class Due(Given):
    """A deadline. ``business_days`` are those left, or those passed since when overdue."""

    at: datetime
    urgency: Urgency
    business_days: int


class WaitsAt(Given):
    """An open step: until when it is asked, and of whom."""

    title: str
    due_at: datetime
    people: list[str]


class CaseItem(Given):
    ref: str
    process: str
    title: str
    state: CaseState
    outcome: Outcome | None
    handler: str
    opened_at: datetime
    closed_at: datetime | None
    department: Department
    customer: str | None = Field(None, description="Number of the customer it is about.", examples=["K-000123"])
    amount: str | None = Field(None, description="Yuan, where it is about an amount: the limit asked for, the debt.")
    working_minutes: int | None = Field(None, description="How long it took, in office hours; known once it is closed.")
    waits_at: list[str] = Field(description="Titles of the steps that are open.")
    waits: list[WaitsAt] = Field(default_factory=list, description="Those steps, their deadlines, whom they ask.")


class CasePage(Given):
    items: list[CaseItem]
    next_cursor: str | None


class StepItem(Given):
    signer_id: int
    case: str
    case_title: str
    process: str
    title: str
    question: str
    round: int
    sensitive: bool
    asked_at: datetime
    due: Due
    content_hash: str
    amount: str | None = Field(description="Yuan, where the step decides on an amount.")
    in_the_name_of: str | None = Field(description="The absent person whom the caller stands in for.")
    to_confirm: bool = Field(description="A delegate has answered, and the answer waits to be confirmed.")
    in_one_go: str | None = Field(description="The action that several such steps can be given in one go.")


class StepPage(Given):
    items: list[StepItem]
    total: int
    next_cursor: str | None


class Line(Given):
    title: str
    text: str


class FileShown(Given):
    """A file handed in with a step; its content is at `GET /attachments/{id}`."""

    id: int
    case: str
    step: str
    name: str
    media_type: str
    size: int = Field(description="Bytes.")
    by: str
    at: datetime


class RemarkShown(Given):
    """A comment, or a question with its answer."""

    id: int
    case: str
    step: str
    kind: RemarkKind
    by: str
    to: str | None
    text: str
    at: datetime
    answered_by: str | None = None
    answer: str | None = None
    answered_at: datetime | None = None


class CopyShown(Given):
    """Somebody who was told of a step, and when they read it."""

    case: str
    step: str
    to: str
    by: str
    at: datetime
    read_at: datetime | None


class AdviceShown(Given):
    """What a delegate proposes. Answer with `as_proposed` to confirm it."""

    by: str
    action: str
    kind: ActionKind
    answer: list[Line]


class AddedShown(Given):
    """Somebody whom the caller has added and may remove again."""

    signer_id: int
    name: str


class SignatureShown(Given):
    step: str
    step_title: str
    round: int
    person: str
    name: str
    seat: str
    action: str
    kind: ActionKind
    at: datetime
    void: bool = Field(description="Given before a return: on record, and counting no more.")
    answer: list[Line]
    in_the_name_of: str | None = Field(description="The absent person whom a substitute signed for.")
    worked_out_by: str | None = Field(description="The delegate whose proposal it was.")
    added_by: str | None = Field(description="Who had this signer added to the route.")


class SeatedShown(Given):
    name: str
    seat: str
    role: str | None
    state: SignerState
    action: str | None
    at: datetime | None
    notes: list[str] = Field(description="How they came to the route, if not as planned, and what became of it.")


class LeftOutShown(Given):
    name: str
    seat: str
    reason: str


class LevelShown(Given):
    number: int
    title: str
    mode: Mode
    needed: int
    state: LevelState
    planned: list[str] = Field(description="Who was to sign when the route was made.")
    people: list[SeatedShown]
    left_out: list[LeftOutShown]
    reasons: list[str]


class RouteShown(Given):
    levels: list[LevelShown]
    reasons: list[str]
    left_out: list[LeftOutShown]
    policy_version: str


class ActionShown(Given):
    name: str
    kind: ActionKind
    label: str
    form: dict[str, Any] = Field(description="JSON schema of the form.")


class Choice(Given):
    name: str
    title: str


class StepShown(Given):
    """One step as its signer sees it."""

    signer_id: int
    case: str
    case_title: str
    process: str
    step: str
    title: str
    question: str
    round: int
    asked_by: str | None
    handler: str
    state: StepState
    my_state: SignerState
    may_answer: bool
    closed_by: ClosedBy | None
    sensitive: bool
    due: Due
    expires_at: datetime
    content: dict[str, Any]
    content_hash: str
    actions: list[ActionShown]
    returns_to: list[Choice]
    route: RouteShown
    signatures: list[SignatureShown]
    moves: list[str] = Field(description="Moves that are open to the caller besides answering.")
    came: list[str] = Field(description="How the step came to the caller, if not by their turn.")
    became: str | None = Field(description="What has become of the caller's place, if it is somebody else's now.")
    advice: AdviceShown | None
    added: list[AddedShown]
    escalations: int = Field(description="How many levels up this step's delay was told.")
    remarks: list[RemarkShown]
    files: list[FileShown]
    copies: list[CopyShown]


class CustomerShown(Given):
    """The customer; identity number and telephone are masked."""

    number: str = Field(examples=["K-000123"])
    name: str
    type: CustomerType
    identifier: str
    contact: str | None
    phone: str
    industry: str | None
    status: CustomerStatus
    risk_level: RiskLevel | None
    credit_grade: CreditGrade | None
    customer_class: CustomerClass | None
    prepays: bool


class HowFarShown(Given):
    """How far a long task of the case has come."""

    what: str
    done: int
    total: int


class CaseStepShown(Given):
    step: str
    title: str
    round: int
    state: StepState
    closed_by: ClosedBy | None
    outcome: ActionKind | None
    opened_at: datetime
    closed_at: datetime | None
    due: Due
    asked: list[str]
    signer_id: int | None = Field(description="The caller's own place on this step, if they are asked.")
    signatures: list[SignatureShown]
    route: RouteShown
    escalations: int


class Happened(Given):
    at: datetime
    event: str
    actor: ActorKind
    who: str | None
    text: str


class CaseShown(Given):
    """One case, whole."""

    ref: str
    process: str
    title: str
    state: CaseState
    outcome: Outcome | None
    because: list[str]
    withdrawn: bool
    department: Department
    origin: str
    initiator: str | None
    handler: str
    policy_version: str
    opened_at: datetime
    closed_at: datetime | None
    customer: CustomerShown | None
    progress: HowFarShown | None = Field(description="What the case is at, while it is at it.")
    steps: list[CaseStepShown]
    remarks: list[RemarkShown]
    files: list[FileShown]
    copies: list[CopyShown]
    timeline: list[Happened]


class SessionShown(Given):
    """Who is signed in, and the token that a browser's unsafe requests carry in ``X-CSRF-Token``."""

    person: str
    name: str
    roles: list[str]
    csrf_token: str
