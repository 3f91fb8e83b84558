"""Opening onboarding cases by hand: one application by form, many by CSV file."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from api.caller import house_of, signed_in
from api.choices import choices_of
from api.csrf import FIELD, Csrf
from api.forms import data_of, form_view
from api.opening import application_of, may_open, request_key
from api.posted import Posted, posted
from config.languages import N_
from models.errors import Invalid, Problem, Refused
from models.house import House
from models.house import person as person_actor
from models.onboarding import Application
from models.operations.application_import import columns, import_applications
from models.operations.applications import open_application
from models.operations.csv_rows import FileReport, ImportRefused
from models.tables import Person

router = APIRouter(include_in_schema=False)
FORM_PAGE, FILE_PAGE = "apply", "import"


@router.api_route("/apply", methods=["GET", "HEAD"])
def form_page(request: Request, person: Annotated[Person, Depends(signed_in)]) -> Response:
    may_open(person)
    return _form_page(request)


@router.post("/apply")
def apply(
    request: Request, person: Annotated[Person, Depends(signed_in)], form: Annotated[Posted, Depends(posted)]
) -> Response:
    house = house_of(request)
    may_open(person)
    try:
        Csrf(request).check(form.text(FIELD), FORM_PAGE)
        application = application_of(data_of(Application, form))
        with house.work(person_actor(person.id)) as work:
            key = request_key(person.id, form.text("_key") or secrets.token_urlsafe(12))
            case = open_application(work, application, person, person, origin="page", request_key=key)
    except Refused as refusal:
        return _form_page(request, form, refusal)
    return RedirectResponse(f"/cases/{case.ref}", 303)


@router.api_route("/import", methods=["GET", "HEAD"])
def file_page(request: Request, person: Annotated[Person, Depends(signed_in)]) -> Response:
    may_open(person)
    return _file_page(request)


@router.post("/import")
def take_file(
    request: Request, person: Annotated[Person, Depends(signed_in)], form: Annotated[Posted, Depends(posted)]
) -> Response:
    house = house_of(request)
    may_open(person)
    try:
        Csrf(request).check(form.text(FIELD), FILE_PAGE)
        data = form.file("file")
        if not data:
            raise Invalid(N_("Please choose a file."), [Problem("file", N_("This field is needed."))])
        with house.work(person_actor(person.id)) as work:
            report = import_applications(work, data, person)
    except ImportRefused as refusal:
        return _file_page(request, refusal, refusal.report)
    except Refused as refusal:
        return _file_page(request, refusal)
    return _file_page(request, None, report)


@router.get("/import/template.csv")
def template(request: Request, person: Annotated[Person, Depends(signed_in)]) -> Response:
    """An empty file with every column, marked as UTF-8 so that spreadsheet programs read it right."""
    may_open(person)
    header = "\ufeff" + ",".join(_columns(house_of(request))) + "\r\n"
    headers = {"content-disposition": 'attachment; filename="applications.csv"'}
    return Response(header.encode(), media_type="text/csv; charset=utf-8", headers=headers)


def _columns(house: House) -> list[str]:
    with house.work() as work:
        return columns(work)


def _form_page(request: Request, form: Posted | None = None, refusal: Refused | None = None) -> Response:
    house = house_of(request)
    problems = refusal.problems if isinstance(refusal, Invalid) else ()
    view = form_view(Application, _offer(house), posted=form, problems=problems, choices=choices_of(house.policy))
    key = (form.text("_key") if form else "") or secrets.token_urlsafe(12)
    status = refusal.status if refusal else 200
    response: Response = request.app.state.pages.page(
        request, "apply.html", status, form=view, refusal=refusal, key=key
    )
    return response


def _offer(house: House) -> dict[str, object]:
    """The papers and figures that the running policy knows."""
    return {
        "documents": dict(house.policy.onboarding.documents),
        "figures": {part.name: part.label for part in house.policy.indicators.figures()},
    }


def _file_page(request: Request, refusal: Refused | None = None, report: FileReport | None = None) -> Response:
    house = house_of(request)
    response: Response = request.app.state.pages.page(
        request,
        "import.html",
        refusal.status if refusal else 200,
        refusal=refusal,
        report=report,
        columns=_columns(house),
        longest=house.settings.max_body_bytes,
    )
    return response
