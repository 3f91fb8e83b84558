"""The list of cases: every case one may see, filtered and ordered; saved views of it; the list as a file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import RedirectResponse, Response

from api.caller import Caller, house_of, signed_in
from api.case_export import exported
from api.case_filters import NAMES, asked_for
from api.csrf import FIELD, Csrf
from api.durations import clock_time
from api.language import language_of
from api.moves import called
from api.posted import Posted, posted
from api.rendering import MANY
from config.words import CaseOrder, CaseState, Department, Outcome
from models.errors import Invalid, Refused
from models.house import person as person_actor
from models.operations.saved_views import change_view, delete_view, save_view
from models.queries.case_list import CaseList, cases, how_many
from models.queries.people import colleagues
from models.queries.rights import manages, reads_everything
from models.queries.saved_views import ViewLine, views_of
from models.queries.shown import day
from models.tables import Person

router = APIRouter(include_in_schema=False)
PLACE, MINUTE = "cases", timedelta(minutes=1)
COUNTED = 1000
"""Up to so many cases are counted; of more it is only said that they are more."""
ViewId = Annotated[int, Path(ge=1, le=2**53)]


@router.api_route("/cases", methods=["GET", "HEAD"])
def listed(request: Request, person: Annotated[Person, Depends(signed_in)]) -> Response:
    """The list. Who comes without asking for anything gets their default view."""
    return _page(request, person)


@router.post("/views")
def save(
    request: Request, person: Annotated[Person, Depends(signed_in)], form: Annotated[Posted, Depends(posted)]
) -> Response:
    """Keep the filters of the page as a view."""
    filters = _known(dict(parse_qsl(form.text("query"))))
    try:
        Csrf(request).check(form.text(FIELD), "views")
        with house_of(request).work(person_actor(person.id)) as work:
            row = save_view(
                work,
                person,
                PLACE,
                form.text("name"),
                filters,
                shared=bool(form.text("shared")),
                is_default=bool(form.text("is_default")),
            )
    except Refused as refusal:
        return _page(request, person, refusal, filters, {"name": form.text("name")})
    return RedirectResponse(f"/cases?{urlencode(filters | {'view': str(row.id)})}", 303)


@router.post("/views/{view_id}")
def change(
    request: Request,
    view_id: ViewId,
    person: Annotated[Person, Depends(signed_in)],
    form: Annotated[Posted, Depends(posted)],
) -> Response:
    """Give one's own view another name, share it, make it the default, or forget it."""
    filters = _known(dict(parse_qsl(form.text("query"))))
    gone = bool(form.text("delete"))
    try:
        Csrf(request).check(form.text(FIELD), "views")
        with house_of(request).work(person_actor(person.id)) as work:
            if gone:
                delete_view(work, person, view_id)
            else:
                shared = bool(form.text("shared")) if manages(person) else None
                name, default = form.text("name"), bool(form.text("is_default"))
                change_view(work, person, view_id, name=name, shared=shared, is_default=default)
    except Refused as refusal:
        return _page(request, person, refusal, filters)
    return RedirectResponse(f"/cases?{urlencode(filters | {'view': '0' if gone else str(view_id)})}", 303)


@router.api_route("/cases.csv", methods=["GET", "HEAD"])
def as_csv(request: Request, person: Annotated[Person, Depends(signed_in)]) -> Response:
    """The list as CSV, streamed."""
    return exported(request, Caller(person, person_actor(person.id), "session"), "csv", request.query_params)


@router.api_route("/cases.xlsx", methods=["GET", "HEAD"])
def as_xlsx(request: Request, person: Annotated[Person, Depends(signed_in)]) -> Response:
    """The list as a workbook."""
    return exported(request, Caller(person, person_actor(person.id), "session"), "xlsx", request.query_params)


def _known(given: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in given.items() if name in NAMES}


def _page(
    request: Request,
    person: Person,
    refusal: Refused | None = None,
    given: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    house = house_of(request)
    params = request.query_params if given is None else given
    with house.read() as session:
        views = views_of(session, person, PLACE)
        standing = next((view for view in views if view.is_default), None)
        if not params and standing is not None and given is None:
            return RedirectResponse(f"/cases?{urlencode(standing.filters | {'view': str(standing.id)})}", 303)
        asked = asked_for(session, house, params)
        cursor = params.get("cursor", "")
        page, total = CaseList(items=()), 0
        if asked.problems:
            refusal = refusal or Invalid("Please look at the marked fields.", list(asked.problems.values()))
        else:
            page = cases(session, person, asked.wanted, cursor=cursor or None)
            total = 0 if cursor else how_many(session, person, asked.wanted, COUNTED + 1)
        staff = colleagues(session, house.clock())
    language, now = language_of(request, person), house.clock()
    response: Response = request.app.state.pages.page(
        request,
        "cases.html",
        refusal.status if refusal else 200,
        page=page,
        total=total,
        counted=COUNTED,
        asked=asked,
        cursor=cursor,
        next_query=urlencode({**asked.typed, "cursor": page.next_cursor or ""}),
        states=list(CaseState),
        outcomes=list(Outcome),
        departments=list(Department),
        orders=list(CaseOrder),
        staff=[called(one) for one in staff] if len(staff) <= MANY else (),
        all_visible=reads_everything(person),
        shares=manages(person),
        views=views,
        view=_chosen(views, params.get("view", "")),
        refusal=refusal,
        typed=typed or {},
        lasted=lambda case: clock_time(((case.closed_at or now) - case.opened_at) // MINUTE, language),
        on=lambda at: day(house.calendar.day_of(at), language),
        late=lambda step: step.due_at < now,
    )
    return response


def _chosen(views: tuple[ViewLine, ...], text: str) -> ViewLine | None:
    return next((view for view in views if text == str(view.id)), None)
