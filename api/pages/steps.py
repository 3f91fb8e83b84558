"""The same page of a step for those who are signed in."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from api.caller import house_of, signed_in
from api.files import file_response
from api.pages.answering import show, take, take_move
from api.pages.place import Standpoint
from api.posted import Posted, posted
from models.house import person as person_actor
from models.queries.rights import attachment_seen_by, own_signer, place_seen_by
from models.tables import Person, Step

router = APIRouter(include_in_schema=False)
SignerId = Annotated[int, Path(ge=1, le=2**53)]


def _place(request: Request, signer_id: int, person: Person, *, to_act: bool) -> Standpoint:
    """The person's own place; to look at, also the one that a substitute holds in their name."""
    with house_of(request).read() as session:
        signer = (own_signer if to_act else place_seen_by)(session, person, signer_id)
        step = session.get_one(Step, signer.step_id)
    return Standpoint(signer, step, person, f"/steps/{signer_id}", by_link=False)


@router.api_route("/steps/{signer_id}", methods=["GET", "HEAD"])
def read(request: Request, signer_id: SignerId, person: Annotated[Person, Depends(signed_in)]) -> Response:
    return show(request, _place(request, signer_id, person, to_act=False))


@router.post("/steps/{signer_id}")
def answer(
    request: Request,
    signer_id: SignerId,
    person: Annotated[Person, Depends(signed_in)],
    form: Annotated[Posted, Depends(posted)],
) -> Response:
    return take(request, _place(request, signer_id, person, to_act=True), form)


@router.post("/steps/{signer_id}/moves/{name}")
def move(
    request: Request,
    signer_id: SignerId,
    name: str,
    person: Annotated[Person, Depends(signed_in)],
    form: Annotated[Posted, Depends(posted)],
) -> Response:
    return take_move(request, _place(request, signer_id, person, to_act=True), name, form)


@router.get("/files/{attachment_id}")
def file(
    request: Request,
    attachment_id: Annotated[int, Path(ge=1, le=2**53)],
    person: Annotated[Person, Depends(signed_in)],
) -> Response:
    """A file handed in with a case that this person may see."""
    house = house_of(request)
    with house.read() as session:
        attachment = attachment_seen_by(session, person, attachment_id)
    return file_response(house, attachment, person_actor(person.id))
