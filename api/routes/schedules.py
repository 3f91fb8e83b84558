"""Schedules by API: when routines run, what comes next, what was changed; and changing it."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api.caller import Caller, house_of
from api.etags import IfMatch, must_match, tag_of, told
from api.language import language_of
from api.problems import PROBLEM_RESPONSES
from api.routes.parameters import IdempotencyKey, Operator, Reader
from api.routes.schedule_shapes import (
    ChangeList,
    ChangeShown,
    OneRun,
    Previewed,
    RoutineList,
    RoutineShown,
    RunList,
    RunStarted,
    ScheduleMade,
    ScheduleTaken,
    Start,
    ToCome,
    routine_shown,
    run_shown,
    to_come,
)
from api.schedule_preview import preview
from api.schedule_views import one_routine, overview
from api.scheduling import Scheduling, prefect_of, routine_named
from models.operations.schedules import look
from models.queries.rights import must_see_operations
from models.queries.schedules import changes

router = APIRouter(tags=["Schedules"], responses=PROBLEM_RESPONSES)

Routine = Annotated[str, Path(max_length=64, examples=["overdue-scan"])]
ScheduleId = Annotated[str, Path(pattern="^[0-9a-f-]{36}$", examples=["9a86b2cb-6fa6-469e-b3c7-ce14999f43e6"])]
PREVIEWED = 10


@router.get("/schedules", summary="List routines")
def listed(request: Request, caller: Reader) -> RoutineList:
    """Everything that is done again and again, with its schedules, its next and its last run. For operations, managers
    and auditors. Token scope: `read`."""
    must_see_operations(caller.person)
    routines, away = overview(house_of(request), prefect_of(request))
    language = language_of(request, caller.person)
    return RoutineList(items=[routine_shown(view, language) for view in routines], prefect_answers=away is None)


@router.get("/schedules/{routine}", summary="One routine")
def one(request: Request, response: Response, caller: Reader, routine: Routine) -> RoutineShown:
    """Its schedules and parameters. `ETag` is for `If-Match` of changes. Token scope: `read`."""
    must_see_operations(caller.person)
    view, away = one_routine(house_of(request), prefect_of(request), routine_named(routine))
    shown = routine_shown(view, language_of(request, caller.person))
    told(response, _tag(routine, view.version) if away is None else tag_of(shown))
    return shown


@router.get("/schedules/{routine}/runs", summary="Runs of a routine")
def runs(request: Request, caller: Reader, routine: Routine) -> RunList:
    """The next runs, skipped ones marked, and the last ones, the latest first. Token scope: `read`."""
    must_see_operations(caller.person)
    view, away = one_routine(house_of(request), prefect_of(request), routine_named(routine))
    return RunList(
        to_come=[to_come(run) for run in view.upcoming],
        so_far=[run_shown(run, house_of(request).settings) for run in view.runs],
        prefect_answers=away is None,
    )


@router.get("/schedules/{routine}/changes", summary="What was changed")
def changed(request: Request, caller: Reader, routine: Routine) -> ChangeList:
    """Who changed what of a routine's schedules, here or in Prefect, the latest first. Token scope: `read`."""
    must_see_operations(caller.person)
    kind = routine_named(routine)
    with house_of(request).read() as session:
        found = changes(session, kind.name)
    return ChangeList(items=[ChangeShown.model_validate(change.model_dump()) for change in found])


@router.post("/schedules/{routine}/preview", summary="Preview a schedule")
def foretell(request: Request, caller: Operator, routine: Routine, body: ScheduleTaken) -> Previewed:
    """What a schedule would come to: the next ten runs. Nothing is changed. Token scope: `operate`."""
    scheduling = _scheduling(request, caller, routine)
    house = house_of(request)
    foretold = preview(house, scheduling.deployment(), body.rule(house.clock()), body.parameters, PREVIEWED)
    return Previewed(
        runs=[ToCome(at=at, schedule=None, skipped=False, business_day=business) for at, business in foretold.runs]
    )


@router.post("/schedules/{routine}", status_code=201, summary="Add a schedule")
def add(
    request: Request,
    response: Response,
    caller: Operator,
    routine: Routine,
    body: ScheduleTaken,
    if_match: IfMatch = None,
) -> ScheduleMade:
    """The next runs show up in Prefect at once. Token scope: `operate`."""
    scheduling = _scheduling(request, caller, routine)
    version = _version(request, scheduling, if_match)
    rule = body.rule(house_of(request).clock())
    made = scheduling.create(version, rule, body.parameters, active=body.active)
    response.headers["location"] = f"/api/v1/schedules/{routine}"
    return ScheduleMade(id=made)


@router.put("/schedules/{routine}/{schedule}", status_code=204, summary="Change a schedule")
def change(
    request: Request,
    caller: Operator,
    routine: Routine,
    schedule: ScheduleId,
    body: ScheduleTaken,
    if_match: IfMatch = None,
) -> None:
    """All of it is given anew; `active: false` pauses it. Token scope: `operate`."""
    scheduling = _scheduling(request, caller, routine)
    version = _version(request, scheduling, if_match)
    rule = body.rule(house_of(request).clock())
    scheduling.update(version, schedule, rule, body.parameters, active=body.active)


@router.delete("/schedules/{routine}/{schedule}", status_code=204, summary="Delete a schedule")
def delete(
    request: Request, caller: Operator, routine: Routine, schedule: ScheduleId, if_match: IfMatch = None
) -> None:
    """Its runs to come go with it. Token scope: `operate`."""
    scheduling = _scheduling(request, caller, routine)
    scheduling.delete(_version(request, scheduling, if_match), schedule)


@router.post("/schedules/{routine}/pause", status_code=204, summary="Pause a routine")
def pause(request: Request, caller: Operator, routine: Routine, if_match: IfMatch = None) -> None:
    """None of its schedules starts a run; it may still be started by hand. Token scope: `operate`."""
    scheduling = _scheduling(request, caller, routine)
    scheduling.set_paused(_version(request, scheduling, if_match), True)


@router.post("/schedules/{routine}/resume", status_code=204, summary="Resume a routine")
def resume(request: Request, caller: Operator, routine: Routine, if_match: IfMatch = None) -> None:
    """Its schedules start runs again. Token scope: `operate`."""
    scheduling = _scheduling(request, caller, routine)
    scheduling.set_paused(_version(request, scheduling, if_match), False)


@router.post("/schedules/{routine}/run", status_code=202, summary="Run a routine now")
def run(request: Request, caller: Operator, routine: Routine, body: Start, key: IdempotencyKey = None) -> RunStarted:
    """A worker takes it within seconds. With an `Idempotency-Key`, a repeat starts nothing more. Token scope:
    `operate`."""
    scheduling = _scheduling(request, caller, routine)
    started = scheduling.run(body.parameters, key or secrets.token_urlsafe(16))
    return RunStarted(run=started, url=house_of(request).settings.prefect_run_url(started))


@router.post("/schedules/{routine}/{schedule}/skip", status_code=204, summary="Skip one run")
def skip(request: Request, caller: Operator, routine: Routine, schedule: ScheduleId, body: OneRun) -> None:
    """The one that is due `at`; later ones take place. Token scope: `operate`."""
    _scheduling(request, caller, routine).skip(schedule, body.instant)


@router.post("/schedules/{routine}/{schedule}/restore", status_code=204, summary="Let a skipped run take place")
def restore(request: Request, caller: Operator, routine: Routine, schedule: ScheduleId, body: OneRun) -> None:
    """The one that is due `at`. Token scope: `operate`."""
    _scheduling(request, caller, routine).restore(schedule, body.instant)


def _scheduling(request: Request, caller: Caller, routine: str) -> Scheduling:
    return Scheduling(house_of(request), prefect_of(request), caller, routine)


def _version(request: Request, scheduling: Scheduling, if_match: str | None) -> int:
    """The version a change is based on: how it stands now, which must be what the caller has read, if they say so."""
    version = look(house_of(request), scheduling.kind.name, scheduling.deployment().seen)
    must_match(if_match, _tag(scheduling.kind.name, version))
    return version


def _tag(routine: str, version: int) -> str:
    return tag_of("schedules", routine, version)
