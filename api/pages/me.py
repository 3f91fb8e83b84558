"""My settings: who I am here, the language I am spoken to in, and where I am signed in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from api.caller import house_of, signed_in
from api.csrf import FIELD, Csrf
from api.posted import Posted, posted
from api.session import sessions_of
from config.languages import N_
from config.words import Language
from models.errors import Invalid, Problem
from models.house import person as person_actor
from models.operations.people import masked
from models.operations.preferences import set_language
from models.operations.sessions import is_session_of, live_sessions, sign_out_elsewhere
from models.tables import Person

router = APIRouter(include_in_schema=False)


@router.api_route("/me", methods=["GET", "HEAD"])
def read(request: Request, person: Annotated[Person, Depends(signed_in)]) -> Response:
    house = house_of(request)
    own = sessions_of(request).token(request)
    with house.read() as session:
        signed = [(row, is_session_of(row, own)) for row in live_sessions(session, person.id, house.clock())]
        manager = session.get(Person, person.manager_id) if person.manager_id else None
    response: Response = request.app.state.pages.page(
        request,
        "me.html",
        desk="me",
        person=person,
        manager=manager.name if manager else None,
        mail=masked(person.email) if person.email else None,
        languages=list(Language),
        spoken=person.language or house.settings.language,
        signed=sorted(signed, key=lambda one: not one[1]),
        done=request.query_params.get("done", ""),
    )
    return response


@router.post("/me/language")
def speak(
    request: Request, person: Annotated[Person, Depends(signed_in)], form: Annotated[Posted, Depends(posted)]
) -> Response:
    """From now on pages and messages are in this language; this browser's own choice is replaced by it."""
    Csrf(request).check(form.text(FIELD), "language")
    chosen = form.text("language")
    if chosen not in list(Language):
        told = N_("Choose one of those offered.")
        raise Invalid(told, [Problem("language", told)])
    with house_of(request).work(person_actor(person.id)) as work:
        set_language(work, person.id, Language(chosen))
    return RedirectResponse(f"/me?done=language&lang={chosen}", 303)


@router.post("/me/sign-out-elsewhere")
def leave_elsewhere(
    request: Request, person: Annotated[Person, Depends(signed_in)], form: Annotated[Posted, Depends(posted)]
) -> Response:
    Csrf(request).check(form.text(FIELD), "sign-out-elsewhere")
    with house_of(request).work(person_actor(person.id)) as work:
        sign_out_elsewhere(work, person.id, sessions_of(request).token(request) or "")
    return RedirectResponse("/me?done=elsewhere", 303)
