"""The book of sign-ins: one's own under My settings, everybody's for operations and auditors; ending one's ways in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import RedirectResponse, Response

from api.caller import house_of, signed_in
from api.csrf import FIELD, Csrf
from api.posted import Posted, posted
from api.session import sessions_of
from models.house import person as person_actor
from models.operations.sessions import end_access_of
from models.operations.sign_ins import SHOWN, book
from models.rights import Right, must_hold
from models.tables import Person

router = APIRouter(include_in_schema=False)
Before = Annotated[int | None, Query(ge=1, le=2**53)]


@router.api_route("/me/sign-ins", methods=["GET", "HEAD"])
def mine(request: Request, person: Annotated[Person, Depends(signed_in)], before: Before = None) -> Response:
    return _page(request, "me", person.id, before)


@router.post("/me/end-access")
def end_mine(
    request: Request, person: Annotated[Person, Depends(signed_in)], form: Annotated[Posted, Depends(posted)]
) -> Response:
    """Every way in of oneself goes dead, also the one that asks for it."""
    Csrf(request).check(form.text(FIELD), "end-access")
    with house_of(request).work(person_actor(person.id)) as work:
        end_access_of(work, person, person.id)
    response = RedirectResponse("/sign-in", 303)
    sessions_of(request).end(response)
    return response


@router.api_route("/operations/sign-ins", methods=["GET", "HEAD"])
def everybodys(
    request: Request,
    person: Annotated[Person, Depends(signed_in)],
    who: Annotated[str, Query(max_length=64)] = "",
    before: Before = None,
) -> Response:
    must_hold(person, Right.SEE_SIGN_INS)
    return _page(request, "operations", who.strip() or None, before)


def _page(request: Request, desk: str, who: str | None, before: int | None) -> Response:
    with house_of(request).read() as session:
        lines = book(session, person_id=who, before=before, limit=SHOWN)
    response: Response = request.app.state.pages.page(
        request,
        "sign_ins.html",
        desk=desk,
        own=desk == "me",
        lines=lines,
        who=who or "",
        older=lines[-1][0].id if len(lines) == SHOWN else None,
    )
    return response
