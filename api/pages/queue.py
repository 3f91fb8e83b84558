"""The working queue of operations: which cases wait where, and putting right those that stand still."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from api.caller import house_of, signed_in
from api.csrf import FIELD, Csrf
from api.people import option_of
from api.posted import Posted, posted
from config.languages import N_
from models.errors import Invalid, Problem, Refused
from models.house import House
from models.house import person as person_actor
from models.operations.retry import cancel_case, look_again, retry
from models.processes import PROCESSES
from models.queries.people import colleagues
from models.queries.queue import Order, QueueFilter, Which, queue_counts, queue_line, queue_page
from models.queries.rights import case_seen_by, must_operate, must_see_operations, operates
from models.queries.timeline import timeline
from models.tables import Person, Run

router = APIRouter(include_in_schema=False)
SEVERAL = "retry-several"
MOST = 200
"""Cases that are let run again in one go."""
EVENTS_SHOWN = 12


@router.api_route("/operations/queue", methods=["GET", "HEAD"])
def listed(
    request: Request,
    person: Annotated[Person, Depends(signed_in)],
    which: str = "",
    order: str = "",
    process: str = "",
    on: str = "",
    cursor: str = "",
) -> Response:
    """The list. A filter that is no word of ours counts as none: links of old must not break."""
    must_see_operations(person)
    house = house_of(request)
    wanted = QueueFilter(
        which=Which(which) if which in list(Which) else Which.ALL,
        order=Order(order) if order in list(Order) else Order.AGE,
        process=process if process in PROCESSES else None,
        person=on.strip()[:64] or None,
    )
    return _list_page(request, house, person, wanted, cursor)


@router.post("/operations/queue/retry")
def retry_several(
    request: Request, person: Annotated[Person, Depends(signed_in)], form: Annotated[Posted, Depends(posted)]
) -> Response:
    """Each case by itself: one that somebody else was quicker with does not hold up the others."""
    must_operate(person)
    house = house_of(request)
    try:
        Csrf(request).check(form.text(FIELD), SEVERAL)
        refs = list(dict.fromkeys(form.all("case")))[:MOST]
        if not refs:
            raise Invalid(N_("Tick the cases that are to try again."), [Problem("case", N_("This field is needed."))])
    except Refused as refusal:
        return _list_page(request, house, person, QueueFilter(which=Which.FAILED), "", refusal)
    done = 0
    for ref in refs:
        try:
            with house.work(person_actor(person.id)) as work:
                case_seen_by(work.session, person, ref)
                retry(work, person, ref)
            done += 1
        except Refused:  # it is running again, or has ended: the list shows how it stands
            continue
    query = urlencode({"which": Which.FAILED.value, "done": "retried", "count": done, "of": len(refs)})
    return RedirectResponse(f"/operations/queue?{query}", 303)


@router.api_route("/operations/queue/{ref}", methods=["GET", "HEAD"])
def read(request: Request, ref: str, person: Annotated[Person, Depends(signed_in)]) -> Response:
    must_see_operations(person)
    return _case_page(request, ref, person)


@router.post("/operations/queue/{ref}/{act}")
def put_right(
    request: Request,
    ref: str,
    act: Literal["retry", "wake", "cancel"],
    person: Annotated[Person, Depends(signed_in)],
    form: Annotated[Posted, Depends(posted)],
) -> Response:
    must_operate(person)
    reason = form.text("reason")
    try:
        Csrf(request).check(form.text(FIELD), f"queue:{ref}")
        with house_of(request).work(person_actor(person.id)) as work:
            case_seen_by(work.session, person, ref)
            if act == "retry":
                retry(work, person, ref)
            elif act == "wake":
                look_again(work, person, ref)
            else:
                cancel_case(work, person, ref, reason)
    except Refused as refusal:
        return _case_page(request, ref, person, refusal, {"act": act, "reason": reason})
    return RedirectResponse(f"/operations/queue/{ref}?done={act}", 303)


def _list_page(
    request: Request,
    house: House,
    person: Person,
    wanted: QueueFilter,
    cursor: str,
    refusal: Refused | None = None,
) -> Response:
    now = house.clock()
    with house.read() as session:
        page = queue_page(session, person, wanted, house.calendar, now, cursor=cursor or None)
        counts = queue_counts(session, now)
        on = session.get(Person, wanted.person) if wanted.person else None
        staff = colleagues(session, now)
    kept = {"which": wanted.which.value, "order": wanted.order.value, "process": wanted.process, "on": wanted.person}
    plain = {"which": Which.ALL.value, "order": Order.AGE.value}
    query = {name: value for name, value in kept.items() if value and value != plain.get(name)}
    asked = request.query_params
    response: Response = request.app.state.pages.page(
        request,
        "ops_queue.html",
        refusal.status if refusal else 200,
        desk="operations",
        page=page,
        counts=counts,
        wanted=wanted,
        on=on,
        people=[option_of(one) for one in staff],
        whiches=list(Which),
        orders=list(Order),
        query={name: value for name, value in query.items() if name != "which"},
        first=f"/operations/queue?{urlencode(query)}" if cursor else "",
        next=f"/operations/queue?{urlencode({**query, 'cursor': page.next_cursor})}" if page.next_cursor else "",
        operates=operates(person),
        refusal=refusal,
        retried=(asked.get("count", ""), asked.get("of", "")) if asked.get("done") == "retried" else None,
    )
    return response


def _case_page(
    request: Request, ref: str, person: Person, refusal: Refused | None = None, typed: Mapping[str, str] | None = None
) -> Response:
    house = house_of(request)
    with house.read() as session:
        case = case_seen_by(session, person, ref)
        line = queue_line(session, case, house.calendar, house.clock())
        run = session.get(Run, ref)
        events = timeline(session, ref)[-EVENTS_SHOWN:]
    prefect = house.settings.prefect_api_url.removesuffix("/api")
    response: Response = request.app.state.pages.page(
        request,
        "ops_case.html",
        refusal.status if refusal else 200,
        desk="operations",
        case=case,
        line=line,
        run=run,
        events=events[::-1],
        run_url=f"{prefect}/runs/flow-run/{run.flow_run_id}" if run and run.flow_run_id else None,
        operates=operates(person),
        refusal=refusal,
        typed=typed or {},
        done=request.query_params.get("done", "") if refusal is None else "",
    )
    return response
