"""What the JSON API takes and gives. Texts are in the caller's language, words by their stable values."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

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
    RiskLevel,
    SignerState,
    StepState,
)
from models.onboarding import Application
from models.queries.inbox import Urgency
from models.queries.route import LevelState

DEEPEST = 6


def storable(value: Any, depth: int = 0) -> Any:
    """Refuses what no database keeps (NUL, halves of characters) and what no form nests so deeply."""
    if depth > DEEPEST:
        raise ValueError("nested too deeply")
    if isinstance(value, str) and any(c == "\x00" or "\ud800" <= c <= "\udfff" for c in value):
        raise ValueError("contains characters that cannot be stored")
    parts = [*value.keys(), *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        storable(part, depth + 1)
    return value


Storable = AfterValidator(storable)
Text = Annotated[str, Storable]


class Taken(BaseModel):
    """Base of everything that is sent to us: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


STEEL_TRADER: dict[str, Any] = {
    "customer_type": "medium_enterprise",
    "name": "徐州恒远钢铁贸易有限公司",
    "identifier": "91320300MA1WXYZ016",
    "contact": "孙建国",
    "phone": "13805201234",
    "industry": "steel trade",
    "prepays": False,
    "requested_limit": "1240000.00",
    "requested_term_days": 45,
    "figures": {"debt_ratio": "62", "overdue_days": "0"},
    "documents": {"business_licence": "DOC-2026-0117"},
}


class OpenCase(Taken):
    """Open a case of a process."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"process": "onboarding-review", "application": STEEL_TRADER}]},
    )

    process: Text = Field(description="Name of the process.", examples=["onboarding-review"], max_length=64)
    application: Annotated[dict[str, Any], Storable] = Field(
        description="What the process asks of an applicant; see the schema `Application`.",
        json_schema_extra={"allOf": [{"$ref": "#/components/schemas/Application"}]},
    )
    handler: Text | None = Field(None, max_length=64, description="Person id of the handler; the caller if left out.")


class Withdraw(Taken):
    """Take a case back."""

    reason: Text = Field(min_length=1, max_length=1000, examples=["The customer has withdrawn its application."])


class Decision(Taken):
    """An answer to a step."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"action": "approve", "form": {"comment": "Agreed."}, "content_hash": "6f1c…"}],
        },
    )

    action: Text = Field(max_length=64, description="Name of one of the step's actions.")
    form: Annotated[dict[str, Any], Storable] = Field(
        default_factory=dict, description="The action's form; its JSON schema is given with the step."
    )
    content_hash: Text = Field(max_length=64, description="`content_hash` of the step as it was read.")


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


class CaseItem(Given):
    ref: str
    process: str
    title: str
    state: CaseState
    outcome: Outcome | None
    handler: str
    opened_at: datetime
    closed_at: datetime | None
    waits_at: list[str] = Field(description="Titles of the steps that are open.")


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


class StepPage(Given):
    items: list[StepItem]
    total: int
    next_cursor: str | None


class Line(Given):
    title: str
    text: str


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


class SeatedShown(Given):
    name: str
    seat: str
    role: str | None
    state: SignerState
    action: str | None
    at: datetime | None


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
    asked_by: str
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


class CustomerShown(Given):
    """The customer; identity number and telephone are masked."""

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
    initiator: str
    handler: str
    policy_version: str
    opened_at: datetime
    closed_at: datetime | None
    customer: CustomerShown | None
    steps: list[CaseStepShown]
    timeline: list[Happened]


class SessionShown(Given):
    """Who is signed in, and the token that a browser's unsafe requests carry in ``X-CSRF-Token``."""

    person: str
    name: str
    roles: list[str]
    csrf_token: str


__all__ = ["Application", "CasePage", "CaseShown", "Decision", "DecisionRecorded", "OpenCase", "StepPage", "StepShown"]
