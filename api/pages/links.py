"""The approval page by link. GET and HEAD only show, whatever follows the link; POST decides."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.caller import house_of
from api.csrf import FIELD, Csrf
from api.pages.answering import Place, show, take
from api.pages.sign_in import send_link
from api.posted import Posted, posted
from api.session import sessions_of
from models.operations.access import follow_approval_link

router = APIRouter(include_in_schema=False)


def _place(request: Request, token: str) -> Place:
    house = house_of(request)
    with house.read() as session:
        target = follow_approval_link(session, token[:200], house.clock())
    return Place(target.signer, target.step, target.person, f"/a/{token}", by_link=True)


@router.api_route("/a/{token}", methods=["GET", "HEAD"])
def read(request: Request, token: str) -> Response:
    return show(request, _place(request, token))


@router.post("/a/{token}")
def answer(request: Request, token: str, form: Annotated[Posted, Depends(posted)]) -> Response:
    return take(request, _place(request, token), form)


@router.post("/a/{token}/sign-in")
def ask_for_sign_in(request: Request, token: str, form: Annotated[Posted, Depends(posted)]) -> Response:
    """Send the link's person a sign-in link at their own address; afterwards they come back to this step."""
    place = _place(request, token)
    Csrf(request).check(form.text(FIELD), "sign-in")
    response = send_link(request, place.person, masked=True)
    sessions_of(request).remember_next(response, f"/steps/{place.signer.id}")
    return response
