"""The register of confidentiality agreements and trainings."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import ConfigDict, Field

from api.caller import house_of
from api.problems import PROBLEM_RESPONSES
from api.routes.cases import CSV_BODY, csv_of
from api.routes.parameters import Cursor, Decider, Limit, Reader
from api.routes.shapes import Given
from api.routes.taken import Taken, Text
from config.words import Department, QualificationKind
from models.operations.qualifications import (
    import_qualifications,
    keeps_register,
    must_keep_register,
    qualification_given,
    record_qualification,
    revoke_qualification,
)
from models.queries.cursor import read_cursor, write_cursor
from models.queries.qualifications import Validity, register_page

router = APIRouter(tags=["Qualifications"], responses=PROBLEM_RESPONSES)


class NewQualification(Taken):
    """One entry of the register. No `valid_until`: it does not expire."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "person": "chen.yu",
                    "kind": "reception_training",
                    "reference": "PX-2026-014",
                    "valid_from": "2026-03-01",
                    "valid_until": "2027-02-28",
                }
            ]
        },
    )

    person: Text = Field(min_length=1, max_length=64, description="Person id.")
    kind: QualificationKind
    reference: Text = Field(min_length=1, max_length=80)
    valid_from: date
    valid_until: date | None = None


class Revoke(Taken):
    reason: Text = Field(min_length=1, max_length=1000, examples=["Left the reception group."])


class QualificationShown(Given):
    id: int
    kind: QualificationKind
    reference: str
    valid_from: date
    valid_until: date | None
    validity: Validity
    revoked_because: str


class HolderShown(Given):
    """A member of staff with every entry, newest first; `lacks` is what receiving risk clients would still need."""

    person: str
    name: str
    department: Department
    lacks: list[QualificationKind]
    entries: list[QualificationShown]


class Register(Given):
    """The register, by people's ids."""

    items: list[HolderShown]
    next_cursor: str | None


class QualificationKept(Given):
    """What is on the register now."""

    id: int
    person: str
    kind: QualificationKind
    valid_until: date | None


class QualificationsImported(Given):
    rows: int
    new: int
    repeated: int


@router.get("/qualifications", summary="Read the register of qualifications")
def read(request: Request, caller: Reader, limit: Limit = 50, cursor: Cursor = None) -> Register:
    """The caller's own; everybody's for the risk manager and operations, by their ids. Token scope: `read`."""
    house = house_of(request)
    only = None if keeps_register(caller.person) else caller.person.id
    soon = house.policy.frequencies.qualification_reminder_days
    now = house.clock()
    after = read_cursor(cursor)[1] if cursor else None
    with house.read() as session:
        on = house.calendar.day_of(now)
        holders, last = register_page(session, on, soon, only=only, limit=limit, after=after)
    return Register(
        next_cursor=write_cursor(now, last) if last is not None else None,
        items=[
            HolderShown(
                person=one.person_id,
                name=one.name,
                department=one.department,
                lacks=list(one.lacks),
                entries=[QualificationShown(**entry.model_dump()) for entry in one.entries],
            )
            for one in holders
        ],
    )


@router.post("/qualifications", status_code=201, summary="Record or renew a qualification")
def add(request: Request, caller: Decider, body: NewQualification) -> QualificationKept:
    """For the risk manager and operations. The same entry again changes nothing. Token scope: `decide`."""
    must_keep_register(caller.person)
    with house_of(request).work(caller.actor) as work:
        entry = record_qualification(work, qualification_given(body.model_dump()), caller.person)
    return QualificationKept(**entry.model_dump(include={"id", "kind", "valid_until"}), person=entry.person_id)


@router.post("/qualifications/{entry_id}/revoke", summary="Revoke a qualification")
def revoke(
    request: Request, caller: Decider, entry_id: Annotated[int, Path(ge=1, le=2**53)], body: Revoke
) -> QualificationKept:
    """It ends as of today, and stays on the register with the reason. Token scope: `decide`."""
    must_keep_register(caller.person)
    with house_of(request).work(caller.actor) as work:
        entry = revoke_qualification(work, entry_id, body.reason)
    return QualificationKept(**entry.model_dump(include={"id", "kind", "valid_until"}), person=entry.person_id)


@router.post("/qualifications/import", summary="Record many qualifications from a CSV file", openapi_extra=CSV_BODY)
def import_many(request: Request, caller: Decider, data: Annotated[bytes, Depends(csv_of)]) -> QualificationsImported:
    """Every row, or none; columns `person`, `kind`, `reference`, `valid_from`, `valid_until`. Token scope: `decide`."""
    must_keep_register(caller.person)
    report = import_qualifications(house_of(request), caller.actor, data, caller.person)
    return QualificationsImported(rows=report.rows, new=report.new, repeated=report.repeated)
