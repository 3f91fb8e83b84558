"""Absence: name somebody who signs in one's name for some days. Operations do it for others too."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Path, Request
from pydantic import Field
from starlette.responses import RedirectResponse, Response

from api.caller import house_of, signed_in
from api.csrf import FIELD, Csrf
from api.forms import Option, data_of, form_view
from api.moves import LONG, PERSON, Moving, PersonId, called, filled, person_meant
from api.posted import Posted, posted
from api.routes.taken import Text
from config.languages import N_
from models.errors import Invalid, Problem, Refused
from models.house import House
from models.house import person as person_actor
from models.onboarding import Amount
from models.operations.absences import cancel_absence, set_absence
from models.processes import PROCESSES
from models.queries.absences import absence_seen_by, absences, sets_for_others
from models.queries.people import Colleague, colleagues
from models.rules.reasons import Label
from models.tables import Person

router = APIRouter(include_in_schema=False)
SET = "absence"


class AbsenceForm(Moving):
    """Days on the company's calendar: from the beginning of the first to the end of the last."""

    substitute: PersonId = Field(title=N_("Who stands in"), json_schema_extra=PERSON)
    first_day: date = Field(title=N_("First day"))
    last_day: date = Field(title=N_("Last day"))
    up_to: Amount | None = Field(
        None,
        title=N_("Only up to this amount (yuan)"),
        description=N_("Larger amounts stay with you. Leave it empty for any amount."),
    )
    reason: Annotated[Text, Field(max_length=500)] = Field("", title=N_("Reason"), json_schema_extra=LONG)


class AnybodysAbsence(AbsenceForm):
    """The same, set by operations."""

    person: PersonId = Field(title=N_("Who is absent"), json_schema_extra=PERSON)


@router.api_route("/absence", methods=["GET", "HEAD"])
def read(request: Request, person: Annotated[Person, Depends(signed_in)]) -> Response:
    return _page(request, person)


@router.post("/absence")
def add(
    request: Request, person: Annotated[Person, Depends(signed_in)], form: Annotated[Posted, Depends(posted)]
) -> Response:
    house = house_of(request)
    try:
        Csrf(request).check(form.text(FIELD), SET)
        _set(house, person, form)
    except Refused as refusal:
        return _page(request, person, form, refusal)
    return RedirectResponse("/absence?done=set", 303)


@router.post("/absence/{absence_id}/cancel")
def cancel(
    request: Request,
    absence_id: Annotated[int, Path(ge=1, le=2**53)],
    person: Annotated[Person, Depends(signed_in)],
    form: Annotated[Posted, Depends(posted)],
) -> Response:
    try:
        Csrf(request).check(form.text(FIELD), f"cancel-absence:{absence_id}")
        with house_of(request).work(person_actor(person.id)) as work:
            absence_seen_by(work.session, person, absence_id)
            cancel_absence(work, absence_id)
    except Refused as refusal:
        return _page(request, person, None, refusal)
    return RedirectResponse("/absence?done=cancelled", 303)


def _set(house: House, person: Person, form: Posted) -> None:
    kind = _form_of(person)
    data = data_of(kind, form)
    processes = [str(one) for one in form.all("processes")]
    data.pop("processes", None)
    with house.read() as session:
        staff = colleagues(session, house.clock())
    for field in ("substitute", "person"):
        if data.get(field):
            data[field] = person_meant(field, data[field], staff)
    given = filled(kind, data)
    assert isinstance(given, AbsenceForm)
    absent = given.person if isinstance(given, AnybodysAbsence) else person.id
    if absent not in {one.person_id for one in staff}:
        told = N_("There is no such active person.")
        raise Invalid(N_("Please look at the marked fields."), [Problem("person", told)])
    starts, ends = _instants(house, given)
    try:
        with house.work(person_actor(person.id)) as work:
            set_absence(
                work,
                absent,
                given.substitute,
                starts,
                ends,
                processes=processes,
                up_to=given.up_to,
                reason=given.reason,
            )
    except Invalid as refusal:
        raise Invalid(refusal.message, [_on_this_page(one) for one in refusal.problems]) from None


def _on_this_page(problem: Problem) -> Problem:
    """The field of this page that a problem of the operation is about."""
    names = {"ends_at": "last_day", "starts_at": "first_day"}
    return Problem(names.get(problem.field, problem.field), problem.message, problem.values)


def _instants(house: House, given: AbsenceForm) -> tuple[datetime, datetime]:
    zone = ZoneInfo(house.settings.time_zone)
    if given.last_day == date.max:
        problem = Problem("last_day", N_("This is not a date."))
        raise Invalid(N_("Please look at the marked fields."), [problem])
    starts = datetime.combine(given.first_day, time(), zone)
    return starts, datetime.combine(given.last_day + timedelta(days=1), time(), zone)


def _form_of(person: Person) -> type[AbsenceForm]:
    return AnybodysAbsence if sets_for_others(person) else AbsenceForm


def _page(request: Request, person: Person, form: Posted | None = None, refusal: Refused | None = None) -> Response:
    house = house_of(request)
    everybodys = sets_for_others(person)
    with house.read() as session:
        staff = colleagues(session, house.clock())
        own = absences(session, person, house.clock())
        others = absences(session, person, house.clock(), everybodys=True) if everybodys else ()
    view = form_view(
        _form_of(person),
        {"prefill": {"person": person.id}},
        posted=form,
        problems=refusal.problems if isinstance(refusal, Invalid) else (),
        people=[_option(one) for one in staff],
    )
    response: Response = request.app.state.pages.page(
        request,
        "absence.html",
        refusal.status if refusal else 200,
        desk="me",
        form=view,
        refusal=refusal,
        person=person,
        ticked=form.all("processes") if form else [],
        own=own,
        others=[one for one in others if person.id not in (one.person_id, one.substitute_id)],
        processes=list(PROCESSES.values()),
        done=request.query_params.get("done", "") if refusal is None else "",
        everybodys=everybodys,
    )
    return response


def _option(one: Colleague) -> Option:
    return Option(one.person_id, Label(label=called(one)), Label(label=one.department.label))
