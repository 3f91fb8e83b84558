"""Cases: the list, one case with its timeline, and the moves of whoever started it: urge, withdraw, say something."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from api.caller import house_of, signed_in
from api.csrf import FIELD, Csrf
from api.papers import beside_case
from api.posted import Posted, posted
from config.languages import N_
from config.words import CaseState, Outcome
from models.errors import Invalid, Problem, Refused
from models.house import person as person_actor
from models.operations.cases import withdraw
from models.operations.remarks import comment, note_case_read
from models.operations.urging import urge
from models.processes import PROCESSES
from models.queries.case import case_view
from models.queries.case_list import CaseFilter, cases
from models.queries.evaluation import progress_of
from models.queries.initiator import initiator_moves, latest_step
from models.queries.rights import case_seen_by, reads_everything, sees_runs
from models.queries.timeline import timeline
from models.tables import Person

router = APIRouter(include_in_schema=False)
LONGEST_REASON = 1000
LONGEST_NOTE = 500


@router.api_route("/cases", methods=["GET", "HEAD"])
def listed(
    request: Request,
    person: Annotated[Person, Depends(signed_in)],
    process: str = "",
    state: str = "",
    outcome: str = "",
    mine: str = "",
    cursor: str = "",
) -> Response:
    """The list. A filter that is no word of ours counts as none: links of old must not break."""
    wanted = CaseFilter(
        process=process if process in PROCESSES else None,
        state=CaseState(state) if state in list(CaseState) else None,
        outcome=Outcome(outcome) if outcome in list(Outcome) else None,
        mine=bool(mine),
    )
    with house_of(request).read() as session:
        page = cases(session, person, wanted, cursor=cursor or None)
    kept = {"process": wanted.process, "state": wanted.state, "outcome": wanted.outcome, "mine": mine and "1"}
    query = urlencode({name: value for name, value in kept.items() if value} | {"cursor": page.next_cursor or ""})
    response: Response = request.app.state.pages.page(
        request,
        "cases.html",
        page=page,
        wanted=wanted,
        next_query=query,
        states=list(CaseState),
        outcomes=list(Outcome),
        all_visible=reads_everything(person),
        filtered=any(kept.values()) or bool(cursor),
    )
    return response


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
        with_run = sees_runs(person)
        view = case_view(session, case, person, house.calendar, house.clock(), with_run=with_run)
        events = timeline(session, ref, with_looks=reads_everything(person))
        own = initiator_moves(session, house, case, person)
        progress = progress_of(session, ref)
        beside = beside_case(session, case, person, house.clock())
    if note_look:
        with house.work(person_actor(person.id)) as work:
            work.record("case.looked", ref)
            note_case_read(work, ref, person.id)
    prefect = house.settings.prefect_api_url.removesuffix("/api")
    response: Response = request.app.state.pages.page(
        request,
        "case.html",
        refusal.status if refusal else 200,
        view=view,
        events=events,
        refusal=refusal,
        typed=typed or {},
        own=own,
        progress=progress,
        **beside,
        done=request.query_params.get("done", "") if refusal is None else "",
        run_url=f"{prefect}/runs/flow-run/{view.run.flow_run_id}" if view.run and view.run.flow_run_id else None,
    )
    return response
