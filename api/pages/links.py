"""The approval page by link. GET and HEAD only show, whatever follows the link; POST decides and moves."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from api.caller import house_of
from api.csrf import FIELD, Csrf
from api.files import file_response
from api.pages.answering import show, take, take_move
from api.pages.place import Standpoint
from api.pages.sign_in import send_link
from api.posted import Posted, posted
from api.session import sessions_of
from config.languages import N_
from models.errors import NotFound
from models.house import person as person_actor
from models.operations.access import follow_approval_link
from models.tables import Attachment

router = APIRouter(include_in_schema=False)


def _place(request: Request, token: str) -> Standpoint:
    house = house_of(request)
    with house.read() as session:
        target = follow_approval_link(session, token[:200], house.clock())
    return Standpoint(target.signer, target.step, target.person, f"/a/{token}", by_link=True)


@router.api_route("/a/{token}", methods=["GET", "HEAD"])
def read(request: Request, token: str) -> Response:
    return show(request, _place(request, token))


@router.post("/a/{token}")
def answer(request: Request, token: str, form: Annotated[Posted, Depends(posted)]) -> Response:
    return take(request, _place(request, token), form)


@router.post("/a/{token}/moves/{name}")
def move(request: Request, token: str, name: str, form: Annotated[Posted, Depends(posted)]) -> Response:
    return take_move(request, _place(request, token), name, form)


@router.get("/a/{token}/files/{attachment_id}")
def file(request: Request, token: str, attachment_id: Annotated[int, Path(ge=1, le=2**53)]) -> Response:
    """A file handed in with the very case that the link is about."""
    place = _place(request, token)
    with house_of(request).read() as session:
        attachment = session.get(Attachment, attachment_id)
    if attachment is None or attachment.case_ref != place.step.case_ref:
        raise NotFound(N_("There is no such file."))
    return file_response(house_of(request), attachment, person_actor(place.person.id))


@router.post("/a/{token}/sign-in")
def ask_for_sign_in(request: Request, token: str, form: Annotated[Posted, Depends(posted)]) -> Response:
    """Send the link's person a sign-in link at their own address; afterwards they come back to this step."""
    place = _place(request, token)
    Csrf(request).check(form.text(FIELD), "sign-in")
    response = send_link(request, place.person, masked=True)
    sessions_of(request).remember_next(response, f"/steps/{place.signer.id}")
    return response
