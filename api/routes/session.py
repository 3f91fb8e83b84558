"""The session of a browser that calls the API."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.caller import API_PURPOSE, signed_in
from api.csrf import Csrf
from api.problems import PROBLEM_RESPONSES
from api.routes.shapes import SessionShown
from models.tables import Person

router = APIRouter(tags=["Session"], responses=PROBLEM_RESPONSES)


@router.get("/session", summary="Who is signed in")
def read(request: Request, response: Response, person: Annotated[Person, Depends(signed_in)]) -> SessionShown:
    """The signed-in person and the token for `X-CSRF-Token`."""
    csrf = Csrf(request)
    token = csrf.token(API_PURPOSE)
    csrf.keep(response)
    return SessionShown(person=person.id, name=person.name, roles=list(person.roles), csrf_token=token)
