"""Forms of the assessment of the work (R, B)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationInfo, field_validator
from sqlmodel import Session

from config.languages import N_
from config.words import Department, FindingState, RewardKind
from models.forms.base import Row, StepForm, complaint, shown
from models.forms.common import LONG, PERSON, Comment, PersonId, Short, Told
from models.forms.reception import not_in_the_future, not_in_the_past
from models.queries.reception_staff import active_staff


class HalfYearWanted(StepForm):
    """Which half-year is to be assessed."""

    period: Annotated[str, StringConstraints(min_length=1, max_length=20)] = Field(
        title=N_("Half-year"), description=N_("A half-year that is over, written like 2026H1.")
    )


class FindingRow(Row):
    """Something internal audit found: what is to be put right, by whom, until when (R)."""

    sample: Annotated[int, Field(ge=1)] | None = Field(None, title=N_("Sample"))
    what: Short = Field(title=N_("What is to be put right"))
    department: Department = Field(title=N_("Department"))
    owner: PersonId = Field(title=N_("Owner"), json_schema_extra=PERSON)
    due_on: date = Field(title=N_("Until"))

    @field_validator("sample")
    @classmethod
    def _one_of_the_samples(cls, number: int | None, info: ValidationInfo) -> int | None:
        drawn = shown(info).get("samples")
        if number is not None and drawn is not None and number > len(drawn):
            raise complaint(N_("There is no sample {number}."), number=number)
        return number

    @field_validator("owner")
    @classmethod
    def _active(cls, owner: str, info: ValidationInfo) -> str:
        staff = shown(info).get("active_staff")
        if staff is not None and owner not in staff:
            raise complaint(N_("{name} is not an active member of staff."), name=owner)
        return owner

    @field_validator("due_on")
    @classmethod
    def _to_come(cls, day: date, info: ValidationInfo) -> date:
        return not_in_the_past(day, info)


class AuditFindings(StepForm):
    """What internal audit found in the samples and the figures (R)."""

    findings: tuple[FindingRow, ...] = Field(
        title=N_("Audit findings"), min_length=1, max_length=30, json_schema_extra={"rows": 3}
    )
    opinion: Comment = Field("", title=N_("Opinion"), json_schema_extra=LONG)

    @classmethod
    def true_now(cls, session: Session, today: date) -> Mapping[str, Any]:
        return {"active_staff": active_staff(session)}


class RectificationReport(StepForm):
    """What the owner of findings has done about them (R)."""

    done_on: date = Field(title=N_("Done on"))
    done: Told = Field(title=N_("What was done"), json_schema_extra=LONG)

    @field_validator("done_on")
    @classmethod
    def _has_been(cls, day: date, info: ValidationInfo) -> date:
        return not_in_the_future(day, info)


class RectificationVerified(StepForm):
    """Every finding was put right (R)."""

    comment: Comment = Field("", title=N_("Comment"), json_schema_extra=LONG)

    @field_validator("comment")
    @classmethod
    def _all_reported(cls, value: str, info: ValidationInfo) -> str:
        silent = [one["owner"] for one in shown(info).get("findings", ()) if one["state"] == FindingState.OPEN.value]
        if silent:
            raise complaint(N_("{name} has not reported yet: send it back."), name=silent[0])
        return value

    model_config = StepForm.model_config | {"validate_default": True}


class SentBack(Row):
    """A finding that was not put right, why not, and until when it shall be."""

    number: Annotated[int, Field(ge=1)] = Field(title=N_("Finding"))
    why: Short = Field(title=N_("What is still lacking"))
    until: date = Field(title=N_("Until"))

    @field_validator("number")
    @classmethod
    def _one_of_these(cls, number: int, info: ValidationInfo) -> int:
        there = shown(info).get("findings")
        if there is not None and number not in [one["number"] for one in there]:
            raise complaint(N_("There is no finding {number}."), number=number)
        return number

    @field_validator("until")
    @classmethod
    def _to_come(cls, day: date, info: ValidationInfo) -> date:
        return not_in_the_past(day, info)


class RectificationSentBack(StepForm):
    """What is not enough yet; the rest is verified (R)."""

    lacking: tuple[SentBack, ...] = Field(
        title=N_("Not enough yet"), min_length=1, max_length=30, json_schema_extra={"rows": 2}
    )


class RewardRow(Row):
    """An award or a sanction for somebody (R, B)."""

    kind: RewardKind = Field(title=N_("Award or sanction"))
    person: PersonId = Field(title=N_("For whom"), json_schema_extra=PERSON)
    what: Short = Field(title=N_("What it is"))
    reason: Short = Field(title=N_("Reason"))


class RewardsProposed(StepForm):
    """The awards and sanctions that are put to approval (R, B)."""

    rewards: tuple[RewardRow, ...] = Field(
        title=N_("Awards and sanctions"), min_length=1, max_length=30, json_schema_extra={"rows": 2}
    )
