"""Forms of the risk-client reception, up to the talks: background, team, place, records of both meetings (R)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationInfo, field_validator, model_validator
from sqlmodel import Session

from config.languages import N_
from config.words import QualificationKind, RiskLevel, TeamRole
from models.forms.base import Row, StepForm, complaint, shown
from models.forms.common import LONG, PERSON, Comment, PersonId, Short, Told
from models.onboarding import Amount
from models.queries.reception_staff import staff_and_what_they_lack

Evidence = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{64}$|^$", max_length=64)]


def not_in_the_future(day: date, info: ValidationInfo) -> date:
    """A day on which something happened."""
    today = shown(info).get("today")
    if today is not None and day > date.fromisoformat(today):
        raise complaint(N_("This day is still to come."))
    return day


def not_in_the_past(day: date, info: ValidationInfo) -> date:
    """A day for which something is planned."""
    today = shown(info).get("today")
    if today is not None and day < date.fromisoformat(today):
        raise complaint(N_("This day is past."))
    return day


def a_time(value: str) -> str:
    """A time of day as people write it: ``9:05`` is ``09:05``."""
    hour, _, minute = value.replace("：", ":").partition(":")
    if not (hour.isdecimal() and minute.isdecimal() and int(hour) < 24 and int(minute) < 60 and len(minute) == 2):
        raise complaint(N_("Write the time as hours and minutes, such as 14:30."))
    return f"{int(hour):02}:{minute}"


class BackgroundRuling(StepForm):
    """The risk officer's view of the client before it is received: level, possible effects, strategy, goals (R)."""

    level: RiskLevel = Field(title=N_("Risk level"))
    at_stake: Amount = Field(title=N_("Amount at stake (yuan)"))
    economic: Comment = Field("", title=N_("Economic effect"), json_schema_extra=LONG)
    reputation: Comment = Field("", title=N_("Effect on the company's reputation"), json_schema_extra=LONG)
    interruption: Comment = Field("", title=N_("Interruption of business"), json_schema_extra=LONG)
    strategy: Told = Field(title=N_("Strategy"), json_schema_extra=LONG)
    goals: Told = Field(title=N_("Goals"), json_schema_extra=LONG)

    @model_validator(mode="after")
    def _some_effect(self) -> BackgroundRuling:
        if not (self.economic or self.reputation or self.interruption):
            raise complaint(N_("Say at least one possible effect: economic, on reputation, or on business."))
        if self.at_stake and not self.economic:
            raise complaint(N_("An amount is at stake: say what the economic effect is."))
        return self


class Member(Row):
    """One member of a reception team."""

    person: PersonId = Field(title=N_("Member"), json_schema_extra=PERSON)
    role: TeamRole = Field(title=N_("Role in the team"))

    @field_validator("person")
    @classmethod
    def _may_receive_risk_clients(cls, person: str, info: ValidationInfo) -> str:
        # R 3.2: nobody receives a risk client without a valid confidentiality agreement and reception training.
        staff = shown(info).get("staff")
        if staff is None:
            return person
        if person not in staff:
            raise complaint(N_("{name} is not an active member of staff."), name=person)
        name, lacking = staff[person]["name"], frozenset(staff[person]["lacks"])
        if lacking:
            raise complaint(_LACKS[lacking], name=name)
        return person


_AGREEMENT, _TRAINING = QualificationKind.CONFIDENTIALITY.value, QualificationKind.RECEPTION_TRAINING.value
_LACKS = {
    frozenset({_AGREEMENT}): N_("{name} has no valid confidentiality agreement."),
    frozenset({_TRAINING}): N_("{name} has no valid reception training."),
    frozenset({_AGREEMENT, _TRAINING}): N_(
        "{name} has neither a valid confidentiality agreement nor reception training."
    ),
}


class TeamFormation(StepForm):
    """Who receives the client, each with a role; exactly one heads the team (R)."""

    members: tuple[Member, ...] = Field(title=N_("Members"), max_length=12, json_schema_extra={"rows": 4})
    note: Comment = Field("", title=N_("Comment"), json_schema_extra=LONG)

    @classmethod
    def true_now(cls, session: Session, today: date) -> Mapping[str, Any]:
        return {"staff": staff_and_what_they_lack(session, today)}

    @field_validator("members")
    @classmethod
    def _a_team(cls, members: tuple[Member, ...], info: ValidationInfo) -> tuple[Member, ...]:
        least = shown(info).get("team_minimum", 2)
        people = [member.person for member in members]
        twice = next((person for person in people if people.count(person) > 1), None)
        if twice is not None:
            staff = shown(info).get("staff", {})
            raise complaint(N_("{name} is in the team twice."), name=staff.get(twice, {}).get("name", twice))
        if len(members) < least:
            raise complaint(N_("A reception team has at least {least} members."), least=least)
        if sum(member.role is TeamRole.LEAD for member in members) != 1:
            raise complaint(N_("Exactly one member heads the team."))
        return members


class VenueChecklist(StepForm):
    """Where and when the client is received, and what is ready (R)."""

    meeting_on: date = Field(title=N_("Day of the meeting"))
    meeting_at: Short = Field(title=N_("Time"), description=N_("Such as 14:30."))
    place: Short = Field(title=N_("Place"))
    room_private: bool = Field(False, title=N_("The room is closed to others"))
    recording_ready: bool = Field(False, title=N_("Recording equipment is ready and announced to the client"))
    papers_ready: bool = Field(False, title=N_("Contracts, accounts and other papers are at hand"))
    security_ready: bool = Field(False, title=N_("Security knows of the meeting"))
    equipment: Comment = Field("", title=N_("Further equipment"), json_schema_extra=LONG)

    @field_validator("meeting_on")
    @classmethod
    def _to_come(cls, day: date, info: ValidationInfo) -> date:
        return not_in_the_past(day, info)

    @field_validator("meeting_at")
    @classmethod
    def _a_time(cls, value: str) -> str:
        return a_time(value)

    @model_validator(mode="after")
    def _what_must_be_ready(self) -> VenueChecklist:
        if not self.room_private:
            raise complaint(N_("What is said stays confidential: the room must be closed to others."))
        if not self.papers_ready:
            raise complaint(N_("The papers must be at hand before the client comes."))
        return self


class CommitmentGiven(Row):
    """A commitment that somebody gave to the client in the room."""

    what: Told = Field(title=N_("Commitment given to the client"))
    given_by: Short = Field(title=N_("Given by"))


class MeetingRecord(StepForm):
    """The record of the first meeting (R)."""

    held_on: date = Field(title=N_("Held on"))
    client_side: Short = Field(title=N_("Who came for the client"))
    our_side: Short = Field(title=N_("Who was there for the company"))
    demands: Told = Field(title=N_("What the client asks for"), json_schema_extra=LONG)
    problems: Comment = Field("", title=N_("Problems named"), json_schema_extra=LONG)
    suggestions: Comment = Field("", title=N_("Suggestions made"), json_schema_extra=LONG)
    answered: Told = Field(title=N_("What was answered"), json_schema_extra=LONG)
    commitments: tuple[CommitmentGiven, ...] = Field(
        (), title=N_("Commitments given"), max_length=10, json_schema_extra={"rows": 2}
    )

    @field_validator("held_on")
    @classmethod
    def _held(cls, day: date, info: ValidationInfo) -> date:
        return not_in_the_future(day, info)


class RequestedEvidence(Row):
    """A piece of evidence that the client is asked for."""

    what: Evidence = Field(title=N_("Evidence"))
    wanted_by: date | None = Field(None, title=N_("Wanted by"))


class InDepthRecord(StepForm):
    """The record of the in-depth talk: causes, present state, expectations, evidence asked for (R)."""

    held_on: date = Field(title=N_("Held on"))
    causes: Told = Field(title=N_("Causes"), json_schema_extra=LONG)
    present_state: Told = Field(title=N_("Present state"), json_schema_extra=LONG)
    expectations: Told = Field(title=N_("What the client expects"), json_schema_extra=LONG)
    commitments: tuple[CommitmentGiven, ...] = Field(
        (), title=N_("Commitments given"), max_length=10, json_schema_extra={"rows": 1}
    )
    requested: tuple[RequestedEvidence, ...] = Field(
        (), title=N_("Evidence asked for"), max_length=30, json_schema_extra={"rows": 3}
    )

    @field_validator("held_on")
    @classmethod
    def _held(cls, day: date, info: ValidationInfo) -> date:
        return not_in_the_future(day, info)


class EvidenceRow(Row):
    """A piece of evidence that came in."""

    what: Evidence = Field(title=N_("Evidence"))
    reference: Short = Field(title=N_("Filed under"))
    received_on: date = Field(title=N_("Received on"))
    sha256: Sha256 = Field("", title=N_("SHA-256 of the file"), description=N_("Where it came as a file."))

    @field_validator("received_on")
    @classmethod
    def _received(cls, day: date, info: ValidationInfo) -> date:
        return not_in_the_future(day, info)


class EvidenceReceived(StepForm):
    """All the evidence that was asked for has come in."""

    received: tuple[EvidenceRow, ...] = Field(
        title=N_("Evidence received"), min_length=1, max_length=30, json_schema_extra={"rows": 3}
    )


class EvidenceStillOut(StepForm):
    """Some evidence is still to come, and is waited for until a day."""

    received: tuple[EvidenceRow, ...] = Field(
        (), title=N_("Evidence received"), max_length=30, json_schema_extra={"rows": 3}
    )
    wait_until: date = Field(title=N_("Wait until"))

    @field_validator("wait_until")
    @classmethod
    def _to_come(cls, day: date, info: ValidationInfo) -> date:
        today = shown(info).get("today")
        if today is not None and day <= date.fromisoformat(today):
            raise complaint(N_("This day is to be in the future."))
        return day
