"""The register of confidentiality agreements and trainings: one's own, and everybody's for those who keep it."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import RedirectResponse, Response

from api.caller import house_of, signed_in
from api.csrf import FIELD, Csrf
from api.forms import data_of, form_view
from api.people import people_for, with_people_meant
from api.posted import Posted, posted
from config.languages import N_
from config.words import QualificationKind
from models.errors import Invalid, Problem, Refused
from models.forms.qualifications import QualificationForm
from models.house import person as person_actor
from models.operations.csv_rows import FileReport, ImportRefused
from models.operations.qualifications import (
    COLUMNS,
    import_qualifications,
    keeps_register,
    must_keep_register,
    qualification_given,
    record_qualification,
    revoke_qualification,
)
from models.queries.qualifications import NEEDED, register
from models.tables import Person

router = APIRouter(include_in_schema=False)
RECORD, FILE = "qualification", "qualifications-file"
SHOWN = 60
"""Holders on a page; a company may have a thousand."""


@router.api_route("/qualifications", methods=["GET", "HEAD"])
def read(request: Request, person: Annotated[Person, Depends(signed_in)]) -> Response:
    return _page(request, person)


@router.post("/qualifications")
def add(
    request: Request, person: Annotated[Person, Depends(signed_in)], form: Annotated[Posted, Depends(posted)]
) -> Response:
    house = house_of(request)
    must_keep_register(person)
    try:
        Csrf(request).check(form.text(FIELD), RECORD)
        given = qualification_given(with_people_meant(house, QualificationForm, data_of(QualificationForm, form)))
        with house.work(person_actor(person.id)) as work:
            record_qualification(work, given, person)
    except Refused as refusal:
        return _page(request, person, form, refusal)
    return RedirectResponse("/qualifications?done=recorded", 303)


@router.post("/qualifications/{entry_id}/revoke")
def revoke(
    request: Request,
    entry_id: Annotated[int, Path(ge=1, le=2**53)],
    person: Annotated[Person, Depends(signed_in)],
    form: Annotated[Posted, Depends(posted)],
) -> Response:
    must_keep_register(person)
    try:
        Csrf(request).check(form.text(FIELD), f"revoke:{entry_id}")
        with house_of(request).work(person_actor(person.id)) as work:
            revoke_qualification(work, entry_id, form.text("reason"))
    except Refused as refusal:
        return _page(request, person, None, refusal)
    return RedirectResponse("/qualifications?done=revoked", 303)


@router.post("/qualifications/import")
def take_file(
    request: Request, person: Annotated[Person, Depends(signed_in)], form: Annotated[Posted, Depends(posted)]
) -> Response:
    must_keep_register(person)
    report: FileReport | None = None
    try:
        Csrf(request).check(form.text(FIELD), FILE)
        data = form.file("file")
        if not data:
            raise Invalid(N_("Please choose a file."), [Problem("file", N_("This field is needed."))])
        report = import_qualifications(house_of(request), person_actor(person.id), data, person)
    except ImportRefused as refusal:
        return _page(request, person, None, refusal, refusal.report)
    except Refused as refusal:
        return _page(request, person, None, refusal)
    return _page(request, person, None, None, report)


def _page(
    request: Request,
    person: Person,
    form: Posted | None = None,
    refusal: Refused | None = None,
    report: FileReport | None = None,
) -> Response:
    house = house_of(request)
    keeps = keeps_register(person)
    soon = house.policy.frequencies.qualification_reminder_days
    with house.read() as session:
        holders = register(session, house.calendar.day_of(house.clock()), soon, only=None if keeps else person.id)
        people = people_for(session, house, QualificationForm) if keeps else ()
    who = request.query_params.get("who", "").strip()[:80]
    found = [one for one in holders if who.lower() in f"{one.name} {one.person_id}".lower()]
    start = request.query_params.get("start", "")
    first = int(start) if start.isascii() and start.isdecimal() and len(start) < 7 else 0
    view = form_view(
        QualificationForm,
        {},
        posted=form,
        problems=refusal.problems if isinstance(refusal, Invalid) and form is not None else (),
        people=people,
    )
    response: Response = request.app.state.pages.page(
        request,
        "qualifications.html",
        refusal.status if refusal else 200,
        holders=found[first : first + SHOWN],
        who=who,
        many=len(holders) > SHOWN,
        first="/qualifications?" + urlencode({"who": who}) if first else "",
        next="/qualifications?" + urlencode({"who": who, "start": first + SHOWN}) if found[first + SHOWN :] else "",
        keeps=keeps,
        kinds=list(QualificationKind),
        needed=NEEDED,
        form=view,
        typed=form is not None,
        refusal=refusal,
        report=report,
        columns=COLUMNS,
        done=request.query_params.get("done", "") if refusal is None else "",
    )
    return response
