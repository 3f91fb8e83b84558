"""The pack of a coordination meeting: on a page of its own, and as a workbook."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.caller import house_of, signed_in
from api.language import language_of
from api.meeting_book import pack_book
from api.rendering import Speech
from api.spreadsheets import MEDIA_TYPE
from config.languages import N_
from models.errors import NotFound
from models.house import person as person_actor
from models.queries.meeting import meeting_seen_by, pack_of
from models.tables import Person

router = APIRouter(include_in_schema=False)
Viewer = Annotated[Person, Depends(signed_in)]


@router.api_route("/cases/{ref}/pack", methods=["GET", "HEAD"])
def pack(request: Request, ref: str, person: Viewer) -> Response:
    """The pack as it was drawn up last."""
    with house_of(request).read() as session:
        case, meeting = meeting_seen_by(session, person, ref)
        found = pack_of(meeting)
    if request.method == "GET":
        _note_look(request, ref, person)
    response: Response = request.app.state.pages.page(
        request, "meeting_pack.html", case=case, block=found.model_dump(mode="json") if found else None
    )
    return response


@router.get("/cases/{ref}/pack.xlsx")
def book(request: Request, ref: str, person: Viewer) -> Response:
    """The pack as a workbook."""
    house = house_of(request)
    speech = Speech(house, language_of(request, person)).names()
    with house.read() as session:
        _, meeting = meeting_seen_by(session, person, ref)
        found = pack_of(meeting)
    if found is None:
        raise NotFound(N_("The pack has not been drawn up yet."))
    data = pack_book(found, speech["say"], speech["t"])
    _note_look(request, ref, person)
    headers = {"content-disposition": f'attachment; filename="{ref}.xlsx"'}
    return Response(data, media_type=MEDIA_TYPE, headers=headers)


def _note_look(request: Request, ref: str, person: Person) -> None:
    with house_of(request).work(person_actor(person.id)) as work:
        work.record("case.looked", ref, part="pack")
