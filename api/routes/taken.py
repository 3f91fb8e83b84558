"""What the JSON API takes. Unknown fields are refused, and so is what no database could keep."""

from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from models.onboarding import Amount

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


class OneOfSeveral(Taken):
    """A step as it was listed."""

    signer_id: int = Field(ge=1, le=2**53)
    content_hash: Text = Field(max_length=64, description="`content_hash` of the step as it was listed.")


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
    as_proposed: bool = Field(
        False, description="Confirm what the delegate has proposed (`advice`): its form is taken, `form` stays empty."
    )


class Several(Taken):
    """One answer to several steps, each recorded on its own."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "action": "approve",
                    "form": {"comment": "Agreed."},
                    "steps": [{"signer_id": 412, "content_hash": "6f1c…"}, {"signer_id": 415, "content_hash": "a07e…"}],
                }
            ],
        },
    )

    action: Text = Field(max_length=64, description="Name of an action that each of the steps has.")
    form: Annotated[dict[str, Any], Storable] = Field(default_factory=dict, description="The action's form.")
    steps: list[OneOfSeveral] = Field(min_length=1, max_length=100)


class Urge(Taken):
    """Ask those whom a case waits for to hurry."""

    note: Annotated[Text, Field(max_length=500)] = Field("", examples=["The customer needs the goods on Monday."])


class NewAbsence(Taken):
    """Name a substitute for a time."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "substitute": "zheng.li",
                    "starts_at": "2026-03-16T00:00:00+08:00",
                    "ends_at": "2026-03-21T00:00:00+08:00",
                    "up_to": "500000.00",
                    "reason": "Annual leave",
                }
            ],
        },
    )

    substitute: Text = Field(min_length=1, max_length=64, description="Person id.")
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    person: Text | None = Field(None, max_length=64, description="For whom; the caller if left out. Operations only.")
    processes: list[Annotated[Text, Field(max_length=64)]] = Field(default_factory=list, max_length=50)
    up_to: Amount | None = Field(None, description="Yuan; only cases up to this amount.")
    reason: Text = Field("", max_length=500)
