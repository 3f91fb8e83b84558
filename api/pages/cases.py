"""One case with its timeline, and the moves of whoever started it: urge, withdraw, say something."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from api.caller import house_of, signed_in
from api.csrf import FIELD, Csrf
from api.pages.case_history import drawn
from api.papers import beside_case
from api.posted import Posted, posted
from config.languages import N_
from models.errors import Invalid, Problem, Refused
from models.house import person as person_actor
from models.operations.cases import withdraw
from models.operations.remarks import comment, note_case_read
from models.operations.urging import urge
from models.queries.case import case_record, case_view, earlier_runs
from models.queries.evaluation import progress_of
from models.queries.held import case_times
from models.queries.initiator import initiator_moves, latest_step
from models.queries.rights import case_seen_by, reads_everything, sees_runs
from models.queries.timeline import timeline_part
from models.tables import Person

router = APIRouter(include_in_schema=False)
LONGEST_REASON = 1000
LONGEST_NOTE = 500
STEPS_SHOWN, EVENTS_SHOWN = 12, 200
"""Closed steps and events on the case's own page; all of them have pages of their own."""


@router.api_route("/cases/{ref}", methods=["GET", "HEAD"])
def read(request: Request, ref: str, person: Annotated[Person, Depends(signed_in)]) -> Response:
    return _case_page(request, ref, person, note_look=request.method == "GET")


@router.post("/cases/{ref}/withdraw")
def take_back(
    request: Request,
    ref: str,
    person: Annotated[Person, Depends(signed_in)],
    form: Annotated[Posted, Depends(posted)],
) -> Response:
    house = house_of(request)
    reason = form.text("reason").strip()
    try:
        Csrf(request).check(form.text(FIELD), f"withdraw:{ref}")
        check_reason(reason)
        with house.work(person_actor(person.id)) as work:
            case_seen_by(work.session, person, ref)
            withdraw(work, ref, person, reason)
    except Refused as refusal:
        return _case_page(request, ref, person, refusal=refusal, typed={"reason": reason})
    return RedirectResponse(f"/cases/{ref}", 303)


@router.post("/cases/{ref}/urge")
def hurry(
    request: Request,
    ref: str,
    person: Annotated[Person, Depends(signed_in)],
    form: Annotated[Posted, Depends(posted)],
) -> Response:
    note = form.text("note").strip()
    try:
        Csrf(request).check(form.text(FIELD), f"urge:{ref}")
        if len(note) > LONGEST_NOTE:
            problem = Problem("note", N_("At most {max_length} characters."), {"max_length": LONGEST_NOTE})
            raise Invalid(N_("Please look at the marked fields."), [problem])
        with house_of(request).work(person_actor(person.id)) as work:
            case_seen_by(work.session, person, ref)
            urge(work, ref, person, note)
    except Refused as refusal:
        return _case_page(request, ref, person, refusal=refusal, typed={"note": note})
    return RedirectResponse(f"/cases/{ref}?done=urged", 303)


@router.post("/cases/{ref}/comment")
def say_something(
    request: Request,
    ref: str,
    person: Annotated[Person, Depends(signed_in)],
    form: Annotated[Posted, Depends(posted)],
) -> Response:
    """What is said about a case is said about the step it is at."""
    text = form.text("text")
    try:
        Csrf(request).check(form.text(FIELD), f"comment:{ref}")
        with house_of(request).work(person_actor(person.id)) as work:
            case_seen_by(work.session, person, ref)
            comment(work, latest_step(work.session, ref), text)
    except Refused as refusal:
        return _case_page(request, ref, person, refusal=refusal, typed={"text": text})
    return RedirectResponse(f"/cases/{ref}?done=commented#around", 303)


def check_reason(reason: str) -> None:
    """A withdrawal says why.

    Raises:
        Invalid: there is no reason, or too much of it.
    """
    if not reason:
        raise Invalid(N_("Please say why."), [Problem("reason", N_("This field is needed."))])
    if len(reason) > LONGEST_REASON:
        problem = Problem("reason", N_("At most {max_length} characters."), {"max_length": LONGEST_REASON})
        raise Invalid(N_("Please look at the marked fields."), [problem])


def _case_page(
    request: Request,
    ref: str,
    person: Person,
    refusal: Refused | None = None,
    typed: Mapping[str, str] | None = None,
    note_look: bool = False,
) -> Response:
    house = house_of(request)
    with house.read() as session:
        case = case_seen_by(session, person, ref)
        record, now = case_record(session, ref), house.clock()
        watches = sees_runs(person)
        view = case_view(session, case, person, house.calendar, now, with_run=watches, record=record, last=STEPS_SHOWN)
        told = timeline_part(session, ref, with_looks=reads_everything(person), steps=record.steps)
        times = case_times(session, case, house.calendar, now, record.steps, record.signers)
        own = initiator_moves(session, house, case, person)
        progress = progress_of(session, ref)
        beside = beside_case(session, case, person, now)
        runs = earlier_runs(session, ref) if view.run else ()
    if note_look:
        with house.work(person_actor(person.id)) as work:
            work.record("case.looked", ref)
            note_case_read(work, ref, person.id)
    flow_run = view.run.flow_run_id if view.run else None
    response: Response = request.app.state.pages.page(
        request,
        "case.html",
        refusal.status if refusal else 200,
        view=view,
        events=told.entries[-EVENTS_SHOWN:],
        earlier_events=told.before is not None or len(told.entries) > EVENTS_SHOWN,
        **drawn(request, times, person),
        refusal=refusal,
        typed=typed or {},
        own=own,
        progress=progress,
        **beside,
        done=request.query_params.get("done", "") if refusal is None else "",
        run_url=house.settings.prefect_run_url(flow_run) if flow_run else None,
        earlier_runs=[(house.settings.prefect_run_url(one), at) for one, at in runs if one != flow_run],
    )
    return response
