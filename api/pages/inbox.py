"""The start page: what waits for me, questions to me, what I was told of, and my cases."""

from collections import Counter
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.caller import house_of, signed_in
from config.words import CaseState
from models.queries.case_list import CaseFilter, cases
from models.queries.inbox import InboxItem, InOneGo, Urgency, copies_to, inbox, questions_to
from models.tables import Person

router = APIRouter(include_in_schema=False)
CASES_SHOWN = 8
COPIES_SHOWN = 8
LIKE = 2
"""From this many steps of one kind on, answering them in one go is offered."""


@dataclass(frozen=True)
class Alike:
    """Several steps of one kind on this page, and the answer they can be given in one go."""

    title: str
    answer: InOneGo
    count: int


@router.api_route("/", methods=["GET", "HEAD"])
def read(request: Request, person: Annotated[Person, Depends(signed_in)], cursor: str | None = None) -> Response:
    house = house_of(request)
    with house.read() as session:
        waiting = inbox(session, person.id, house.calendar, house.clock(), cursor=cursor)
        mine = CaseFilter(mine=True, state=CaseState.RUNNING)
        own = cases(session, person, mine, limit=CASES_SHOWN) if cursor is None else None
        questions = questions_to(session, person.id, house.calendar, house.clock()) if cursor is None else []
        copies = copies_to(session, person.id, limit=COPIES_SHOWN) if cursor is None else []
    groups = [(urgency, [item for item in waiting.items if item.due.urgency is urgency]) for urgency in Urgency]
    response: Response = request.app.state.pages.page(
        request,
        "inbox.html",
        waiting=waiting,
        groups=[(u, items) for u, items in groups if items],
        alike=_alike(waiting.items),
        own=own,
        questions=questions,
        copies=copies,
    )
    return response


def _alike(items: tuple[InboxItem, ...]) -> list[Alike]:
    kinds = Counter(item.in_one_go.kind for item in items if item.in_one_go)
    found: dict[str, Alike] = {}
    for item in items:
        answer = item.in_one_go
        if answer and kinds[answer.kind] >= LIKE and answer.kind not in found:
            found[answer.kind] = Alike(item.title, answer, kinds[answer.kind])
    return list(found.values())
