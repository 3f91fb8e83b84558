"""The book of sign-ins, and ending somebody's ways in, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel

from api.caller import house_of
from api.problems import PROBLEM_RESPONSES
from api.routes.parameters import Cursor, Limit, Operator, Reader
from config.languages import N_
from config.words import SignInEvent, SignInWay
from models.errors import Invalid, Problem
from models.operations.sessions import end_access_of
from models.operations.sign_ins import book
from models.rights import Right, holds, must_hold, not_held

router = APIRouter(tags=["Operations"], responses=PROBLEM_RESPONSES)
Whose = Annotated[str | None, Query(max_length=64, description="Only this person's.", examples=["li.na"])]


class SignInLine(BaseModel):
    """A line of the book. `address` is kept as the settings have it; `times` counts the same again within minutes."""

    id: int
    at: datetime
    person: str | None
    event: SignInEvent
    way: SignInWay
    reason: str
    address: str
    agent: str
    times: int


class SignInPage(BaseModel):
    """Lines, the latest first."""

    items: list[SignInLine]
    next_cursor: str | None


class WaysEnded(BaseModel):
    """How many of each went dead."""

    sessions: int
    tokens: int
    links: int
    feeds: int


@router.get("/sign-ins", summary="List sign-ins")
def listed(
    request: Request, caller: Reader, person: Whose = None, limit: Limit = 50, cursor: Cursor = None
) -> SignInPage:
    """Who came in, or tried to: everybody's for operations and auditors, for others their own. Token scope:
    `read`."""
    if not holds(caller.person, Right.SEE_SIGN_INS):
        if person not in (None, caller.person.id):
            raise not_held(Right.SEE_SIGN_INS)
        person = caller.person.id
    if cursor is not None and not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 16):
        told = N_("This is not a cursor of this list.")
        raise Invalid(told, [Problem("cursor", told)])
    with house_of(request).read() as session:
        found = book(session, person_id=person, before=int(cursor) if cursor else None, limit=limit + 1)
    items = [SignInLine(person=one.person_id, **one.model_dump(exclude={"person_id"})) for one, _ in found[:limit]]
    return SignInPage(items=items, next_cursor=str(items[-1].id) if len(found) > limit else None)


@router.post("/staff/{person}/end-access", summary="End somebody's ways in")
def end_all(request: Request, caller: Operator, person: Annotated[str, Path(max_length=64)]) -> WaysEnded:
    """Their sessions, tokens, unused sign-in links and calendar address are dead at once; they stay in service and sign
    in anew. Operations only. Token scope: `operate`."""
    must_hold(caller.person, Right.END_ACCESS)
    with house_of(request).work(caller.actor) as work:
        ended = end_access_of(work, caller.person, person)
    return WaysEnded(sessions=ended.sessions, tokens=ended.tokens, links=ended.links, feeds=ended.feeds)
