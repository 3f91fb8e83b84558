"""Operations: what is done again and again, when it is done next, and changing that."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import RedirectResponse, Response

from api.caller import Caller, house_of, signed_in
from api.csrf import FIELD, Csrf
from api.posted import Posted, posted
from api.prefect_client import Deployment
from api.schedule_form import (
    PARAMETER,
    ZONES,
    Typed,
    blank,
    by_field,
    parameters_given,
    rule_given,
    standing,
    typed_in,
)
from api.schedule_preview import preview
from api.schedule_views import one_routine, overview
from api.scheduling import NOT_REGISTERED, Scheduling, prefect_of, routine_named
from config.languages import N_
from models.errors import Conflict, Invalid, NotFound, Problem, Refused
from models.house import person as person_actor
from models.queries.rights import must_operate, must_see_operations, operates
from models.queries.schedules import changes, in_words, written
from models.schedules import IntervalUnit, RuleKind
from models.tables import Person

router = APIRouter(include_in_schema=False, prefix="/operations/schedules")
LIST = "/operations/schedules"
PURPOSE = "schedules"
SHOWN_AHEAD = 8
"""Runs that the preview of a schedule shows."""

Signed = Annotated[Person, Depends(signed_in)]
Form = Annotated[Posted, Depends(posted)]
Routine = Annotated[str, Path(max_length=64)]
ScheduleId = Annotated[str, Path(pattern="^[0-9a-f-]{36}$")]

DONE = {
    "created": N_("The schedule is added."),
    "updated": N_("The schedule is changed."),
    "paused": N_("The schedule is paused."),
    "resumed": N_("The schedule runs again."),
    "deleted": N_("The schedule is deleted."),
    "all-paused": N_("The routine is paused. It can still be started by hand."),
    "all-resumed": N_("The routine runs by its schedules again."),
    "run": N_("It was started. A worker takes it within seconds."),
    "skipped": N_("That one run is skipped. The later ones take place."),
    "restored": N_("That run takes place after all."),
}


@router.api_route("", methods=["GET", "HEAD"])
def read_all(request: Request, person: Signed) -> Response:
    must_see_operations(person)
    house = house_of(request)
    routines, away = overview(house, prefect_of(request))
    page: Response = request.app.state.pages.page(
        request,
        "schedules.html",
        desk="operations",
        routines=routines,
        away=away,
        company_zone=house.settings.time_zone,
    )
    return page


@router.api_route("/{routine}", methods=["GET", "HEAD"])
def read_one(request: Request, person: Signed, routine: Routine) -> Response:
    must_see_operations(person)
    return _routine_page(request, person, routine)


@router.api_route("/{routine}/new", methods=["GET", "HEAD"])
def read_new(request: Request, person: Signed, routine: Routine) -> Response:
    must_operate(person)
    house = house_of(request)
    return _form_page(request, routine, None, blank(house.settings.time_zone, house.clock()))


@router.api_route("/{routine}/{schedule_id}", methods=["GET", "HEAD"])
def read_schedule(request: Request, person: Signed, routine: Routine, schedule_id: ScheduleId) -> Response:
    must_operate(person)
    return _form_page(request, routine, schedule_id, None)


@router.post("/{routine}/new")
def add(request: Request, person: Signed, routine: Routine, form: Form) -> Response:
    return _send(request, person, routine, None, form)


@router.post("/{routine}/pause")
def pause(request: Request, person: Signed, routine: Routine, form: Form) -> Response:
    def do(scheduling: Scheduling) -> str:
        scheduling.set_paused(_version(form), True)
        return "all-paused"

    return _act(request, person, routine, form, do)


@router.post("/{routine}/resume")
def resume(request: Request, person: Signed, routine: Routine, form: Form) -> Response:
    def do(scheduling: Scheduling) -> str:
        scheduling.set_paused(_version(form), False)
        return "all-resumed"

    return _act(request, person, routine, form, do)


@router.post("/{routine}/run")
def run(request: Request, person: Signed, routine: Routine, form: Form) -> Response:
    def do(scheduling: Scheduling) -> str:
        given = parameters_given(typed_in(form), scheduling.schema())
        scheduling.run(given, form.text("_key")[:100] or secrets.token_urlsafe(12))
        return "run"

    return _act(request, person, routine, form, do)


@router.post("/{routine}/{schedule_id}")
def change(request: Request, person: Signed, routine: Routine, schedule_id: ScheduleId, form: Form) -> Response:
    return _send(request, person, routine, schedule_id, form)


@router.post("/{routine}/{schedule_id}/{what}")
def act_on(
    request: Request, person: Signed, routine: Routine, schedule_id: ScheduleId, what: str, form: Form
) -> Response:
    acts: dict[str, tuple[str, Callable[[Scheduling], None]]] = {
        "pause": ("paused", lambda scheduling: scheduling.set_active(_version(form), schedule_id, False)),
        "resume": ("resumed", lambda scheduling: scheduling.set_active(_version(form), schedule_id, True)),
        "delete": ("deleted", lambda scheduling: scheduling.delete(_version(form), schedule_id)),
        "skip": ("skipped", lambda scheduling: scheduling.skip(schedule_id, _instant(form))),
        "restore": ("restored", lambda scheduling: scheduling.restore(schedule_id, _instant(form))),
    }
    if what not in acts:
        raise NotFound(N_("There is no such page."))
    done, carry_out = acts[what]

    def do(scheduling: Scheduling) -> str:
        carry_out(scheduling)
        return done

    return _act(request, person, routine, form, do)


# -- inside ------------------------------------------------------------------------------------------------------------


def _scheduling(request: Request, person: Person, routine: str) -> Scheduling:
    caller = Caller(person, person_actor(person.id), "session")
    return Scheduling(house_of(request), prefect_of(request), caller, routine)


def _act(request: Request, person: Person, routine: str, form: Posted, do: Callable[[Scheduling], str]) -> Response:
    scheduling = _scheduling(request, person, routine)
    try:
        Csrf(request).check(form.text(FIELD), PURPOSE)
        done = do(scheduling)
    except NotFound:
        raise
    except Refused as refusal:
        return _routine_page(request, person, routine, refusal, typed_in(form))
    return _see(routine, done)


def _send(request: Request, person: Person, routine: str, schedule_id: str | None, form: Posted) -> Response:
    """Save a schedule, or only show what it would come to (``act=preview``)."""
    scheduling = _scheduling(request, person, routine)
    typed, house = typed_in(form), house_of(request)
    try:
        Csrf(request).check(form.text(FIELD), PURPOSE)
        deployment = scheduling.deployment()
        rule, given = _given(typed, deployment, house.clock())
        if form.text("act") == "preview":
            foretold = preview(house, deployment, rule, given, SHOWN_AHEAD)
            return _form_page(request, routine, schedule_id, typed, foretold=foretold, version=form.text("_version"))
        active = typed.get("active") == "true"
        if schedule_id is None:
            scheduling.create(_version(form), rule, given, active=active)
        else:
            scheduling.update(_version(form), schedule_id, rule, given, active=active)
    except NotFound:
        raise
    except Refused as refusal:
        return _form_page(request, routine, schedule_id, typed, refusal, version=form.text("_version"))
    return _see(routine, "created" if schedule_id is None else "updated")


def _given(typed: Typed, deployment: Deployment, now: datetime) -> tuple[Any, dict[str, Any]]:
    return rule_given(typed, now), parameters_given(typed, deployment.schema)


def _see(routine: str, done: str) -> Response:
    return RedirectResponse(f"{LIST}/{quote(routine)}?done={done}", 303)


def _version(form: Posted) -> int:
    text = form.text("_version")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _instant(form: Posted) -> datetime:
    wrong = N_("This is not a date and time.")
    try:
        at = datetime.fromisoformat(form.text("at"))
    except ValueError:
        raise Invalid(wrong, [Problem("at", wrong)]) from None
    if at.tzinfo is None:
        raise Invalid(wrong, [Problem("at", wrong)])
    return at.astimezone(UTC)


def _routine_page(
    request: Request, person: Person, routine: str, refusal: Refused | None = None, typed: Typed | None = None
) -> Response:
    kind, house = routine_named(routine), house_of(request)
    view, away = one_routine(house, prefect_of(request), kind)
    with house.read() as session:
        history = changes(session, kind.name)
    problems = by_field(refusal.problems) if isinstance(refusal, Invalid) else {}
    page: Response = request.app.state.pages.page(
        request,
        "schedule_routine.html",
        refusal.status if refusal else 200,
        desk="operations",
        view=view,
        away=away,
        history=history,
        refusal=refusal,
        problems=problems,
        typed=typed or {},
        done=DONE.get(request.query_params.get("done", ""), "") if refusal is None else "",
        operates=operates(person) and away is None and view.deployment_id is not None,
        key=secrets.token_urlsafe(12),
        purpose=PURPOSE,
        company_zone=house.settings.time_zone,
        settings=house.settings,
        in_words=in_words,
        written=written,
        PARAMETER=PARAMETER,
    )
    return page


def _form_page(
    request: Request,
    routine: str,
    schedule_id: str | None,
    typed: Typed | None,
    refusal: Refused | None = None,
    *,
    foretold: Any = None,
    version: str = "",
) -> Response:
    kind, house = routine_named(routine), house_of(request)
    view, away = one_routine(house, prefect_of(request), kind)
    shown = next((one for one in view.schedules if one.id == schedule_id), None)
    if away is None and view.deployment_id is None:
        raise Conflict(NOT_REGISTERED)
    if away is not None and refusal is None:
        refusal = away
    if schedule_id is not None and shown is None and away is None:
        raise NotFound(N_("There is no such schedule (any more)."))
    if typed is None:
        typed = standing(shown.seen, house.clock()) if shown else blank(house.settings.time_zone, house.clock())
    problems = by_field(refusal.problems) if isinstance(refusal, Invalid) else {}
    page: Response = request.app.state.pages.page(
        request,
        "schedule_form.html",
        refusal.status if refusal else 200,
        desk="operations",
        view=view,
        schedule=shown,
        schedule_id=schedule_id,
        typed=typed,
        problems=problems,
        refusal=refusal,
        foretold=foretold,
        # Whoever comes back with a conflict has to look again; a form that was sent keeps what its sender saw.
        version=version or view.version,
        kinds=list(RuleKind),
        units=list(IntervalUnit),
        zones=ZONES,
        purpose=PURPOSE,
        company_zone=house.settings.time_zone,
        PARAMETER=PARAMETER,
    )
    return page
