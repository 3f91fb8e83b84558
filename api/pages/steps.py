"""The same page of a step for those who are signed in."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from api.caller import house_of, signed_in
from api.pages.answering import Place, show, take
from api.posted import Posted, posted
from models.queries.rights import own_signer
from models.tables import Person, Step

router = APIRouter(include_in_schema=False)
SignerId = Annotated[int, Path(ge=1, le=2**53)]


def _place(request: Request, signer_id: int, person: Person) -> Place:
    with house_of(request).read() as session:
        signer = own_signer(session, person, signer_id)
        step = session.get_one(Step, signer.step_id)
    return Place(signer, step, person, f"/steps/{signer_id}", by_link=False)


@router.api_route("/steps/{signer_id}", methods=["GET", "HEAD"])
def read(request: Request, signer_id: SignerId, person: Annotated[Person, Depends(signed_in)]) -> Response:
    return show(request, _place(request, signer_id, person))


@router.post("/steps/{signer_id}")
def answer(
    request: Request,
    signer_id: SignerId,
    person: Annotated[Person, Depends(signed_in)],
    form: Annotated[Posted, Depends(posted)],
) -> Response:
    return take(request, _place(request, signer_id, person), form)
