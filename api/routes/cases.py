"""Cases: open, import, list, read, withdraw."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import UploadFile

from api.caller import house_of
from api.case_filters import asked_for
from api.etags import tag_of
from api.etags import told as tagged
from api.language import language_of
from api.opening import application_of, handler_named, may_open, request_key
from api.problems import PROBLEM_RESPONSES
from api.routes.case_wanted import Wanted
from api.routes.outcomes import Urged
from api.routes.parameters import CaseRef, Cursor, Decider, IdempotencyKey, Limit, Opener, Reader
from api.routes.shapes import CasePage, CaseShown, Imported, OpenedCase
from api.routes.shaping import Shaping
from api.routes.taken import OpenCase, Urge, Withdraw
from config.languages import N_
from models.errors import Invalid, Problem
from models.operations.application_import import import_applications
from models.operations.applications import open_application
from models.operations.cases import withdraw
from models.operations.remarks import note_case_read
from models.operations.urging import urge
from models.processes import ONBOARDING
from models.queries.case import case_view
from models.queries.case_list import cases
from models.queries.rights import case_seen_by, reads_everything
from models.queries.timeline import LOOKS, timeline

router = APIRouter(tags=["Cases"], responses=PROBLEM_RESPONSES)


@router.post("/cases", status_code=201, summary="Open a case")
def open_one(
    request: Request, response: Response, caller: Opener, body: OpenCase, key: IdempotencyKey = None
) -> OpenedCase:
    """Open a case. Token scope: `open`. With an `Idempotency-Key`, a repeat gives the case that was opened."""
    house = house_of(request)
    may_open(caller.person)
    if body.process != ONBOARDING.name:
        told = N_("No process of this name is opened here.")
        raise Invalid(N_("Please look at the marked fields."), [Problem("process", told)])
    application = application_of(body.application)
    with house.work(caller.actor) as work:
        handler = handler_named(work.session, body.handler, caller.person)
        stored = request_key(caller.person.id, key) if key else None
        case = open_application(work, application, caller.person, handler, origin=caller.via, request_key=stored)
    response.headers["location"] = f"/api/v1/cases/{case.ref}"
    return OpenedCase(ref=case.ref, url=f"{house.settings.base_url}/cases/{case.ref}")


async def csv_of(request: Request) -> bytes:
    """The file, sent as it is or as the field `file` of a form."""
    if not request.headers.get("content-type", "").startswith("multipart/"):
        return await request.body()
    async with request.form(max_files=1, max_fields=10) as form:
        file = form.get("file")
        return await file.read() if isinstance(file, UploadFile) else b""


CSV_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": {"schema": {"type": "string", "format": "binary"}},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            },
        },
    }
}


@router.post("/cases/import", summary="Open many cases from a CSV file", openapi_extra=CSV_BODY)
def import_many(request: Request, caller: Opener, data: Annotated[bytes, Depends(csv_of)]) -> Imported:
    """Every row becomes a case, or none does: a wrong file is answered with 422 and a problem for each row that has
    one (`field` is `row 3: identifier`). The same file again opens nothing twice. Token scope: `open`."""
    may_open(caller.person)
    with house_of(request).work(caller.actor) as work:
        report = import_applications(work, data, caller.person)
    return Imported(rows=report.rows, encoding=report.encoding, cases=report.cases)


@router.get("/cases", summary="List cases")
def listed(
    request: Request,
    caller: Reader,
    wanted: Wanted,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> CasePage:
    """The cases the caller may see and asks for, newest first unless asked otherwise. Token scope: `read`."""
    house = house_of(request)
    with house.read() as session:
        asked = asked_for(session, house, wanted, strictly=True).must_be_right()
        page = cases(session, caller.person, asked, limit=limit, cursor=cursor)
    return Shaping(language_of(request, caller.person)).cases(page)


@router.get("/cases/{ref}", summary="Read a case")
def read(request: Request, response: Response, caller: Reader, ref: CaseRef) -> CaseShown:
    """A case with its steps, signatures, route and timeline. Its `ETag` stays the same while people only look at it.
    Token scope: `read`. The look is put on record."""
    house = house_of(request)
    with house.read() as session:
        case = case_seen_by(session, caller.person, ref)
        view = case_view(session, case, caller.person, house.calendar, house.clock())
        events = timeline(session, ref, with_looks=reads_everything(caller.person))
    with house.work(caller.actor) as work:
        work.record("case.looked", ref)
        note_case_read(work, ref, caller.person.id)
    shown = Shaping(language_of(request, caller.person)).case(view, events)
    without_looks = [one for one in shown.timeline if one.event not in LOOKS]
    tagged(response, tag_of(shown.model_copy(update={"timeline": without_looks})))
    return shown


@router.post("/cases/{ref}/withdraw", summary="Withdraw a case")
def take_back(request: Request, caller: Decider, ref: CaseRef, body: Withdraw) -> OpenedCase:
    """Only the person who started a case can withdraw it. Token scope: `decide`."""
    house = house_of(request)
    with house.work(caller.actor) as work:
        case_seen_by(work.session, caller.person, ref)
        withdraw(work, ref, caller.person, body.reason)
    return OpenedCase(ref=ref, url=f"{house.settings.base_url}/cases/{ref}")


@router.post("/cases/{ref}/urge", summary="Urge those a case waits for")
def hurry(request: Request, caller: Decider, ref: CaseRef, body: Urge) -> Urged:
    """Whoever started or handles a case asks those it waits for to hurry; the reminder is sent as the system's.

    409: they were urged a short while ago; `detail` says when it is possible again. Token scope: `decide`."""
    with house_of(request).work(caller.actor) as work:
        case_seen_by(work.session, caller.person, ref)
        people = urge(work, ref, caller.person, body.note.strip())
    return Urged(case=ref, people=people)
