"""The calendar feed: its page in one's settings, and the file that calendar programs read."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from api.calendar_feed import calendar_file, etag_of
from api.caller import house_of, signed_in
from api.csrf import FIELD, Csrf
from api.etags import matches
from api.posted import Posted, posted
from config.languages import N_
from models.errors import NotFound
from models.house import person as person_actor
from models.operations.feeds import feed_at, feed_of, is_to_be_noted, make_feed, note_feed_read, revoke_feed
from models.queries.deadlines import deadlines
from models.tables import Person

router = APIRouter(include_in_schema=False)
PURPOSE = "calendar"
KEPT_SECONDS = 300
"""How long a program may take the file as it has it."""


@router.api_route("/me/calendar", methods=["GET", "HEAD"])
def read(request: Request, person: Annotated[Person, Depends(signed_in)]) -> Response:
    return _page(request, person)


@router.post("/me/calendar")
def make(
    request: Request, person: Annotated[Person, Depends(signed_in)], form: Annotated[Posted, Depends(posted)]
) -> Response:
    """A new address, shown on the page that answers: it is nowhere else."""
    Csrf(request).check(form.text(FIELD), PURPOSE)
    house = house_of(request)
    with house.work(person_actor(person.id)) as work:
        token = make_feed(work, person.id)
    return _page(request, person, f"{house.settings.base_url}/calendar/{token}.ics")


@router.post("/me/calendar/revoke")
def revoke(
    request: Request, person: Annotated[Person, Depends(signed_in)], form: Annotated[Posted, Depends(posted)]
) -> Response:
    Csrf(request).check(form.text(FIELD), PURPOSE)
    with house_of(request).work(person_actor(person.id)) as work:
        revoke_feed(work, person.id)
    return RedirectResponse("/me/calendar?done=revoked", 303)


@router.api_route("/calendar/{token}.ics", methods=["GET", "HEAD"])
def feed(request: Request, token: str) -> Response:
    """The deadlines of whoever made this address. What is unknown and what was revoked look the same."""
    house = house_of(request)
    with house.read() as session:
        found = feed_at(session, token[:200])
        if found is None:
            raise NotFound(N_("There is no such calendar."))
        kept, person = found
        due = deadlines(session, person.id, house.calendar.day_of(house.clock()))
    content = calendar_file(due, person.language or house.settings.language, house.settings.base_url)
    if request.method == "GET" and is_to_be_noted(kept, house.clock()):
        with house.work() as work:
            note_feed_read(work, kept)
    headers = {"etag": etag_of(content), "cache-control": f"private, max-age={KEPT_SECONDS}"}
    if matches(request.headers.get("if-none-match", ""), headers["etag"]):
        return Response(status_code=304, headers=headers)
    headers["content-disposition"] = 'inline; filename="deadlines.ics"'
    return Response(content, media_type="text/calendar; charset=utf-8", headers=headers)


def _page(request: Request, person: Person, address: str | None = None) -> Response:
    house = house_of(request)
    with house.read() as session:
        kept = feed_of(session, person.id)
        count = len(deadlines(session, person.id, house.calendar.day_of(house.clock())))
    response: Response = request.app.state.pages.page(
        request,
        "me_calendar.html",
        desk="me",
        feed=kept,
        address=address,
        webcal=address and "webcal://" + address.partition("://")[2],
        count=count,
        done="" if address else request.query_params.get("done", ""),
    )
    return response
