"""Forms and fields that several processes share."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from config.languages import N_
from models.forms.base import LONG_TEXT, SHORT_TEXT, StepForm, complaint, shown

LONG: dict[str, Any] = {"widget": "long"}
"""Marks a field that is drawn as a text area."""
PERSON: dict[str, Any] = {"widget": "person"}
"""Marks a field that holds the id of a member of staff."""
Told = Annotated[str, StringConstraints(min_length=1, max_length=LONG_TEXT)]
Comment = Annotated[str, StringConstraints(max_length=LONG_TEXT)]
Short = Annotated[str, StringConstraints(min_length=1, max_length=SHORT_TEXT)]
PersonId = Annotated[str, StringConstraints(min_length=1, max_length=64)]
CUSTOMER: dict[str, Any] = {"widget": "customer"}
"""Marks a field that names a customer: by number, by identity number, or by a name that only one has."""
CustomerText = Annotated[str, StringConstraints(min_length=1, max_length=240)]
"""A customer as somebody names it; ``models.queries.customers.customer_meant`` finds who is meant."""


class Commented(StepForm):
    """An answer that may carry a word."""

    comment: Comment = Field("", title=N_("Comment"), json_schema_extra=LONG)


class Reasoned(StepForm):
    """An answer that needs a reason."""

    reason: Told = Field(title=N_("Reason"), json_schema_extra=LONG)


class Question(StepForm):
    """What the risk department wants to know."""

    question: Told = Field(title=N_("What do you need to know?"), json_schema_extra=LONG)


class ReturnForm(StepForm):
    """Where the case goes back to, and why."""

    target: Annotated[str, StringConstraints(min_length=1, max_length=64)] = Field(
        title=N_("Back to"), json_schema_extra={"widget": "return_target"}
    )
    reason: Told = Field(title=N_("Reason"), json_schema_extra=LONG)

    @field_validator("target")
    @classmethod
    def _a_declared_step(cls, value: str, info: ValidationInfo) -> str:
        offered = shown(info).get("returns_to")
        if offered is not None and value not in offered:
            raise complaint(N_("Choose one of those offered."))
        return value
