"""The staff for operations: the register, one person with all that hangs on them, and changing both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from api.caller import house_of, signed_in
from api.csrf import FIELD, Csrf
from api.doings import DOINGS
from api.letters import CHANNELS
from api.people import option_of
from api.posted import Posted, posted
from api.table_files import CSV, XLSX, table_file
from config.languages import N_
from config.words import Department, Language, Role
from models.errors import Invalid, NotFound, Problem, Refused
from models.house import House
from models.house import person as person_actor
from models.operations.staff import (
    COLUMNS,
    StaffMember,
    StaffRefused,
    StaffReport,
    add_person,
    as_row,
    check_staff,
    import_staff,
    staff_member,
)
from models.operations.staff_changes import change_person
from models.queries.people import colleagues
from models.queries.rights import must_operate, must_see_operations, operates
from models.queries.staff_list import PersonView, StaffFilter, everybody, person_view, staff
from models.tables import Person

router = APIRouter(include_in_schema=False)
ENTRY, FILE = "staff-entry", "staff-file"
ACTIVE = {"": True, "no": False, "all": None}


@router.api_route("/operations/staff", methods=["GET", "HEAD"])
def listed(
    request: Request,
    person: Annotated[Person, Depends(signed_in)],
    text: str = "",
    department: str = "",
    role: str = "",
    active: str = "",
    absent: str = "",
    cursor: str = "",
) -> Response:
    """The list. A filter that is no word of ours counts as none: links of old must not break."""
    must_see_operations(person)
    house = house_of(request)
    wanted = StaffFilter(
        text=text.strip()[:100],
        department=Department(department) if department in list(Department) else None,
        role=Role(role) if role in list(Role) else None,
        active=ACTIVE.get(active, True),
        absent=bool(absent),
    )
    with house.read() as session:
        page = staff(session, wanted, house.clock(), cursor=cursor or None)
    kept = {
        "text": wanted.text,
        "department": wanted.department,
        "role": wanted.role,
        "active": active if active in ACTIVE else "",
        "absent": "1" if wanted.absent else "",
    }
    query = {name: str(value) for name, value in kept.items() if value}
    response: Response = request.app.state.pages.page(
        request,
        "ops_staff.html",
        desk="operations",
        page=page,
        wanted=wanted,
        active=kept["active"],
        departments=list(Department),
        roles=list(Role),
        filtered=bool(query) or bool(cursor),
        first=f"/operations/staff?{urlencode(query)}" if cursor else "",
        next=f"/operations/staff?{urlencode({**query, 'cursor': page.next_cursor})}" if page.next_cursor else "",
        operates=operates(person),
    )
    return response


@router.get("/operations/staff.{kind}")
def export(request: Request, kind: str, person: Annotated[Person, Depends(signed_in)]) -> Response:
    """The whole register as a file; the CSV file can be changed and imported again."""
    must_see_operations(person)
    if kind not in (CSV, XLSX):
        raise NotFound(N_("There is no such page."))
    house = house_of(request)
    with house.work(person_actor(person.id)) as work:
        work.record("export.taken", what="staff", format=kind)
    with house.read() as session:
        rows = [{"id": one.id, **as_row(one)} for one in everybody(session)]
    cells = ([row[name] for name in COLUMNS] for row in rows)
    return table_file("staff", kind, COLUMNS, cells, widths=(18, 14, 32, 14, 34, 18, 10, 8))


@router.api_route("/operations/staff/new", methods=["GET", "HEAD"])
def new(request: Request, person: Annotated[Person, Depends(signed_in)]) -> Response:
    must_operate(person)
    return _entry_page(request)


@router.post("/operations/staff/new")
def add(
    request: Request, person: Annotated[Person, Depends(signed_in)], form: Annotated[Posted, Depends(posted)]
) -> Response:
    must_operate(person)
    try:
        Csrf(request).check(form.text(FIELD), ENTRY)
        with house_of(request).work(person_actor(person.id)) as work:
            added = add_person(work, _member(form, form.text("id").strip()))
    except Refused as refusal:
        return _entry_page(request, None, form, refusal)
    return RedirectResponse(f"/operations/staff/{added.id}?done=added", 303)


@router.api_route("/operations/staff/import", methods=["GET", "HEAD"])
def file_page(request: Request, person: Annotated[Person, Depends(signed_in)]) -> Response:
    must_operate(person)
    return _file_page(request)


@router.post("/operations/staff/import")
def take_file(
    request: Request, person: Annotated[Person, Depends(signed_in)], form: Annotated[Posted, Depends(posted)]
) -> Response:
    """Every row, or none. ``check`` only looks what would change."""
    must_operate(person)
    house, only_check = house_of(request), bool(form.text("check"))
    try:
        Csrf(request).check(form.text(FIELD), FILE)
        data = form.file("file")
        if not data:
            raise Invalid(N_("Please choose a file."), [Problem("file", N_("This field is needed."))])
        if only_check:
            return _file_page(request, None, check_staff(house, person_actor(person.id), data), only_check=True)
        with house.work(person_actor(person.id)) as work:
            report = import_staff(work, data)
    except StaffRefused as refusal:
        return _file_page(request, refusal, refusal.report)
    except Refused as refusal:
        return _file_page(request, refusal)
    return _file_page(request, None, report)


@router.api_route("/operations/staff/{person_id}", methods=["GET", "HEAD"])
def read(request: Request, person_id: str, person: Annotated[Person, Depends(signed_in)]) -> Response:
    must_see_operations(person)
    return person_page(request, person_id, person)


@router.api_route("/operations/staff/{person_id}/change", methods=["GET", "HEAD"])
def change_form(request: Request, person_id: str, person: Annotated[Person, Depends(signed_in)]) -> Response:
    must_operate(person)
    return _entry_page(request, _view(house_of(request), person_id))


@router.post("/operations/staff/{person_id}/change")
def change(
    request: Request,
    person_id: str,
    person: Annotated[Person, Depends(signed_in)],
    form: Annotated[Posted, Depends(posted)],
) -> Response:
    must_operate(person)
    house = house_of(request)
    view = _view(house, person_id)
    try:
        Csrf(request).check(form.text(FIELD), ENTRY)
        with house.work(person_actor(person.id)) as work:
            member = _member(form, view.id, active=view.active)
            change_person(work, person, member, seen=form.text("version"))
    except Refused as refusal:
        return _entry_page(request, view, form, refusal)
    return RedirectResponse(f"/operations/staff/{view.id}?done=changed", 303)


def _view(house: House, person_id: str) -> PersonView:
    with house.read() as session:
        return person_view(session, person_id, house.clock())


def _member(form: Posted, person_id: str, *, active: bool = True) -> StaffMember:
    given = {name: form.text(name).strip() or None for name in ("name", "email", "department", "language")}
    manager = form.text("manager").strip() or None
    return staff_member(id=person_id, **given, roles=form.all("roles"), manager_id=manager, active=active)


def person_page(
    request: Request,
    person_id: str,
    viewer: Person,
    refusal: Refused | None = None,
    act: str = "",
    typed: Mapping[str, Any] | None = None,
    report: Any = None,
) -> Response:
    """One person; with what was refused of an act on them, and what had been typed."""
    house = house_of(request)
    with house.read() as session:
        view = person_view(session, person_id, house.clock())
        people = colleagues(session, house.clock(), besides=person_id)
    response: Response = request.app.state.pages.page(
        request,
        "ops_person.html",
        refusal.status if refusal else 200,
        desk="operations",
        CHANNELS=CHANNELS,
        view=view,
        people=[option_of(one) for one in people],
        doings=DOINGS,
        roles_named={role.value: role for role in Role},
        operates=operates(viewer),
        refusal=refusal,
        act=act,
        typed=typed or {},
        report=report,
        done=request.query_params.get("done", "") if refusal is None and report is None else "",
    )
    return response


def _entry_page(
    request: Request, view: PersonView | None = None, form: Posted | None = None, refusal: Refused | None = None
) -> Response:
    house = house_of(request)
    with house.read() as session:
        people = colleagues(session, house.clock(), besides=view.id if view else None)
    shown = _as_typed(form) if form else _as_it_is(view)
    if view:
        shown["id"] = view.id
    problems: dict[str, Problem] = {}
    if isinstance(refusal, Invalid):
        problems = {one.field.split(".")[0].removesuffix("_id"): one for one in refusal.problems}
    response: Response = request.app.state.pages.page(
        request,
        "ops_person_form.html",
        refusal.status if refusal else 200,
        desk="operations",
        view=view,
        shown=shown,
        version=view.version if view else "",
        people=[option_of(one) for one in people],
        departments=list(Department),
        roles=list(Role),
        languages=list(Language),
        refusal=refusal,
        problems=problems,
    )
    return response


FIELDS = ("id", "name", "email", "department", "language", "manager")


def _as_typed(form: Posted) -> dict[str, Any]:
    return {**{name: form.text(name) for name in FIELDS}, "roles": form.all("roles")}


def _as_it_is(view: PersonView | None) -> dict[str, Any]:
    if view is None:
        return {**dict.fromkeys(FIELDS, ""), "roles": []}
    facts = {name: str(getattr(view, name) or "") for name in FIELDS if name != "manager"}
    return {**facts, "manager": view.manager_id or "", "roles": [role.value for role in view.roles]}


def _file_page(
    request: Request,
    refusal: Refused | None = None,
    report: StaffReport | None = None,
    *,
    only_check: bool = False,
) -> Response:
    response: Response = request.app.state.pages.page(
        request,
        "ops_staff_import.html",
        refusal.status if refusal else 200,
        desk="operations",
        refusal=refusal,
        report=report,
        only_check=only_check,
        columns=COLUMNS,
        roles_named={role.value: role for role in Role},
    )
    return response
