"""Forms of the coordination meeting (B)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationInfo, field_validator
from sqlmodel import Session

from config.languages import N_
from models.forms.base import Row, StepForm, complaint, shown
from models.forms.common import LONG, PERSON, Comment, PersonId, Short, Told
from models.forms.reception import a_time, not_in_the_future, not_in_the_past
from models.forms.reception_after import TrackedItem
from models.queries.reception_staff import active_staff


class MonthWanted(StepForm):
    """Which month's meeting is to be prepared."""

    period: Annotated[str, StringConstraints(min_length=1, max_length=20)] = Field(
        title=N_("Month"), description=N_("A month that is over, written like 2026-03.")
    )


class Attendee(Row):
    """Somebody who is to attend."""

    person: PersonId = Field(title=N_("Attendee"), json_schema_extra=PERSON)

    @field_validator("person")
    @classmethod
    def _active(cls, person: str, info: ValidationInfo) -> str:
        staff = shown(info).get("active_staff")
        if staff is not None and person not in staff:
            raise complaint(N_("{name} is not an active member of staff."), name=person)
        return person


class MeetingCall(StepForm):
    """When and where the meeting is, and who attends (B)."""

    meeting_on: date = Field(title=N_("Date of the meeting"))
    meeting_at: Short = Field(title=N_("Time"), description=N_("Such as 14:30."))
    place: Short = Field(title=N_("Place"))
    attendees: tuple[Attendee, ...] = Field(
        title=N_("Attendees"), min_length=2, max_length=40, json_schema_extra={"rows": 5}
    )
    agenda: Comment = Field("", title=N_("Agenda"), json_schema_extra=LONG)

    @classmethod
    def true_now(cls, session: Session, today: date) -> Mapping[str, Any]:
        return {"active_staff": active_staff(session)}

    @field_validator("meeting_on")
    @classmethod
    def _to_come(cls, day: date, info: ValidationInfo) -> date:
        return not_in_the_past(day, info)

    @field_validator("meeting_at")
    @classmethod
    def _a_time(cls, value: str) -> str:
        return a_time(value)

    @field_validator("attendees")
    @classmethod
    def _each_once(cls, attendees: tuple[Attendee, ...], info: ValidationInfo) -> tuple[Attendee, ...]:
        people = [one.person for one in attendees]
        twice = next((person for person in people if people.count(person) > 1), None)
        if twice is not None:
            name = shown(info).get("active_staff", {}).get(twice, twice)
            raise complaint(N_("{name} is named twice."), name=name)
        return attendees


class MeetingResolutions(StepForm):
    """What the meeting resolved: each resolution with its owner and its day (B)."""

    held_on: date = Field(title=N_("Held on"))
    present: Told = Field(title=N_("Present"), json_schema_extra=LONG)
    discussed: Comment = Field("", title=N_("What was discussed"), json_schema_extra=LONG)
    items: tuple[TrackedItem, ...] = Field(
        title=N_("Resolutions"), min_length=1, max_length=40, json_schema_extra={"rows": 4}
    )

    @classmethod
    def true_now(cls, session: Session, today: date) -> Mapping[str, Any]:
        return {"active_staff": active_staff(session)}

    @field_validator("held_on")
    @classmethod
    def _has_been(cls, day: date, info: ValidationInfo) -> date:
        return not_in_the_future(day, info)
