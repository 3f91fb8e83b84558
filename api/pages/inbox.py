"""The start page in its four boxes: what waits for me, questions to me, what I was told of, what I have done."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from api.caller import house_of, signed_in
from api.csrf import FIELD, Csrf
from api.filled import plain_number
from api.posted import Posted, clean, posted
from config.languages import N_
from config.words import CaseState
from models.errors import Problem
from models.house import House
from models.house import person as person_actor
from models.onboarding import MAX_AMOUNT
from models.operations.remarks import note_all_read
from models.processes import PROCESSES
from models.queries.boxes import Box, copies_to, done_by, questions_to
from models.queries.case_list import CaseFilter, cases
from models.queries.inbox import InboxFilter, InboxItem, InOneGo, Urgency, inbox
from models.tables import Person

router = APIRouter(include_in_schema=False)
CASES_SHOWN = 8
LIKE = 2
"""From this many steps of one kind on, answering them in one go is offered."""
READ = "copies-read"


TITLES = {
    Box.WAITING: N_("Waiting for me"),
    Box.ASKED: N_("Questions to me"),
    Box.COPIED: N_("Copied to me"),
    Box.DONE: N_("Done by me"),
}
FILTERS: dict[Box, frozenset[str]] = {
    Box.WAITING: frozenset({"text", "process", "urgency", "least", "most", "substitute"}),
    Box.ASKED: frozenset({"text", "process", "urgency"}),
    Box.COPIED: frozenset({"text", "process"}),
    Box.DONE: frozenset({"text", "process", "least", "most", "substitute"}),
}
"""By what each box can be narrowed."""


@dataclass(frozen=True)
class Alike:
    """Several steps of one kind on this page, and the answer they can be given in one go."""

    title: str
    answer: InOneGo
    count: int


@dataclass(frozen=True)
class Asked:
    """What the address asks for: the box, what of it, and what was typed but is no amount."""

    box: Box
    wanted: InboxFilter
    typed: dict[str, str]
    problems: tuple[Problem, ...]
    cursor: str | None

    def problem(self, field: str) -> Problem | None:
        """What is wrong with a field."""
        return next((one for one in self.problems if one.field == field), None)

    def address(self, **changes: str) -> str:
        """The same box with the same filters, changed."""
        given = {**({"box": self.box.value} if self.box is not Box.WAITING else {}), **self.typed, **changes}
        query = urlencode({name: value for name, value in given.items() if value})
        return f"/?{query}" if query else "/"


def _asked(
    box: str = "",
    text: str = "",
    process: str = "",
    urgency: str = "",
    least: str = "",
    most: str = "",
    substitute: str = "",
    cursor: str = "",
) -> Asked:
    """A filter that is no word of ours, or that the box does not know, counts as none: links of old must not break."""
    which = Box(box) if box in list(Box) else Box.WAITING
    typed = {
        "text": clean(text).strip()[:200],
        "process": process if process in PROCESSES else "",
        "urgency": urgency if urgency in list(Urgency) else "",
        "least": clean(least).strip()[:40],
        "most": clean(most).strip()[:40],
        "substitute": "1" if substitute else "",
    }
    typed = {name: value for name, value in typed.items() if value and name in FILTERS[which]}
    amounts = {name: _amount(typed[name]) for name in ("least", "most") if name in typed}
    wanted = InboxFilter(
        text=typed.get("text", ""),
        process=typed.get("process"),
        urgency=Urgency(typed["urgency"]) if "urgency" in typed else None,
        least=amounts.get("least"),
        most=amounts.get("most"),
        substitute="substitute" in typed,
    )
    problems = tuple(Problem(name, N_("This is not an amount.")) for name, value in amounts.items() if value is None)
    return Asked(which, wanted, typed, problems, cursor[:200] or None)


def _amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(plain_number(text)).quantize(Decimal("0.01"))
    except InvalidOperation:
        return None
    return amount if abs(amount) <= MAX_AMOUNT else None


@router.api_route("/", methods=["GET", "HEAD"])
def read(
    request: Request, person: Annotated[Person, Depends(signed_in)], asked: Annotated[Asked, Depends(_asked)]
) -> Response:
    house = house_of(request)
    with house.read() as session:
        shown = _BOXES[asked.box](session, house, person, asked)
    response: Response = request.app.state.pages.page(
        request,
        f"inbox_{asked.box.value}.html",
        422 if asked.problems else 200,
        asked=asked,
        boxes=[(box, TITLES[box]) for box in Box],
        filters=FILTERS[asked.box],
        urgencies=list(Urgency),
        done=request.query_params.get("done", ""),
        **shown,
    )
    return response


@router.post("/copies/read")
def mark_read(
    request: Request, person: Annotated[Person, Depends(signed_in)], form: Annotated[Posted, Depends(posted)]
) -> Response:
    """Everything that was copied to me counts as read."""
    Csrf(request).check(form.text(FIELD), READ)
    with house_of(request).work(person_actor(person.id)) as work:
        note_all_read(work, person.id)
    return RedirectResponse("/?box=copied", 303)


def _waiting(session: Session, house: House, person: Person, asked: Asked) -> dict[str, Any]:
    waiting = inbox(session, person.id, house.calendar, house.clock(), asked.wanted, cursor=asked.cursor)
    groups = [(urgency, [item for item in waiting.items if item.due.urgency is urgency]) for urgency in Urgency]
    first = asked.cursor is None and not asked.typed
    mine = CaseFilter(mine=True, state=CaseState.RUNNING)
    return {
        "waiting": waiting,
        "page": waiting,
        "groups": [(u, items) for u, items in groups if items],
        "alike": _alike(waiting.items),
        "own": cases(session, person, mine, limit=CASES_SHOWN) if first else None,
    }


def _questions(session: Session, house: House, person: Person, asked: Asked) -> dict[str, Any]:
    now = house.clock()
    return {"page": questions_to(session, person.id, house.calendar, now, asked.wanted, cursor=asked.cursor)}


def _copies(session: Session, house: House, person: Person, asked: Asked) -> dict[str, Any]:
    return {"page": copies_to(session, person.id, asked.wanted, cursor=asked.cursor)}


def _done(session: Session, house: House, person: Person, asked: Asked) -> dict[str, Any]:
    return {"page": done_by(session, person.id, asked.wanted, cursor=asked.cursor)}


_BOXES = {Box.WAITING: _waiting, Box.ASKED: _questions, Box.COPIED: _copies, Box.DONE: _done}


def _alike(items: tuple[InboxItem, ...]) -> list[Alike]:
    kinds = Counter(item.in_one_go.kind for item in items if item.in_one_go)
    found: dict[str, Alike] = {}
    for item in items:
        answer = item.in_one_go
        if answer and kinds[answer.kind] >= LIKE and answer.kind not in found:
            found[answer.kind] = Alike(item.title, answer, kinds[answer.kind])
    return list(found.values())
