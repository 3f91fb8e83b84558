"""The start page: what waits for me, and my cases."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.caller import house_of, signed_in
from config.words import CaseState
from models.queries.case_list import CaseFilter, cases
from models.queries.inbox import Urgency, inbox
from models.tables import Person

router = APIRouter(include_in_schema=False)
CASES_SHOWN = 8


@router.api_route("/", methods=["GET", "HEAD"])
def read(request: Request, person: Annotated[Person, Depends(signed_in)], cursor: str | None = None) -> Response:
    house = house_of(request)
    with house.read() as session:
        waiting = inbox(session, person.id, house.calendar, house.clock(), cursor=cursor)
        mine = CaseFilter(mine=True, state=CaseState.RUNNING)
        own = cases(session, person, mine, limit=CASES_SHOWN) if cursor is None else None
    groups = [(urgency, [item for item in waiting.items if item.due.urgency is urgency]) for urgency in Urgency]
    response: Response = request.app.state.pages.page(
        request, "inbox.html", waiting=waiting, groups=[(u, items) for u, items in groups if items], own=own
    )
    return response
