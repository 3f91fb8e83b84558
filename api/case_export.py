"""The list of cases handed out as a file, to a browser or a program alike: that it was taken is on record."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request
from starlette.responses import Response, StreamingResponse

from api.caller import Caller, house_of
from api.case_book import CSV_TYPE, XLSX_TYPE, csv_of, note_export, xlsx_of
from api.case_filters import asked_for
from api.language import language_of


def exported(request: Request, caller: Caller, format: str, given: Mapping[str, str]) -> Response:
    """The list that ``given`` asks for, as ``csv`` or ``xlsx``. HEAD takes nothing.

    Raises:
        Invalid: a filter cannot be understood.
        Conflict: more cases than a file may hold.
    """
    house, person = house_of(request), caller.person
    with house.read() as session:
        asked = asked_for(session, house, given, strictly=caller.via == "api")
    wanted = asked.must_be_right()
    today = house.calendar.day_of(house.clock())
    headers = {"content-disposition": f'attachment; filename="cases-{today}.{format}"'}
    media_type = CSV_TYPE if format == "csv" else XLSX_TYPE
    if request.method == "HEAD":
        return Response(headers=headers, media_type=media_type)
    with house.work(caller.actor) as work:
        note_export(work, person, wanted, format, dict(asked.typed))
    language = language_of(request, person)
    if format == "csv":
        return StreamingResponse(csv_of(house, person, wanted, language), headers=headers, media_type=media_type)
    return Response(xlsx_of(house, person, wanted, language), headers=headers, media_type=media_type)
