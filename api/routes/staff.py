"""The staff for programs: the register, one person, adding, changing, addresses, handing on."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi import Query as QueryParameter
from pydantic import ConfigDict, Field

from api.caller import Caller, house_of
from api.language import language_of
from api.problems import PROBLEM_RESPONSES
from api.routes.cases import CSV_BODY, csv_of
from api.routes.parameters import Cursor, Limit, Operator, Reader
from api.routes.shapes import Given
from api.routes.taken import Taken, Text
from config.languages import translate
from config.words import Department, Language, Role
from models.operations.csv_rows import FileReport, ImportRefused, RowProblem
from models.operations.hand_on import hand_on
from models.operations.people import ChannelKind
from models.operations.retry import LONGEST_REASON
from models.operations.staff import StaffMember, StaffRefused, add_person, check_staff, import_staff, staff_member
from models.operations.staff_changes import (
    change_person,
    give_channel,
    send_sign_in_link,
    set_active,
    take_channel,
)
from models.queries.rights import must_operate, must_see_operations
from models.queries.staff_list import StaffFilter, person_view, staff
from notifications.addresses import understood

router = APIRouter(tags=["Staff"], responses=PROBLEM_RESPONSES)
PersonId = Annotated[str, Path(max_length=64, examples=["li.na"])]
Id = Annotated[Text, Field(min_length=1, max_length=64)]
Reason = Annotated[Text, Field(min_length=1, max_length=LONGEST_REASON)]
Version = Annotated[Text, Field(max_length=32, description="`version` of the person as they were read.")]


class StaffItem(Given):
    """One person. `waiting` steps are asked of them; `substitute` stands in for them just now."""

    id: str
    name: str
    department: Department
    roles: list[Role]
    manager: str | None
    email: str | None
    active: bool
    substitute: str | None
    waiting: int


class StaffItems(Given):
    items: list[StaffItem]
    next_cursor: str | None


class ChannelShown(Given):
    """An address, masked: addresses of robots are keys."""

    id: int
    kind: ChannelKind
    hint: str


class WaitingShown(Given):
    signer_id: int
    case: str
    title: str
    due_at: datetime


class PersonWhole(Given):
    """One person with what hangs on them. `version` must be given back to change them."""

    id: str
    name: str
    email: str | None
    department: Department
    roles: list[Role]
    manager_id: str | None
    language: Language | None
    active: bool
    version: str
    channels: list[ChannelShown]
    waiting: list[WaitingShown] = Field(description="The first hundred steps that wait for them.")
    waiting_total: int
    cases: int = Field(description="Cases under way that they handle.")
    customers: int = Field(description="Customers that they handle.")


class Entry(Taken):
    """What the register keeps of a person."""

    name: Text = Field(min_length=1, max_length=80)
    department: Department
    roles: list[Role] = Field(default_factory=list, max_length=len(Role))
    email: Text | None = Field(None, max_length=254)
    manager_id: Text | None = Field(None, max_length=64)
    language: Language | None = None


class NewPerson(Entry):
    """Somebody new."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "id": "lin.feng",
                    "name": "林峰",
                    "department": "business",
                    "roles": ["handler"],
                    "email": "lin.feng@hengyuan.example",
                    "manager_id": "wang.jun",
                }
            ]
        },
    )

    id: Id


class ChangedPerson(Entry):
    """The whole entry as it is to be."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "林峰",
                    "department": "business",
                    "roles": ["handler", "sales_manager"],
                    "email": "lin.feng@hengyuan.example",
                    "manager_id": "zhao.min",
                    "version": "5f0c1c9a7be24410",
                }
            ]
        },
    )

    version: Version


class Service(Taken):
    """In or out of service."""

    active: bool
    reason: Reason
    version: Version


class HandOn(Taken):
    """Give everything that waits for somebody to somebody else."""

    to: Id
    reason: Reason


class NewChannel(Taken):
    """One more address."""

    address: Annotated[Text, Field(min_length=1, max_length=500, examples=["wecombot://BOTKEY"])]


class Stayed(Given):
    case: str
    step: str
    why: str


class HandedOnShown(Given):
    moved: int
    stayed: list[Stayed]


class StaffImported(Given):
    """What came of a file; with `check`, what would come of it."""

    rows: int
    added: list[str]
    changed: dict[str, dict[str, Any]] = Field(description="By id and field: before and after.")


@router.get("/staff", summary="List the staff")
def listed(
    request: Request,
    caller: Reader,
    text: Annotated[str, QueryParameter(max_length=100, description="Part of the name, id or address.")] = "",
    department: Department | None = None,
    role: Role | None = None,
    active: Annotated[bool | None, QueryParameter(description="In service; left out: everybody.")] = None,
    absent: Annotated[bool, QueryParameter(description="Only who is away just now.")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> StaffItems:
    """The staff by department and id. For operations, managers and auditors. Token scope: `read`."""
    must_see_operations(caller.person)
    house = house_of(request)
    wanted = StaffFilter(text=text, department=department, role=role, active=active, absent=absent)
    with house.read() as session:
        page = staff(session, wanted, house.clock(), limit=limit, cursor=cursor)
    return StaffItems(items=[StaffItem(**one.model_dump()) for one in page.items], next_cursor=page.next_cursor)


@router.get("/staff/{person}", summary="Read a person")
def read(request: Request, response: Response, caller: Reader, person: PersonId) -> PersonWhole:
    """One person. For operations, managers and auditors. Token scope: `read`."""
    must_see_operations(caller.person)
    return _whole(request, response, caller, person)


@router.post("/staff", status_code=201, summary="Put a person on the register")
def add(request: Request, response: Response, caller: Operator, body: NewPerson) -> PersonWhole:
    """409: the id is somebody's already. For operations. Token scope: `operate`."""
    must_operate(caller.person)
    with house_of(request).work(caller.actor) as work:
        add_person(work, staff_member(**body.model_dump()))
    response.headers["location"] = f"/api/v1/staff/{body.id}"
    return _whole(request, response, caller, body.id)


@router.put("/staff/{person}", summary="Change a person")
def change(
    request: Request, response: Response, caller: Operator, person: PersonId, body: ChangedPerson
) -> PersonWhole:
    """The whole entry as it is to be. 409: it was changed since `version` was read. What changed is on record, before
    and after. For operations. Token scope: `operate`."""
    house = house_of(request)
    must_operate(caller.person)
    with house.read() as session:
        active = person_view(session, person, house.clock()).active
    given = body.model_dump(exclude={"version"})
    with house.work(caller.actor) as work:
        member: StaffMember = staff_member(id=person, **given, active=active)
        change_person(work, caller.person, member, seen=body.version)
    return _whole(request, response, caller, person)


@router.post("/staff/{person}/service", summary="Take a person out of service, or back")
def serve(request: Request, response: Response, caller: Operator, person: PersonId, body: Service) -> PersonWhole:
    """Whoever is out of service is signed out everywhere and stands in for nobody. For operations. Token scope:
    `operate`."""
    with house_of(request).work(caller.actor) as work:
        set_active(work, caller.person, person, body.active, body.reason, seen=body.version)
    return _whole(request, response, caller, person)


@router.post("/staff/{person}/hand-on", summary="Hand on what waits for a person")
def give_on(request: Request, caller: Operator, person: PersonId, body: HandOn) -> HandedOnShown:
    """As if they had transferred each step themselves: what `to` may not sign stays, and `why` says why. For
    operations. Token scope: `operate`."""
    with house_of(request).work(caller.actor) as work:
        report = hand_on(work, caller.person, person, body.to, body.reason)
    language = language_of(request, caller.person)
    stayed = [
        Stayed(case=one.case_ref, step=translate(one.step, language), why=one.why.text(language))
        for one in report.stayed
        if one.why
    ]
    return HandedOnShown(moved=len(report.moved), stayed=stayed)


@router.post("/staff/{person}/channels", status_code=201, summary="Give a person one more address")
def add_address(
    request: Request, response: Response, caller: Operator, person: PersonId, body: NewChannel
) -> PersonWhole:
    """An e-mail address, an Apprise address, or that of a robot. For operations. Token scope: `operate`."""
    must_operate(caller.person)
    address = understood(body.address, house_of(request).settings.webhook_private_hosts)
    with house_of(request).work(caller.actor) as work:
        give_channel(work, caller.person, person, address)
    return _whole(request, response, caller, person)


@router.delete("/staff/{person}/channels/{channel}", status_code=204, summary="Take an address away")
def remove_address(
    request: Request, caller: Operator, person: PersonId, channel: Annotated[int, Path(ge=1, le=2**53)]
) -> None:
    """Messages waiting for it are left out. For operations. Token scope: `operate`."""
    with house_of(request).work(caller.actor) as work:
        take_channel(work, caller.person, person, channel)


@router.post("/staff/{person}/sign-in-link", status_code=202, summary="Send a person a sign-in link")
def invite(request: Request, caller: Operator, person: PersonId) -> None:
    """To their registered address; nobody else gets to see it. For operations. Token scope: `operate`."""
    with house_of(request).work(caller.actor) as work:
        send_sign_in_link(work, caller.person, person)


@router.post("/staff/import", summary="Import staff from a CSV file", openapi_extra=CSV_BODY)
def import_many(
    request: Request,
    caller: Operator,
    data: Annotated[bytes, Depends(csv_of)],
    check: Annotated[bool, QueryParameter(description="Only look what would change.")] = False,
) -> StaffImported:
    """New people are added, known ones brought up to date: every row, or none; a wrong file is answered with 422 and a
    problem for each row that has one. For operations. Token scope: `operate`."""
    must_operate(caller.person)
    house = house_of(request)
    try:
        if check:
            report = check_staff(house, caller.actor, data)
        else:
            with house.work(caller.actor) as work:
                report = import_staff(work, data)
    except StaffRefused as refusal:
        raise _by_row(refusal) from None
    return StaffImported(
        rows=report.rows,
        added=report.added,
        changed={
            person: {name: {"before": before, "after": after} for name, (before, after) in changes.items()}
            for person, changes in report.changes.items()
        },
    )


def _by_row(refusal: StaffRefused) -> ImportRefused:
    """The refusal as those of all other files are told."""
    report = FileReport(rows=refusal.report.rows)
    for one in refusal.report.problems:
        report.note(RowProblem(one.row, one.problem.field, one.problem))
    return ImportRefused(report)


def _whole(request: Request, response: Response, caller: Caller, person: str) -> PersonWhole:
    house = house_of(request)
    with house.read() as session:
        view = person_view(session, person, house.clock())
    response.headers["etag"] = f'"{view.version}"'
    facts = view.model_dump(
        include={
            "id",
            "name",
            "email",
            "department",
            "manager_id",
            "language",
            "active",
            "version",
            "customers",
            "cases",
        }
    )
    language = language_of(request, caller.person)
    return PersonWhole(
        **facts,
        roles=list(view.roles),
        channels=[ChannelShown(**one.model_dump()) for one in view.channels],
        waiting=[
            WaitingShown(
                signer_id=one.signer_id, case=one.case_ref, title=translate(one.title, language), due_at=one.due_at
            )
            for one in view.waiting
        ],
        waiting_total=view.waiting_total,
    )
