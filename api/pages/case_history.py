"""All of one case's past, where its own page shows the last of it: who held it how long, every step, every event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.caller import house_of, signed_in
from api.case_drawing import draw, pages_of
from api.durations import working_time
from api.language import language_of
from api.moments import moment
from models.house import person as person_actor
from models.queries.case import case_record, case_view
from models.queries.held import CaseTimes, TimedRow, case_times
from models.queries.rights import case_seen_by, reads_everything
from models.queries.timeline import timeline_part
from models.rules.working_time import office_day
from models.tables import Person

router = APIRouter(include_in_schema=False)
STEPS_A_PAGE, EVENTS_A_PAGE = 15, 100
Page = Annotated[int, Query(ge=1, le=10_000)]
Before = Annotated[int | None, Query(ge=1, le=2**53)]


def drawn(request: Request, times: CaseTimes, person: Person, rows: Sequence[TimedRow] | None = None) -> dict[str, Any]:
    """What the templates need to show who held a case how long."""
    house, language = house_of(request), language_of(request, person)
    local, day = house.calendar.local, office_day(house.calendar) // timedelta(minutes=1)

    def say(at: datetime) -> str:
        return moment(local(at), local(house.clock()), language)

    return {
        "times": times,
        "drawing": draw(times, house.calendar, language, say, rows),
        "worked": lambda minutes: working_time(minutes, day, language),
    }


@router.api_route("/cases/{ref}/times", methods=["GET", "HEAD"])
def held(request: Request, ref: str, person: Annotated[Person, Depends(signed_in)], page: Page = 1) -> Response:
    """Who held it how long, all of it: the latest rows first where they do not fit on one page."""
    house = house_of(request)
    with house.read() as session:
        case = case_seen_by(session, person, ref)
        times = case_times(session, case, house.calendar, house.clock())
    pages = pages_of(times.rows)
    rows = pages[page - 1] if page <= len(pages) else []
    _note_look(request, person, ref)
    return _shown(
        request,
        "case_held.html",
        case=case,
        **drawn(request, times, person, rows),
        older=page + 1 if page < len(pages) else None,
        newer=page - 1 if page > 1 else None,
    )


@router.api_route("/cases/{ref}/steps", methods=["GET", "HEAD"])
def steps(request: Request, ref: str, person: Annotated[Person, Depends(signed_in)], page: Page = 1) -> Response:
    """Every step with its signatures and its route, the latest first."""
    house = house_of(request)
    with house.read() as session:
        case = case_seen_by(session, person, ref)
        record = case_record(session, ref)
        end = max(0, len(record.steps) - (page - 1) * STEPS_A_PAGE)
        start = max(0, end - STEPS_A_PAGE)
        some = frozenset(step.id for step in record.steps[start:end])
        view = case_view(session, case, person, house.calendar, house.clock(), record=record, only=some)
    _note_look(request, person, ref)
    return _shown(
        request,
        "case_steps.html",
        case=case,
        view=view,
        older=page + 1 if start else None,
        newer=page - 1 if page > 1 else None,
    )


@router.api_route("/cases/{ref}/events", methods=["GET", "HEAD"])
def events(
    request: Request, ref: str, person: Annotated[Person, Depends(signed_in)], before: Before = None
) -> Response:
    """Everything that happened, the latest first."""
    with house_of(request).read() as session:
        case = case_seen_by(session, person, ref)
        everything = reads_everything(person)
        part = timeline_part(session, ref, with_looks=everything, events=EVENTS_A_PAGE, before=before)
    _note_look(request, person, ref)
    return _shown(request, "case_events.html", case=case, part=part, latest=before is not None)


def _note_look(request: Request, person: Person, ref: str) -> None:
    if request.method == "GET":
        with house_of(request).work(person_actor(person.id)) as work:
            work.record("case.looked", ref)


def _shown(request: Request, template: str, **context: Any) -> Response:
    response: Response = request.app.state.pages.page(request, template, **context)
    return response
