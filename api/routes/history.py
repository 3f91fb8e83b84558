"""Cases in hindsight: who held one how long, the list as a file, saved views of the list."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import Field

from api.caller import Caller, house_of
from api.case_book import XLSX_TYPE
from api.case_export import exported
from api.case_filters import NAMES
from api.etags import IfMatch, must_match, tag_of, told
from api.language import language_of
from api.problems import PROBLEM_RESPONSES
from api.routes.case_wanted import Wanted
from api.routes.parameters import CaseRef, Decider, Reader
from api.routes.shapes import Given
from api.routes.taken import Taken
from config.languages import N_, translate
from config.words import ActionKind, ClosedBy
from models.errors import Invalid, Problem
from models.operations.saved_views import change_view, delete_view, own_view, save_view
from models.queries.held import RowKind, case_times
from models.queries.rights import case_seen_by
from models.queries.saved_views import ViewLine, view_line, views_of
from models.tables import SavedView

router = APIRouter(tags=["Cases"], responses=PROBLEM_RESPONSES)
ViewId = Annotated[int, Path(ge=1, le=2**53, description="See `GET /views`.")]


class StretchShown(Given):
    """Somebody held the step, from `since` until `until`; `still`: they do, and `until` is now."""

    person: str
    name: str
    since: datetime
    until: datetime
    working_minutes: int
    still: bool
    came_to: str | None = Field(description="Their answer, or what became of their place.")
    in_the_name_of: str | None


class TimedShown(Given):
    """A step, a wait for a day or an event, or a standstill after an error."""

    kind: RowKind
    step: str | None
    title: str
    round: int
    since: datetime
    until: datetime
    working_minutes: int
    still: bool
    outcome: ActionKind | None
    closed_by: ClosedBy | None
    people: list[StretchShown]


class PersonHeld(Given):
    person: str
    name: str
    working_minutes: int
    steps: int
    holds_now: bool


class HeldShown(Given):
    """Who held a case how long. Minutes are office hours of business days (`CLIENTRISK_WORKING_HOURS`): in all, while
    somebody was asked, and while nobody was and a day or an event was waited for."""

    case: str = Field(examples=["ONB-2026-000123"])
    since: datetime
    until: datetime
    still: bool
    working_minutes: int
    with_people: int
    waiting: int
    rows: list[TimedShown]
    people: list[PersonHeld]


class ViewShown(Given):
    """A saved view. `filters` are parameters of `GET /cases`."""

    id: int
    name: str = Field(examples=["Open collections above a million"])
    filters: dict[str, str] = Field(examples=[{"process": "collections-escalation", "least": "1000000"}])
    shared: bool
    is_default: bool
    mine: bool
    by: str
    saved_at: datetime


class ViewList(Given):
    items: list[ViewShown]


class ViewTaken(Taken):
    """A view to keep: a name and parameters of `GET /cases`."""

    name: str = Field(max_length=200, examples=["Open collections above a million"])
    filters: dict[str, str] = Field(
        default_factory=dict, max_length=20, examples=[{"process": "collections-escalation", "least": "1000000"}]
    )
    shared: bool = Field(False, description="With everybody; for those who manage.")
    is_default: bool = False


@router.get("/cases/{ref}/held", summary="Read who held a case how long")
def held(request: Request, caller: Reader, ref: CaseRef) -> HeldShown:
    """Each step and each person's part of it, each wait, and what it sums up to. The look is put on record. Token
    scope: `read`."""
    house, language = house_of(request), language_of(request, caller.person)
    with house.read() as session:
        case = case_seen_by(session, caller.person, ref)
        times = case_times(session, case, house.calendar, house.clock())
    with house.work(caller.actor) as work:
        work.record("case.looked", ref)

    def say(text: str | None) -> str | None:
        return None if text is None else translate(text, language)

    return HeldShown(
        case=ref,
        since=times.since,
        until=times.until,
        still=times.still,
        working_minutes=times.minutes,
        with_people=times.with_people,
        waiting=times.waiting,
        rows=[
            TimedShown(
                kind=row.kind,
                step=row.key if row.kind is RowKind.STEP else None,
                title=translate(row.title, language),
                round=row.round,
                since=row.since,
                until=row.until,
                working_minutes=row.minutes,
                still=row.still,
                outcome=row.outcome,
                closed_by=row.closed_by,
                people=[
                    StretchShown(
                        person=one.person,
                        name=one.name,
                        since=one.since,
                        until=one.until,
                        working_minutes=one.minutes,
                        still=one.still,
                        came_to=say(one.came_to),
                        in_the_name_of=one.for_name,
                    )
                    for one in row.stretches
                ],
            )
            for row in times.rows
        ],
        people=[
            PersonHeld(
                person=one.person, name=one.name, working_minutes=one.minutes, steps=one.steps, holds_now=one.holds
            )
            for one in times.people
        ],
    )


def _file(media_type: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": "The file.", "content": {media_type: {"schema": {"type": "string"}}}}}


@router.get("/cases.csv", summary="Export cases as CSV", response_class=Response, responses=_file("text/csv"))
def as_csv(request: Request, caller: Reader, wanted: Wanted) -> Response:
    """The list that the same parameters of `GET /cases` give, all of it, in the caller's language; 409 if it holds more
    than 100,000 cases. The export is put on record. Token scope: `read`."""
    return exported(request, caller, "csv", wanted)


@router.get("/cases.xlsx", summary="Export cases as a workbook", response_class=Response, responses=_file(XLSX_TYPE))
def as_xlsx(request: Request, caller: Reader, wanted: Wanted) -> Response:
    """`GET /cases.csv` as an Excel workbook. Token scope: `read`."""
    return exported(request, caller, "xlsx", wanted)


@router.get("/views", summary="List saved views")
def views(request: Request, caller: Reader) -> ViewList:
    """The caller's saved views of the list of cases, and those that others share. Token scope: `read`."""
    with house_of(request).read() as session:
        found = views_of(session, caller.person, "cases")
    return ViewList(items=[_shown(one) for one in found])


@router.post("/views", status_code=201, summary="Keep a view")
def keep(request: Request, response: Response, caller: Decider, body: ViewTaken) -> ViewShown:
    """Keep filters under a name; under one of the caller's own names they take the place of the old ones. Token scope:
    `decide`."""
    _must_be_ours(body.filters)
    with house_of(request).work(caller.actor) as work:
        row = save_view(
            work,
            caller.person,
            "cases",
            body.name,
            body.filters,
            shared=body.shared,
            is_default=body.is_default,
        )
    response.headers["location"] = f"/api/v1/views/{row.id}"
    return _told(response, row, caller)


@router.get("/views/{view_id}", summary="Read a view of mine")
def read(request: Request, response: Response, caller: Reader, view_id: ViewId) -> ViewShown:
    """One of the caller's own views. Token scope: `read`."""
    with house_of(request).work(caller.actor) as work:
        return _told(response, own_view(work, caller.person, view_id), caller)


@router.put("/views/{view_id}", summary="Change a view of mine")
def change(
    request: Request,
    response: Response,
    caller: Decider,
    view_id: ViewId,
    body: ViewTaken,
    if_match: IfMatch = None,
) -> ViewShown:
    """Give it this name and these filters. Token scope: `decide`."""
    _must_be_ours(body.filters)
    with house_of(request).work(caller.actor) as work:
        must_match(if_match, _tag(own_view(work, caller.person, view_id)))
        row = change_view(
            work,
            caller.person,
            view_id,
            name=body.name,
            shared=body.shared,
            is_default=body.is_default,
            filters=body.filters,
        )
    return _told(response, row, caller)


@router.delete("/views/{view_id}", status_code=204, summary="Forget a view of mine")
def forget(request: Request, caller: Decider, view_id: ViewId) -> None:
    """Whoever used it because it was shared has it no longer. Token scope: `decide`."""
    with house_of(request).work(caller.actor) as work:
        delete_view(work, caller.person, view_id)


def _must_be_ours(filters: dict[str, str]) -> None:
    strange = [name for name in filters if name not in NAMES]
    if strange:
        told = N_("The list of cases has no such filter.")
        problems = [Problem(f"filters.{name[:64]}", told) for name in strange]
        raise Invalid(N_("Please look at the marked fields."), problems)


def _told(response: Response, row: SavedView, caller: Caller) -> ViewShown:
    told(response, _tag(row))
    return _shown(view_line(row, caller.person.name, caller.person))


def _tag(row: SavedView) -> str:
    return tag_of(row.name, row.filters, row.shared, row.is_default)


def _shown(line: ViewLine) -> ViewShown:
    return ViewShown(**line.model_dump(exclude={"place"}))
